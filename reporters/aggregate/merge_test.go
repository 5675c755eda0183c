package aggregate_test

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/slogtel"
)

// summaryOf is what an aggregate.Handler says of these durations and values in seconds.
func summaryOf(t *testing.T, typ slogtel.MetricType, values []float64) slogtel.Summary {
	t.Helper()
	_, agg, sink := withAggregate(t, &aggregate.Options{Interval: time.Hour, Sketch: true})
	for _, v := range values {
		r := testkit.Metric("a", typ, slog.Float64Value(v))
		if typ == slogtel.TypeTiming {
			r = testkit.Timing("a", "", 0, v, "")
		}
		testkit.Handle(t, agg, r)
	}
	require.NoError(t, agg.Shutdown(t.Context()))
	got, _ := sink.take()
	require.Len(t, got, 1)
	return got[0]
}

// The quantiles of two processes' merged summaries have the same bound as those of one, at
// whatever shares and shapes, and after travelling as a line of text.
func TestMergeKeepsTheBound(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	for name, next := range map[string]func() float64{
		"fast":   func() float64 { return 0.001 * math.Exp(0.3*r.NormFloat64()) },
		"slow":   func() float64 { return 1.5 + r.Float64() },
		"pareto": func() float64 { return min(1e-6*math.Pow(1-r.Float64(), -3), 1e6) },
	} {
		for _, typ := range []slogtel.MetricType{slogtel.TypeTiming, slogtel.TypeHistogram} {
			var merged slogtel.Summary
			var all []float64
			for process := range 4 {
				var own []float64
				for range 50 + r.IntN(5000) {
					own = append(own, math.Round(next()*float64(process+1)*1e9)/1e9)
				}
				all = append(all, own...)
				var err error
				merged, err = aggregate.Merge(merged, summaryOf(t, typ, own))
				require.NoError(t, err)
			}
			slices.Sort(all)
			exact := func(percent int) float64 { return all[(len(all)*percent+99)/100-1] }
			for percent, got := range map[int]float64{50: merged.P50, 90: merged.P90, 95: merged.P95, 99: merged.P99} {
				want := exact(percent)
				assert.InDelta(t, want, got, want*(merged.QuantileError+1e-9), "%s %s: p%d of %d", name, typ, percent, len(all))
			}
			assert.EqualValues(t, len(all), merged.Count)
			assert.Equal(t, all[0], merged.Min)
			assert.Equal(t, all[len(all)-1], merged.Max)
			sum := 0.0
			for _, v := range all {
				sum += v
			}
			assert.InEpsilon(t, sum, merged.Sum, 1e-12)
			assert.InEpsilon(t, sum/float64(len(all)), merged.Mean, 1e-12)

			whole := summaryOf(t, typ, all)
			assert.Equal(t, []float64{whole.P50, whole.P90, whole.P95, whole.P99}, []float64{merged.P50, merged.P90, merged.P95, merged.P99},
				"as if one process had had all events")
		}
	}
}

func TestMergeOfCountersAndGauges(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 1, 0, 0, time.UTC)
	a := slogtel.Summary{Scope: "n", ParentScope: "p", Depth: 2, Type: slogtel.TypeCounter, Time: at, Interval: time.Minute, Count: 3, Sum: 60, Rate: 1,
		Attrs: []slog.Attr{slog.String("host", "a"), slog.String("service", "s"), slog.Any("list", []int{1})}}
	b := a
	b.Sum, b.Count, b.Depth = 30, 1, 1
	b.Attrs = []slog.Attr{slog.String("service", "s"), slog.Any("list", []int{1}), slog.String("host", "b")}
	m, err := aggregate.Merge(a, b)
	require.NoError(t, err)
	assert.Equal(t, slogtel.Summary{Scope: "n", ParentScope: "p", Depth: 1, Type: slogtel.TypeCounter, Time: at, Interval: time.Minute,
		Count: 4, Sum: 90, Rate: 1.5, Attrs: []slog.Attr{slog.String("service", "s")}}, m, "two processes at the same time")
	b.Time = at.Add(time.Minute)
	m, err = aggregate.Merge(b, a)
	require.NoError(t, err)
	assert.Equal(t, 2*time.Minute, m.Interval, "two intervals of one process")
	assert.Equal(t, 0.75, m.Rate)
	assert.Equal(t, b.Time, m.Time)

	g := slogtel.Summary{Scope: "g", Type: slogtel.TypeGauge, Time: at, Count: 2, Min: -1, Max: 5, Last: 2}
	h := slogtel.Summary{Scope: "g", Type: slogtel.TypeGauge, Time: at.Add(-time.Second), Count: 2, Min: 0, Max: 7, Last: 3}
	for _, pair := range [][2]slogtel.Summary{{g, h}, {h, g}} {
		m, err = aggregate.Merge(pair[0], pair[1])
		require.NoError(t, err)
		assert.Equal(t, slogtel.Summary{Scope: "g", Type: slogtel.TypeGauge, Time: at, Interval: time.Second, Count: 4, Min: -1, Max: 7, Last: 2}, m)
	}
}

