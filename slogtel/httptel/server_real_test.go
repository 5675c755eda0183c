package httptel

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// both runs test with a real server of each protocol, whose handlers are in mux.
func both(t *testing.T, pattern string, h http.HandlerFunc, test func(t *testing.T, url string, client *http.Client, finished func() slogtel.Timing)) {
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("http2=%t", http2), func(t *testing.T) {
			tel, rec := slogteltest.New(t)
			mux := http.NewServeMux()
			mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
				assert.Equal(t, http2, r.ProtoMajor == 2)
				h(w, r)
			})
			srv := newServer(t, NewMiddleware(tel, nil)(mux), http2)
			test(t, srv.URL, srv.Client(), func() slogtel.Timing {
				srv.Close() // of HTTP/2 it does not wait for the handlers
				require.Eventually(t, func() bool { return len(rec.Timings("")) > 0 }, time.Minute, time.Millisecond)
				rec.CheckNoOpenScopes(t)
				return only(t, rec, RouteName(pattern))
			})
		})
	}
}

func get(t *testing.T, client *http.Client, url string) (*http.Response, string) {
	t.Helper()
	resp, err := client.Get(url)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	resp.Body.Close()
	return resp, string(body)
}

func TestStreaming(t *testing.T) {
	next := make(chan struct{})
	both(t, "GET /", func(w http.ResponseWriter, _ *http.Request) {
		for range 3 {
			_, _ = io.WriteString(w, "tick\n")
			w.(http.Flusher).Flush()
			<-next
		}
	}, func(t *testing.T, url string, client *http.Client, finished func() slogtel.Timing) {
		resp, err := client.Get(url)
		require.NoError(t, err)
		lines := bufio.NewScanner(resp.Body)
		for range 3 {
			require.True(t, lines.Scan(), "each line comes before the next is written")
			next <- struct{}{}
		}
		resp.Body.Close()
		assert.EqualValues(t, 15, attrs(finished())[KeyResponseSize])
	})
}

func TestTrailers(t *testing.T) {
	both(t, "POST /", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		assert.Equal(t, "from the client", r.Trailer.Get("Sum"))
		w.Header().Set("Trailer", "Sum")
		_, _ = w.Write(body)
		w.Header().Set("Sum", "from the server")
	}, func(t *testing.T, url string, client *http.Client, finished func() slogtel.Timing) {
		req, _ := http.NewRequest("POST", url, struct{ io.Reader }{strings.NewReader("chunked")})
		req.Trailer = http.Header{"Sum": {"from the client"}}
		resp, err := client.Do(req)
		require.NoError(t, err)
		_, _ = io.ReadAll(resp.Body)
		resp.Body.Close()
		assert.Equal(t, "from the server", resp.Trailer.Get("Sum"))
		got := attrs(finished())
		assert.EqualValues(t, 7, got[KeyRequestSize])
		assert.EqualValues(t, 7, got[KeyResponseSize])
	})
}

func TestNoBodyAllowed(t *testing.T) {
	for _, status := range []int{204, 304} {
		both(t, "GET /", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, err := io.WriteString(w, "not allowed")
			assert.Equal(t, http.ErrBodyNotAllowed, err)
		}, func(t *testing.T, url string, client *http.Client, finished func() slogtel.Timing) {
			get(t, client, url)
			got := attrs(finished())
			assert.EqualValues(t, status, got[KeyStatus])
			assert.EqualValues(t, 0, got[KeyResponseSize])
		})
	}
}

func TestHead(t *testing.T) {
	both(t, "GET /", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "thrown away") },
		func(t *testing.T, url string, client *http.Client, finished func() slogtel.Timing) {
			resp, err := client.Head(url)
			require.NoError(t, err)
			resp.Body.Close()
			got := attrs(finished())
			assert.Equal(t, "HEAD", got[KeyMethod])
			assert.EqualValues(t, 0, got[KeyResponseSize])
		})
}

