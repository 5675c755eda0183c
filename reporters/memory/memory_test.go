package memory_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
)

// withMemory returns a memory.Handler and a Telemetry that reports to it alone.
func withMemory(opts *memory.Options) (*memory.Handler, *slogtel.Telemetry) {
	mem := memory.New(opts)
	return mem, slogtel.New(&slogtel.Options{Mode: slogtel.On}, mem)
}

func TestScopes(t *testing.T) {
	mem, tel := withMemory(nil)
	ctx, _ := tel.Start(t.Context(), "job")
	for i := range 101 {
		tel.Timing(ctx, "step", time.Duration(i)*time.Millisecond)
	}
	tel.Timing(t.Context(), "zero", 0)
	tel.Timing(t.Context(), "zero", -time.Hour)
	testkit.Handle(t, mem,
		testkit.Timing("fails", "", 3, 2, "first"),
		testkit.Timing("fails", "", 2, 4, ""),
		testkit.Timing("fails", "", 4, 6, "second"))

	scopes := mem.Snapshot().Scopes
	require.Len(t, scopes, 3)
	assert.Equal(t, memory.ScopeStats{
		Scope: "fails", Depth: 2, Calls: 3, Errors: 2, LastError: "second",
		TotalSeconds: 12, MeanSeconds: 4, MinSeconds: 2, MaxSeconds: 6,
		P50Seconds: scopes[0].P50Seconds, P95Seconds: scopes[0].P95Seconds, P99Seconds: scopes[0].P99Seconds,
	}, scopes[0])
	assert.InEpsilon(t, 4, scopes[0].P50Seconds, 0.01)

	step := scopes[1]
	assert.Equal(t, "job.step", step.Scope)
	assert.Equal(t, "job", step.ParentScope)
	assert.Equal(t, 1, step.Depth)
	assert.EqualValues(t, 101, step.Calls)
	assert.Equal(t, 5.05, step.TotalSeconds)
	assert.Equal(t, 0.05, step.MeanSeconds)
	assert.Zero(t, step.MinSeconds)
	assert.Equal(t, 0.1, step.MaxSeconds)
	assert.InEpsilon(t, 0.050, step.P50Seconds, 0.01)
	assert.InEpsilon(t, 0.095, step.P95Seconds, 0.01)
	assert.InEpsilon(t, 0.099, step.P99Seconds, 0.01)

	assert.Equal(t, memory.ScopeStats{Scope: "zero", Calls: 2}, scopes[2])
}

func TestMetrics(t *testing.T) {
	mem, tel := withMemory(nil)
	ctx, _ := tel.Start(t.Context(), "api")
	for _, v := range []int64{3, -1, 5} {
		tel.Count(ctx, "requests", v)
		tel.Gauge(ctx, "load", float64(v))
		tel.Histogram(ctx, "size", float64(v))
	}
	tel.Metric(ctx, "model", "a")
	tel.Metric(ctx, "model", "b")

	s := mem.Snapshot()
	assert.Empty(t, s.Scopes, "api is still open")
	assert.Equal(t, []memory.CounterStats{{Scope: "api.requests", ParentScope: "api", Count: 3, Sum: 7}}, s.Counters)
	assert.Equal(t, []memory.GaugeStats{{Scope: "api.load", ParentScope: "api", Count: 3, Last: 5, Min: -1, Max: 5}}, s.Gauges)
	assert.Equal(t, []memory.MetricStats{{Scope: "api.model", ParentScope: "api", Count: 2, Last: "b"}}, s.Metrics)
	require.Len(t, s.Histograms, 1)
	h := s.Histograms[0]
	assert.InEpsilon(t, 3, h.P50, 0.01)
	h.P50, h.P95, h.P99 = 0, 0, 0
	assert.Equal(t, memory.HistogramStats{Scope: "api.size", ParentScope: "api", Count: 3, Sum: 7, Mean: 7.0 / 3, Min: -1, Max: 5}, h)
}

// One name may be a counter, a gauge and a histogram: none hides another.
func TestTypesAreApart(t *testing.T) {
	mem, tel := withMemory(nil)
	tel.Count(t.Context(), "x", 2)
	tel.Gauge(t.Context(), "x", 3)
	tel.Histogram(t.Context(), "x", 4)
	tel.Metric(t.Context(), "x", 5)
	tel.Timing(t.Context(), "x", 6*time.Second)
	s := mem.Snapshot()
	assert.EqualValues(t, 2, s.Counters[0].Sum)
	assert.EqualValues(t, 3, s.Gauges[0].Last)
	assert.EqualValues(t, 4, s.Histograms[0].Sum)
	assert.EqualValues(t, 5, s.Metrics[0].Last)
	assert.EqualValues(t, 6, s.Scopes[0].TotalSeconds)
}

type stringer struct{ text string }

