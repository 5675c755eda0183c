package prometheus_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	slogtelprom "github.com/slogtel/telemetry/reporters/prometheus"
	"github.com/slogtel/telemetry/slogtel"
)

// A service with /metrics. With TraceIDs and OpenMetrics, each sample that has an
// exemplar names the trace it comes from.
func Example() {
	registry := prometheus.NewRegistry()
	metrics, err := slogtelprom.New(registry, &slogtelprom.Options{
		Namespace:     "shop",
		LabelKeys:     []string{"model"},
		TimingBuckets: []float64{0.1, 1, 10},
		NativeFactor:  1, // classic buckets only
	})
	if err != nil {
		panic(err)
	}
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, metrics)

	ctx := context.Background()
	tel.Timing(ctx, "plan", 250*time.Millisecond, slog.String("model", "small"))
	tel.Timing(ctx, "plan", 2*time.Second, slog.String("model", "large"))
	tel.Count(ctx, "plan.tokens", 1200, slog.String("model", "small"))
	tel.Count(ctx, "plan.tokens", 34, slog.String("model", "small"))
	tel.Gauge(ctx, "queue", 7)

	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	server := httptest.NewServer(mux)
	defer server.Close()

	res, err := http.Get(server.URL + "/metrics")
	if err != nil {
		panic(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		panic(err)
	}
	for line := range strings.Lines(string(body)) {
		if !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "shop_slogtel_") {
			fmt.Print(line)
		}
	}
	// Output:
	// shop_plan_seconds_bucket{model="large",le="0.1"} 0
	// shop_plan_seconds_bucket{model="large",le="1"} 0
	// shop_plan_seconds_bucket{model="large",le="10"} 1
	// shop_plan_seconds_bucket{model="large",le="+Inf"} 1
	// shop_plan_seconds_sum{model="large"} 2
	// shop_plan_seconds_count{model="large"} 1
	// shop_plan_seconds_bucket{model="small",le="0.1"} 0
	// shop_plan_seconds_bucket{model="small",le="1"} 1
	// shop_plan_seconds_bucket{model="small",le="10"} 1
	// shop_plan_seconds_bucket{model="small",le="+Inf"} 1
	// shop_plan_seconds_sum{model="small"} 0.25
	// shop_plan_seconds_count{model="small"} 1
	// shop_plan_seconds_errors_total{model="large"} 0
	// shop_plan_seconds_errors_total{model="small"} 0
	// shop_plan_tokens_total{model="small"} 1234
	// shop_queue{model=""} 7
}
