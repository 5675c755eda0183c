package handlers

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"testing/slogtest"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/internal/forward"
	"github.com/slogtel/telemetry/scope"
)

// noTime leaves out the time, which differs from run to run.
var noTime = &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}}

func TestScope(t *testing.T) {
	traced := scope.NewContext(t.Context(), scope.Info{Path: "a.b", Parent: "a", Depth: 1, TraceID: "t1", SpanID: "s1"})
	plain := scope.NewContext(t.Context(), scope.Info{Path: "a"})
	for _, tc := range []struct {
		name string
		ctx  context.Context
		log  func(context.Context, *slog.Logger)
		want string
	}{
		{"no scope", t.Context(), func(ctx context.Context, l *slog.Logger) { l.InfoContext(ctx, "m", "k", 1) },
			`{"level":"INFO","msg":"m","k":1}`},
		{"scope", plain, func(ctx context.Context, l *slog.Logger) { l.InfoContext(ctx, "m", "k", 1) },
			`{"level":"INFO","msg":"m","k":1,"scope":"a"}`},
		{"ids", traced, func(ctx context.Context, l *slog.Logger) { l.With("w", 0).InfoContext(ctx, "m") },
			`{"level":"INFO","msg":"m","w":0,"scope":"a.b","trace_id":"t1","span_id":"s1"}`},
		{"groups", plain, func(ctx context.Context, l *slog.Logger) {
			l.With("w", 0).WithGroup("g").With("x", 1).WithGroup("h").With("y", 2).InfoContext(ctx, "m", "k", 3)
		}, `{"level":"INFO","msg":"m","w":0,"scope":"a","g":{"x":1,"h":{"y":2,"k":3}}}`},
		{"empty groups", plain, func(ctx context.Context, l *slog.Logger) {
			l.WithGroup("g").WithGroup("h").InfoContext(ctx, "m")
		}, `{"level":"INFO","msg":"m","scope":"a"}`},
		{"own scope", plain, func(ctx context.Context, l *slog.Logger) { l.InfoContext(ctx, "m", "scope", "mine") },
			`{"level":"INFO","msg":"m","scope":"mine"}`},
		{"With scope", plain, func(ctx context.Context, l *slog.Logger) { l.With("scope", "mine").InfoContext(ctx, "m") },
			`{"level":"INFO","msg":"m","scope":"mine"}`},
		{"own scope in a group", plain, func(ctx context.Context, l *slog.Logger) {
			l.WithGroup("g").With("scope", "mine").InfoContext(ctx, "m", "k", 1)
		}, `{"level":"INFO","msg":"m","scope":"a","g":{"scope":"mine","k":1}}`},
		{"own ids", traced, func(ctx context.Context, l *slog.Logger) { l.InfoContext(ctx, "m", "trace_id", "mine") },
			`{"level":"INFO","msg":"m","trace_id":"mine","scope":"a.b"}`},
		{"With own ids", traced, func(ctx context.Context, l *slog.Logger) { l.With("span_id", "mine").InfoContext(ctx, "m") },
			`{"level":"INFO","msg":"m","span_id":"mine","scope":"a.b"}`},
		{"own scope without a group's key", plain, func(ctx context.Context, l *slog.Logger) {
			l.LogAttrs(ctx, slog.LevelInfo, "m", slog.Group("", slog.String("scope", "mine")))
		}, `{"level":"INFO","msg":"m","scope":"mine"}`},
		{"own ids in a group", traced, func(ctx context.Context, l *slog.Logger) {
			l.WithGroup("g").InfoContext(ctx, "m", "trace_id", "mine")
		}, `{"level":"INFO","msg":"m","scope":"a.b","trace_id":"t1","span_id":"s1","g":{"trace_id":"mine"}}`},
		{"many attributes", plain, func(ctx context.Context, l *slog.Logger) {
			l.InfoContext(ctx, "m", "a", 1, "b", 2, "c", 3, "d", 4, "e", 5, "f", 6)
		}, `{"level":"INFO","msg":"m","a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"scope":"a"}`},
	} {
		var out bytes.Buffer
		tc.log(tc.ctx, slog.New(Scope()(slogjson.New(&out, noTime))))
		assert.Equal(t, tc.want+"\n", out.String(), tc.name)
	}
}

func TestScopeForks(t *testing.T) {
	ctx := scope.NewContext(t.Context(), scope.Info{Path: "a"})
	var out bytes.Buffer
	log := slog.New(Scope()(slogjson.New(&out, noTime))).WithGroup("g").With("n", 0)
	one, two := log.With("n1", 1), log.WithGroup("h").With("n2", 2)
	one.InfoContext(ctx, "m")
	two.InfoContext(ctx, "m")
	assert.Equal(t, `{"level":"INFO","msg":"m","scope":"a","g":{"n":0,"n1":1}}
{"level":"INFO","msg":"m","scope":"a","g":{"n":0,"h":{"n2":2}}}
`, out.String())
}