func (s *stringer) String() string { return s.text }

type panics struct{}

func (panics) Error() string { panic("no text") }

func TestPlainValues(t *testing.T) {
	long := strings.Repeat("é", 1000)
	for _, test := range []struct{ in, want any }{
		{true, true},
		{-7, int64(-7)},
		{uint64(math.MaxUint64), uint64(math.MaxUint64)},
		{0.25, 0.25},
		{"text", "text"},
		{"", ""},
		{long, strings.Repeat("é", 128) + "…"},
		{1500 * time.Millisecond, "1.5s"},
		{time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), "2026-01-02T03:04:05.000000006Z"},
		{errors.New("failed"), "failed"},
		{&stringer{"told"}, "told"},
		{(*stringer)(nil), "*memory_test.stringer"},
		{panics{}, "memory_test.panics"},
		{map[string]int{"a": 1}, "map[string]int"},
		{[]byte("text"), "[]uint8"},
		{nil, "<nil>"},
		{slog.GroupValue(slog.Int("a", 1), slog.Int("b", 2)), "group of 2"},
	} {
		mem, tel := withMemory(nil)
		tel.Metric(t.Context(), "m", "before")
		tel.Metric(t.Context(), "m", test.in)
		assert.Equal(t, test.want, mem.Snapshot().Metrics[0].Last, "%v", test.in)
	}
}

func TestTakesNothingElse(t *testing.T) {
	mem := memory.New(nil)
	log := slog.New(mem)
	log.Info("hello", "scope", "a", "duration_s", 1.0)
	log.Info(slogtel.MessageTiming, "scope", "a")
	log.Info(slogtel.MessageMetric)
	log.Info(slogtel.MessageSummary, "scope", "a", "parent_scope", "", "count", 3)
	log.Error("telemetry error")
	assert.Equal(t, memory.New(nil).Snapshot(), mem.Snapshot())
	assert.Equal(t, "no telemetry\n", mem.Report())
}

func TestDerivedHandlersFeedTheSame(t *testing.T) {
	mem := memory.New(nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On},
		mem, mem.WithGroup("g").WithAttrs([]slog.Attr{slog.String("scope", "other")}).WithGroup("h"))
	tel.Count(t.Context(), "n", 1)
	assert.Equal(t, []memory.CounterStats{{Scope: "n", Count: 2, Sum: 2}}, mem.Snapshot().Counters)
}

func TestNilAndZero(t *testing.T) {
	var none *memory.Handler
	assert.False(t, none.Enabled(t.Context(), slog.LevelError))
	testkit.Handle(t, none, testkit.Timing("a", "", 0, 1, ""))
	testkit.Handle(t, none.WithAttrs(nil).WithGroup("g"), testkit.Timing("a", "", 0, 1, ""))
	none.Reset()
	assert.Equal(t, "no telemetry\n", none.Report())
	empty, err := json.Marshal(none.Snapshot())
	require.NoError(t, err)
	assert.NotContains(t, string(empty), "null")

	var zero memory.Handler
	assert.True(t, zero.Enabled(t.Context(), slog.LevelDebug-100))
	assert.Equal(t, "no telemetry\n", zero.Report())
	testkit.Handle(t, &zero, testkit.Timing("a", "", 0, 1, ""))
	assert.Len(t, zero.Snapshot().Scopes, 1)
}

// A Telemetry lets no NaN through; a record made by hand may hold anything.
func TestOddNumbers(t *testing.T) {
	mem := memory.New(nil)
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		testkit.Handle(t, mem,
			testkit.Metric("g", slogtel.TypeGauge, slog.Float64Value(v)),
			testkit.Metric("h", slogtel.TypeHistogram, slog.Float64Value(v)),
			testkit.Metric("p", slogtel.TypePlain, slog.Float64Value(v)))
	}
	s := mem.Snapshot()
	assert.Equal(t, memory.Forgotten{NotFinite: 9}, s.Forgotten)
	assert.Empty(t, s.Gauges)
	assert.Empty(t, s.Histograms)
	assert.Empty(t, s.Metrics)
	assert.Contains(t, mem.Report(), "9 values not finite")

	for range 3 {
		testkit.Handle(t, mem,
			testkit.Metric("up", slogtel.TypeCounter, slog.Int64Value(math.MaxInt64)),
			testkit.Metric("down", slogtel.TypeCounter, slog.Int64Value(math.MinInt64)),
			testkit.Metric("h", slogtel.TypeHistogram, slog.Float64Value(math.MaxFloat64)),
			testkit.Metric("h", slogtel.TypeHistogram, slog.Float64Value(5e-324)),
			testkit.Metric("g", slogtel.TypeGauge, slog.Float64Value(-math.MaxFloat64)),
			testkit.Timing("long", "", 0, 290*365*24*3600, ""),
			testkit.Timing("nan", "", 0, math.NaN(), ""),
			testkit.Timing("inf", "", 0, math.Inf(1), ""),
			testkit.Timing("negative", "", -5, math.Inf(-1), ""))
	}
	s = mem.Snapshot()
	assert.Equal(t, int64(math.MinInt64), s.Counters[0].Sum)
	assert.Equal(t, int64(math.MaxInt64), s.Counters[1].Sum)
	assert.Equal(t, math.MaxFloat64, s.Histograms[0].Sum)
	assert.Equal(t, 5e-324, s.Histograms[0].Min)
	for _, scope := range s.Scopes {
		assert.EqualValues(t, 3, scope.Calls)
		assert.GreaterOrEqual(t, scope.TotalSeconds, 0.0, "of %s", scope.Scope)
	}
	_, err := json.Marshal(s)
	assert.NoError(t, err)
	assert.NotContains(t, mem.Report(), "NaN")
}

