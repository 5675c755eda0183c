package aggregate_test

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
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

func TestOverflow(t *testing.T) {
	_, agg, sink := withAggregate(t, &aggregate.Options{MaxSeries: 10, Interval: time.Hour})
	for range 2 {
		for i := range 30 {
			testkit.Handle(t, agg,
				testkit.Timing(fmt.Sprint("s", i), "", 3, 1, map[bool]string{true: "failed"}[i%2 == 0]),
				testkit.Metric(fmt.Sprint("c", i), slogtel.TypeCounter, slog.Int64Value(2)))
		}
		assert.Equal(t, 12, agg.Stats().Series)
		require.NoError(t, agg.Flush(t.Context()))
		got, others := sink.take()
		assert.Len(t, others, 15, "the failed ones pass, also those beyond the cap")
		require.Len(t, got, 12, "each interval has room of its own")
		var count, failed int64
		var sum float64
		var beyond []slogtel.Summary
		for _, s := range got {
			count += s.Count
			failed += s.Errors
			sum += s.Sum
			if s.Scope == aggregate.OverflowScope {
				beyond = append(beyond, s)
			}
		}
		assert.EqualValues(t, 60, count)
		assert.EqualValues(t, 15, failed)
		assert.EqualValues(t, 90, sum)
		require.Len(t, beyond, 2)
		assert.Equal(t, slogtel.TypeCounter, beyond[0].Type)
		assert.EqualValues(t, 25, beyond[0].Count)
		assert.EqualValues(t, 25, beyond[1].Count)
	}
	assert.EqualValues(t, 100, agg.Stats().Overflowed)
}

func TestKeys(t *testing.T) {
	_, agg, sink := withAggregate(t, &aggregate.Options{
		Keys: []string{"model", "model", "code", "ok", "wait", "cost", "size", "count", "odd", "at"}, Interval: time.Hour})
	long := string(slices.Repeat([]byte("x"), 300))
	sets := [][]slog.Attr{
		nil,
		{slog.String("model", "a"), slog.Int("code", -200), slog.Bool("ok", true), slog.Duration("wait", time.Second)},
		{slog.String("model", "a"), slog.Int("code", 500), slog.Bool("ok", false), slog.Float64("cost", 0.5), slog.Uint64("size", math.MaxUint64)},
		{slog.String("model", ""), slog.String("count", "mine")},
		{slog.Any("odd", errors.New("text"))},
		{slog.String("model", long)},
		{slog.Time("at", time.Unix(0, 0).UTC())},
	}
	for range 3 {
		for _, attrs := range sets {
			r := testkit.Timing("call", "", 0, 1, "")
			r.AddAttrs(slog.String("model", "overwritten"), slog.String("left", "out"))
			if len(attrs) == 0 || attrs[0].Key != "model" {
				r = testkit.Timing("call", "", 0, 1, "")
			}
			r.AddAttrs(attrs...)
			testkit.Handle(t, agg, r)
		}
	}
	require.NoError(t, agg.Flush(t.Context()))
	got, _ := sink.take()
	require.Len(t, got, len(sets))
	sets[3][1].Key = "user_count"
	sets[4][0].Value = slog.StringValue("text")
	sets[5][0].Value = slog.StringValue(long[:256] + "…")
	sets[6][0].Value = slog.StringValue("1970-01-01T00:00:00Z")
	for i, s := range got {
		assert.EqualValues(t, 3, s.Count)
		assert.Equal(t, fmt.Sprint(sets[i]), fmt.Sprint(s.Attrs))
	}
}

func TestLevels(t *testing.T) {
	_, agg, sink := withAggregate(t, &aggregate.Options{Interval: time.Hour})
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelWarn, slog.LevelInfo} {
		r := testkit.Timing("a", "", 0, 1, "")
		r.Level = level
		testkit.Handle(t, agg, r)
	}
	require.NoError(t, agg.Flush(t.Context()))
	assert.Equal(t, slog.LevelWarn, sink.records[0].Level)
}

func TestOddNumbers(t *testing.T) {
	_, agg, sink := withAggregate(t, &aggregate.Options{Interval: time.Hour, Sketch: true})
	for range 3 {
		testkit.Handle(t, agg,
			testkit.Metric("up", slogtel.TypeCounter, slog.Int64Value(math.MaxInt64)),
			testkit.Metric("down", slogtel.TypeCounter, slog.Int64Value(math.MinInt64)),
			testkit.Metric("h", slogtel.TypeHistogram, slog.Float64Value(math.MaxFloat64)),
			testkit.Metric("h", slogtel.TypeHistogram, slog.Float64Value(-5e-324)),
			testkit.Metric("g", slogtel.TypeGauge, slog.Float64Value(-math.MaxFloat64)),
			testkit.Timing("long", "", 0, 290*365*24*3600, ""),
			testkit.Timing("negative", "", -5, -3, ""))
	}
	require.NoError(t, agg.Flush(t.Context()))
	got, others := sink.take()
	assert.Empty(t, others)
	require.Len(t, got, 6)
	for _, s := range got {
		for _, f := range []float64{s.Sum, s.Min, s.Max, s.Mean, s.P50, s.P99, s.Last, s.Rate} {
			assert.False(t, math.IsNaN(f) || math.IsInf(f, 0), "%v", s)
		}
	}
	assert.EqualValues(t, math.MaxFloat64, got[2].Sum)
	assert.Zero(t, got[4].Min)
	assert.Equal(t, -5, got[4].Depth)
}

func TestNilNext(t *testing.T) {
	agg := aggregate.New(nil, nil)
	assert.False(t, agg.Enabled(t.Context(), slog.LevelError))
	testkit.Handle(t, agg, testkit.Timing("a", "", 0, 1, "failed"), slog.Record{})
	require.NoError(t, agg.Flush(t.Context()))
	require.NoError(t, agg.Shutdown(t.Context()))
}

type aggregatePanics struct{}

func (aggregatePanics) LogValue() slog.Value { panic("no value") }

// Values of any kind under a key: nothing panics, no event is lost, no text is long.
func TestHostileKeys(t *testing.T) {
	_, agg, sink := withAggregate(t, &aggregate.Options{Keys: []string{"a", "", "b"}, Interval: time.Hour})
	values := []any{nil, math.NaN(), math.Inf(1), "", strings.Repeat("é", 1<<20), "\x00\xff\n", aggregatePanics{}, panics{},
		(*stringer)(nil), map[string]int{"a": 1}, []byte("x"), slog.GroupValue(slog.Int("a", 1)), slog.GroupValue(),
		time.Time{}, time.Duration(math.MinInt64), func() {}, struct{}{}, int64(math.MinInt64), true}
	for _, x := range values {
		for _, y := range values {
			r := testkit.Timing("s", "", 0, 1, "")
			r.AddAttrs(slog.Any("a", x), slog.Any("", y), slog.Any("b", x))
			testkit.Handle(t, agg, r)
		}
	}
	require.NoError(t, agg.Flush(t.Context()))
	got, _ := sink.take()
	var count int64
	for _, s := range got {
		count += s.Count
		for _, a := range s.Attrs {
			assert.LessOrEqual(t, len(a.Value.String()), 260)
			assert.NotContains(t, []string{"NaN", "+Inf"}, a.Value.String())
			assert.NotContains(t, []slog.Kind{slog.KindAny, slog.KindGroup, slog.KindLogValuer}, a.Value.Kind())
		}
	}
	assert.EqualValues(t, len(values)*len(values), count)
}

type stringer struct{ text string }

func (s *stringer) String() string { return s.text }

type panics struct{}

func (panics) Error() string { panic("no text") }
