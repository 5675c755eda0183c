package wide_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"
	"testing/slogtest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/async"
	"github.com/slogtel/telemetry/handlers/sample"
	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/wide"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

var bg = context.Background()

// setUp returns a Telemetry whose events go through a wide handler, and what comes out of it.
func setUp(opts *wide.Options) (*slogtel.Telemetry, *wide.Handler, *slogteltest.Buffer) {
	var out slogteltest.Buffer
	h := wide.New(jsonlines.New(&out, nil), opts)
	return slogtel.New(&slogtel.Options{Mode: slogtel.On}, h), h, &out
}

func TestOneRecord(t *testing.T) {
	tel, h, out := setUp(nil)
	ctx, root := tel.Start(bg, "request", slog.String("method", "GET"))
	total := tel.NewCounter("requests_total", nil)
	for i := range 3 {
		in, span := tel.Start(ctx, "db")
		require.NoError(t, tel.Time(in, "query", func(context.Context) error { return nil }))
		tel.Count(in, "rows", 10)
		slogtel.Root(in).SetAttrs(slog.Int("last_row", i))
		if i == 1 {
			span.Fail(errors.New("deadlock"))
		}
		span.End()
	}
	tel.CountFloat(ctx, "cost_usd", 0.25)
	tel.CountFloat(ctx, "cost_usd", 0.5)
	tel.Gauge(ctx, "queue", 7)
	tel.Gauge(ctx, "queue", 5)
	tel.Histogram(ctx, "bytes", 3)
	tel.Histogram(ctx, "bytes", 9)
	total.Add(ctx, 1)
	root.End(slog.Int("status", 200), slog.String("inside", "mine"))

	lines := out.JSON()
	require.Len(t, lines, 1)
	line := lines[0]
	assert.Equal(t, "telemetry.timing", line["msg"])
	assert.Equal(t, "request", line["scope"])
	assert.Equal(t, "GET", line["method"])
	assert.Equal(t, 2.0, line["last_row"])
	assert.Equal(t, "mine", line["user_inside"])
	inside := line["inside"].(map[string]any)
	scopes := inside["scopes"].(map[string]any)
	assert.Len(t, scopes, 2)
	db := scopes["db"].(map[string]any)
	assert.Equal(t, 3.0, db["count"])
	assert.Equal(t, 1.0, db["errors"])
	assert.GreaterOrEqual(t, db["duration_s"], db["max_s"])
	query := scopes["db.query"].(map[string]any)
	assert.Equal(t, 3.0, query["count"])
	assert.NotContains(t, query, "errors")
	assert.Equal(t, map[string]any{"db.rows": 30.0, "cost_usd": 0.75, "requests_total": 1.0}, inside["counters"])
	assert.Equal(t, map[string]any{"queue": 5.0}, inside["gauges"])
	assert.Equal(t, map[string]any{"bytes": map[string]any{"count": 2.0, "sum": 12.0, "min": 3.0, "max": 9.0}}, inside["histograms"])
	assert.Equal(t, map[string]any{"scope": "db", "error": "deadlock"}, inside["first_error"])
	assert.NotContains(t, inside, "open_scopes")
	assert.NotContains(t, inside, "cut_events")
	assert.Equal(t, wide.Stats{Records: 1, Events: 16}, h.Stats())
}

func TestARootWithNothingInside(t *testing.T) {
	tel, _, out := setUp(nil)
	_, root := tel.Start(bg, "request")
	root.End()
	require.Len(t, out.JSON(), 1)
	assert.NotContains(t, out.JSON()[0], "inside")
}

