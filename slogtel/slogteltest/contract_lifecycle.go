package slogteltest

import (
	"context"
	"log/slog"
)

// checkLifecycle looks at Flush and Shutdown, which a Telemetry calls where there
// are methods of these names and signatures.
func checkLifecycle(r *run) {
	h := r.handler()
	_, flushes := h.(flusher)
	_, shutsDown := h.(shutdowner)
	if !flushes && !shutsDown {
		r.skipped = "the handler has neither Flush nor Shutdown"
		return
	}
	// A Telemetry given to a derived handler would not know how to flush it otherwise.
	for _, form := range r.forms() {
		d := form.derive(h)
		if r.stuck {
			return
		}
		if _, ok := d.(flusher); flushes && !ok {
			r.failf("the handler has Flush, what its %s returns (%T) has not: a Telemetry that reports to that one cannot flush it", form.name, d)
		}
		if _, ok := d.(shutdowner); shutsDown && !ok {
			r.failf("the handler has Shutdown, what its %s returns (%T) has not: a Telemetry that reports to that one cannot shut it down", form.name, d)
		}
	}
	checkFlush(r)
	if shutsDown {
		checkShutdown(r)
		checkShutdownAtOnce(r)
	}
}

func checkFlush(r *run) {
	h := r.handler()
	f, ok := h.(flusher)
	if !ok {
		return
	}
	r.do("Flush of a handler that was not used", func() error { return f.Flush(context.Background()) })
	r.emit(scoped, h)
	r.do("Flush", func() error { return f.Flush(context.Background()) })
	r.do("a second Flush", func() error { return f.Flush(context.Background()) })
	r.emit(scoped, h)
	r.survives("Flush with a context that was canceled", func() error { return f.Flush(canceled()) })
}

func checkShutdown(r *run) {
	h := r.handler()
	s := h.(shutdowner)
	text := r.seen(nil, func() { // nil: not flushed by the suite, since Shutdown is to do that
		r.emit(scoped, h, id("before_shutdown"))
		r.do("Shutdown", func() error { return s.Shutdown(context.Background()) })
	})
	r.shows(text, "before_shutdown", "a record handled before Shutdown")
	r.do("a second Shutdown, which has nothing left to do,", func() error { return s.Shutdown(context.Background()) })
	checkAfterShutdown(r, h)

	h = r.handler()
	s = h.(shutdowner)
	r.emit(scoped, h)
	r.survives("Shutdown with a context that was canceled", func() error { return s.Shutdown(canceled()) })
	checkAfterShutdown(r, h)
}

// checkAfterShutdown: errors are allowed, all else is not.
func checkAfterShutdown(r *run, h slog.Handler) {
	for _, form := range r.forms() {
		after := form.derive(h)
		r.do("Handle after Shutdown", func() error {
			_ = after.Handle(scoped, logRecord())
			_ = after.Handle(scoped, timingRecord())
			_ = after.Enabled(context.Background(), slog.LevelInfo)
			return nil
		})
	}
	if f, ok := h.(flusher); ok {
		r.survives("Flush after Shutdown", func() error { return f.Flush(context.Background()) })
	}
}

// checkShutdownAtOnce shuts down from several goroutines while others log.
func checkShutdownAtOnce(r *run) {
	h := r.handler()
	r.do("Shutdown, Flush and Handle at the same time", func() error {
		return inParallel(8, func(g int) error {
			ctx := context.Background()
			switch {
			case g < 4:
				for range 20 {
					_ = h.Handle(ctx, timingRecord())
				}
			case g < 6:
				if f, ok := h.(flusher); ok {
					_ = f.Flush(ctx)
				}
			default:
				_ = h.(shutdowner).Shutdown(ctx)
			}
			return nil
		})
	})
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(scoped)
	cancel()
	return ctx
}
