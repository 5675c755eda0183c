// Package spanend opens spans and ends them, or not.
package spanend

import (
	"context"
	"errors"

	"github.com/slogtel/telemetry/slogtel"
)

var (
	tel     *slogtel.Telemetry
	errBad  = errors.New("bad")
	kept    *slogtel.Span
	verbose bool
)

func work(context.Context) error { return nil }

func earlyReturn(ctx context.Context) error {
	ctx, span := tel.Start(ctx, "a") // want `the span span is not ended on a path to the return on line \d+: defer span.End\(\) where it is started`
	if err := work(ctx); err != nil {
		return err
	}
	span.End()
	return nil
}

func never(ctx context.Context) {
	ctx, span := tel.Start(ctx, "a") // want `the span span is never ended: its scope emits no event`
	span.Fail(work(ctx))
}

func blankUse(ctx context.Context) error {
	ctx, span := tel.Start(ctx, "a") // want `the span span is never ended`
	_ = span
	var _ = span
	return work(ctx)
}

func thrownAway(ctx context.Context) error {
	ctx, _ = tel.Start(ctx, "a") // want `the span is thrown away and never ended`
	return work(ctx)
}

func thrownAwayNew(parent context.Context) error {
	ctx, _ := tel.Start(parent, "a") // want `the span is thrown away and never ended`
	return work(ctx)
}

func allThrownAway(ctx context.Context) {
	tel.Start(ctx, "a")        // want `the span is thrown away and never ended`
	_, _ = tel.Start(ctx, "a") // want `the span is thrown away and never ended`
	go tel.Start(ctx, "a")     // want `the span is thrown away and never ended`
	defer tel.Start(ctx, "a")  // want `the span is thrown away and never ended`
}

func declared(ctx context.Context) {
	var scoped, span = tel.Start(ctx, "a") // want `the span span is never ended`
	_ = work(scoped)
	span.SetAttrs()
}

func inIf(ctx context.Context) error {
	if ctx, span := tel.Start(ctx, "a"); work(ctx) != nil { // want `the span span is not ended on a path to the return on line \d+`
		span.End()
	}
	return nil
}

func continues(ctx context.Context, list []string) {
	for _, s := range list {
		ctx, span := tel.Start(ctx, "a") // want `the span span is not ended on a path to`
		if s == "" {
			continue
		}
		_ = work(ctx)
		span.End()
	}
}

func breaks(ctx context.Context) {
	for {
		ctx, span := tel.Start(ctx, "a") // want `the span span is not ended on a path to the return on line \d+`
		if work(ctx) != nil {
			break
		}
		span.End()
	}
}

func endless(ctx context.Context) {
	for {
		ctx, span := tel.Start(ctx, "a") // want `the span span is not ended on a path to the next round of the loop`
		if work(ctx) == nil {
			span.End()
		}
	}
}

func jumps(ctx context.Context) {
	ctx, span := tel.Start(ctx, "a") // want `the span span is not ended on a path to the return on line \d+`
	if work(ctx) != nil {
		goto out
	}
	span.End()
out:
}

func selects(ctx context.Context, c chan int) {
	_, span := tel.Start(ctx, "a") // want `the span span is not ended on a path to the return on line \d+`
	select {
	case <-ctx.Done():
		return
	case <-c:
	}
	span.End()
}

func falls(ctx context.Context, n int) {
	_, span := tel.Start(ctx, "a") // want `the span span is not ended on a path to the return on line \d+`
	switch n {
	case 1:
		fallthrough
	case 2:
		span.End()
	case 3:
	}
}

func fallsWell(ctx context.Context, n int) {
	_, span := tel.Start(ctx, "a")
	switch n {
	case 1:
		fallthrough
	default:
		span.End()
	}
}

func replaced(ctx context.Context) {
	_, span := tel.Start(ctx, "a") // want `the span span is not ended on a path to line \d+, where the variable is assigned`
	_, span = tel.Start(ctx, "b")
	span.End()
}

func onlyAttrsDeferred(ctx context.Context) (err error) {
	ctx, span := tel.Start(ctx, "a") // want `the span span is never ended`
	defer func() { span.Fail(err) }()
	return work(ctx)
}

func generic[T any](ctx context.Context, fn func(context.Context) (T, error)) (T, error) {
	ctx, span := tel.Start(ctx, "a") // want `the span span is not ended on a path to the return on line \d+`
	v, err := fn(ctx)
	if err != nil {
		return v, err
	}
	span.End()
	return v, nil
}

func inLiteral(ctx context.Context) func() error {
	return func() error {
		ctx, span := tel.Start(ctx, "a") // want `the span span is not ended on a path to the return on line \d+`
		if err := work(ctx); err != nil {
			return err
		}
		span.End()
		return nil
	}
}

func earlyThenReturned(ctx context.Context) (*slogtel.Span, error) {
	ctx, span := tel.Start(ctx, "a") // want `the span span is not ended on a path to the return on line \d+`
	if err := work(ctx); err != nil {
		return nil, err
	}
	return span, nil
}

// A function of one's own that opens scopes.
func startRequest(ctx context.Context) (context.Context, *slogtel.Span) {
	return tel.Start(ctx, "request")
}

func ownStart(ctx context.Context) error {
	ctx, span := startRequest(ctx) // want `the span span is never ended`
	span.SetAttrs()
	return work(ctx)
}

func current(ctx context.Context) (context.Context, *slogtel.Span) { return ctx, kept }

func notAStart(ctx context.Context) {
	_, span := current(ctx)
	span.SetAttrs()
}

type starter interface {
	Start(ctx context.Context, name string) (context.Context, *slogtel.Span)
}

func byInterface(ctx context.Context, s starter) error {
	ctx, span := s.Start(ctx, "a") // want `the span span is not ended on a path to the return on line \d+`
	if err := work(ctx); err != nil {
		return err
	}
	span.End()
	return nil
}

func methodValue(ctx context.Context) error {
	start := tel.Start
	ctx, span := start(ctx, "a") // want `the span span is never ended`
	span.SetAttrs()
	return work(ctx)
}
