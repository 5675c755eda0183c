package oteltel

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
)

// The bridge and the SDK call methods of attributes, such as Error, and do not catch
// their panics. What panics goes out as a text that says so.

// handle is next.Handle, tried again without what panics.
func handle(ctx context.Context, next slog.Handler, r slog.Record) error {
	err, panicked := try("a value", func() error { return next.Handle(ctx, r) })
	if !panicked {
		return err
	}
	safe := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		safe.AddAttrs(guarded(a, maxDepth))
		return true
	})
	err, _ = try("a value", func() error { return next.Handle(ctx, safe) })
	return err
}

// try calls f, in which what may panic.
func try(what string, f func() error) (err error, panicked bool) {
	defer func() {
		if v := recover(); v != nil {
			err, panicked = fmt.Errorf("oteltel: %s panicked: %v", what, v), true
		}
	}()
	return f(), false
}

// maxDepth is how deep groups are looked into.
const maxDepth = 32

// guardedAll is attrs without what would panic, now or with a later record.
func guardedAll(attrs []slog.Attr, depth int) []slog.Attr {
	safe := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		safe[i] = guarded(a, depth)
	}
	return safe
}

func guarded(a slog.Attr, depth int) slog.Attr {
	_, panicked := try("a value", func() error {
		a.Value = a.Value.Resolve()
		if a.Value.Kind() != slog.KindAny {
			return nil
		}
		v := a.Value.Any()
		if err, ok := v.(error); ok {
			_ = err.Error()
		}
		_ = fmt.Sprintf("%+v", v) // as the bridge prints what it does not know
		return nil
	})
	switch {
	case panicked:
		a.Value = slog.StringValue(fmt.Sprintf("!PANIC: %T", a.Value.Any()))
	case a.Value.Kind() == slog.KindGroup && depth > 0:
		a.Value = slog.GroupValue(guardedAll(a.Value.Group(), depth-1)...)
	}
	return a
}

// reportOnce tells of a mistake in the set-up: the first time that it shows.
type reportOnce struct {
	call func(error) // nil: log it
	once sync.Once
}

func (r *reportOnce) report(err error) {
	r.once.Do(func() {
		defer func() { _ = recover() }() // a panic in OnError must not end the app
		if r.call != nil {
			r.call(err)
			return
		}
		slog.Default().Error("telemetry error", slog.String("error", err.Error()))
	})
}
