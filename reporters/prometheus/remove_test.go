package prometheus_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/reporters/prometheus"
)

// A label with ever new values, of one metric or of all, takes no room from a metric that comes later.
func TestNoisyLabelStarvesNobody(t *testing.T) {
	b := newBench(t, prometheus.Options{LabelKeys: []string{"id"}})
	for i := range 50_000 {
		id := slog.Int("id", i)
		b.Timing(t.Context(), fmt.Sprintf("noisy%d", i%20), time.Second, id)
		b.Count(t.Context(), "n", 1, id)
		b.Gauge(t.Context(), "n", 1, id) // clashes
	}
	b.Timing(t.Context(), "late", time.Second)
	b.Count(t.Context(), "late", 3)
	st := b.handler.Stats()
	assert.LessOrEqual(t, st.Series, 2000)
	found := b.gather()
	assert.Len(t, found["n_total"].GetMetric(), 200, "a tenth of MaxSeries")
	assert.EqualValues(t, 1, b.one("late_seconds").GetHistogram().GetSampleCount())
	assert.Equal(t, 3., b.one("late_total").GetCounter().GetValue())
	assert.EqualValues(t, 50_000, st.Clashed)
	held := 0
	for name, f := range found {
		if len(name) > 5 && name[:5] == "noisy" && f.GetMetric()[0].Histogram != nil {
			held += len(f.GetMetric())
		}
	}
	assert.EqualValues(t, 100_000-200-held, st.Overflowed)
	assert.ErrorIs(t, st.LastOverflow, prometheus.ErrOverflow)
}

func TestMaxSeriesPerMetric(t *testing.T) {
	b := newBench(t, prometheus.Options{LabelKeys: []string{"id"}, MaxSeriesPerMetric: 2})
	for i := range 5 {
		b.Count(t.Context(), "a", 1, slog.Int("id", i))
		b.Count(t.Context(), "b", 1, slog.Int("id", i))
	}
	assert.Len(t, b.gather()["a_total"].GetMetric(), 2)
	assert.Len(t, b.gather()["b_total"].GetMetric(), 2)
	assert.EqualValues(t, 6, b.handler.Stats().Overflowed)
	_, err := prometheus.New(prom.NewRegistry(), &prometheus.Options{MaxSeriesPerMetric: -1})
	assert.ErrorContains(t, err, "MaxSeriesPerMetric")
}

func TestIdleTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, prometheus.Options{LabelKeys: []string{"id"}, IdleTimeout: 5 * time.Minute})
		ctx := t.Context()
		for range 4 {
			b.Count(ctx, "n", 1, slog.String("id", "busy"))
			time.Sleep(time.Minute)
			b.gather()
		}
		b.Count(ctx, "n", 1, slog.String("id", "once"))
		b.Timing(ctx, "t", time.Second)
		b.Gauge(ctx, "g", 1)
		for range 8 {
			b.Count(ctx, "n", 1, slog.String("id", "busy"))
			time.Sleep(time.Minute)
			b.gather()
		}
		found := b.gather()
		assert.NotContains(t, found, "t_seconds")
		assert.NotContains(t, found, "t_seconds_errors_total")
		assert.NotContains(t, found, "g")
		assert.Equal(t, 12., b.one("n_total").GetCounter().GetValue())
		st := b.handler.Stats()
		assert.Equal(t, 1, st.Series)
		assert.Equal(t, 1, st.Metrics)
		assert.EqualValues(t, 3, st.Expired)
		assert.Equal(t, 3., b.one("slogtel_expired_series_total").GetCounter().GetValue())

		// What comes again begins anew, and the name of what went is free.
		b.Timing(ctx, "t", time.Second)
		b.Count(ctx, "g", 1)
		assert.EqualValues(t, 1, b.one("t_seconds").GetHistogram().GetSampleCount())
		assert.Equal(t, 1., b.one("g_total").GetCounter().GetValue())
		assert.Zero(t, b.handler.Stats().Clashed)
	})
	_, err := prometheus.New(prom.NewRegistry(), &prometheus.Options{IdleTimeout: time.Millisecond})
	assert.ErrorContains(t, err, "IdleTimeout")
}

// Where nothing scrapes, idle series go when there is no room for new ones.
func TestIdleSeriesMakeRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, prometheus.Options{LabelKeys: []string{"id"}, IdleTimeout: time.Minute, MaxSeries: 8, MaxSeriesPerMetric: 4})
		for round := range 10 {
			for i := range 4 {
				b.Count(t.Context(), "n", 1, slog.Int("id", 4*round+i))
			}
			for range 5 {
				time.Sleep(30 * time.Second)
				b.Count(t.Context(), "n", 1, slog.Int("id", 4*round+4)) // of the next round: there is room or not
			}
		}
		assert.Equal(t, map[string]string{"id": "40"}, labels(b.one("n_total")), "the last one")
		assert.Greater(t, b.handler.Stats().Expired, int64(30))
	})
}

