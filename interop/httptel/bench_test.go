package httptel

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
)

type discard = testkit.Discard

// dropSpans is a span processor that does nothing.
type dropSpans struct{}

func (dropSpans) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (dropSpans) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (dropSpans) Shutdown(context.Context) error                  { return nil }
func (dropSpans) ForceFlush(context.Context) error                { return nil }

func tel(ids bool) *slogtel.Telemetry {
	return slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: ids}, discard{})
}

func otelOptions() []otelhttp.Option {
	return []otelhttp.Option{
		otelhttp.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(dropSpans{}))),
		otelhttp.WithPropagators(propagation.TraceContext{}),
	}
}

// A variant does one request.
type variant struct {
	name string
	run  func()
}

// inTurns runs some requests of each variant in turns, and reports the median times
// of a request and their ratios to ours: the machines that this runs on are noisy, and
// only what ran side by side can be compared.
func inTurns(b *testing.B, ours string, variants []variant) {
	const batch = 200
	times := make([][]float64, len(variants))
	for b.Loop() {
		for i, v := range variants {
			start := time.Now()
			for range batch {
				v.run()
			}
			times[i] = append(times[i], float64(time.Since(start))/batch)
		}
	}
	medians := make(map[string]float64)
	for i, v := range variants {
		slices.Sort(times[i])
		medians[v.name] = times[i][len(times[i])/2]
		b.ReportMetric(medians[v.name], v.name+"-ns/req")
	}
	b.ReportMetric(medians["otelhttp"]/medians[ours], "otelhttp/"+ours)
	b.ReportMetric((medians["otelhttp"]-medians["bare"])/(medians[ours]-medians["bare"]), "added:otelhttp/"+ours)
	b.ReportMetric(0, "ns/op")
}

// nowhere is a ResponseWriter with the interfaces of net/http's.
type nowhere struct {
	http.ResponseWriter
	http.Flusher
	http.Hijacker
	io.ReaderFrom
	header http.Header
}

func (w *nowhere) Header() http.Header         { return w.header }
func (w *nowhere) WriteHeader(int)             {}
func (w *nowhere) Write(p []byte) (int, error) { return len(p), nil }

var okBody = []byte("ok")

// The server's side of a request: what goes through the handler, without a network.
func BenchmarkServer(b *testing.B) {
	newMux := func() *http.ServeMux {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /users/{id}", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(okBody) })
		return mux
	}
	for _, traceparent := range []string{"", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"} {
		name := "new trace"
		if traceparent != "" {
			name = "caller's trace"
		}
		b.Run(name, func(b *testing.B) {
			req := httptest.NewRequest("GET", "/users/42", nil)
			if traceparent != "" {
				req.Header.Set("Traceparent", traceparent)
			}
			through := func(name string, h http.Handler) variant {
				w := &nowhere{header: http.Header{}}
				return variant{name, func() { h.ServeHTTP(w, req) }}
			}
			inTurns(b, "slogtel", []variant{
				through("bare", newMux()),
				through("slogtel", httptel.NewMiddleware(tel(true), nil)(newMux())),
				through("slogtel-without-ids", httptel.NewMiddleware(tel(false), nil)(newMux())),
				through("otelhttp", otelhttp.NewHandler(newMux(), "server", otelOptions()...)),
			})
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// The client's side of a call, without a network.
func BenchmarkClient(b *testing.B) {
	base := roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
	})
	req := httptest.NewRequest("GET", "http://host/path", nil)
	through := func(name string, rt http.RoundTripper) variant {
		return variant{name, func() {
			resp, _ := rt.RoundTrip(req)
			resp.Body.Close()
		}}
	}
	inTurns(b, "slogtel", []variant{
		through("bare", base),
		through("slogtel", httptel.NewTransport(base, tel(true), nil)),
		through("otelhttp", otelhttp.NewTransport(base, otelOptions()...)),
	})
}

// A whole request over the loopback interface, client and server both instrumented.
func BenchmarkLoopback(b *testing.B) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(okBody) })
	both := func(name string, server func(http.Handler) http.Handler, client func(http.RoundTripper) http.RoundTripper) variant {
		mux := http.NewServeMux()
		mux.Handle("GET /work", handler)
		srv := httptest.NewServer(server(mux))
		b.Cleanup(srv.Close)
		c := &http.Client{Transport: client(&http.Transport{})}
		b.Cleanup(c.CloseIdleConnections)
		return variant{name, func() {
			resp, err := c.Get(srv.URL + "/work")
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}}
	}
	inTurns(b, "slogtel", []variant{
		both("bare", func(h http.Handler) http.Handler { return h }, func(rt http.RoundTripper) http.RoundTripper { return rt }),
		both("slogtel", httptel.NewMiddleware(tel(true), nil), func(rt http.RoundTripper) http.RoundTripper { return httptel.NewTransport(rt, tel(true), nil) }),
		both("otelhttp", otelhttp.NewMiddleware("server", otelOptions()...), func(rt http.RoundTripper) http.RoundTripper { return otelhttp.NewTransport(rt, otelOptions()...) }),
	})
}
