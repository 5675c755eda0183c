package httptel

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel"
)

// The status that is recorded is the one that the client got, where a handler goes about
// it in odd ways.
func TestStatusThatWasSent(t *testing.T) {
	for name, tc := range map[string]struct {
		handler http.HandlerFunc
		want    int
	}{
		"copying fails at once": {func(w http.ResponseWriter, _ *http.Request) {
			if _, err := io.Copy(w, iotest.ErrReader(errors.New("upstream"))); err != nil {
				http.Error(w, "bad gateway", http.StatusBadGateway)
			}
		}, 502},
		"copying nothing": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, struct{ io.Reader }{strings.NewReader("")})
			w.WriteHeader(http.StatusNotFound)
		}, 404},
		"writing nothing": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(nil)
			w.WriteHeader(http.StatusNotFound)
		}, 200},
		"copying fails in the middle": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.Copy(w, io.MultiReader(strings.NewReader("some"), iotest.ErrReader(errors.New("upstream"))))
			w.WriteHeader(http.StatusBadGateway)
		}, 200},
		"flushed before": {func(w http.ResponseWriter, _ *http.Request) {
			_ = http.NewResponseController(w).Flush()
			_, _ = io.Copy(w, iotest.ErrReader(errors.New("upstream")))
			w.WriteHeader(http.StatusBadGateway)
		}, 200},
		"invalid, informational, twice": {func(w http.ResponseWriter, _ *http.Request) {
			func() {
				defer func() { _ = recover() }()
				w.WriteHeader(0)
			}()
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusCreated)
			w.WriteHeader(http.StatusInternalServerError)
		}, 201},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, "GET /", tc.handler, func(t *testing.T, url string, client *http.Client, finished func() slogtel.Timing) {
				resp, _ := get(t, client, url)
				assert.Equal(t, tc.want, resp.StatusCode)
				assert.EqualValues(t, tc.want, attrs(finished())[KeyStatus])
			})
		})
	}
}

// What a handler says after it took the connection over reaches nobody.
func TestStatusAfterHijack(t *testing.T) {
	tel, rec := tracing(t)
	srv := newServer(t, NewMiddleware(tel, nil)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if !assert.NoError(t, err) {
			return
		}
		defer conn.Close()
		w.WriteHeader(http.StatusInternalServerError)
		_, err = io.WriteString(w, "lost")
		assert.ErrorIs(t, err, http.ErrHijacked)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	})), false)
	_, _ = get(t, srv.Client(), srv.URL)
	require.Eventually(t, func() bool { return len(rec.Timings("")) > 0 }, time.Minute, time.Millisecond)
	e := only(t, rec, unknownRouteName)
	assert.NotContains(t, attrs(e), KeyStatus)
	assert.Empty(t, e.Error)
}

// TimeoutHandler around the middleware answers in its place.
func TestTimeoutHandlerOutside(t *testing.T) {
	tel, rec := tracing(t)
	write := make(chan struct{})
	h := NewMiddleware(tel, nil)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-write
		_, err := io.WriteString(w, "late")
		assert.ErrorIs(t, err, http.ErrHandlerTimeout)
	}))
	srv := newServer(t, http.TimeoutHandler(h, time.Millisecond, "slow"), false)
	resp, _ := get(t, srv.Client(), srv.URL)
	assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	close(write)
	require.Eventually(t, func() bool { return len(rec.Timings("")) > 0 }, time.Minute, time.Millisecond)
	e := only(t, rec, unknownRouteName)
	assert.NotContains(t, attrs(e), KeyStatus, "not one of the handler's")
	assert.Equal(t, true, attrs(e)[KeyCanceled])
}

// Request and response at the same time, in HTTP/1.1 as well.
func TestFullDuplex(t *testing.T) {
	both(t, "POST /", func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		if r.ProtoMajor == 1 {
			assert.NoError(t, control.EnableFullDuplex())
		}
		assert.NoError(t, control.Flush())
		for in := bufio.NewScanner(r.Body); in.Scan(); {
			fmt.Fprintln(w, in.Text())
			assert.NoError(t, control.Flush())
		}
	}, func(t *testing.T, url string, client *http.Client, finished func() slogtel.Timing) {
		body, send := io.Pipe()
		resp, err := client.Post(url, "text/plain", body)
		require.NoError(t, err)
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		for _, line := range []string{"a", "b", "c"} {
			fmt.Fprintln(send, line)
			require.True(t, lines.Scan(), "each line comes back before the next is sent")
			assert.Equal(t, line, lines.Text())
		}
		require.NoError(t, send.Close())
		assert.False(t, lines.Scan())
		a := attrs(finished())
		assert.EqualValues(t, 6, a[KeyRequestSize])
		assert.EqualValues(t, 6, a[KeyResponseSize])
	})
}
