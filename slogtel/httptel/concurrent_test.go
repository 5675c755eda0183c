package httptel

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Clients of every kind at once: each request that reached a handler has one event.
func TestManyAtOnce(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("http2=%t", http2), func(t *testing.T) {
			tel, rec := tracing(t)
			clientTel, calls := tracing(t)
			var handled, inside atomic.Int64
			mux := http.NewServeMux()
			handle := func(pattern string, h http.HandlerFunc) {
				mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { handled.Add(1); h(w, r) })
			}
			handle("/echo/{x}", func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
			handle("/panic", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
			handle("/half", func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "half")
				_ = http.NewResponseController(w).Flush()
				panic("boom")
			})
			handle("/never", func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // before that, net/http does not notice that an HTTP/1 client has left
				<-r.Context().Done()
			})
			handle("/endless", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, endless{}) })
			handle("/hijack", func(w http.ResponseWriter, _ *http.Request) {
				if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
					conn.Close()
				}
			})
			observed := NewMiddleware(tel, nil)(mux)
			srv := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				inside.Add(1)
				defer inside.Add(-1)
				observed.ServeHTTP(w, r)
			}), http2)
			rt := NewTransport(srv.Client().Transport, clientTel, &ClientOptions{Timings: true, RawPreview: previews(true)})
			var sent atomic.Int64
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					for range 40 {
						ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(int(20*time.Millisecond))))
						path := []string{"/echo/1", "/panic", "/half", "/never", "/endless", "/hijack", "/none"}[rand.IntN(7)]
						req, _ := http.NewRequestWithContext(ctx, "POST", srv.URL+path, struct{ io.Reader }{strings.NewReader("hello")})
						sent.Add(1)
						resp, err := rt.RoundTrip(req)
						if err == nil {
							_, _ = io.CopyN(io.Discard, resp.Body, 1<<20)
							resp.Body.Close()
						}
						cancel()
					}
				})
			}
			wg.Wait()
			srv.Close() // of HTTP/2 it does not wait for the handlers
			require.Eventually(t, func() bool {
				return inside.Load() == 0 && len(rec.Timings(""))-len(rec.Timings(unmatchedName)) == int(handled.Load())
			}, time.Minute, time.Millisecond)
			rec.CheckNoOpenScopes(t)
			calls.CheckNoOpenScopes(t)
			assert.Len(t, calls.Timings("http.client.post"), int(sent.Load()))
		})
	}
}

// Handlers that leave goroutines behind, which go on to read and write.
func TestLateGoroutines(t *testing.T) {
	tel, rec := tracing(t)
	var wg sync.WaitGroup
	h := NewMiddleware(tel, nil)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wg.Go(func() {
			for range 1000 {
				_, _ = w.Write(okBody)
				_, _ = io.WriteString(w, "x")
			}
		})
		wg.Go(func() { _, _ = io.Copy(io.Discard, r.Body) })
	}))
	for range 20 {
		h.ServeHTTP(&nowhere{header: http.Header{}}, httptest.NewRequest("POST", "/", strings.NewReader(strings.Repeat("x", 1<<16))))
	}
	wg.Wait()
	assert.Len(t, rec.Timings("http.server.request"), 20)
}
