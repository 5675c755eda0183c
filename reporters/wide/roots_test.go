package wide_test

import (
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/sample"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/wide"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// A scope inside may have the path that the root is renamed to later, or one of another scope that was
// renamed. Which one ends is not a question of paths.
func TestRenamedToThePathOfAChild(t *testing.T) {
	tel, h, out := setUp(nil)
	ctx, root := tel.Start(bg, "request")
	_, child := tel.Start(ctx, "users")
	root.Rename(ctx, "request.users")
	tel.Timing(ctx, "users", 1)
	child.End()
	in, inner := tel.Start(ctx, "inner")
	inner.Rename(in, "renamed")
	inner.End()
	root.End()
	lines := out.JSON()
	require.Len(t, lines, 1)
	assert.Equal(t, "request.users", lines[0]["scope"])
	inside := lines[0]["inside"].(map[string]any)
	assert.Equal(t, 2.0, inside["scopes"].(map[string]any)["users"].(map[string]any)["count"])
	assert.NotContains(t, inside, "open_scopes")
	assert.EqualValues(t, 3, h.Stats().Events)
	assert.Zero(t, h.Stats().Open)
}

// What a sampler before the handler has dropped whole is no scope that is still open.
func TestDroppedRootsAreNotOpen(t *testing.T) {
	var out slogteltest.Buffer
	h := wide.New(jsonlines.New(&out, nil), &wide.Options{MaxOpen: 16})
	sampler := sample.New(&sample.Options{Rate: -1})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, sampler.Middleware(h))
	for range 200 {
		ctx, root := tel.Start(bg, "request")
		_, span := tel.Start(ctx, "child")
		span.End()
		root.End()
	}
	assert.LessOrEqual(t, h.Stats().Open, 16)
	ctx, root := tel.Start(bg, "half")
	_, span := tel.Start(ctx, "child")
	span.Fail(errors.New("kept by the sampler"))
	span.End()
	root.End()
	tel.Start(bg, "open")
	require.NoError(t, tel.Shutdown(bg))
	var messages []any
	for _, line := range out.JSON() {
		messages = append(messages, line["msg"], line["open_scope"])
	}
	assert.ElementsMatch(t, []any{"telemetry: scope ended without its event", "half", "telemetry: scope still open", "open"}, messages)
	assert.EqualValues(t, 202, h.Stats().GivenUp)
}

// Nor does it wait until the handler is full.
func TestDroppedRootsAreGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := wide.New(jsonlines.New(nil, nil), nil)
		sampler := sample.New(&sample.Options{Rate: -1})
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, sampler.Middleware(h))
		for range 5000 {
			_, root := tel.Start(bg, "request")
			root.End()
			time.Sleep(100 * time.Millisecond)
		}
		assert.Less(t, h.Stats().Open, 1000)
		assert.EqualValues(t, 5000, h.Stats().GivenUp+int64(h.Stats().Open))
	})
}

// After Shutdown nothing is held back, though others still use the handler.
func TestAfterShutdown(t *testing.T) {
	tel, h, out := setUp(nil)
	require.NoError(t, h.Shutdown(bg))
	ctx, root := tel.Start(bg, "request")
	tel.Count(ctx, "n", 1)
	assert.Len(t, out.JSON(), 1)
	assert.Zero(t, h.Stats().Open)
	root.End()
	assert.Len(t, out.JSON(), 2)
}

// A name is in a record once, though the root was renamed, or an instrument has that name.
func TestNamesAreThereOnce(t *testing.T) {
	tel, _, out := setUp(nil)
	total := tel.NewCounter("rows", nil)
	ctx, root := tel.Start(bg, "request")
	for i := range 3 {
		_, span := tel.Start(ctx, "db")
		span.End()
		tel.Count(ctx, "rows", 2)
		tel.Count(ctx, "sent", 1)
		tel.CountFloat(ctx, "cost", 0.5)
		tel.Histogram(ctx, "bytes", float64(i))
		tel.Gauge(ctx, "queue", float64(i))
		total.Add(ctx, 100)
		if i == 0 {
			ctx = root.Rename(ctx, "order")
		}
	}
	root.End()
	line := out.JSON()[0] // which fails where a key is there twice
	inside := line["inside"].(map[string]any)
	assert.Equal(t, 3.0, inside["scopes"].(map[string]any)["db"].(map[string]any)["count"])
	assert.Equal(t, map[string]any{"sent": 3.0, "cost": 1.5, "rows": 300.0, "request.rows": 2.0, "order.rows": 4.0}, inside["counters"])
	assert.Equal(t, map[string]any{"queue": 2.0}, inside["gauges"])
	assert.Equal(t, map[string]any{"bytes": map[string]any{"count": 3.0, "sum": 3.0, "min": 0.0, "max": 2.0}}, inside["histograms"])
}

// The level of events may change while scopes are open.
func TestLevelChanges(t *testing.T) {
	var level slog.LevelVar
	var out slogteltest.Buffer
	h := wide.New(jsonlines.New(&out, nil), nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, Level: &level}, h)
	_, first := tel.Start(bg, "first")
	first.End()
	level.Set(slog.LevelDebug) // which the next handler is not enabled for
	ctx, root := tel.Start(bg, "request")
	level.Set(slog.LevelInfo)
	_, child := tel.Start(ctx, "child")
	tel.Count(ctx, "n", 3)
	child.End()
	root.End()
	require.Len(t, out.JSON(), 4, "all of a root whose start was not told passes")
	assert.Equal(t, wide.Stats{Records: 2, Late: 2}, h.Stats())

	_, root = tel.Start(bg, "never_seen_to_end")
	level.Set(slog.LevelDebug)
	root.End()
	require.NoError(t, tel.Shutdown(bg))
	assert.Len(t, out.JSON(), 4)
	assert.EqualValues(t, 1, h.Stats().GivenUp)
}

// What one Telemetry records in a root of another one passes: who made the root has its event.
func TestTwoTelemetries(t *testing.T) {
	one, h1, out1 := setUp(nil)
	two, h2, out2 := setUp(nil)
	ctx, root1 := one.Start(bg, "one")
	in, root2 := two.Start(ctx, "two")
	one.Count(in, "n", 1)
	two.Count(in, "m", 1)
	root2.End()
	root1.End()
	require.Len(t, out1.JSON(), 2)
	assert.Equal(t, "one.two.n", out1.JSON()[0]["scope"])
	assert.NotContains(t, out1.JSON()[1], "inside")
	require.Len(t, out2.JSON(), 1)
	assert.Equal(t, map[string]any{"m": 1.0}, out2.JSON()[0]["inside"].(map[string]any)["counters"])
	assert.Zero(t, h1.Stats().Open+h2.Stats().Open)
}
