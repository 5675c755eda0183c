package otel

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"

	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/oteltel"
	"github.com/slogtel/telemetry/slogtel/oteltel/autoexport"
)

// A workload is a program that exports by OTLP, and has a memory reporter beside that.
type workload struct {
	tel    *slogtel.Telemetry
	otlp   *autoexport.Handler
	memory *memory.Handler
}

func newWorkload(t *testing.T, endpoint string) *workload {
	t.Helper()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
	h, err := autoexport.New(t.Context(), &autoexport.Options{Metrics: oteltel.MetricOptions{AttributeKeys: []string{"kind"}}})
	require.NoError(t, err)
	w := &workload{otlp: h, memory: memory.New(nil)}
	o := slogtel.Options{Mode: slogtel.On}
	h.TelemetryOptions(&o)
	w.tel = slogtel.New(&o, h, w.memory)
	t.Cleanup(func() { _ = w.tel.Shutdown(context.Background()) })
	return w
}

// run makes so many events, on four goroutines: a scope, a counter, a histogram, a scope.
func (w *workload) run(t *testing.T, events int) {
	t.Helper()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			kind := slog.String("kind", []string{"a", "b"}[g%2])
			for i := range events / 4 / 4 {
				ctx, s := w.tel.Start(t.Context(), "work", kind)
				w.tel.Count(ctx, "items", int64(i%7), kind)
				w.tel.Histogram(ctx, "size", float64(i%1000)/4, kind)
				_, step := w.tel.Start(ctx, "step", kind)
				if i%10 == 0 {
					step.Fail(errors.New("no"))
				}
				step.End()
				s.End()
			}
		})
	}
	wg.Wait()
}

// want are the sums of counters and histograms and the number of histograms' values and scopes, as
// the memory reporter has them.
func (w *workload) want() (sums, counts map[string]float64) {
	sums, counts = map[string]float64{}, map[string]float64{}
	s := w.memory.Snapshot()
	for _, c := range s.Counters {
		sums[c.Scope] = float64(c.Sum)
	}
	for _, h := range s.Histograms {
		sums[h.Scope], counts[h.Scope] = h.Sum, float64(h.Count)
	}
	for _, x := range s.Scopes {
		counts[x.Scope] = float64(x.Calls)
		sums["failures"] += float64(x.Errors)
	}
	return sums, counts
}

// histogram returns the sum and the count of a histogram's points, as sum does.
func (r *receiver) histogram(t *testing.T, name string) (sum, count float64, exponential bool) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, request := range r.metrics {
		for _, resource := range request.ResourceMetrics {
			for _, scope := range resource.ScopeMetrics {
				for _, m := range scope.Metrics {
					if m.Name != name {
						continue
					}
					const cumulative = metrics.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE
					h, e := m.GetHistogram(), m.GetExponentialHistogram()
					if h.GetAggregationTemporality() == cumulative || e.GetAggregationTemporality() == cumulative {
						sum, count = 0, 0
					}
					for _, p := range h.GetDataPoints() {
						sum, count = sum+p.GetSum(), count+float64(p.Count)
					}
					for _, p := range e.GetDataPoints() {
						sum, count, exponential = sum+p.GetSum(), count+float64(p.Count), true
					}
				}
			}
		}
	}
	return sum, count, exponential
}

// TestSumsOverOTLP: what arrives is what the memory reporter has, and each span is exported or
// counted as lost.
func TestSumsOverOTLP(t *testing.T) {
	events := 1_000_000
	if testing.Short() {
		events = 40_000
	}
	for _, c := range []struct {
		protocol, temporality, aggregation string
		exponential                        bool
		events                             int
	}{
		{"http/protobuf", "cumulative", "explicit_bucket_histogram", false, events},
		{"grpc", "delta", "base2_exponential_bucket_histogram", true, events / 10},
	} {
		t.Run(c.temporality, func(t *testing.T) {
			t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", c.protocol)
			t.Setenv("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", c.temporality)
			t.Setenv("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", c.aggregation)
			t.Setenv("OTEL_METRIC_EXPORT_INTERVAL", "100")
			r := receive(t, c.protocol, false)
			w := newWorkload(t, r.url)
			w.run(t, c.events)
			require.NoError(t, w.tel.Shutdown(t.Context()))

			sums, counts := w.want()
			assert.InDelta(t, sums["work.items"], r.sum(t, "work.items"), 0)
			assert.InDelta(t, sums["failures"], r.sum(t, "work.step.errors"), 0)
			for _, name := range []string{"work.size", "work.duration", "work.step.duration"} {
				sum, count, exponential := r.histogram(t, name)
				assert.Equal(t, c.exponential, exponential, name)
				if name == "work.size" {
					assert.InEpsilon(t, sums[name], sum, 1e-9)
					assert.InDelta(t, counts[name], count, 0)
				} else {
					assert.InDelta(t, counts[name[:len(name)-len(".duration")]], count, 0, name)
				}
			}
			st := w.otlp.Stats()
			assert.Equal(t, oteltel.SpanStats{Spans: int64(counts["work"] + counts["work.step"])}, st.Spans)
			assert.Equal(t, st.Spans.Spans, st.Batch.Ended)
			assert.Equal(t, st.Batch.Ended, st.Batch.Exported+st.Batch.Dropped, "%+v", st.Batch)
			assert.Len(t, r.spans(t), int(st.Batch.Exported))
			assert.Zero(t, st.Exports.Failed)
		})
	}
}
