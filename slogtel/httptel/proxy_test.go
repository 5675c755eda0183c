package httptel

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// proxied is a reverse proxy, with the middleware and the transport, before a server
// with the middleware.
func proxied(t *testing.T, backend http.HandlerFunc) (front string, rec *slogteltest.Recorder) {
	tel, rec := tracing(t)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /back", backend)
	back := newServer(t, NewMiddleware(tel, nil)(mux), false)
	target, err := url.Parse(back.URL)
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport:     NewTransport(&http.Transport{DisableKeepAlives: true}, tel, nil),
		FlushInterval: -1,
	}
	return newServer(t, NewMiddleware(tel, nil)(proxy), false).URL, rec
}

func finishedAll(t *testing.T, rec *slogteltest.Recorder) (front, call, back slogtel.Timing) {
	t.Helper()
	require.Eventually(t, func() bool { return len(rec.Timings("")) == 3 }, time.Minute, time.Millisecond)
	return only(t, rec, unknownRouteName), only(t, rec, unknownRouteName+".http.client.get"), only(t, rec, "http.server.get_back")
}

// A connection that both ends switch to another protocol goes through all of it.
func TestProxyOfUpgrades(t *testing.T) {
	front, rec := proxied(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if !assert.NoError(t, err) {
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		line, _ := rw.ReadString('\n')
		fmt.Fprint(conn, line)
	})
	conn, err := net.Dial("tcp", front[len("http://"):])
	require.NoError(t, err)
	defer conn.Close()
	fmt.Fprint(conn, "GET /back HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	in := bufio.NewReader(conn)
	resp, err := http.ReadResponse(in, nil)
	require.NoError(t, err)
	assert.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
	fmt.Fprint(conn, "hello\n")
	line, err := in.ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "hello\n", line)
	conn.Close()

	server, call, back := finishedAll(t, rec)
	assert.Equal(t, true, attrs(server)[KeyHijacked])
	assert.EqualValues(t, http.StatusSwitchingProtocols, attrs(call)[KeyStatus])
	assert.Equal(t, true, attrs(back)[KeyHijacked])
	assert.Equal(t, server.SpanID, call.ParentSpanID)
	assert.Equal(t, call.SpanID, back.ParentSpanID)
}

// When the client leaves, ReverseProxy panics with http.ErrAbortHandler: no failure of
// the service. When its backend breaks off it does the same, and that is one.
func TestProxyThatAborts(t *testing.T) {
	part := bytes.Repeat([]byte("x"), 64<<10)
	t.Run("client", func(t *testing.T) {
		front, rec := proxied(t, func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = w.Write(part)
			}
		})
		ctx, cancel := context.WithCancel(t.Context())
		req, err := http.NewRequestWithContext(ctx, "GET", front+"/back", nil)
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		_, err = resp.Body.Read(make([]byte, 10))
		require.NoError(t, err)
		cancel()
		resp.Body.Close()
		server, _, _ := finishedAll(t, rec)
		assert.Equal(t, true, attrs(server)[KeyCanceled])
		assert.Empty(t, server.Error)
	})
	t.Run("backend", func(t *testing.T) {
		front, rec := proxied(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(part)
			panic(http.ErrAbortHandler)
		})
		resp, err := http.Get(front + "/back")
		require.NoError(t, err)
		_, err = bufio.NewReader(resp.Body).WriteTo(bytes.NewBuffer(nil))
		require.Error(t, err)
		resp.Body.Close()
		server, _, _ := finishedAll(t, rec)
		assert.NotContains(t, attrs(server), KeyCanceled)
		assert.Equal(t, "panic: net/http: abort Handler", server.Error)
	})
}