// TestScopeSharedRecord: adding must not write into the space behind another
// copy's attributes.
func TestScopeSharedRecord(t *testing.T) {
	ctx := scope.NewContext(t.Context(), scope.Info{Path: "a"})
	var out bytes.Buffer
	h := Scope()(slogjson.New(&out, noTime))
	var r slog.Record
	r.Message = "m"
	for i := range 7 {
		r.AddAttrs(slog.Int("k", i)) // leaves spare capacity
	}
	before := r.NumAttrs()
	require.NoError(t, h.Handle(ctx, r))
	require.NoError(t, h.Handle(ctx, r))
	assert.Equal(t, before, r.NumAttrs())
	assert.NotContains(t, out.String(), "!BUG")
}

func TestScopeSlogtest(t *testing.T) {
	for name, ctx := range map[string]context.Context{
		"outside": t.Context(),
		"inside":  scope.NewContext(t.Context(), scope.Info{Path: "a"}),
	} {
		var out bytes.Buffer
		h := Scope()(slogjson.New(&out, nil))
		require.NoError(t, slogtest.TestHandler(fixedContext{h, ctx}, func() []map[string]any {
			return testkit.JSONLines(t, out.String())
		}), name)
	}
}

// fixedContext handles every record with ctx.
type fixedContext struct {
	slog.Handler
	ctx context.Context
}

func (f fixedContext) Handle(_ context.Context, r slog.Record) error {
	return f.Handler.Handle(f.ctx, r)
}
func (f fixedContext) WithAttrs(a []slog.Attr) slog.Handler {
	return fixedContext{f.Handler.WithAttrs(a), f.ctx}
}
func (f fixedContext) WithGroup(n string) slog.Handler {
	return fixedContext{f.Handler.WithGroup(n), f.ctx}
}

func TestScopeAllocatesNothing(t *testing.T) {
	testkit.NeedsAllocs(t)
	h := Scope()(slogjson.New(nil, nil))
	ctx := context.WithValue(context.Background(), &h, 1)
	var r slog.Record
	r.AddAttrs(slog.Int("n", 1), slog.Int("m", 1), slog.Int("l", 1))
	assert.Zero(t, testing.AllocsPerRun(100, func() { _ = h.Handle(ctx, r) }), "outside of a scope")
	ctx = scope.NewContext(ctx, scope.Info{Path: "a", TraceID: "t", SpanID: "s"})
	assert.Zero(t, testing.AllocsPerRun(100, func() { _ = h.Handle(ctx, r) }), "in a scope, before a handler that retains nothing")
}

func TestFilter(t *testing.T) {
	var out bytes.Buffer
	h := Filter(func(_ context.Context, r slog.Record) bool { return r.Message != "noise" })(slogjson.New(&out, noTime))
	log := slog.New(h).With("w", 1).WithGroup("g")
	log.Info("noise")
	log.Info("news", "k", 1)
	log.Debug("below the level")
	assert.Equal(t, `{"level":"INFO","msg":"news","w":1,"g":{"k":1}}`+"\n", out.String())
	assert.False(t, h.Enabled(t.Context(), slog.LevelDebug))

	next := slogjson.New(nil, nil)
	assert.Same(t, next, Filter(nil)(next))
}

// lifecycle counts its flushes and shutdowns.
type lifecycle struct {
	slog.Handler
	flushes, shutdowns int
}

func (l *lifecycle) Flush(context.Context) error    { l.flushes++; return nil }
func (l *lifecycle) Shutdown(context.Context) error { l.shutdowns++; return nil }

func TestMiddlewarePassesFlushAndShutdownOn(t *testing.T) {
	for name, middleware := range map[string]func(slog.Handler) slog.Handler{
		"Scope":  Scope(),
		"Filter": Filter(func(context.Context, slog.Record) bool { return true }),
	} {
		next := &lifecycle{Handler: slogjson.New(nil, nil)}
		h := middleware(next)
		require.NoError(t, forward.Flush(t.Context(), h), name)
		require.NoError(t, forward.Shutdown(t.Context(), h), name)
		assert.Equal(t, 1, next.flushes, name)
		assert.Equal(t, 1, next.shutdowns, name)
		assert.NoError(t, forward.Shutdown(t.Context(), middleware(slogjson.New(nil, nil))), "one that has none")
	}
}
