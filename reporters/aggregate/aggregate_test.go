package aggregate_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
)

// sink is a handler that keeps its records, and does what it is told first.
type sink struct {
	before func(slog.Record) error

	mu      sync.Mutex
	records []slog.Record
	calls   []string
}

func (s *sink) Enabled(context.Context, slog.Level) bool { return true }
func (s *sink) WithAttrs([]slog.Attr) slog.Handler       { return s }
func (s *sink) WithGroup(string) slog.Handler            { return s }

func (s *sink) Handle(_ context.Context, r slog.Record) error {
	if s.before != nil {
		if err := s.before(r); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = append(s.records, r.Clone())
	return nil
}

func (s *sink) Flush(context.Context) error    { return s.called("flush") }
func (s *sink) Shutdown(context.Context) error { return s.called("shutdown") }

func (s *sink) called(what string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, what)
	return nil
}

// take returns the summaries that came, sorted, and the other records, and forgets them.
func (s *sink) take() (summaries []slogtel.Summary, others []slog.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.records {
		if sum, ok := slogtel.DecodeSummary(r); ok {
			summaries = append(summaries, sum)
		} else {
			others = append(others, r)
		}
	}
	s.records = nil
	slices.SortStableFunc(summaries, func(a, b slogtel.Summary) int {
		return cmp.Or(cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Type, b.Type))
	})
	return summaries, others
}

// withAggregate returns an aggregate.Handler, what is behind it, and a Telemetry in front of it. All
// is shut down when the test ends.
func withAggregate(t *testing.T, opts *aggregate.Options) (*slogtel.Telemetry, *aggregate.Handler, *sink) {
	sink := new(sink)
	agg := aggregate.New(sink, opts)
	t.Cleanup(func() { _ = agg.Shutdown(context.Background()) })
	return slogtel.New(&slogtel.Options{Mode: slogtel.On}, agg), agg, sink
}

// InEpsilon for quantiles.
func near(t *testing.T, want, got float64) {
	t.Helper()
	assert.InEpsilon(t, want, got, 0.01+1e-9)
}

func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, agg, sink := withAggregate(t, nil)
		begin := time.Now()
		ctx, span := tel.Start(t.Context(), "job")
		for i := range 100 {
			tel.Timing(ctx, "step", time.Duration(i+1)*time.Millisecond)
			tel.Count(ctx, "items", int64(i))
			tel.Gauge(ctx, "load", float64(50-i))
			tel.Histogram(ctx, "size", float64(-i))
		}
		synctest.Wait()
		got, others := sink.take()
		assert.Empty(t, got, "the interval is not over")
		assert.Empty(t, others)

		time.Sleep(time.Minute)
		synctest.Wait()
		got, others = sink.take()
		assert.Empty(t, others)
		require.Len(t, got, 4)
		base := slogtel.Summary{ParentScope: "job", Depth: 1, Time: begin.Add(time.Minute), Interval: time.Minute, Count: 100}
		with := func(scope string, typ slogtel.MetricType, set func(*slogtel.Summary)) slogtel.Summary {
			s := base
			s.Scope, s.Type = scope, typ
			set(&s)
			return s
		}
		for i, s := range got {
			assert.True(t, base.Time.Equal(s.Time))
			got[i].Time = base.Time
		}
		assert.Equal(t, with("job.items", slogtel.TypeCounter, func(s *slogtel.Summary) { s.Sum, s.Rate = 4950, 4950.0/60 }), got[0])
		assert.Equal(t, with("job.load", slogtel.TypeGauge, func(s *slogtel.Summary) { s.Last, s.Min, s.Max, s.Sum, s.Mean = -49, -49, 50, 50, 0.5 }), got[1])
		size, step := got[2], got[3]
		near(t, -50, size.P50)
		near(t, -10, size.P90)
		near(t, -5, size.P95)
		near(t, -1, size.P99)
		near(t, 0.05, step.P50)
		near(t, 0.09, step.P90)
		near(t, 0.095, step.P95)
		near(t, 0.099, step.P99)
		for _, s := range []*slogtel.Summary{&size, &step} {
			s.P50, s.P90, s.P95, s.P99 = 0, 0, 0, 0
		}
		assert.Equal(t, with("job.size", slogtel.TypeHistogram, func(s *slogtel.Summary) {
			s.Sum, s.Min, s.Max, s.Mean, s.Rate, s.QuantileError = -4950, -99, 0, -49.5, 100.0/60, 0.01
		}), size)
		assert.Equal(t, with("job.step", slogtel.TypeTiming, func(s *slogtel.Summary) {
			s.Sum, s.Min, s.Max, s.Mean, s.Rate, s.QuantileError = 5.05, 0.001, 0.1, 0.0505, 100.0/60, 0.01
		}), step)
		assert.Equal(t, aggregate.Stats{Summaries: 4, Events: 400}, agg.Stats())

		time.Sleep(10 * time.Minute)
		synctest.Wait()
		got, others = sink.take()
		assert.Empty(t, got, "nothing happened, nothing is said")
		assert.Empty(t, others)

		span.End()
		time.Sleep(20 * time.Second)
		tel.Count(t.Context(), "last", 40)
		require.NoError(t, tel.Shutdown(t.Context()))
		got, _ = sink.take()
		require.Len(t, got, 2, "the last interval")
		assert.Equal(t, "job", got[0].Scope)
		assert.Equal(t, 20*time.Second, got[1].Interval)
		assert.Equal(t, 2.0, got[1].Rate)
		assert.Equal(t, []string{"flush", "shutdown"}, sink.calls)
	})
}

func TestFlushEndsTheInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, _, sink := withAggregate(t, &aggregate.Options{Interval: 10 * time.Second})
		tel.Count(t.Context(), "n", 3)
		time.Sleep(3 * time.Second)
		require.NoError(t, tel.Flush(t.Context()))
		got, _ := sink.take()
		require.Len(t, got, 1)
		assert.Equal(t, 3*time.Second, got[0].Interval)
		assert.Equal(t, 1.0, got[0].Rate)
		assert.Equal(t, []string{"flush"}, sink.calls)
		tel.Count(t.Context(), "n", 14)
		require.NoError(t, tel.Flush(t.Context()))
		tel.Count(t.Context(), "n", 14)
		time.Sleep(7 * time.Second)
		synctest.Wait()
		got, _ = sink.take()
		require.Len(t, got, 2)
		assert.Zero(t, got[0].Interval, "an interval of no time has no rate")
		assert.Zero(t, got[0].Rate)
		assert.Equal(t, 7*time.Second, got[1].Interval)
		assert.Equal(t, 2.0, got[1].Rate)
	})
}

// What is not summed up goes its way unchanged, and at once.
func TestPassesOthers(t *testing.T) {
	_, agg, sink := withAggregate(t, &aggregate.Options{SlowerThan: time.Second})
	log := slog.NewRecord(time.Now(), slog.LevelWarn, "hello", 17)
	log.AddAttrs(slog.String("scope", "a"), slog.Int("n", 3))
	summary := (&slogtel.Summary{Scope: "a", Type: slogtel.TypeCounter, Count: 2, Sum: 3}).Record(slog.LevelInfo)
	summarized := testkit.Timing("a", "", 0, 1, "failed")
	summarized.AddAttrs(slog.Bool("in_summary", true))
	inSummary := testkit.Metric("a", slogtel.TypeCounter, slog.Int64Value(1))
	inSummary.AddAttrs(slog.Bool("in_summary", true))
	all := []slog.Record{
		log, summary, summarized, inSummary,
		testkit.Metric("p", slogtel.TypePlain, slog.Int64Value(3)),
		testkit.Metric("p", slogtel.TypePlain, slog.AnyValue([]string{"a"})),
		testkit.Metric("g", slogtel.TypeGauge, slog.Float64Value(math.NaN())),
		testkit.Metric("h", slogtel.TypeHistogram, slog.Float64Value(math.Inf(-1))),
		testkit.Timing("t", "", 0, math.NaN(), ""),
		slog.NewRecord(time.Now(), 0, slogtel.MessageTiming, 0),
		slog.NewRecord(time.Now(), 0, slogtel.MessageMetric, 0),
		slog.NewRecord(time.Now(), 0, slogtel.MessageSummary, 0),
	}
	testkit.Handle(t, agg, all...)
	require.Len(t, sink.records, len(all))
	for i, r := range sink.records {
		assert.Equal(t, fmt.Sprint(all[i].Message, all[i].PC, all[i].Time, testkit.Attrs(all[i])), fmt.Sprint(r.Message, r.PC, r.Time, testkit.Attrs(r)))
	}
	assert.Zero(t, agg.Stats().Series)
}

