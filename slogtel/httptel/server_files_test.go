package httptel

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// What is left of a multipart form on disk is removed by the server, which only knows
// the request that it made itself.
func TestMultipartFilesAreRemoved(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("http2=%t", http2), func(t *testing.T) {
			tel, rec := slogteltest.New(t)
			during, left := multipartFiles(t, NewMiddleware(tel, nil), http2)
			require.Len(t, rec.Timings(""), 1)
			assert.Equal(t, 1, during)
			// The server of Go 1.27 leaves them behind on HTTP/2, whatever the handler.
			_, leftWithout := multipartFiles(t, func(h http.Handler) http.Handler { return h }, http2)
			assert.Equal(t, leftWithout, left, "files left, as without a middleware")
		})
	}
}

// multipartFiles has a server read a form, and returns how many files there were meanwhile and are
// left when it is done.
func multipartFiles(t *testing.T, middleware func(http.Handler) http.Handler, http2 bool) (during, left int) {
	t.Setenv("TMPDIR", t.TempDir())
	files := func() int {
		names, _ := filepath.Glob(filepath.Join(os.TempDir(), "multipart-*"))
		return len(names)
	}
	done := make(chan struct{})
	h := middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		assert.Equal(t, http2, r.ProtoMajor == 2)
		assert.NoError(t, r.ParseMultipartForm(1))
		during = files()
	}))
	srv := newServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		h.ServeHTTP(w, r)
	}), http2)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, _ := form.CreateFormFile("f", "f")
	_, _ = io.CopyN(file, endless{}, 100_000)
	form.Close()
	resp, err := srv.Client().Post(srv.URL, form.FormDataContentType(), &body)
	require.NoError(t, err)
	resp.Body.Close()
	<-done
	srv.Close()
	// The server removes them after the handler has returned, and of HTTP/2 nothing tells when.
	for wait := time.Millisecond; files() > 0 && wait < time.Second; wait *= 2 {
		time.Sleep(wait)
	}
	return during, files()
}

// A server reads and writes connections whose ReadFrom tells what it was given.
type spyListener struct {
	net.Listener
	sources chan string
}

type spyConn struct {
	*net.TCPConn
	sources chan string
}

func (l spyListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return spyConn{c.(*net.TCPConn), l.sources}, nil
}

func (c spyConn) ReadFrom(src io.Reader) (int64, error) {
	c.sources <- fmt.Sprintf("%T", src)
	return c.TCPConn.ReadFrom(src)
}

// A file that a handler copies reaches the connection as a file, so that the kernel
// sends it.
func TestFilesAreSentByTheKernel(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file.bin")
	require.NoError(t, os.WriteFile(name, bytes.Repeat([]byte("x"), 1<<20), 0o600))
	tel, rec := slogteltest.New(t)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /copy", func(w http.ResponseWriter, _ *http.Request) {
		f, err := os.Open(name)
		if assert.NoError(t, err) {
			defer f.Close()
			w.Header().Set("Content-Length", "1048576") // else it is chunked, and not for the kernel
			_, _ = io.Copy(w, f)
		}
	})
	mux.HandleFunc("GET /serve", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, name) })
	assert.Equal(t, sourcesOf(t, mux), sourcesOf(t, NewMiddleware(tel, nil)(mux)), "as the connection gets it without a middleware")
	for _, scope := range []string{"http.server.get_copy", "http.server.get_serve"} {
		assert.EqualValues(t, 1<<20, attrs(only(t, rec, scope))[KeyResponseSize])
	}
}

// sourcesOf has a server answer GET /copy and GET /serve, of a MiB each, and returns the types of what
// its connections were to read from.
func sourcesOf(t *testing.T, h http.Handler) (found []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	sources := make(chan string, 10)
	srv := &http.Server{Handler: h}
	go func() { _ = srv.Serve(spyListener{listener, sources}) }()
	for _, path := range []string{"/copy", "/serve"} {
		_, body := get(t, http.DefaultClient, "http://"+listener.Addr().String()+path)
		assert.Len(t, body, 1<<20)
		require.Len(t, sources, 1)
		found = append(found, <-sources)
	}
	http.DefaultClient.CloseIdleConnections()
	require.NoError(t, srv.Shutdown(t.Context()))
	return found
}
