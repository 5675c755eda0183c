package autoexport_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/fromenv"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/oteltel"
	"github.com/slogtel/telemetry/slogtel/oteltel/autoexport"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// The exporters log what fails, which is what some tests are about.
func TestMain(m *testing.M) {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {}))
	os.Exit(m.Run())
}

// A backend answers as it is told to, and keeps what came to each path.
type backend struct {
	*httptest.Server
	status        atomic.Int64
	traces, meter atomic.Pointer[[]byte]
	header        atomic.Pointer[http.Header]
	requests      atomic.Int64
}

func newBackend(t *testing.T) *backend {
	b := &backend{}
	b.status.Store(http.StatusOK)
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.requests.Add(1)
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(bytes.NewReader(body))
			if err == nil {
				body, _ = io.ReadAll(z)
			}
		}
		switch r.URL.Path {
		case "/v1/traces":
			b.traces.Store(&body)
		case "/v1/metrics":
			b.meter.Store(&body)
		}
		b.header.Store(&r.Header)
		w.WriteHeader(int(b.status.Load()))
	}))
	t.Cleanup(b.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", b.URL)
	return b
}

func TestFromEnvironment(t *testing.T) {
	b := newBackend(t)
	t.Setenv("SLOGTEL_REPORTERS", "otlp")
	t.Setenv("OTEL_SERVICE_NAME", "shop-of-ann")
	t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-team=a")
	setup, err := fromenv.New(slog.DiscardHandler, nil)
	require.NoError(t, err)
	ctx, s := setup.Telemetry.Start(t.Context(), "job", slog.String("model", "m"))
	setup.Telemetry.Count(ctx, "rows", 3)
	s.End()
	require.NoError(t, setup.Shutdown(t.Context()))

	require.NotNil(t, b.traces.Load())
	require.NotNil(t, b.meter.Load())
	assert.Contains(t, string(*b.traces.Load()), "shop-of-ann")
	assert.Contains(t, string(*b.traces.Load()), "model")
	assert.Contains(t, string(*b.meter.Load()), "job.rows")
	assert.Contains(t, string(*b.meter.Load()), "job.duration")
	assert.Equal(t, "a", b.header.Load().Get("X-Team"))
}

func TestServiceNames(t *testing.T) {
	for _, c := range []struct{ service, attributes, slogtel, want string }{
		{"name-a", "service.name=name-b", "name-c", "name-a"},
		{"", "service.name=name-b,x=y", "name-c", "name-b"},
		{"", "x=y", "name-c", "name-c"},
	} {
		b := newBackend(t)
		t.Setenv("OTEL_SERVICE_NAME", c.service)
		t.Setenv("OTEL_RESOURCE_ATTRIBUTES", c.attributes)
		t.Setenv("SLOGTEL_SERVICE", c.slogtel)
		tel, _ := telemetry(t)
		tel.Timing(t.Context(), "job", time.Second)
		require.NoError(t, tel.Shutdown(t.Context()))
		assert.Contains(t, string(*b.traces.Load()), c.want)
		assert.Contains(t, string(*b.meter.Load()), c.want)
	}
}

func TestOneSignalOnly(t *testing.T) {
	for value, want := range map[string][2]bool{"otlp=traces": {true, false}, "otlp=metrics": {false, true}, "otlp": {true, true}} {
		b := newBackend(t)
		t.Setenv("SLOGTEL_REPORTERS", value)
		setup, err := fromenv.New(slog.DiscardHandler, nil)
		require.NoError(t, err)
		setup.Telemetry.Timing(t.Context(), "job", time.Second)
		require.NoError(t, setup.Shutdown(t.Context()))
		assert.Equal(t, want, [2]bool{b.traces.Load() != nil, b.meter.Load() != nil}, value)
	}
}

func TestWrongVariables(t *testing.T) {
	for name, value := range map[string]string{
		"SLOGTEL_REPORTERS":                   "otlp=pictures",
		"OTEL_EXPORTER_OTLP_PROTOCOL":         "http/json",
		"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL":  "udp",
		"OTEL_EXPORTER_OTLP_ENDPOINT":         "localhost:4318",
		"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "ftp://localhost",
		"OTEL_TRACES_EXPORTER":                "zipkin",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("SLOGTEL_REPORTERS", "otlp")
			t.Setenv(name, value)
			setup, err := fromenv.New(slog.DiscardHandler, nil)
			require.Error(t, err)
			assert.Contains(t, err.Error(), value)
			assert.Contains(t, err.Error(), name)
			assert.Len(t, strings.Split(strings.TrimSpace(err.Error()), "\n"), 1)
			require.NoError(t, setup.Shutdown(t.Context()))
		})
	}
}

func TestSwitchedOff(t *testing.T) {
	b := newBackend(t)
	for _, v := range [][2]string{{"OTEL_SDK_DISABLED", "true"}, {"OTEL_TRACES_EXPORTER", "none"}} {
		t.Setenv(v[0], v[1])
		t.Setenv("OTEL_METRICS_EXPORTER", "none")
		h, err := autoexport.New(t.Context(), nil)
		require.NoError(t, err)
		assert.False(t, h.Enabled(t.Context(), slog.LevelError))
		_, s := h.TracerProvider().Tracer("test").Start(t.Context(), "own")
		s.End()
		require.NoError(t, h.Flush(t.Context()))
		require.NoError(t, h.Shutdown(t.Context()))
		assert.Equal(t, autoexport.Stats{}, h.Stats())
		t.Setenv(v[0], "")
	}
	assert.Zero(t, b.requests.Load())
}