func TestMergeRefuses(t *testing.T) {
	good := summaryOf(t, slogtel.TypeTiming, []float64{1, 2, 3})
	change := func(f func(*slogtel.Summary)) slogtel.Summary {
		s := good
		f(&s)
		return s
	}
	for name, test := range map[string]struct {
		other slogtel.Summary
		want  error
	}{
		"scope":            {change(func(s *slogtel.Summary) { s.Scope = strings.Repeat("b", 1e6) }), aggregate.ErrOtherSeries},
		"parent":           {change(func(s *slogtel.Summary) { s.ParentScope = "b" }), aggregate.ErrOtherSeries},
		"type":             {change(func(s *slogtel.Summary) { s.Type = slogtel.TypeHistogram }), aggregate.ErrOtherSeries},
		"no sketch":        {change(func(s *slogtel.Summary) { s.Sketch = "" }), aggregate.ErrNoSketch},
		"bad sketch":       {change(func(s *slogtel.Summary) { s.Sketch = "1:AAAA" }), aggregate.ErrNoSketch},
		"another sketch":   {change(func(s *slogtel.Summary) { s.Count++ }), aggregate.ErrNoSketch},
		"a negative count": {change(func(s *slogtel.Summary) { s.Count = -3 }), nil},
	} {
		for _, pair := range [][2]slogtel.Summary{{good, test.other}, {test.other, good}} {
			got, err := aggregate.Merge(pair[0], pair[1])
			require.Error(t, err, name)
			if test.want != nil {
				assert.ErrorIs(t, err, test.want, name)
			}
			assert.Less(t, len(err.Error()), 500)
			assert.Zero(t, got)
		}
	}
	odd := change(func(s *slogtel.Summary) { s.Type = "odd" })
	_, err := aggregate.Merge(odd, odd)
	assert.Error(t, err)
	for _, pair := range [][2]slogtel.Summary{{good, {}}, {{}, good}} {
		got, err := aggregate.Merge(pair[0], pair[1])
		require.NoError(t, err)
		assert.Equal(t, good, got)
	}
}

// A handler of a SummaryReporter hands summaries over, one of another Reporter does not.
type summaryCollector struct {
	ignorant
	got []slogtel.Summary
}

// ignorant is a Reporter that knows of no summaries.
type ignorant struct{}

func (ignorant) RecordTiming(context.Context, slogtel.Timing) error { return nil }
func (ignorant) RecordMetric(context.Context, slogtel.Metric) error { return nil }

func (c *summaryCollector) RecordSummary(_ context.Context, s slogtel.Summary) error {
	c.got = append(c.got, s)
	return fmt.Errorf("of %s", s.Scope)
}

func TestNewHandlerSummaries(t *testing.T) {
	good := summaryOf(t, slogtel.TypeTiming, []float64{1, 2, 3})
	c := new(summaryCollector)
	h := slogtel.NewHandler(c).WithAttrs([]slog.Attr{slog.String("service", "s")})
	assert.EqualError(t, h.Handle(t.Context(), good.Record(slog.LevelInfo)), "of a")
	testkit.Handle(t, h, slog.NewRecord(time.Now(), 0, slogtel.MessageSummary, 0))
	require.Len(t, c.got, 1)
	assert.Equal(t, []slog.Attr{slog.String("service", "s")}, c.got[0].Attrs)
	assert.Equal(t, good.P99, c.got[0].P99)
	testkit.Handle(t, slogtel.NewHandler(ignorant{}), good.Record(slog.LevelInfo))
}
