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

var (
	// ErrNotFinite is the reason why a NaN or an infinity was rejected: JSON has no
	// way to write them, and a string in their place would change the field's type.
	ErrNotFinite = errors.New("value is NaN or infinite; record finite numbers only")

	// ErrTooManyScopes is reported once by a Telemetry that has seen more different
	// scope paths than it remembers (8192, or 1 MiB of names). Events of new paths
	// still go out, with call_count 0 for "not counted", at a higher cost.
	ErrTooManyScopes = errors.New("too many different scope paths: call_count of new ones is 0 from now on; " +
		"keep ids out of scope names, put them into attributes")
)

var (
	// ErrPathTooLong is reported once by a Telemetry that was asked for scopes nested so
	// deeply that their path exceeds 2048 bytes. What is inside goes out under one scope,
	// path_too_long. Most often a loop hands the context of one round on to the next.
	ErrPathTooLong = errors.New("scope path longer than 2048 bytes: what is inside goes out as path_too_long; " +
		"does a loop assign the context that Start returns to its own?")

	// ErrTooManyAttrs is reported when an event is given more than 1024 attributes, or
	// an attribute that is or becomes a group more than 1024 members.
	ErrTooManyAttrs = errors.New("more than 1024 attributes; the rest is left out")

	// ErrNoValue is reported when a metric's value is a group without members, which no
	// handler writes. The metric is not sent.
	ErrNoValue = errors.New("value is an empty group")

	// ErrNotEnabled is reported by New for a reporter that is not enabled for
	// Options.Level.
	ErrNotEnabled = errors.New("not enabled for the level of events,")

	// ErrForeign is reported when a scope put into the context by others, as with
	// scope.NewContext, cannot be continued as it is.
	ErrForeign = errors.New("scope in the context is not one to continue")
)

// An EventError says why an event was rejected, or did not go out as it was given.
type EventError struct {
	Scope string // path of the event's scope or metric
	Key   string // key of the attribute at fault, "" for the event as a whole
	Err   error  // wraps one of this package's errors or [scope.ErrInvalid], or is what a caller's method panicked with
}

func (e *EventError) Error() string {
	if e.Key != "" {
		return fmt.Sprintf("slogtel: %s, attribute %s: %v", quote(e.Scope), quote(e.Key), e.Err)
	}
	return fmt.Sprintf("slogtel: %s: %v", quote(e.Scope), e.Err)
}

func (e *EventError) Unwrap() error { return e.Err }

// A ReporterError is the failure or the panic of one reporter. Where it panicked, Err is
// a [*PanicError], whose stack follows the text of an event that was lost.
type ReporterError struct {
	Reporter string // place among New's arguments and Go type, as in "#1 *statsd.Handler"; of [NewHandler] the type of its Reporter
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
