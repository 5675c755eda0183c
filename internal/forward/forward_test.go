package forward_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/forward"
	"github.com/slogtel/telemetry/scope"
)

var (
	ctx         = context.Background()
	errFlush    = errors.New("flush")
	errShutdown = errors.New("shutdown")
)

// plain is a handler without any optional method.
type plain struct{}

func (plain) Enabled(context.Context, slog.Level) bool  { return true }
func (plain) Handle(context.Context, slog.Record) error { return nil }
func (h plain) WithAttrs([]slog.Attr) slog.Handler      { return h }
func (h plain) WithGroup(string) slog.Handler           { return h }

// flushes has a Flush, and closes a Shutdown as well.
type (
	flushes struct{ plain }
	closes  struct{ flushes }
)

func (flushes) Flush(context.Context) error   { return errFlush }
func (closes) Shutdown(context.Context) error { return errShutdown }

// watches is told of scopes that start. Asks says whether it wants to know.
type (
	watches struct {
		plain
		got *[]scope.Info
	}
	asks struct {
		watches
		wants bool
	}
)

func (h watches) ScopeStarted(_ context.Context, s scope.Info) { *h.got = append(*h.got, s) }
func (h asks) WatchesScopes() bool                             { return h.wants }

// retains says whether it keeps records.
type retains struct {
	plain
	keeps bool
}

func (h *retains) RetainsRecords() bool { return h.keeps }

// wrapper got the method of the handler that it embeds, and may itself keep records.
type (
	wrapper      struct{ *retains }
	valueWrapper struct{ retains }
)

// middleware has the optional methods of the next handler, and no others.
type middleware struct {
	plain
	forward.Optional
}

func wrap(h slog.Handler) slog.Handler { return &middleware{Optional: forward.Optional{To: h}} }

func TestFlushAndShutdown(t *testing.T) {
	for _, c := range []struct {
		h               slog.Handler
		flush, shutdown error
	}{
		{plain{}, nil, nil},
		{flushes{}, errFlush, errFlush},
		{closes{}, errFlush, errShutdown},
		{slog.DiscardHandler, nil, nil},
		{nil, nil, nil},
	} {
		assert.Equal(t, c.flush, forward.Flush(ctx, c.h))
		assert.Equal(t, c.shutdown, forward.Shutdown(ctx, c.h), "without a Shutdown, Flush is called")
		for _, outer := range []slog.Handler{wrap(c.h), wrap(wrap(c.h))} {
			assert.Equal(t, c.flush, forward.Flush(ctx, outer))
			assert.Equal(t, c.shutdown, forward.Shutdown(ctx, outer))
		}
	}
}

func TestScopes(t *testing.T) {
	for _, c := range []struct {
		name  string
		make  func(got *[]scope.Info) slog.Handler
		wants bool
	}{
		{"no watcher", func(*[]scope.Info) slog.Handler { return plain{} }, false},
		{"a watcher", func(got *[]scope.Info) slog.Handler { return watches{got: got} }, true},
		{"one that wants to know", func(got *[]scope.Info) slog.Handler { return asks{watches{got: got}, true} }, true},
		{"one that does not", func(got *[]scope.Info) slog.Handler { return asks{watches{got: got}, false} }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []scope.Info
			inner := c.make(&got)
			for _, h := range []slog.Handler{inner, wrap(inner), wrap(wrap(inner))} {
				got = nil
				assert.Equal(t, c.wants, forward.Watches(h))
				forward.ScopeStarted(ctx, h, scope.Info{Path: "a.b", Parent: "a"})
				if c.wants {
					assert.Equal(t, []scope.Info{{Path: "a.b", Parent: "a"}}, got)
				} else {
					assert.Empty(t, got)
				}
			}
		})
	}
}

func TestRetains(t *testing.T) {
	for _, c := range []struct {
		name string
		h    slog.Handler
		want bool
	}{
		{"JSON", slog.NewJSONHandler(io.Discard, nil), false},
		{"text", slog.NewTextHandler(io.Discard, nil), false},
		{"discard", slog.DiscardHandler, false},
		{"one that does not say", plain{}, true},
		{"one that says no", &retains{}, false},
		{"one that says yes", &retains{keeps: true}, true},
		{"a nil pointer, whose method panics", (*retains)(nil), true},
		{"one that embeds a pointer", wrapper{&retains{}}, true},
		{"a pointer to one that embeds a value", &valueWrapper{}, true},
	} {
		assert.Equal(t, c.want, forward.Retains(c.h), c.name)
		assert.Equal(t, c.want, forward.Retains(wrap(c.h)), "%s, wrapped", c.name)
	}
}

func TestUnwrap(t *testing.T) {
	h := wrap(plain{})
	assert.Equal(t, plain{}, h.(interface{ Unwrap() slog.Handler }).Unwrap())
}
