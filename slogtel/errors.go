package slogtel

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/slogtel/telemetry/scope"
)

// The errors that an [*EventError] or a [*ReporterError] wraps.
var (
	// ErrNotFinite is reported when a value is NaN or infinite. JSON has no way to write such
	// a value, and a string in its place would change the field's type. The metric is not
	// sent; an attribute is left out.
	ErrNotFinite = errors.New("value is NaN or infinite; record finite numbers only")

	// ErrTooManyScopes is reported once by a Telemetry that has seen more different scope
	// paths than it remembers (8192, or 1 MiB of names). Events of new paths still go out, at
	// a higher cost; their call_count is 0, which means not counted.
	ErrTooManyScopes = errors.New("too many different scope paths: call_count of new ones is 0 from now on; " +
		"keep ids out of scope names, put them into attributes")

	// ErrPathTooLong is reported once by a Telemetry whose scopes are nested so deeply that a
	// path exceeds 2048 bytes. What is inside goes out under one scope, path_too_long. Most
	// often a loop hands the context of one round on to the next.
	ErrPathTooLong = errors.New("scope path longer than 2048 bytes: what is inside goes out as path_too_long; " +
		"does a loop assign the context that Start returns to its own?")

	// ErrTooManyAttrs is reported when an event is given more than 1024 attributes, or when
	// an attribute has more than 1024 members in its groups. The rest is left out.
	ErrTooManyAttrs = errors.New("more than 1024 attributes; the rest is left out")

	// ErrNegative is reported when less than zero is added to a counter of floats. The
	// metric is not sent.
	ErrNegative = errors.New("a counter of floats only grows")

	// ErrNoValue is reported when a metric's value is a group without members, which no
	// handler writes. The metric is not sent.
	ErrNoValue = errors.New("value is an empty group")

	// ErrNotEnabled is reported by [New], in a [*ReporterError], for a reporter that is not
	// enabled for Options.Level and so gets no events, or only the timings that failed. Give
	// the reporter a lower level, or Options a higher one.
	ErrNotEnabled = errors.New("not enabled for the level of events,")

	// ErrForeign is reported when a scope that others put into the context, as
	// scope.NewContext does, has a path of more than 2048 bytes or a negative depth. The
	// event goes out as if it were in no scope.
	ErrForeign = errors.New("scope in the context is not one to continue")
)

// An EventError says why an event was rejected, or did not go out as it was given.
type EventError struct {
	Scope string // path of the event's scope or metric
	Key   string // key of the attribute at fault, "" for the event as a whole
	Err   error  // wraps one of this package's errors, [scope.ErrInvalid], or what a caller's method panicked with
}

func (e *EventError) Error() string {
	if e.Key != "" {
		return fmt.Sprintf("slogtel: %s, attribute %s: %v", quote(e.Scope), quote(e.Key), e.Err)
	}
	return fmt.Sprintf("slogtel: %s: %v", quote(e.Scope), e.Err)
}

func (e *EventError) Unwrap() error { return e.Err }

// A ReporterError is the failure or the panic of one reporter. Where the reporter panicked,
// Err is a [*PanicError]; if an event was lost, the text of the error ends with its stack.
type ReporterError struct {
	Reporter string // place among New's arguments and Go type, as in "#1 *statsd.Handler"
	Scope    string // path of the event that it could not report, "" for a flush
	Err      error
}

func (e *ReporterError) Error() string {
	if e.Scope == "" {
		return fmt.Sprintf("slogtel: reporter %s: %v", e.Reporter, e.Err)
	}
	text := fmt.Sprintf("slogtel: reporter %s lost an event of %s: %v", e.Reporter, quote(e.Scope), e.Err)
	if p, ok := e.Err.(*PanicError); ok {
		text += "\n" + p.Stack
	}
	return text
}

func (e *ReporterError) Unwrap() error { return e.Err }

// A SetupError is what [Telemetry.ReportSetup] was given: an app could be better observed if
// it were set up otherwise. Nothing was lost.
type SetupError struct{ Err error }

func (e *SetupError) Error() string { return e.Err.Error() }

func (e *SetupError) Unwrap() error { return e.Err }

// ReportSetup hands err to Options.OnError, or to its default, in a [*SetupError]. It is for
// instrumentation that is set up in a way in which it cannot do all of its work, and that says
// so once. A Telemetry that is off, and a nil err, report nothing.
func (t *Telemetry) ReportSetup(err error) {
	if err != nil && t.Enabled() {
		t.core.errors.setup(&SetupError{err})
	}
}

// quote quotes s, or its beginning: an error does not repeat a huge name.
func quote(s string) string {
	const most = 128
	if len(s) <= most {
		return strconv.Quote(s)
	}
	return strconv.Quote(s[:most]) + "…"
}

type longNameError struct {
	length int
	start  string
}

func (e *longNameError) Error() string {
	return fmt.Sprintf("%v %q…: it is %d bytes long, the most is %d", scope.ErrInvalid, e.start, e.length, scope.MaxLength)
}

func (e *longNameError) Unwrap() error { return scope.ErrInvalid }

// errorSink counts errors and passes them on to Options.OnError, or to its default.
type errorSink struct {
	call   func(context.Context, error)
	events limiter
	active atomic.Int32 // calls of OnError that are running
}

// maxActive bounds how many calls of OnError run at once, and so how deep one that
// makes errors of its own, with a context that is not its own, can nest.
const maxActive = 64

// inOnError is the context key of the sink whose OnError is running.
type inOnError struct{}

func (s *errorSink) event(ctx context.Context, err *EventError) {
	s.report(ctx, err, &s.events)
}

// setup reports what is wrong with the options, the environment or the reporters that
// New was given. It is no error of an event, and not counted.
func (s *errorSink) setup(err error) {
	s.report(context.Background(), err, nil)
}

// report counts err with l and passes it on. With a nil l it is one of setup.
func (s *errorSink) report(ctx context.Context, err error, l *limiter) {
	if l != nil {
		l.count.Add(1)
	}
	if ctx.Value(inOnError{}) == s {
		return // an error of what OnError does itself is counted, and no more
	}
	if s.active.Add(1) > maxActive {
		s.active.Add(-1)
		return
	}
	defer func() {
		s.active.Add(-1)
		_ = recover() // a panic in OnError is the last thing that may hurt the app
	}()
	if s.call != nil {
		s.call(context.WithValue(ctx, inOnError{}, s), err)
		return
	}
	if l == nil {
		slog.Default().LogAttrs(ctx, slog.LevelWarn, "telemetry set-up", slog.String("problem", err.Error()))
		return
	}
	if held, ok := l.allow(); ok {
		slog.Default().LogAttrs(ctx, slog.LevelError, "telemetry error",
			slog.String("error", err.Error()), slog.Int64("held_back", held))
	}
}

// limiter lets one error through in a minute.
type limiter struct {
	count atomic.Int64 // of all errors, ever
	held  atomic.Int64 // since the last one that was let through
	next  atomic.Int64 // when the next may pass, in nanoseconds since processStart; 0: at once
}

func (l *limiter) allow() (held int64, ok bool) {
	now := int64(time.Since(processStart))
	next := l.next.Load()
	if next != 0 && now < next || !l.next.CompareAndSwap(next, now+int64(time.Minute)) {
		l.held.Add(1)
		return 0, false
	}
	return l.held.Swap(0), true
}