// telemetry is a Telemetry over New.
func telemetry(t *testing.T) (*slogtel.Telemetry, *autoexport.Handler) {
	h, err := autoexport.New(t.Context(), nil)
	require.NoError(t, err)
	o := &slogtel.Options{Mode: slogtel.On}
	h.TelemetryOptions(o)
	return slogtel.New(o, h), h
}

// What the SDK exports on a goroutine of its own fails in Shutdown, too.
func TestShutdownTellsOfSpans(t *testing.T) {
	b := newBackend(t)
	b.status.Store(http.StatusBadRequest)
	t.Setenv("OTEL_METRICS_EXPORTER", "none")
	tel, h := telemetry(t)
	tel.Timing(t.Context(), "job", time.Second)
	require.ErrorContains(t, h.Shutdown(t.Context()), "1 spans were not exported")
}

func TestRefusedIsCounted(t *testing.T) {
	b := newBackend(t)
	b.status.Store(http.StatusBadRequest)
	tel, h := telemetry(t)
	tel.Timing(t.Context(), "job", time.Second)
	require.Error(t, tel.Shutdown(t.Context()))
	st := h.Stats()
	assert.EqualValues(t, 1, st.Batch.Ended)
	assert.EqualValues(t, 1, st.Batch.Failed)
	assert.Positive(t, st.Exports.Failed)
	assert.Zero(t, st.Exports.Exported)
}

// A server that takes connections and never answers: the app goes on, and Shutdown ends in time.
func TestHangingServer(t *testing.T) {
	hold := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(hold) })
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	t.Setenv("OTEL_BSP_MAX_QUEUE_SIZE", "100")
	t.Setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "10")
	tel, h := telemetry(t)
	for range 10_000 { // none waits
		tel.Timing(t.Context(), "job", time.Second)
	}
	st := h.Stats().Batch
	assert.EqualValues(t, 10_000, st.Ended)
	assert.GreaterOrEqual(t, st.Dropped, int64(10_000-100-10))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.Error(t, tel.Shutdown(ctx))
	assert.Zero(t, h.Stats().Batch.Exported)
	assert.Eventually(t, func() bool { // Shutdown may have returned before that of the exporter
		st := h.Stats().Batch
		return st.Dropped+st.Failed >= 10_000-10
	}, time.Minute, time.Millisecond, "ten may still be with the exporter")
}

// Nobody listens.
func TestServerThatIsDown(t *testing.T) {
	for _, protocol := range []string{"http/protobuf", "grpc"} {
		t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+testkit.Refused(t))
		t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
		tel, h := telemetry(t)
		tel.Timing(t.Context(), "job", time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		require.Error(t, tel.Shutdown(ctx))
		cancel()
		assert.Zero(t, h.Stats().Batch.Exported, protocol)
		assert.EqualValues(t, 1, h.Stats().Batch.Ended)
	}
}

// The app's own spans and metrics of OpenTelemetry go the same way.
func TestProviders(t *testing.T) {
	b := newBackend(t)
	tel, h := telemetry(t)
	ctx, outer := h.TracerProvider().Tracer("app").Start(t.Context(), "own-span")
	_, s := tel.Start(ctx, "job")
	s.End()
	outer.End()
	c, err := h.MeterProvider().Meter("app").Int64Counter("own-counter")
	require.NoError(t, err)
	c.Add(ctx, 1)
	require.NoError(t, tel.Flush(t.Context()))
	assert.Contains(t, string(*b.traces.Load()), "own-span")
	assert.Contains(t, string(*b.meter.Load()), "own-counter")
	assert.EqualValues(t, 2, h.Stats().Batch.Exported)
	require.NoError(t, tel.Shutdown(t.Context()))
	require.NoError(t, h.Shutdown(t.Context()), "again")
}

// A nil context is the empty one, here as in the Telemetry: a panic in a goroutine of ours would end
// the app.
func TestNilContext(t *testing.T) {
	newBackend(t)
	var none context.Context
	h, err := autoexport.New(none, nil)
	require.NoError(t, err)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, h)
	tel.Timing(none, "job", time.Second)
	require.NoError(t, h.Flush(none))
	require.NoError(t, h.Shutdown(none))
	assert.EqualValues(t, 1, h.Stats().Batch.Exported)
	require.NoError(t, h.Shutdown(none))
}

func TestContract(t *testing.T) {
	quiet := func(error) {}
	newBackend(t)
	slogteltest.TestHandler(t, func(t *testing.T) slog.Handler {
		h, err := autoexport.New(t.Context(), &autoexport.Options{Spans: oteltel.SpanOptions{OnError: quiet}, Metrics: oteltel.MetricOptions{OnError: quiet}})
		require.NoError(t, err)
		return h
	}, nil)
}
