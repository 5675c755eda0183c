package httptel

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// probing is a mux with handlers that tell all that a mux tells them. It has other muxes
// inside, which around is called with.
func probing(around func(http.Handler) http.Handler) *http.ServeMux {
	mux := http.NewServeMux()
	tell := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		req.SetPathValue("own", "set")
		for _, name := range []string{"id", "rest", "own", ""} {
			fmt.Fprintf(w, "%q=%q ", name, req.PathValue(name))
		}
		fmt.Fprintf(w, "pattern=%q method=%s path=%s uri=%s", req.Pattern, req.Method, req.URL.Path, req.RequestURI)
	})
	for _, pattern := range []string{
		"/fixed", "/*", "GET /get", "POST /post", "/items/{id}", "/files/{rest...}", "/tree/", "/index/{$}",
		"localhost/hosted", "GET /both", "/deep/er/fixed", "/deep/{id}/fixed",
	} {
		mux.Handle(pattern, tell)
	}
	inner := http.NewServeMux()
	inner.Handle("/outer/inner/{id}", tell)
	inner.Handle("/outer/fixed", tell)
	inner.Handle("/of/{tenant}/{id}", tell)
	inner.Handle("/of/acme/list", tell)
	mux.Handle("/outer/", around(inner))
	mux.Handle("/of/{id}/", around(inner)) // an id that the handlers inside must not see
	mux.Handle("/stripped/", http.StripPrefix("/stripped", mux))
	return mux
}

// The answers of a mux in the middleware are those that it gives alone, to whatever is
// asked of it, also where the handler is called without asking the mux again.
func TestMuxAnswersAsBefore(t *testing.T) {
	tel, _ := tracing(t)
	with := NewMiddleware(tel, nil)
	bare := newServer(t, probing(func(h http.Handler) http.Handler { return h }), false)
	wrapped := newServer(t, with(probing(with)), false)
	nested := newServer(t, with(probing(func(h http.Handler) http.Handler { return between["a copy"](Mux(h.(*http.ServeMux))) })), false)
	for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS", "DELETE", "CONNECT", "STRANGE"} {
		for _, target := range []string{
			"/fixed", "/fixed/", "//fixed", "/fixed?a=b", "/x/../fixed", "/%66ixed", "/fixed%2f", "/get", "/post", "/both",
			"/items/7", "/items/a%2Fb", "/items/", "/files/a/b", "/files/", "/files", "/tree", "/tree/", "/tree/leaf",
			"/index", "/index/", "/index/x", "/hosted", "/deep/er/fixed", "/deep/7/fixed", "/outer/fixed", "/outer/inner/9",
			"/outer", "/outer/none", "/of/acme/list", "/of/acme/7", "/of/acme", "/stripped/fixed", "/stripped/items/7", "/none", "/", "*", "http://localhost/hosted", "http://localhost/fixed",
		} {
			for _, host := range []string{"localhost", "other:80"} {
				want := raw(t, bare, method, target, host)
				assert.Equal(t, want, raw(t, wrapped, method, target, host), "%s %s at %s", method, target, host)
				assert.Equal(t, want, raw(t, nested, method, target, host), "%s %s at %s, with Mux", method, target, host)
			}
		}
	}
}

// raw sends a request as it is written here, and returns the answer without its date.
func raw(t *testing.T, srv *httptest.Server, method, target, host string) string {
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(time.Minute)))
	_, err = fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", method, target, host)
	require.NoError(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	resp.Header.Del("Date")
	return fmt.Sprint(resp.Status, resp.Header, resp.ContentLength, string(body))
}