func TestExpectContinue(t *testing.T) {
	both(t, "POST /", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
	}, func(t *testing.T, url string, client *http.Client, finished func() slogtel.Timing) {
		continued := false
		client.Transport.(*http.Transport).ExpectContinueTimeout = time.Minute
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got100Continue: func() { continued = true }})
		req, _ := http.NewRequestWithContext(ctx, "POST", url, strings.NewReader("body"))
		req.Header.Set("Expect", "100-continue")
		resp, err := client.Do(req)
		require.NoError(t, err)
		_, _ = io.ReadAll(resp.Body)
		resp.Body.Close()
		assert.True(t, continued)
		assert.EqualValues(t, 4, attrs(finished())[KeyRequestSize])
	})
}

func TestInformational(t *testing.T) {
	both(t, "GET /", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</a.css>")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusAccepted)
	}, func(t *testing.T, url string, client *http.Client, finished func() slogtel.Timing) {
		var hints []int
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			Got1xxResponse: func(code int, _ textproto.MIMEHeader) error { hints = append(hints, code); return nil }})
		req, _ := http.NewRequestWithContext(ctx, "GET", url, nil)
		resp, err := client.Do(req)
		require.NoError(t, err)
		resp.Body.Close()
		assert.Equal(t, []int{103}, hints)
		assert.Equal(t, 202, resp.StatusCode)
		assert.EqualValues(t, 202, attrs(finished())[KeyStatus])
	})
}

func TestPanicsOfRealServers(t *testing.T) {
	both(t, "GET /", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		func(t *testing.T, url string, client *http.Client, finished func() slogtel.Timing) {
			req, _ := http.NewRequest("POST", url, strings.NewReader("x")) // not sent again by net/http
			req.Method = "GET"
			_, err := client.Do(req)
			require.Error(t, err, "the server goes on to abort the response")
			got := finished()
			assert.Equal(t, "panic: net/http: abort Handler", got.Error)
			assert.NotContains(t, attrs(got), KeyStatus)
		})
}

func TestClientThatLeaves(t *testing.T) {
	started := make(chan struct{})
	both(t, "GET /", func(w http.ResponseWriter, r *http.Request) {
		close(started)
		<-r.Context().Done()
	}, func(t *testing.T, url string, client *http.Client, finished func() slogtel.Timing) {
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-started; cancel() }()
		req, _ := http.NewRequestWithContext(ctx, "GET", url, nil)
		_, err := client.Do(req)
		require.ErrorIs(t, err, context.Canceled)
		got := finished()
		assert.Equal(t, true, attrs(got)[KeyCanceled])
		assert.NotContains(t, attrs(got), KeyStatus)
		assert.Empty(t, got.Error)
		started = make(chan struct{})
	})
}

// A body without end: the handler reads a part of it, and leaves.
func TestBodyWithoutEnd(t *testing.T) {
	both(t, "POST /", func(w http.ResponseWriter, r *http.Request) {
		_, err := io.CopyN(io.Discard, r.Body, 100_000)
		assert.NoError(t, err)
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	}, func(t *testing.T, url string, client *http.Client, finished func() slogtel.Timing) {
		req, _ := http.NewRequest("POST", url, endless{})
		if resp, err := client.Do(req); err == nil {
			resp.Body.Close()
		}
		got := attrs(finished())
		assert.EqualValues(t, 413, got[KeyStatus])
		assert.EqualValues(t, 100_000, got[KeyRequestSize])
	})
}

// endless is a body of zeros without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestTimeoutHandler(t *testing.T) {
	tel, rec := slogteltest.New(t)
	release := make(chan struct{})
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		_, _ = w.Write([]byte("late"))
		close(release)
	})
	h := NewMiddleware(tel, nil)(http.TimeoutHandler(NewMiddleware(tel, nil)(slow), time.Millisecond, "too slow"))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	<-release
	assert.Equal(t, 503, w.Code)
	assert.Equal(t, "503 Service Unavailable", only(t, rec, "http.server.request").Error)
}

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