func TestDelete(t *testing.T) {
	b := newBench(t, prometheus.Options{LabelKeys: []string{"model", "http.status", "error"}})
	fill := func() {
		for _, model := range []string{"a", "b"} {
			for _, status := range []int{200, 500} {
				b.Timing(t.Context(), "t", time.Second, slog.String("model", model), slog.Group("http", slog.Int("status", status)))
				b.Count(t.Context(), "n", 1, slog.String("model", model), slog.Group("http", slog.Int("status", status)))
			}
		}
		_ = b.handler.Handle(t.Context(), timingRecord("t", 1, slog.String("error", "failed"), slog.String("model", "a")))
	}
	fill()
	assert.Zero(t, b.handler.Delete("x"))
	assert.Zero(t, b.handler.Delete("t", slog.String("mode", "a")), "no such label")
	assert.Zero(t, b.handler.Delete("t", slog.String("model", "c")))
	assert.Equal(t, 1, b.handler.Delete("t", slog.Bool("error", true)))
	assert.Equal(t, 1, b.handler.Delete("t", slog.Group("http", slog.Int("status", 500)), slog.String("model", "b")))
	assert.Equal(t, 2, b.handler.Delete("t", slog.String("model", "a")))
	left := b.one("t_seconds")
	assert.Equal(t, map[string]string{"model": "b", "http_status": "200", "error": "false"}, labels(left))
	assert.Len(t, b.gather()["n_total"].GetMetric(), 4)
	assert.Equal(t, 1, b.handler.Delete("t"))
	assert.NotContains(t, b.gather(), "t_seconds")
	assert.Equal(t, 4, b.handler.Stats().Series)
	fill()
	assert.Len(t, b.gather()["t_seconds"].GetMetric(), 5)
	assert.Zero(t, b.handler.Stats().Clashed)
}

// What is deleted while events come is counted until then, in that series or the next one: an event after
// the last Delete is never lost.
func TestDeleteWhileEventsCome(t *testing.T) {
	b := newBench(t, prometheus.Options{LabelKeys: []string{"id"}, MaxSeries: 100})
	stop := make(chan struct{})
	var deleting, events sync.WaitGroup
	deleting.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				b.handler.Delete("n")
				b.handler.Delete("t")
				_, err := b.registry.Gather()
				assert.NoError(t, err)
			}
		}
	})
	for g := range 4 {
		events.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(g)))
			for range 3000 {
				b.Count(t.Context(), "n", 1, slog.Int("id", r.IntN(10)))
				b.Timing(t.Context(), "t", time.Second)
			}
		})
	}
	events.Wait()
	close(stop)
	deleting.Wait()
	st := b.handler.Stats()
	assert.Zero(t, st.Clashed+st.Overflowed)
	b.handler.Delete("n")
	b.handler.Delete("t")
	b.Count(t.Context(), "n", 1)
	b.Timing(t.Context(), "t", time.Second)
	assert.Equal(t, 1., b.one("n_total").GetCounter().GetValue())
	assert.EqualValues(t, 1, b.one("t_seconds").GetHistogram().GetSampleCount())
}

// A metric that clashes is tried anew when its series were deleted.
func TestDeleteEndsAClash(t *testing.T) {
	b := newBench(t, prometheus.Options{Help: map[string]string{"a": "A.", "b": "B."}})
	apps := prom.NewGauge(prom.GaugeOpts{Name: "a", Help: "A."})
	b.registry.MustRegister(apps)
	b.Gauge(t.Context(), "a", 1)
	b.Gauge(t.Context(), "b", 1)
	b.Count(t.Context(), "b", 1)
	assert.EqualValues(t, 2, b.handler.Stats().Clashed)
	b.registry.Unregister(apps)
	assert.Equal(t, 1, b.handler.Delete("a"))
	assert.Equal(t, 2, b.handler.Delete("b"))
	assert.Zero(t, b.handler.Stats().Series)
	b.Gauge(t.Context(), "a", 2)
	b.Count(t.Context(), "b", 2)
	assert.Equal(t, 2., b.one("a").GetGauge().GetValue())
	assert.Equal(t, 2., b.one("b_total").GetCounter().GetValue())
	assert.EqualValues(t, 2, b.handler.Stats().Clashed)
}
