package live_test

import (
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/live"
	"github.com/slogtel/telemetry/slogtel"
)

func TestFigures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, _, h := setUp(t, nil)
		call := func(n int, d time.Duration, err error) {
			for range n {
				_, span := tel.Start(bg, "call")
				time.Sleep(d)
				span.Fail(err)
				span.End()
			}
		}
		windows := func() (calls, errors []float64) {
			time.Sleep(time.Second)
			s := in(page(t, h), "scopes", 0)
			for _, w := range []string{"1m", "10m", "1h"} {
				calls = append(calls, in(s, "windows", w, "calls").(float64))
				errors = append(errors, in(s, "windows", w, "errors").(float64))
			}
			return calls, errors
		}
		call(100, 10*time.Millisecond, nil)
		call(10, 100*time.Millisecond, errors.New("no"))
		calls, errs := windows()
		assert.Equal(t, []float64{110, 110, 110}, calls)
		assert.Equal(t, []float64{10, 10, 10}, errs)
		s := in(page(t, h), "scopes", 0)
		assert.Equal(t, "call", in(s, "scope"))
		assert.InEpsilon(t, 0.01, in(s, "windows", "1m", "p50"), 0.011)
		assert.InEpsilon(t, 0.1, in(s, "windows", "1h", "p99"), 0.011)
		assert.InEpsilon(t, 0.1, in(s, "windows", "10m", "max"), 1e-9)
		assert.InEpsilon(t, 2.0/110, in(s, "windows", "10m", "mean"), 1e-6)
		assert.InEpsilon(t, 110.0/3, in(s, "windows", "10m", "rate"), 0.01)

		time.Sleep(2 * time.Minute)
		calls, _ = windows()
		assert.Equal(t, []float64{0, 110, 110}, calls)
		assert.Nil(t, in(page(t, h), "scopes", 0, "windows", "1m", "p50"))
		call(5, time.Second, nil)
		calls, _ = windows()
		assert.Equal(t, []float64{5, 115, 115}, calls)
		time.Sleep(15 * time.Minute)
		calls, _ = windows()
		assert.Equal(t, []float64{0, 0, 115}, calls)
		assert.InEpsilon(t, 1, in(page(t, h), "scopes", 0, "windows", "1h", "max"), 1e-9)
		call(3, time.Millisecond, nil)
		time.Sleep(58 * time.Minute)
		calls, _ = windows()
		assert.Equal(t, []float64{0, 0, 3}, calls, "the first have passed")
		time.Sleep(24 * time.Hour)
		calls, _ = windows()
		assert.Equal(t, []float64{0, 0, 0}, calls)
		assert.Equal(t, 118.0, in(page(t, h), "scopes", 0, "calls"), "all since New")
	})
}

// Each window has what happened in it, and no more than the slot that is not full beside it.
func TestWindowsHoldWhatTheySay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, _, h := setUp(t, nil)
		_, span := tel.Start(bg, "second")
		span.End()
		for range 4500 {
			time.Sleep(time.Second)
			_, span := tel.Start(bg, "second")
			span.End()
		}
		for _, w := range []string{"1m", "10m", "1h"} {
			got := in(page(t, h), "scopes", 0, "windows", w)
			assert.InDelta(t, in(got, "seconds"), in(got, "calls"), 1, w)
		}
	})
}

func TestMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, _, h := setUp(t, nil)
		n := tel.NewCounter("requests", &slogtel.InstrumentOptions{Unit: "{request}"})
		n.Add(bg, 3)
		tel.Gauge(bg, "queue", 5)
		tel.Gauge(bg, "queue", -2)
		tel.Histogram(bg, "size", 100)
		tel.CountFloat(bg, "cost", 0.5)
		tel.Metric(bg, "plain", "text")
		time.Sleep(25 * time.Second)
		n.Add(bg, 4)
		tel.Gauge(bg, "queue", 1)
		time.Sleep(time.Second)
		p := page(t, h)
		require.Len(t, p["counters"], 2)
		c := in(p, "counters", 1)
		assert.Equal(t, "requests", in(c, "name"))
		assert.Equal(t, "{request}", in(c, "unit"))
		assert.Equal(t, 7.0, in(c, "total"))
		assert.Equal(t, []any{3.0, 0.0, 4.0}, in(c, "points"))
		assert.InEpsilon(t, 7.0/26, in(c, "rate"), 1e-9)
		assert.Equal(t, []any{0.5, 0.0, 0.0}, in(p, "counters", 0, "points"))
		g := in(p, "gauges", 0)
		assert.Equal(t, []any{-2.0, nil, 1.0}, in(g, "points"))
		assert.Equal(t, []any{1.0, -2.0, 5.0}, []any{in(g, "last"), in(g, "min"), in(g, "max")})
		assert.Equal(t, 1.0, in(p, "histograms", 0, "windows", "1m", "calls"))
		assert.Equal(t, 100.0, in(p, "histograms", 0, "windows", "1m", "p50"))
		html := ask(h, "").Body.String()
		assert.Contains(t, html, `<polyline points=`)
		assert.Contains(t, html, `aria-label="requests: the last ten minutes: from 0 to 4, now 4"`)
		time.Sleep(time.Hour)
		points := in(page(t, h), "counters", 1, "points").([]any)
		assert.Len(t, points, 60)
		assert.NotContains(t, points, 3.0)
	})
}

func TestSummaries(t *testing.T) {
	h := live.New(nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, aggregate.New(h, &aggregate.Options{Sketch: true}))
	for i := range 10 {
		tel.Timing(bg, "call", 20*time.Millisecond)
		tel.Count(bg, "n", 2)
		tel.Gauge(bg, "g", float64(i))
		tel.Histogram(bg, "size", 100)
	}
	require.NoError(t, tel.Flush(bg))
	p := page(t, h)
	require.Len(t, p["scopes"], 1)
	assert.Equal(t, 10.0, in(p, "scopes", 0, "calls"))
	assert.Equal(t, 10.0, in(p, "scopes", 0, "windows", "1m", "calls"))
	assert.InEpsilon(t, 0.02, in(p, "scopes", 0, "windows", "1m", "p99"), 0.011)
	assert.Equal(t, 20.0, in(p, "counters", 0, "total"))
	assert.Equal(t, []any{9.0, 0.0, 9.0}, []any{in(p, "gauges", 0, "last"), in(p, "gauges", 0, "min"), in(p, "gauges", 0, "max")})
	assert.Equal(t, 10.0, in(p, "histograms", 0, "windows", "1h", "calls"))
	require.NoError(t, tel.Shutdown(bg))
}

// What was sampled counts as many as it stands for, and what a summary has counted does not count again.
func TestSampled(t *testing.T) {
	tel, _, h := setUp(t, nil)
	tel.Timing(bg, "call", time.Second)
	sampled, counted := testkit.Timing("call", "", 0, 1, "no"), testkit.Timing("call", "", 0, 1, "")
	sampled.AddAttrs(slog.Float64("sample_rate", 0.1))
	counted.AddAttrs(slog.Bool("in_summary", true))
	testkit.Handle(t, h, sampled, counted)
	rows := testkit.Metric("rows", slogtel.TypeCounter, slog.Int64Value(3))
	rows.AddAttrs(slog.Float64("sample_rate", 0.5))
	testkit.Handle(t, h, rows)
	p := page(t, h)
	assert.Equal(t, 11.0, in(p, "scopes", 0, "calls"))
	assert.Equal(t, 10.0, in(p, "scopes", 0, "errors"))
	assert.Equal(t, 11.0, in(p, "scopes", 0, "windows", "1m", "calls"))
	assert.Equal(t, 6.0, in(p, "counters", 0, "total"))
}
