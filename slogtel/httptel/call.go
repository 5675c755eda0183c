package httptel

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/slogtel/telemetry/slogtel"
)

// A call is one request of a client, and the body of its response. Read and Close may
// run at the same time.
type call struct {
	span    *slogtel.Span
	method  string
	host    string
	port    int // 0: none in the URL
	status  int // 0: no response
	resends int
	extra   []slog.Attr
	fault   error      // of a function of the options
	conn    *connTrace // nil: not asked for

	body     io.ReadCloser
	received atomic.Int64
	counted  bool // the request's body is counted in sent; else see length
	sent     atomic.Int64
	length   int64
	limit    int // of what is kept for a preview; 0: none
	preview  func(raw ...any) slog.Attr
	ended    atomic.Bool

	mu   sync.Mutex // guards kept
	kept []byte
}

var errNoResponse = errors.New("RoundTripper returned neither a response nor an error")

// Read reads the response's body.
func (c *call) Read(p []byte) (int, error) {
	n, err := c.body.Read(p)
	if n > 0 && n <= len(p) {
		c.received.Add(int64(n))
		if c.limit > 0 {
			c.keep(p[:n])
		}
	}
	switch err {
	case nil:
	case io.EOF:
		c.end(nil)
	default:
		c.end(err)
	}
	return n, err
}

// Close closes the response's body, and ends the scope if that has not been done.
func (c *call) Close() error {
	err := c.body.Close()
	c.end(nil)
	return err
}

func (c *call) keep(p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended.Load() {
		return
	}
	c.kept = append(c.kept, p[:min(len(p), c.limit-len(c.kept))]...)
}

// end ends the scope, the first time that it is called.
func (c *call) end(err error) {
	if !c.ended.CompareAndSwap(false, true) {
		return
	}
	switch {
	case err != nil:
		c.span.Fail(err)
	case c.status == 0:
		c.span.Fail(errNoResponse)
	case c.status >= 400: // for a client a 4xx is a failure, too
		c.span.Fail(statusError(c.status))
	default:
		c.span.Fail(c.fault)
	}
	if c.limit > 0 {
		c.mu.Lock()
		kept := c.kept
		c.kept = nil
		c.mu.Unlock()
		if len(kept) > 0 {
			c.span.SetAttrs(c.preview(kept))
		}
	}
	var scratch [16]slog.Attr
	attrs := append(scratch[:0], slog.String(KeyMethod, c.method))
	if c.host != "" {
		attrs = append(attrs, slog.String(KeyServer, c.host))
	}
	if c.port != 0 {
		attrs = append(attrs, slog.Int(KeyServerPort, c.port))
	}
	if c.status != 0 {
		attrs = append(attrs, slog.Int(KeyStatus, c.status))
	}
	switch {
	case c.counted:
		attrs = append(attrs, slog.Int64(KeyRequestSize, c.sent.Load()))
	case c.length > 0:
		attrs = append(attrs, slog.Int64(KeyRequestSize, c.length))
	}
	attrs = append(attrs, slog.Int64(KeyResponseSize, c.received.Load()))
	resends := c.resends
	if c.conn != nil {
		resends += c.conn.retries()
	}
	if resends > 0 {
		attrs = append(attrs, slog.Int(KeyResendCount, resends))
	}
	if c.conn != nil {
		attrs = c.conn.append(attrs)
	}
	c.span.End(append(attrs, c.extra...)...)
}

// countRequest has the size of out's body counted while it is sent. A body whose length was
// declared is left as it is, so that a file is still sent by the kernel.
func (c *call) countRequest(out *http.Request) {
	switch {
	case out.Body == nil || out.Body == http.NoBody:
	case out.ContentLength > 0:
		c.length = out.ContentLength
	default:
		c.counted = true
		out.Body = &requestBody{out.Body, &c.sent}
		if again := out.GetBody; again != nil {
			out.GetBody = func() (io.ReadCloser, error) {
				body, err := again()
				if body == nil {
					return nil, err
				}
				c.sent.Store(0) // net/http sends it from the beginning
				return &requestBody{body, &c.sent}, err
			}
		}
	}
}

// hostPort returns the host of u without its port, and the port, 0 if there is none.
func hostPort(u *url.URL) (string, int) {
	const most = 255 // of a host name
	host := u.Hostname()
	port, _ := strconv.Atoi(u.Port())
	return host[:min(len(host), most)], port
}

// previewable reports whether a body with these headers is text that can be read.
func previewable(h http.Header) bool {
	if e := h.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return false
	}
	kind, _, _ := strings.Cut(strings.ToLower(h.Get("Content-Type")), ";")
	kind = strings.TrimSpace(kind)
	for _, part := range []string{"json", "xml", "javascript", "x-www-form-urlencoded"} {
		if strings.Contains(kind, part) {
			return true
		}
	}
	return kind == "" || strings.HasPrefix(kind, "text/")
}
