package otel

import (
	"testing"

	"github.com/stretchr/testify/require"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
)

// resources are all attributes of resources, as key=value.
func (r *receiver) resources() (all []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, request := range r.traces {
		for _, resource := range request.ResourceSpans {
			for _, a := range resource.Resource.Attributes {
				all = append(all, a.Key+"="+ofValue(a.Value))
			}
		}
	}
	return all
}

// sum is that of a counter's points that came last, or of all if they are deltas.
func (r *receiver) sum(t *testing.T, name string) float64 {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	found, total := false, 0.0
	for _, request := range r.metrics {
		for _, resource := range request.ResourceMetrics {
			for _, scope := range resource.ScopeMetrics {
				for _, m := range scope.Metrics {
					if m.Name != name {
						continue
					}
					s := m.GetSum()
					require.NotNil(t, s, "%s is no sum", name)
					if found = true; s.AggregationTemporality == metrics.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE {
						total = 0
					}
					for _, p := range s.DataPoints {
						total += p.GetAsDouble()
					}
				}
			}
		}
	}
	require.True(t, found, "no metric %s", name)
	return total
}
