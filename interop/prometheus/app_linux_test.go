package prometheus

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/memory"
	reporter "github.com/slogtel/telemetry/reporters/prometheus"
	"github.com/slogtel/telemetry/slogtel"
)

// An app has telemetry that goes to a scraped registry and to a Memory.
type app struct {
	*slogtel.Telemetry
	handler *reporter.Handler
	memory  *memory.Handler
	server  *httptest.Server
}

func newApp(t *testing.T, opts *reporter.Options) *app {
	t.Helper()
	registry := prom.NewPedanticRegistry()
	h, err := reporter.New(registry, opts)
	require.NoError(t, err)
	a := &app{handler: h, memory: memory.New(nil)}
	a.Telemetry = slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true,
		OnError: func(_ context.Context, err error) { t.Error(err) }}, h, a.memory)
	a.server = httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	t.Cleanup(a.server.Close)
	return a
}

func (a *app) address() string { return strings.TrimPrefix(a.server.URL, "http://") }

// text returns the scrape in the text format.
func (a *app) text(t *testing.T) string {
	t.Helper()
	res, err := http.Get(a.server.URL)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, res.StatusCode)
	return string(body)
}

const models = 3

// work makes five events in each round, from 8 goroutines. Each round is known, so
// that the last value of a gauge is the same whoever comes last.
func (a *app) work(ctx context.Context, rounds int) {
	const workers = 8
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			model := slog.String("model", fmt.Sprintf("m%d", w%models))
			for i := range rounds / workers {
				// 1 ms to about 2.7 s, many small ones and few large ones.
				d := time.Duration(float64(time.Millisecond) * (1 + 2700/float64(1+i%997)))
				ctx, span := a.Start(ctx, "pipeline")
				a.Timing(ctx, "step", d, model)
				a.Count(ctx, "tokens", int64(i%50), model)
				a.Histogram(ctx, "size", float64(i%1000), model)
				a.Gauge(ctx, "model_number", float64(w%models), model)
				if i%10 == 0 {
					span.Fail(assert.AnError)
				}
				span.End(model)
			}
		})
	}
	wg.Wait()
}

// finish marks the end, and waits until the server has a scrape from after it.
func (a *app) finish(t *testing.T, d *daemon) {
	t.Helper()
	a.Gauge(t.Context(), "finished", 1)
	require.Eventually(t, func() bool { return d.has("app_finished") }, ready, 100*time.Millisecond, "no scrape")
}