func TestFailedAndSlowPass(t *testing.T) {
	tel, agg, sink := withAggregate(t, &aggregate.Options{SlowerThan: time.Second, Interval: time.Hour})
	for i := range 1000 {
		failed := i%100 == 7
		d := time.Millisecond
		switch {
		case i == 500:
			d = time.Second // not more
		case i == 600:
			d = time.Second + 1
		}
		testkit.Handle(t, agg, func() slog.Record {
			r := testkit.Timing("call", "", 0, d.Seconds(), map[bool]string{true: "refused"}[failed])
			r.AddAttrs(slog.Int("i", i))
			return r
		}())
	}
	_, others := sink.take()
	require.Len(t, others, 11)
	for _, r := range others {
		timing, ok := slogtel.DecodeTiming(r)
		require.True(t, ok)
		assert.True(t, timing.InSummary)
		assert.Len(t, timing.Attrs, 1, "its own attributes are there")
		assert.True(t, timing.Error != "" || timing.Duration > time.Second)
	}
	require.NoError(t, tel.Flush(t.Context()))
	got, _ := sink.take()
	require.Len(t, got, 1)
	assert.EqualValues(t, 1000, got[0].Count)
	assert.EqualValues(t, 10, got[0].Errors)
	assert.EqualValues(t, 11, agg.Stats().Passed)
}

func TestMaxPassed(t *testing.T) {
	_, agg, sink := withAggregate(t, &aggregate.Options{MaxPassed: 3, Interval: time.Hour})
	for range 2 {
		for range 50 {
			testkit.Handle(t, agg, testkit.Timing("a", "", 0, 1, "down"), testkit.Timing("b", "", 0, 1, "down"))
		}
		_, others := sink.take()
		assert.Len(t, others, 6)
		require.NoError(t, agg.Flush(t.Context()))
		got, _ := sink.take()
		require.Len(t, got, 2)
		assert.EqualValues(t, 50, got[0].Errors)
	}
}

// Who records through an aggregate.Handler and who records directly come to the same figures.
func TestMemoryBehindIsExact(t *testing.T) {
	direct := memory.New(nil)
	behind := memory.New(nil)
	agg := aggregate.New(behind, &aggregate.Options{Sketch: true, SlowerThan: 40 * time.Millisecond})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, direct, agg)
	for round := range 3 {
		for i := range 200 {
			ctx, span := tel.Start(t.Context(), "job")
			tel.Timing(ctx, "step", time.Duration(i*i)*time.Microsecond)
			tel.Count(ctx, "n", int64(i-50))
			tel.Gauge(ctx, "g", float64(i*round))
			tel.Histogram(ctx, "h", float64(i)-7.5)
			tel.Metric(ctx, "m", "text")
			_ = tel.Time(ctx, "fails", func(context.Context) error {
				if i%10 == 0 {
					return fmt.Errorf("failure %d", i)
				}
				return nil
			})
			span.End()
		}
		require.NoError(t, agg.Flush(t.Context()))
	}
	require.NoError(t, tel.Shutdown(t.Context()))
	want, got := direct.Snapshot(), behind.Snapshot()
	require.Len(t, got.Scopes, 3)
	for i := range got.Histograms {
		assert.InEpsilon(t, want.Histograms[i].Sum, got.Histograms[i].Sum, 1e-14)
		got.Histograms[i].Sum, got.Histograms[i].Mean = want.Histograms[i].Sum, want.Histograms[i].Mean
	}
	assert.Equal(t, want, got)
	assert.Equal(t, direct.Report(), behind.Report())
}