// Roots that run at the same time, with children on goroutines of their own, have each their own.
func TestParallel(t *testing.T) {
	for name, chain := range map[string]func(slog.Handler) slog.Handler{
		"direct": func(h slog.Handler) slog.Handler { return h },
		"async":  func(h slog.Handler) slog.Handler { return async.New(h, &async.Options{Size: 1 << 16}) },
	} {
		t.Run(name, func(t *testing.T) {
			var out slogteltest.Buffer
			h := wide.New(jsonlines.New(&out, nil), nil)
			tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, chain(h))
			var roots sync.WaitGroup
			for n := range 50 {
				roots.Go(func() {
					ctx, root := tel.Start(bg, "request", slog.Int("n", n))
					var children sync.WaitGroup
					for range n % 5 {
						children.Go(func() {
							in, span := tel.Start(ctx, "child")
							tel.Count(in, "n", int64(n))
							span.End()
						})
					}
					children.Wait()
					root.End()
				})
			}
			roots.Wait()
			require.NoError(t, tel.Shutdown(bg))
			lines := out.JSON()
			require.Len(t, lines, 50)
			for _, line := range lines {
				n := line["n"].(float64)
				children := float64(int(n) % 5)
				if children == 0 {
					assert.NotContains(t, line, "inside")
					continue
				}
				inside := line["inside"].(map[string]any)
				assert.Equal(t, children, inside["scopes"].(map[string]any)["child"].(map[string]any)["count"])
				assert.Equal(t, children*n, inside["counters"].(map[string]any)["child.n"])
				assert.NotContains(t, inside, "open_scopes")
			}
			assert.Zero(t, h.Stats().Open)
		})
	}
}

func TestLateChildren(t *testing.T) {
	tel, h, out := setUp(nil)
	ctx, root := tel.Start(bg, "request")
	in, late := tel.Start(ctx, "late")
	_, early := tel.Start(in, "early")
	early.End()
	root.End()
	tel.Count(in, "n", 3)
	late.End()
	lines := out.JSON()
	require.Len(t, lines, 3)
	assert.Equal(t, 1.0, lines[0]["inside"].(map[string]any)["open_scopes"])
	assert.Equal(t, "request.late.n", lines[1]["scope"], "what comes later passes")
	assert.Equal(t, "request.late", lines[2]["scope"])
	assert.Equal(t, wide.Stats{Records: 1, Events: 1, Late: 2}, h.Stats())
}

func TestWhatPasses(t *testing.T) {
	tel, _, out := setUp(nil)
	tel.Count(bg, "outside", 1)
	tel.Timing(bg, "measured", 1)
	ctx, root := tel.Start(bg, "request")
	tel.Metric(ctx, "plain", "text")
	root.End()
	var scopes []any
	for _, line := range out.JSON() {
		scopes = append(scopes, line["scope"])
	}
	assert.Equal(t, []any{"outside", "measured", "request.plain", "request"}, scopes)
}

func TestWidthIsBounded(t *testing.T) {
	tel, h, out := setUp(&wide.Options{MaxScopes: 2, MaxMetrics: 1})
	ctx, root := tel.Start(bg, "request")
	for i := range 5 {
		_, span := tel.Start(ctx, fmt.Sprintf("s%d", i))
		span.End()
		tel.Count(ctx, fmt.Sprintf("c%d", i), 1)
	}
	root.End()
	inside := out.JSON()[0]["inside"].(map[string]any)
	assert.Len(t, inside["scopes"], 2)
	assert.Len(t, inside["counters"], 1)
	assert.Equal(t, 3.0+4, inside["cut_events"])
	assert.Equal(t, wide.Stats{Records: 1, Events: 10, Cut: 7}, h.Stats())
}

// Nothing is lost of roots that are given up: neither of those beyond the limit, nor at Shutdown.
func TestOpenRootsAreBounded(t *testing.T) {
	tel, h, out := setUp(&wide.Options{MaxOpen: 1})
	const many = 100
	var spans []*slogtel.Span
	for range many {
		ctx, root := tel.Start(bg, "request")
		tel.Count(ctx, "n", 1)
		spans = append(spans, root)
	}
	assert.LessOrEqual(t, h.Stats().Open, 16)
	for i, s := range spans {
		if i%2 == 0 {
			s.End()
		}
	}
	require.NoError(t, tel.Shutdown(bg))
	sum, open, ended := 0.0, 0, 0
	for _, line := range out.JSON() {
		if line["msg"] == "telemetry.timing" {
			ended++
		} else {
			assert.Equal(t, "request", line["open_scope"])
			open++
		}
		if inside, ok := line["inside"].(map[string]any); ok {
			sum += inside["counters"].(map[string]any)["n"].(float64)
		}
	}
	assert.EqualValues(t, many, sum)
	assert.Equal(t, many/2, ended)
	assert.EqualValues(t, open, h.Stats().GivenUp)
	assert.Zero(t, h.Stats().Open)
}