func TestQuantilesOfScopes(t *testing.T) {
	const n = 5000
	r := rand.New(rand.NewPCG(4, 5))
	for name, next := range map[string]func() time.Duration{
		"uniform":    func() time.Duration { return time.Duration(r.IntN(1e9)) },
		"log-normal": func() time.Duration { return time.Duration(1e6 * math.Exp(2*r.NormFloat64())) },
		"pareto":     func() time.Duration { return time.Duration(min(1e3*math.Pow(1-r.Float64(), -3), 1e18)) },
		"bimodal":    func() time.Duration { return time.Duration(1 + 1e9*r.IntN(2)) },
		"any":        func() time.Duration { return time.Duration(r.Int64() >> r.IntN(64)) },
	} {
		mem, tel := withMemory(nil)
		var all []time.Duration
		for range n {
			d := next()
			all = append(all, d)
			tel.Timing(t.Context(), "s", d)
		}
		slices.Sort(all)
		s := mem.Snapshot().Scopes[0]
		for percent, got := range map[int]float64{50: s.P50Seconds, 95: s.P95Seconds, 99: s.P99Seconds} {
			want := all[n*percent/100-1].Seconds()
			assert.InDelta(t, want, got, want*(mem.Snapshot().QuantileError+1e-9), "%s: p%d", name, percent)
		}
		// The record carries seconds as a float64, which holds nanoseconds up to 104 days.
		assert.InEpsilon(t, all[len(all)-1].Seconds(), s.MaxSeconds, 1e-15, name)
	}
}

// The attributes of an event belong to the app, and may be large.
func TestRetainsNoAttributes(t *testing.T) {
	mem, tel := withMemory(nil)
	freed := make(chan struct{})
	func() {
		big := make([]byte, 1<<20)
		runtime.AddCleanup(&big[0], func(c chan struct{}) { close(c) }, freed)
		attrs := []slog.Attr{slog.Any("big", big), slog.String("model", "m")}
		tel.Timing(context.Background(), "t", 1, attrs...)
		tel.Count(context.Background(), "c", 1, attrs...)
		tel.Metric(context.Background(), "p", big, attrs...)
	}()
	runtime.GC() // only one: the second would empty the pools that events are decoded in
	select {
	case <-freed:
	case <-time.After(time.Minute):
		t.Error("an attribute is still reachable")
	}
	assert.Len(t, mem.Snapshot().Scopes, 1)
}

func TestSnapshotJSON(t *testing.T) {
	mem, tel := withMemory(&memory.Options{MaxSeries: 5})
	sampleRun(t.Context(), tel, mem)
	s := mem.Snapshot()
	text, err := json.MarshalIndent(s, "", "\t")
	require.NoError(t, err)
	golden(t, "snapshot.json", string(text)+"\n")

	var back memory.Snapshot
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.DisallowUnknownFields()
	require.NoError(t, dec.Decode(&back))
	for i := range back.Metrics { // JSON has one kind of number
		if f, ok := back.Metrics[i].Last.(float64); ok {
			if n, ok := s.Metrics[i].Last.(int64); ok {
				assert.EqualValues(t, n, f)
				back.Metrics[i].Last = n
			}
		}
	}
	assert.Equal(t, s, back)
}

// A record that says of a known scope that it is in another one is no model for those that follow.
func TestAnotherParent(t *testing.T) {
	r := testkit.OfSeries(testkit.Timing("a.b", "a", 1, 1, ""))
	odd := r.Clone()
	odd.AddAttrs(slog.String("parent_scope", "other"))
	h := memory.New(nil)
	for _, r := range []slog.Record{odd, r, r} {
		require.NoError(t, h.Handle(t.Context(), r))
	}
	calls := map[string]int64{}
	for _, s := range h.Snapshot().Scopes {
		calls[s.ParentScope] = s.Calls
	}
	assert.Equal(t, map[string]int64{"other": 1, "a": 2}, calls)
}