func TestSampled(t *testing.T) {
	_, agg, sink := withAggregate(t, &aggregate.Options{Interval: time.Hour})
	direct := memory.New(nil)
	sampled := func(r slog.Record, rate float64) slog.Record {
		r.AddAttrs(slog.Float64("sample_rate", rate))
		return r
	}
	for range 10 {
		for _, h := range []slog.Handler{agg, direct} {
			testkit.Handle(t, h,
				sampled(testkit.Timing("a", "", 0, 2, ""), 0.1),
				testkit.Timing("a", "", 0, 1, ""),
				sampled(testkit.Timing("third", "", 0, 1, ""), 0.3),
				sampled(testkit.Metric("c", slogtel.TypeCounter, slog.Int64Value(-3)), 0.01),
				sampled(testkit.Metric("g", slogtel.TypeGauge, slog.Float64Value(3)), 0.5),
				sampled(testkit.Metric("p", slogtel.TypePlain, slog.StringValue("x")), 0.5),
				sampled(testkit.Metric("h", slogtel.TypeHistogram, slog.Float64Value(3)), 0.25))
		}
	}
	testkit.Handle(t, agg, sampled(testkit.Timing("a", "", 0, 1, "failed"), 0.2))
	testkit.Handle(t, direct, sampled(testkit.Timing("a", "", 0, 1, "failed"), 0.2))
	require.NoError(t, agg.Flush(t.Context()))
	got, others := sink.take()
	require.Len(t, got, 5)
	require.Len(t, others, 11, "the failed one, and what has no type")
	assert.EqualValues(t, 115, got[0].Count)
	assert.EqualValues(t, 5, got[0].Errors)
	assert.Equal(t, 10*(20+1.0)+5, got[0].Sum)
	near(t, 2, got[0].P50)
	assert.EqualValues(t, -3000, got[1].Sum)
	assert.EqualValues(t, 20, got[2].Count)
	assert.EqualValues(t, 40, got[3].Count)
	assert.EqualValues(t, 120, got[3].Sum)
	assert.EqualValues(t, 33, got[4].Count)
	assert.EqualValues(t, 61, agg.Stats().Events, "as they came")

	s := direct.Snapshot()
	assert.EqualValues(t, 115, s.Scopes[0].Calls)
	assert.EqualValues(t, 5, s.Scopes[0].Errors)
	assert.EqualValues(t, 215, s.Scopes[0].TotalSeconds)
	assert.EqualValues(t, 33, s.Scopes[1].Calls)
	assert.EqualValues(t, -3000, s.Counters[0].Sum)
	assert.EqualValues(t, 1000, s.Counters[0].Count)
	assert.EqualValues(t, 20, s.Gauges[0].Count)
	assert.EqualValues(t, 40, s.Histograms[0].Count)
	assert.EqualValues(t, 20, s.Metrics[0].Count)
}

func TestAfterShutdown(t *testing.T) {
	tel, agg, sink := withAggregate(t, nil)
	tel.Count(t.Context(), "n", 1)
	require.NoError(t, agg.Shutdown(t.Context()))
	require.NoError(t, agg.Shutdown(t.Context()))
	got, _ := sink.take()
	assert.Len(t, got, 1)
	tel.Count(t.Context(), "n", 1)
	testkit.Handle(t, agg.WithGroup("g"), testkit.Timing("a", "", 0, 1, "failed"))
	_, others := sink.take()
	assert.Len(t, others, 2, "what comes later passes")
	for _, r := range others {
		assert.NotContains(t, fmt.Sprint(testkit.Attrs(r)), "in_summary")
	}
	require.NoError(t, agg.Flush(t.Context()))
	assert.Equal(t, []string{"shutdown", "flush"}, sink.calls)
	assert.Zero(t, agg.Stats().Series)
}
