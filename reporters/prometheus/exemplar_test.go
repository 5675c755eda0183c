package prometheus_test

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/prometheus"
	"github.com/slogtel/telemetry/slogtel"
)

const (
	traceA = "0af7651916cd43dd8448eb211c80319c"
	traceB = "4bf92f3577b34da6a3ce929d0e0e4736"
	spanA  = "b7ad6b7169203331"
)

func exemplarOf(e *dto.Exemplar) map[string]string {
	if e == nil {
		return nil
	}
	return labels(&dto.Metric{Label: e.GetLabel()})
}

func TestExemplars(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, prometheus.Options{TimingBuckets: []float64{1, 2}})
		ctx := t.Context()
		ids := func(trace string) []slog.Attr {
			return []slog.Attr{slog.String("trace_id", trace), slog.String("span_id", spanA)}
		}
		_ = b.handler.Handle(ctx, timingRecord("a", .5, ids(traceA)...))
		_ = b.handler.Handle(ctx, timingRecord("a", 2, ids(traceB)...))
		_ = b.handler.Handle(ctx, timingRecord("a", .6, ids(traceB)...)) // within the second
		_ = b.handler.Handle(ctx, metricRecord("n", slogtel.TypeCounter, slog.Int64Value(3), ids(traceA)...))
		_ = b.handler.Handle(ctx, metricRecord("g", slogtel.TypeGauge, slog.Float64Value(3), ids(traceA)...))

		h := b.one("a_seconds").GetHistogram()
		want := func(trace string) map[string]string { return map[string]string{"trace_id": trace, "span_id": spanA} }
		assert.Equal(t, want(traceA), exemplarOf(h.GetBucket()[0].GetExemplar()))
		assert.Equal(t, .5, h.GetBucket()[0].GetExemplar().GetValue())
		assert.Equal(t, want(traceB), exemplarOf(h.GetBucket()[1].GetExemplar()))
		assert.EqualValues(t, 3, h.GetSampleCount())
		assert.NotEmpty(t, h.GetExemplars(), "native")
		n := b.one("n_total").GetCounter()
		assert.Equal(t, want(traceA), exemplarOf(n.GetExemplar()))
		assert.Equal(t, 3., n.GetExemplar().GetValue())

		time.Sleep(time.Second)
		_ = b.handler.Handle(ctx, timingRecord("a", .7, ids(traceB)...))
		_ = b.handler.Handle(ctx, timingRecord("a", 70, ids(traceB)...))
		h = b.one("a_seconds").GetHistogram()
		assert.Equal(t, want(traceB), exemplarOf(h.GetBucket()[0].GetExemplar()))
		assert.Equal(t, want(traceB), exemplarOf(h.GetBucket()[2].GetExemplar()), "the infinite bucket")
	})
}

func TestExemplarLimits(t *testing.T) {
	for name, c := range map[string]struct {
		trace, span string
		want        map[string]string
	}{
		"none":              {"", spanA, nil},
		"no span":           {traceA, "", map[string]string{"trace_id": traceA}},
		"all that fits":     {strings.Repeat("€", 104), spanA[:9], map[string]string{"trace_id": strings.Repeat("€", 104), "span_id": spanA[:9]}},
		"no room for span":  {strings.Repeat("€", 105), spanA[:9], map[string]string{"trace_id": strings.Repeat("€", 105)}},
		"just room":         {strings.Repeat("x", 120), spanA, map[string]string{"trace_id": strings.Repeat("x", 120)}},
		"no room":           {strings.Repeat("x", 121), spanA, nil},
		"not UTF-8":         {"\xff", spanA, nil},
		"span is not UTF-8": {traceA, "\xff", map[string]string{"trace_id": traceA}},
		"huge":              {strings.Repeat("x", 1<<20), spanA, nil},
	} {
		b := newBench(t, prometheus.Options{})
		ids := []slog.Attr{slog.String("trace_id", c.trace), slog.String("span_id", c.span)}
		_ = b.handler.Handle(t.Context(), metricRecord("n", slogtel.TypeCounter, slog.Int64Value(3), ids...))
		_ = b.handler.Handle(t.Context(), metricRecord("h", slogtel.TypeHistogram, slog.Float64Value(3), ids...))
		assert.Equal(t, c.want, exemplarOf(b.one("n_total").GetCounter().GetExemplar()), name)
		var found *dto.Exemplar
		for _, bucket := range b.one("h").GetHistogram().GetBucket() {
			if bucket.GetExemplar() != nil {
				found = bucket.GetExemplar()
			}
		}
		assert.Equal(t, c.want, exemplarOf(found), name)
	}
}

func TestExemplarsOfATelemetry(t *testing.T) {
	b := newBench(t, prometheus.Options{})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, b.handler)
	ctx, span := tel.Start(t.Context(), "a")
	tel.Count(ctx, "n", 1)
	span.End()
	e := exemplarOf(b.one("a_n_total").GetCounter().GetExemplar())
	require.Len(t, e["trace_id"], 32)
	assert.Len(t, e["span_id"], 16)
	for _, bucket := range b.one("a_seconds").GetHistogram().GetBucket() {
		if bucket.GetExemplar() != nil {
			assert.Equal(t, e, exemplarOf(bucket.GetExemplar()))
			return
		}
	}
	assert.Fail(t, "the timing has no exemplar")
}
