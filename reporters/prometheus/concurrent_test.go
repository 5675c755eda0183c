package prometheus_test

import (
	"fmt"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/reporters/prometheus"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

func TestContract(t *testing.T) {
	slogteltest.TestHandler(t, func(t *testing.T) slog.Handler {
		registry := prom.NewPedanticRegistry()
		h, err := prometheus.New(registry, &prometheus.Options{
			LabelKeys: []string{"id", "g.id", "error"},
			OnError:   func(error) {},
		})
		require.NoError(t, err)
		t.Cleanup(func() {
			_, err := registry.Gather()
			assert.NoError(t, err)
		})
		return h
	}, nil)
}

// What is scraped equals what a Memory saw, though events of new series, clashing
// ones among them, scrapes and derived handlers all come at once.
func TestConservation(t *testing.T) {
	b := newBench(t, prometheus.Options{LabelKeys: []string{"model"}, OnError: func(error) {}})
	mem := memory.New(nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, b.handler, mem)
	const workers, rounds, paths = 8, 400, 40
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range rounds {
				ctx, span := tel.Start(t.Context(), fmt.Sprint("scope", i%paths))
				model := slog.String("model", fmt.Sprint(w%3))
				tel.Count(ctx, "tokens", int64(i), model)
				tel.Histogram(ctx, "size", float64(i)/4, model)
				tel.Gauge(ctx, "level", float64(i%paths), model)
				span.Fail(map[bool]error{true: assert.AnError}[i%5 == 0])
				span.End(model)
				tel.Gauge(t.Context(), fmt.Sprint("clash", i%paths), 1)
				tel.Histogram(t.Context(), fmt.Sprint("clash", i%paths), 1)
				if i%100 == 0 {
					b.gather()
				}
			}
		})
	}
	wg.Wait()
	sum := func(name string) (n float64, count uint64) {
		f := b.gather()[name]
		if !assert.NotNil(t, f, name) {
			return 0, 0
		}
		for _, m := range f.GetMetric() {
			n += m.GetCounter().GetValue() + m.GetHistogram().GetSampleSum() + m.GetGauge().GetValue()
			count += m.GetHistogram().GetSampleCount()
		}
		return n, count
	}
	seen := mem.Snapshot()
	require.Zero(t, seen.Forgotten)
	require.Len(t, seen.Scopes, paths)
	for _, s := range seen.Scopes {
		total, calls := sum(s.Scope + "_seconds")
		assert.InDelta(t, s.TotalSeconds, total, 1e-6)
		assert.EqualValues(t, s.Calls, calls)
		failed, _ := sum(s.Scope + "_seconds_errors_total")
		assert.EqualValues(t, s.Errors, failed)
	}
	require.Len(t, seen.Counters, paths)
	for _, c := range seen.Counters {
		n, _ := sum(metric(c.Scope) + "_total")
		assert.EqualValues(t, c.Sum, n)
	}
	found := b.gather()
	var clashing, kept int64
	for _, h := range seen.Histograms {
		if h.ParentScope == "" {
			clashing += h.Count
			kept += int64(found[h.Scope].GetMetric()[0].GetHistogram().GetSampleCount())
			continue
		}
		total, count := sum(metric(h.Scope))
		assert.Equal(t, h.Sum, total)
		assert.EqualValues(t, h.Count, count)
	}
	for _, g := range seen.Gauges {
		if g.ParentScope == "" {
			clashing += g.Count
			if found[g.Scope].GetMetric()[0].Gauge != nil {
				kept += g.Count // a gauge does not count: all of them, as it was there first
			}
			continue
		}
		for _, m := range found[metric(g.Scope)].GetMetric() {
			assert.Equal(t, g.Last, m.GetGauge().GetValue(), "the same in each round")
		}
	}
	assert.Equal(t, clashing-kept, b.handler.Stats().Clashed)
}

func metric(path string) string { return strings.ReplaceAll(path, ".", "_") }

// slowRegisterer lets events come while a metric is being registered, and then
// refuses some.
type slowRegisterer struct {
	prom.Registerer
	entered, leave chan struct{}
}

func (r *slowRegisterer) Register(c prom.Collector) error {
	if r.entered != nil {
		r.entered <- struct{}{}
		<-r.leave
		return assert.AnError
	}
	return r.Registerer.Register(c)
}

func TestRefusedWhileEventsCome(t *testing.T) {
	r := &slowRegisterer{Registerer: prom.NewRegistry()}
	h, err := prometheus.New(r, &prometheus.Options{OnError: func(error) {}})
	require.NoError(t, err)
	r.entered, r.leave = make(chan struct{}), make(chan struct{})
	done := make(chan struct{})
	go func() {
		_ = h.Handle(t.Context(), timingRecord("a", 1))
		close(done)
	}()
	<-r.entered
	for range 5 { // wait for nobody
		_ = h.Handle(t.Context(), timingRecord("a", 1))
	}
	r.leave <- struct{}{}
	<-done
	_ = h.Handle(t.Context(), timingRecord("a", 1))
	assert.EqualValues(t, 7, h.Stats().Clashed)
}

func TestUnregisterWhileEventsCome(t *testing.T) {
	b := newBench(t, prometheus.Options{})
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 200 {
				b.Timing(t.Context(), fmt.Sprintf("a%d_%d", w, i), time.Second)
			}
		})
	}
	wg.Go(b.handler.Unregister)
	wg.Wait()
	assert.Empty(t, b.gather())
}

func TestManyOpenAndCloseRounds(t *testing.T) {
	registry := prom.NewPedanticRegistry()
	for range 1000 {
		h, err := prometheus.New(registry, nil)
		require.NoError(t, err)
		require.NoError(t, h.Handle(t.Context(), timingRecord("a", math.Pi)))
		h.Unregister()
	}
	b := &bench{t: t, registry: registry}
	assert.Empty(t, b.gather())
}
