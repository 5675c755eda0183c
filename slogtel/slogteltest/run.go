package slogteltest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"time"
)

// callLimit is how long one call into the handler may take.
const callLimit = 20 * time.Second

// A run is the check of one contract. All of its methods are for one goroutine,
// the one on which the test runs.
type run struct {
	newHandler func() slog.Handler
	opts       Options
	isolate    func(func())

	made    []slog.Handler
	emitted int // records handed over by emit
	errs    []error
	skipped string // why there was nothing to check
	stuck   bool   // a call did not return: no other one is made
}

func newRun(newHandler func() slog.Handler, opts *Options) *run {
	r := &run{newHandler: newHandler, isolate: func(f func()) { f() }}
	if opts != nil {
		r.opts = *opts
	}
	return r
}

func (r *run) check(c contract) {
	c.check(r)
	r.release()
}

// failf notes a violation. One mistake can show in very many ways: from some
// number on they are not worth reading.
func (r *run) failf(format string, args ...any) {
	const most = 10
	switch n := len(r.errs); {
	case n < most:
		r.errs = append(r.errs, fmt.Errorf(format, args...))
	case n == most:
		r.errs = append(r.errs, errMore)
	}
}

var errMore = errors.New("… and more of that kind")

// handler makes a new handler.
func (r *run) handler() slog.Handler {
	h := r.orNop("newHandler", r.newHandler())
	r.made = append(r.made, h)
	return h
}

// orNop stands in for a handler that is nil.
func (r *run) orNop(what string, h slog.Handler) slog.Handler {
	if h == nil {
		r.failf("%s returned a nil slog.Handler", what)
		return slog.DiscardHandler
	}
	return h
}

// do calls f, which calls into the handler, and reports its error, its panic, or
// that it does not return.
func (r *run) do(what string, f func() error) {
	if err := r.try(f); err != nil {
		r.failf("%s: %w", what, err)
	}
}

// survives is do for a call that may return an error.
func (r *run) survives(what string, f func() error) {
	r.do(what, func() error {
		_ = f()
		return nil
	})
}

func (r *run) try(f func() error) error {
	if r.stuck {
		return nil
	}
	// The goroutine belongs to the test only for as long as the call lasts, so that a
	// call that blocks ends the contract and not the whole test.
	done := make(chan error, 1)
	go func() {
		err := errGoexit
		defer func() { done <- err }()
		err = caught(f)
	}()
	timer := time.NewTimer(callLimit)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		r.stuck = true
		return fmt.Errorf("did not return within %v", callLimit)
	}
}

var errGoexit = errors.New("ended its goroutine with runtime.Goexit")

// caught calls f, and returns its error, or its panic as one.
func caught(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %s, at %s", panicText(v), panicPlace())
		}
	}()
	return f()
}

func panicText(v any) string {
	text := fmt.Sprint(v) // survives values whose methods panic
	if len(text) > maxQuote {
		text = text[:maxQuote] + "…"
	}
	return text
}

// panicPlace is the line that panicked. To be called by the function that recovers.
func panicPlace() string {
	pcs := make([]uintptr, 64)
	panicking := false
	f := frame(pcs[:runtime.Callers(1, pcs)], func(f runtime.Frame) bool {
		found := panicking && !strings.HasPrefix(f.Function, "runtime.")
		panicking = panicking || f.Function == "runtime.gopanic"
		return found
	})
	return fmt.Sprintf("%s (%s:%d)", f.Function, f.File, f.Line)
}

// frame returns the first frame in a file that is as asked, or one in "an unknown place".
func frame(pcs []uintptr, is func(runtime.Frame) bool) runtime.Frame {
	for frames, more := runtime.CallersFrames(pcs), true; more; {
		var f runtime.Frame
		if f, more = frames.Next(); f.File != "" && is(f) {
			return f
		}
	}
	return runtime.Frame{File: "an unknown place"}
}

func (r *run) withAttrs(h slog.Handler, attrs ...slog.Attr) slog.Handler {
	return r.derive("WithAttrs", func() slog.Handler { return h.WithAttrs(attrs) })
}

func (r *run) withGroup(h slog.Handler, name string) slog.Handler {
	return r.derive("WithGroup", func() slog.Handler { return h.WithGroup(name) })
}

func (r *run) derive(what string, f func() slog.Handler) slog.Handler {
	got := make(chan slog.Handler, 1)
	r.do(what, func() error {
		got <- f()
		return nil
	})
	select {
	case h := <-got:
		return r.orNop(what, h)
	default: // it failed, which was reported
		return slog.DiscardHandler
	}
}

// release ends the handlers that were made. What goes wrong is the lifecycle
// contract's to report.
func (r *run) release() {
	for _, h := range r.made {
		_ = r.try(func() error {
			ctx, cancel := context.WithTimeout(context.Background(), callLimit)
			defer cancel()
			switch h := h.(type) {
			case shutdowner:
				return h.Shutdown(ctx)
			case io.Closer:
				return h.Close()
			}
			return nil
		})
	}
	r.made = nil
}

type (
	flusher    interface{ Flush(context.Context) error }
	shutdowner interface{ Shutdown(context.Context) error }
)
