package httptel

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// otelSide is otelhttp with spans that are kept.
func otelSide() (*tracetest.SpanRecorder, []otelhttp.Option) {
	rec := tracetest.NewSpanRecorder()
	return rec, []otelhttp.Option{
		otelhttp.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(rec))),
		otelhttp.WithPropagators(propagation.TraceContext{}),
	}
}

// ourSide is a Telemetry whose events are kept.
func ourSide(t *testing.T) (*slogtel.Telemetry, *slogteltest.Recorder) {
	rec := slogteltest.NewRecorder(t)
	return slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true, OnError: rec.OnError}, rec), rec
}

var ok = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(okBody) })

func visit(t *testing.T, h http.Handler, wrap func(http.RoundTripper) http.RoundTripper) {
	srv := httptest.NewServer(h)
	c := &http.Client{Transport: wrap(&http.Transport{})}
	require.NoError(t, call(t.Context(), c, "GET", srv.URL))
	c.CloseIdleConnections()
	srv.Close() // waits for the handler
}

// Our client calls a service with otelhttp: one trace.
func TestOtelServerJoinsOurTrace(t *testing.T) {
	spans, opts := otelSide()
	tel, rec := ourSide(t)
	visit(t, otelhttp.NewHandler(ok, "server", opts...), func(rt http.RoundTripper) http.RoundTripper {
		return httptel.NewTransport(rt, tel, nil)
	})
	require.Len(t, spans.Ended(), 1)
	require.Len(t, rec.Timings("http.client.get"), 1)
	theirs, ours := spans.Ended()[0], rec.Timings("http.client.get")[0]
	assert.Equal(t, ours.TraceID, theirs.SpanContext().TraceID().String())
	assert.Equal(t, ours.SpanID, theirs.Parent().SpanID().String())
	assert.True(t, theirs.Parent().IsSampled())
	for _, a := range theirs.Attributes() { // what both record, both call the same
		if string(a.Key) == httptel.KeyMethod {
			assert.Equal(t, "GET", a.Value.AsString())
		}
	}
}

// A client with otelhttp calls our service: one trace.
func TestOurServerJoinsAnOtelTrace(t *testing.T) {
	spans, opts := otelSide()
	tel, rec := ourSide(t)
	visit(t, httptel.NewMiddleware(tel, nil)(ok), func(rt http.RoundTripper) http.RoundTripper {
		return otelhttp.NewTransport(rt, opts...)
	})
	require.Len(t, spans.Ended(), 1)
	require.Len(t, rec.Timings("http.server.request"), 1)
	theirs, ours := spans.Ended()[0], rec.Timings("http.server.request")[0]
	assert.Equal(t, theirs.SpanContext().TraceID().String(), ours.TraceID)
	assert.Equal(t, theirs.SpanContext().SpanID().String(), ours.ParentSpanID)
}

// A hundred thousand bad and good headers: the propagator of OpenTelemetry accepts what
// we do and reads the same from it. It differs in two points of version 00: it refuses
// reserved flags, which the specification only wants to be ignored, and takes a dash
// after the flags, where the specification has nothing.
func TestParserAgreesWithOtel(t *testing.T) {
	const good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	const alphabet = "0123456789abcdefABCDEF-g ,\x00é"
	r := rand.New(rand.NewPCG(1, 2))
	accepted := 0
	for range 100_000 {
		b := []byte(good)
		if r.IntN(4) == 0 {
			copy(b, "cc")
		}
		for range r.IntN(4) {
			b[r.IntN(len(b))] = alphabet[r.IntN(len(alphabet))]
		}
		switch r.IntN(8) {
		case 0:
			b = b[:r.IntN(len(b))]
		case 1:
			b = append(b, alphabet[r.IntN(len(alphabet))])
		case 2:
			b = append(b, "-more"...)
		}
		h := http.Header{"Traceparent": {string(b)}}
		theirs := trace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(), propagation.HeaderCarrier(h)))
		ours, _ := scope.FromContext(httptel.Extract(context.Background(), h))
		if strings.HasPrefix(string(b), "00-") && len(b) == len(good) && !theirs.IsValid() && ours.TraceID != "" {
			assert.NotContains(t, []string{"00", "01", "02", "03"}, string(b[53:]), "%q", b)
			continue
		}
		if strings.HasPrefix(string(b), "00-") && string(b[min(len(b), len(good)):]) == "-" {
			require.Empty(t, ours.TraceID)
			continue
		}
		require.Equal(t, theirs.IsValid(), ours.TraceID != "", "%q", b)
		if theirs.IsValid() {
			accepted++
			assert.Equal(t, theirs.TraceID().String(), ours.TraceID)
			assert.Equal(t, theirs.SpanID().String(), ours.SpanID)
		}
	}
	assert.Greater(t, accepted, 1000)
}
