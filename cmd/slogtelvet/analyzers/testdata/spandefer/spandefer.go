// Package spandefer defers End in ways that work, and in others.
package spandefer

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/slogtel/telemetry/slogtel"
)

var tel *slogtel.Telemetry

func work(context.Context) (int, error) { return 0, nil }

func alone(ctx context.Context) {
	ctx, span := tel.Start(ctx, "a")
	defer func() { span.End() }() // want `this End sees no panic: only an End that is deferred itself does, as in defer span.End\(\)`
	_, _ = work(ctx)
}

func withFail(ctx context.Context) (err error) {
	ctx, span := tel.Start(ctx, "a")
	defer func() {
		span.Fail(err)
		span.End() // want `this End sees no panic`
	}()
	_, err = work(ctx)
	return err
}

func oneLine(ctx context.Context) (err error) {
	ctx, span := tel.Start(ctx, "a")
	defer func() { span.Fail(err); span.End() }() // want `this End sees no panic`
	_, err = work(ctx)
	return err
}

func withAttrs(ctx context.Context) (err error) {
	n := 0
	ctx, span := tel.Start(ctx, "a")
	defer func() {
		// How many there were.
		span.End(slog.Int("n", n)) // want `this End sees no panic`
	}()
	n, err = work(ctx)
	return err
}

func comment(ctx context.Context) {
	_, span := tel.Start(ctx, "a")
	defer func() {
		// Why it is so.
		span.End() // want `this End sees no panic`
	}()
}

func inner(ctx context.Context) {
	_, span := tel.Start(ctx, "a")
	defer func() {
		defer span.End() // want `this End sees no panic`
		fmt.Println("done")
	}()
}

func conditional(ctx context.Context) (err error) {
	_, span := tel.Start(ctx, "a")
	defer func() {
		if err != nil {
			return
		}
		span.End() // want `this End sees no panic`
	}()
	return nil
}

func ifNotNil(ctx context.Context) {
	_, span := tel.Start(ctx, "a")
	defer func() {
		if span != nil {
			span.End() // want `this End sees no panic`
		}
	}()
}

func parameter(ctx context.Context) {
	_, span := tel.Start(ctx, "a")
	defer func(s *slogtel.Span) { s.End() }(span) // want `this End sees no panic: .* as in defer s.End\(\)`
}

func byName(ctx context.Context) {
	_, span := tel.Start(ctx, "a")
	finish := func() {
		span.End() // want `this End sees no panic`
	}
	defer finish()
}

type job struct{ span *slogtel.Span }

func (j *job) run(ctx context.Context) {
	ctx, j.span = tel.Start(ctx, "a")
	defer func() { j.span.End() }() // want `this End sees no panic`
	_, _ = work(ctx)
}

func reassigned(ctx context.Context) {
	var span *slogtel.Span
	defer func() { span.End() }() // want `this End sees no panic`
	_, span = tel.Start(ctx, "a")
}

func goroutine(ctx context.Context) {
	go func() {
		_, span := tel.Start(ctx, "a")
		defer func() { span.End() }() // want `this End sees no panic`
	}()
}

func generic[T any](ctx context.Context, v T) {
	_, span := tel.Start(ctx, "a")
	defer func() { span.SetAttrs(slog.Any("v", v)); span.End() }() // want `this End sees no panic`
}

func loop(ctx context.Context, list []string) {
	for range list {
		ctx, span := tel.Start(ctx, "a")
		defer span.End() // want `a deferred End runs when the function returns: the spans of all rounds of the loop stay open until then`
		_, _ = work(ctx)
	}
}

func loopClosure(ctx context.Context, n int) {
	for i := 0; i < n; i++ {
		ctx, span := tel.Start(ctx, "a")
		if _, err := work(ctx); err == nil {
			defer func() { span.End() }() // want `a deferred End runs when the function returns`
		}
	}
}

func loopGoto(ctx context.Context) {
again:
	ctx2, span := tel.Start(ctx, "a")
	defer span.End() // want `a deferred End runs when the function returns`
	if _, err := work(ctx2); err != nil {
		goto again
	}
}

func loopOverFunc(ctx context.Context, seq func(func(int) bool)) {
	for range seq {
		_, span := tel.Start(ctx, "a")
		defer span.End() // want `a deferred End runs when the function returns`
	}
}

// From here on nothing is wrong.

func direct(ctx context.Context) {
	ctx, span := tel.Start(ctx, "a")
	defer span.End(slog.Int("n", 1))
	_, _ = work(ctx)
}

func splitInTwo(ctx context.Context) (err error) {
	ctx, span := tel.Start(ctx, "a")
	defer span.End()
	defer func() { span.Fail(err) }()
	_, err = work(ctx)
	return err
}

func methodValue(ctx context.Context) {
	_, span := tel.Start(ctx, "a")
	end := span.End
	defer end()
	_, other := tel.Start(ctx, "b")
	defer (*slogtel.Span).End(other)
}

type embedding struct{ *slogtel.Span }

func promoted(ctx context.Context) {
	_, span := tel.Start(ctx, "a")
	e := embedding{span}
	defer e.End()
}

func recovers(ctx context.Context) {
	_, span := tel.Start(ctx, "a")
	defer func() {
		if v := recover(); v != nil {
			span.Fail(fmt.Errorf("panic: %v", v))
			span.End()
			panic(v)
		}
		span.End()
	}()
}

func directLater(ctx context.Context) {
	_, span := tel.Start(ctx, "a")
	defer func() { span.End() }()
	defer span.End()
}

func ownSpan(ctx context.Context) {
	defer func() {
		_, span := tel.Start(ctx, "cleanup")
		fmt.Println("clean")
		span.End()
	}()
}

func notDeferred(ctx context.Context, t *testing.T) {
	_, span := tel.Start(ctx, "a")
	t.Cleanup(func() { span.End() })
	_, other := tel.Start(ctx, "b")
	func() { other.End() }()
}

func startsGoroutine(ctx context.Context) {
	_, span := tel.Start(ctx, "a")
	defer func() {
		go func() { span.End() }()
	}()
}

func roundInFunction(ctx context.Context, list []string) {
	for range list {
		func() {
			ctx, span := tel.Start(ctx, "a")
			defer span.End()
			_, _ = work(ctx)
		}()
	}
}

func leavesLoop(ctx context.Context) error {
	for {
		if ctx.Err() != nil {
			ctx, span := tel.Start(ctx, "a")
			defer span.End()
			_, err := work(ctx)
			return err
		}
	}
}

func allOfThem(spans []*slogtel.Span) {
	for _, span := range spans {
		defer span.End()
	}
}

func openedOutside(ctx context.Context, list []string) {
	_, span := tel.Start(ctx, "a")
	for range list {
		defer span.End()
	}
}
