package httptel

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

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
