package slogtel_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

func TestState(t *testing.T) {
	tel, _ := slogteltest.New(t)
	before := time.Now()
	ctx, root := tel.Start(context.Background(), "request", slog.Int("n", 1))
	in, span := tel.Start(ctx, "db")
	assert.Same(t, root, slogtel.Current(ctx))
	assert.Same(t, span, slogtel.Current(context.WithoutCancel(in)))
	assert.Nil(t, slogtel.Current(context.Background()))
	assert.Nil(t, slogtel.Current(context.Context(nil)))

	root.SetAttrs(slog.Int("n", 2), slog.String("s", "x"))
	state, open := root.State()
	require.True(t, open)
	assert.Equal(t, "request", state.Scope)
	assert.WithinRange(t, state.Start, before.Add(-time.Millisecond), time.Now().Add(time.Millisecond))
	assert.Equal(t, []slog.Attr{slog.Int("n", 2), slog.String("s", "x")}, state.Attrs)
	assert.Empty(t, state.Failure)
	state.Attrs[0] = slog.Attr{} // it is a copy

	renamed := root.Rename(ctx, "route")
	assert.Same(t, root, slogtel.Current(renamed), "not the view that the context holds")
	slogtel.Current(renamed).SetAttrs(slog.Int("n", 3))
	root.Fail(errors.New("no"))
	state, open = root.State()
	require.True(t, open)
	assert.Equal(t, slogtel.SpanState{Scope: "route", Start: state.Start, Failure: "no", Attrs: []slog.Attr{slog.Int("n", 3), slog.String("s", "x")}}, state)

	span.End()
	root.End()
	state, open = root.State()
	assert.False(t, open)
	assert.Equal(t, slogtel.SpanState{Scope: "route"}, state)
	_, open = (*slogtel.Span)(nil).State()
	assert.False(t, open)
}

// A looker asks for the state of scopes on a goroutine of its own, while they begin.
type looker struct {
	testkit.HandleFunc
	all  sync.WaitGroup
	seen chan slogtel.SpanState
}

func (l *looker) ScopeStarted(ctx context.Context, _ scope.Info) {
	l.all.Go(func() {
		state, _ := slogtel.Current(ctx).State()
		l.seen <- state
	})
}

func TestStateOfAScopeThatBegins(t *testing.T) {
	l := &looker{HandleFunc: func(context.Context, slog.Record) error { return nil }, seen: make(chan slogtel.SpanState, 100)}
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, l)
	before := time.Now().Add(-time.Millisecond)
	for range 100 {
		_, span := tel.Start(context.Background(), "a")
		t.Cleanup(func() { span.End() })
	}
	l.all.Wait()
	close(l.seen)
	for state := range l.seen {
		assert.Equal(t, "a", state.Scope)
		assert.True(t, state.Start.After(before))
	}
}

// An ender ends scopes as soon as they start.
type ender struct {
	testkit.HandleFunc
}

func (ender) ScopeStarted(ctx context.Context, _ scope.Info) { slogtel.Current(ctx).End() }

func TestScopeThatAWatcherEnds(t *testing.T) {
	events := 0
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, ender{func(context.Context, slog.Record) error { events++; return nil }})
	_, span := tel.Start(context.Background(), "a")
	_, open := span.State()
	assert.False(t, open)
	span.End()
	assert.Equal(t, 1, events)
}

// A watcher does nothing.
type watcher struct {
	testkit.HandleFunc
}

func (watcher) ScopeStarted(context.Context, scope.Info) {}

// Where somebody watches, scopes that are opened in one another and never end keep each other, but no more than the
// length of a path allows; those that end do not.
func TestScopesThatKeepOuterOnes(t *testing.T) {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: func(context.Context, error) {}}, watcher{func(context.Context, slog.Record) error { return nil }})
	kept := func(n int, end bool) (outer int) {
		ctx, _ := tel.Start(context.Background(), "a")
		for range n {
			var span *slogtel.Span
			ctx, span = tel.Start(ctx, "a")
			if end {
				span.End()
			}
		}
		for {
			place, ok := ctx.(interface{ ScopePlace() (int, context.Context) })
			if !ok {
				return outer
			}
			if _, ctx = place.ScopePlace(); ctx == nil {
				return outer
			}
			outer++
		}
	}
	assert.Equal(t, 3, kept(3, false))
	assert.Equal(t, 0, kept(3, true))
	assert.LessOrEqual(t, kept(5000, false), 1024)
}
