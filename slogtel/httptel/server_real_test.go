package httptel

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
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

// As a WebSocket does: an upgrade, and the connection goes on by itself.
func TestHijack(t *testing.T) {
	tel, rec := slogteltest.New(t)
	srv := newServer(t, NewMiddleware(tel, nil)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if !assert.NoError(t, err) {
			return
		}
		defer conn.Close()
		_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		_ = rw.Flush()
		line, _ := rw.ReadString('\n')
		_, _ = rw.WriteString(line)
		_ = rw.Flush()
		_, err = w.Write([]byte("x"))
		assert.Equal(t, http.ErrHijacked, err)
	})), false)
	clientTel, clientRec := slogteltest.New(t)
	client := &http.Client{Transport: NewTransport(nil, clientTel, &ClientOptions{RawPreview: previews(true)})}
	req, _ := http.NewRequest("GET", srv.URL, nil)
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "echo")
	resp, err := client.Do(req)
	require.NoError(t, err)
	assert.EqualValues(t, 101, attrs(only(t, clientRec, "http.client.get"))[KeyStatus], "the call is over, the connection is not")
	conn, ok := resp.Body.(io.ReadWriteCloser)
	require.True(t, ok)
	_, _ = io.WriteString(conn, "hello\n")
	echo, _ := bufio.NewReader(conn).ReadString('\n')
	assert.Equal(t, "hello\n", echo)
	conn.Close()
	srv.Close()
	require.Eventually(t, func() bool { return len(rec.Timings("")) == 1 }, time.Minute, time.Millisecond)
	got := attrs(only(t, rec, "http.server.request"))
	assert.Equal(t, true, got[KeyHijacked])
	assert.NotContains(t, got, KeyStatus)
}

func TestControllerReachesTheConnection(t *testing.T) {
	both(t, "GET /", func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		assert.NoError(t, c.SetReadDeadline(time.Now().Add(time.Minute)))
		assert.NoError(t, c.SetWriteDeadline(time.Now().Add(time.Minute)))
		assert.NoError(t, c.Flush())
		_, isHijacker := w.(http.Hijacker)
		_, isReaderFrom := w.(io.ReaderFrom)
		_, isPusher := w.(http.Pusher)
		_, isNotifier := w.(closeNotifier)
		assert.True(t, isNotifier)
		assert.Equal(t, r.ProtoMajor == 1, isHijacker)
		assert.Equal(t, r.ProtoMajor == 1, isReaderFrom)
		assert.Equal(t, r.ProtoMajor == 2, isPusher)
		if r.ProtoMajor == 1 {
			assert.NoError(t, c.EnableFullDuplex())
		} else {
			assert.ErrorIs(t, w.(http.Pusher).Push("/x", nil), http.ErrNotSupported, "as this client does not want it")
		}
	}, func(t *testing.T, url string, client *http.Client, finished func() slogtel.Timing) {
		get(t, client, url)
		assert.EqualValues(t, 200, attrs(finished())[KeyStatus])
	})
}
