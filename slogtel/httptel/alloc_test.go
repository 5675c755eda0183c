package httptel

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/slogtel"
)

type discard = testkit.Discard

func on(ids bool) *slogtel.Telemetry {
	return slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: ids}, discard{})
}

// nowhere is a ResponseWriter with the interfaces of net/http's, that allocates nothing.
type nowhere struct {
	http.ResponseWriter
	http.Flusher
	http.Hijacker
	io.ReaderFrom
	header http.Header
}

func (w *nowhere) Header() http.Header               { return w.header }
func (w *nowhere) WriteHeader(int)                   {}
func (w *nowhere) Write(p []byte) (int, error)       { return len(p), nil }
func (w *nowhere) WriteString(s string) (int, error) { return len(s), nil }

var okBody = []byte("ok")

func route(path string) *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(okBody) })
	return mux
}

// request returns one that goes through h again and again.
func request(h http.Handler, traceparent string) func() {
	req := httptest.NewRequest("GET", "/work", nil)
	if traceparent != "" {
		req.Header.Set("Traceparent", traceparent)
	}
	w := &nowhere{header: http.Header{}}
	return func() { h.ServeHTTP(w, req) }
}

func TestAllocs(t *testing.T) {
	testkit.NeedsAllocs(t)
	mux := route("/work")
	bare := testing.AllocsPerRun(200, request(mux, ""))
	off := testing.AllocsPerRun(200, request(NewMiddleware(nil, nil)(mux), ""))
	without := testing.AllocsPerRun(200, request(NewMiddleware(on(false), nil)(mux), ""))
	with := testing.AllocsPerRun(200, request(NewMiddleware(on(true), nil)(mux), ""))
	remote := testing.AllocsPerRun(200, request(NewMiddleware(on(true), nil)(mux), good))
	t.Logf("allocations a request: bare %v, off %v, on %v, with ids %v, with a caller's trace %v", bare, off, without, with, remote)
	assert.Equal(t, bare, off)
	assert.LessOrEqual(t, without-bare, 3.0, "the span, the request's copy and the writer")
	assert.LessOrEqual(t, with-bare, 4.0, "and the ids")
	assert.LessOrEqual(t, remote-bare, 6.0, "and the caller's")
}

func BenchmarkServer(b *testing.B) {
	mux := route("/work")
	for _, bc := range []struct {
		name string
		h    http.Handler
		tp   string
	}{
		{"bare", mux, ""},
		{"on", NewMiddleware(on(false), nil)(mux), ""},
		{"ids", NewMiddleware(on(true), nil)(mux), ""},
		{"traceparent", NewMiddleware(on(true), nil)(mux), good},
	} {
		b.Run(bc.name, func(b *testing.B) {
			run := request(bc.h, bc.tp)
			b.ReportAllocs()
			for b.Loop() {
				run()
			}
		})
	}
}

func BenchmarkClient(b *testing.B) {
	base := roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
	})
	req := httptest.NewRequest("GET", "http://host/path", nil)
	for _, bc := range []struct {
		name string
		rt   http.RoundTripper
	}{
		{"bare", base},
		{"on", NewTransport(base, on(false), &ClientOptions{NoTraceparent: true})},
		{"ids", NewTransport(base, on(true), nil)},
		{"timings", NewTransport(base, on(true), &ClientOptions{Timings: true})},
	} {
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = bc.rt.RoundTrip(req)
			}
		})
	}
}
