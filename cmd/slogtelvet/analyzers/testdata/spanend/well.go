package spanend

import (
	"context"
	"fmt"
	"log"
	"os"
	"runtime"
	"testing"

	"github.com/slogtel/telemetry/slogtel"
)

// In this file nothing is wrong.

func deferred(ctx context.Context) error {
	ctx, span := tel.Start(ctx, "a")
	defer span.End()
	return work(ctx)
}

func deferredInClosure(ctx context.Context) (err error) {
	ctx, span := tel.Start(ctx, "a")
	defer func() { span.Fail(err); span.End() }()
	return work(ctx)
}

func everyPath(ctx context.Context, n int) error {
	ctx, span := tel.Start(ctx, "a")
	switch {
	case n == 0:
		span.End()
		return nil
	case n == 1:
		err := work(ctx)
		span.End()
		return err
	default:
		span.End()
	}
	return work(ctx)
}

func exits(ctx context.Context, t *testing.T, n int) {
	_, span := tel.Start(ctx, "a")
	switch n {
	case 0:
		os.Exit(1)
	case 1:
		log.Fatal("no")
	case 2:
		panic("no")
	case 3:
		t.Fatal("no")
	case 4:
		runtime.Goexit()
	case 5:
		select {}
	case 6:
		log.Fatalf("%d", n)
	case 7:
		for {
		}
	}
	span.End()
}

func returned(ctx context.Context) (context.Context, *slogtel.Span) {
	ctx, span := tel.Start(ctx, "a")
	return ctx, span
}

func named(ctx context.Context) (scoped context.Context, span *slogtel.Span) {
	scoped, span = tel.Start(ctx, "a")
	return
}

type request struct {
	ctx  context.Context
	span *slogtel.Span
	end  func()
}

func inField(ctx context.Context) *request {
	r := &request{}
	r.ctx, r.span = tel.Start(ctx, "a")
	return r
}

func inStruct(ctx context.Context) *request {
	ctx, span := tel.Start(ctx, "a")
	return &request{ctx: ctx, span: span}
}

func inGlobal(ctx context.Context) { _, kept = tel.Start(ctx, "a") }

func inMap(ctx context.Context, m map[string]*slogtel.Span) { _, m["a"] = tel.Start(ctx, "a") }

func stored(ctx context.Context) {
	_, span := tel.Start(ctx, "a")
	kept = span
}

func asValue(ctx context.Context) *request {
	_, span := tel.Start(ctx, "a")
	return &request{end: func() { span.End() }}
}

func methodValueOfEnd(ctx context.Context, t *testing.T) {
	_, span := tel.Start(ctx, "a")
	end := span.End
	defer end()
	_, other := tel.Start(ctx, "b")
	t.Cleanup(func() { other.End() })
	_, third := tel.Start(ctx, "c")
	finish(third.End)
}

func finish(...any) {}

func methodExpression(ctx context.Context) {
	_, span := tel.Start(ctx, "a")
	defer (*slogtel.Span).End(span)
}

func sent(ctx context.Context, c chan<- *slogtel.Span) {
	_, span := tel.Start(ctx, "a")
	c <- span
}

func given(ctx context.Context) {
	_, span := tel.Start(ctx, "a")
	finish(span)
}

func goroutine(ctx context.Context) {
	ctx, span := tel.Start(ctx, "a")
	go func() {
		defer span.End()
		_ = work(ctx)
	}()
}

func workers(ctx context.Context, n int) {
	_, span := tel.Start(ctx, "a")
	for range n {
		go func() { span.End() }()
	}
}

func ifNotNil(ctx context.Context) {
	_, span := tel.Start(ctx, "a")
	if span != nil {
		span.End()
	}
}

func ifNil(ctx context.Context) {
	_, span := tel.Start(ctx, "a")
	if verbose && nil == span {
		return
	}
	span.End()
}

func underCondition(ctx context.Context) error {
	var span *slogtel.Span
	if verbose {
		ctx, span = tel.Start(ctx, "a")
	}
	err := work(ctx)
	if verbose {
		span.End()
	}
	return err
}

func underFlag(ctx context.Context) error {
	var span *slogtel.Span
	started := false
	if verbose && ctx.Err() == nil {
		ctx, span = tel.Start(ctx, "a")
		started = true
	}
	err := work(ctx)
	if started {
		span.End()
	}
	return err
}

func deferredBefore(ctx context.Context) error {
	var span *slogtel.Span
	defer func() { span.End() }()
	ctx, span = tel.Start(ctx, "a")
	return work(ctx)
}

func byPointer(ctx context.Context) {
	var span *slogtel.Span
	defer func(s **slogtel.Span) { (*s).End() }(&span)
	_, span = tel.Start(ctx, "a")
}

func captured(ctx context.Context) func() {
	var span *slogtel.Span
	begin := func() { _, span = tel.Start(ctx, "a") }
	begin()
	return func() { span.End() }
}

func loopsWell(ctx context.Context, list []string) error {
	for _, s := range list {
		ctx, span := tel.Start(ctx, "a")
		if s == "" {
			span.End()
			continue
		}
		err := work(ctx)
		span.End()
		if err != nil {
			return err
		}
	}
	return nil
}

func disabled(ctx context.Context) error {
	return slogtel.Disabled().Time(ctx, "a", func(ctx context.Context) error {
		_, err := slogtel.Do(ctx, nil, "b", func(ctx context.Context) (int, error) { return 0, work(ctx) })
		return err
	})
}

type other struct{}

func (other) Start(ctx context.Context, name string) (context.Context, *other) { return ctx, nil }

func notOurs(ctx context.Context) {
	_, span := other{}.Start(ctx, "a")
	fmt.Println(span)
}