// Inside a root that was kept at a rate, its events count as they are: the root stands for others.
func TestSampled(t *testing.T) {
	var out slogteltest.Buffer
	sampler := sample.New(&sample.Options{Rules: []sample.Rule{{Scope: "request*", Rate: 0.5}}})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, sampler.Middleware(wide.New(jsonlines.New(&out, nil), nil)))
	for range 200 {
		ctx, root := tel.Start(bg, "request")
		_, span := tel.Start(ctx, "child")
		span.End()
		root.End()
	}
	require.NoError(t, tel.Shutdown(bg))
	kept := 0
	for _, line := range out.JSON() {
		if line["msg"] != "telemetry.timing" { // roots that were dropped
			continue
		}
		kept++
		assert.Equal(t, 0.5, line["sample_rate"])
		assert.Equal(t, 1.0, line["inside"].(map[string]any)["scopes"].(map[string]any)["child"].(map[string]any)["count"])
	}
	assert.NotZero(t, kept)
}

func TestContract(t *testing.T) {
	var out slogteltest.Buffer
	for name, next := range map[string]func() slog.Handler{
		"jsonlines": func() slog.Handler { return jsonlines.New(&out, nil) },
		"ECS": func() slog.Handler {
			return jsonlines.New(&out, &jsonlines.Options{Schema: jsonlines.ECS})
		},
		"console": func() slog.Handler { return console.New(&out, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			slogteltest.TestHandler(t, func(*testing.T) slog.Handler {
				out.Reset()
				return wide.New(next(), nil)
			}, nil)
		})
	}
}

func TestSlogtest(t *testing.T) {
	var out slogteltest.Buffer
	slogtest.Run(t, func(*testing.T) slog.Handler {
		out.Reset()
		return wide.New(slog.NewJSONHandler(&out, nil), nil)
	}, func(*testing.T) map[string]any { return out.JSON()[0] })
}

func TestNil(t *testing.T) {
	h := wide.New(nil, nil)
	testkit.Handle(t, h, testkit.Record())
	require.NoError(t, h.Flush(bg))
	require.NoError(t, h.Shutdown(context.Context(nil)))
}

func BenchmarkWide(b *testing.B) {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, wide.New(jsonlines.New(io.Discard, nil), nil))
	b.ReportAllocs()
	for b.Loop() {
		ctx, root := tel.Start(bg, "request")
		for range 4 {
			in, span := tel.Start(ctx, "db")
			tel.Count(in, "rows", 3)
			span.End()
		}
		root.End()
	}
}

// In the Elastic Common Schema numbers stay numbers, and floats floats.
func TestECS(t *testing.T) {
	var out slogteltest.Buffer
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, wide.New(jsonlines.New(&out, &jsonlines.Options{Schema: jsonlines.ECS}), nil))
	ctx, root := tel.Start(bg, "request")
	tel.Count(ctx, "rows", 12)
	tel.Gauge(ctx, "queue", 5)
	root.End(slog.String("customer", "ann"))
	assert.Contains(t, out.String(), `"inside":{"counters":{"rows":12},"gauges":{"queue":5.0}}},"labels":{"customer":"ann"}`)
}

// A root that is renamed, as one for a request is when its route is known, is still one root, and names stay relative.
func TestRenamed(t *testing.T) {
	tel, h, out := setUp(nil)
	ctx, root := tel.Start(bg, "request")
	tel.Count(ctx, "before", 1)
	ctx = root.Rename(ctx, "request_of_user")
	tel.Count(ctx, "after", 2)
	slogtel.Root(ctx).SetAttrs(slog.String("customer", "ann"))
	root.End()
	lines := out.JSON()
	require.Len(t, lines, 1)
	assert.Equal(t, "request_of_user", lines[0]["scope"])
	assert.Equal(t, "ann", lines[0]["customer"])
	assert.Equal(t, map[string]any{"before": 1.0, "after": 2.0}, lines[0]["inside"].(map[string]any)["counters"])
	assert.Zero(t, h.Stats().Open)
}

// A caller's group of the name is written as one object as well, no key of it twice.
func TestECSOfAnInsideOfTheCaller(t *testing.T) {
	var out slogteltest.Buffer
	r := testkit.Timing("request", "", 0, 1, "")
	r.AddAttrs(slog.Group("inside", slog.Int("a", 1), slog.String("b", "x"), slog.Int("a", 2)))
	testkit.Handle(t, jsonlines.New(&out, &jsonlines.Options{Schema: jsonlines.ECS}), r)
	assert.Contains(t, out.String(), `"inside":{"a":2,"b":"x"}`)
}
