package httptel

import (
	"cmp"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"time"

	"github.com/slogtel/telemetry/internal/errtext"
	"github.com/slogtel/telemetry/slogtel"
)

// ClientOptions configure [NewTransport].
//
// The functions are called for each request, from many goroutines at once. When one
// panics the call goes on as if it had returned nothing (Filter: true), and the call's
// event carries the panic as its error.
type ClientOptions struct {
	// ScopeName names the scope of a call. It must return one of a few names, such as
	// "payments.charge", and never a host or a path: beyond 1024 different names a call is
	// http.client.overflow. A name that is not valid is sanitized. An empty name stands for
	// the default, http.client and the method, as in http.client.get.
	ScopeName func(*http.Request) string

	// Filter says whether a call is recorded. A call that is not recorded is sent without a
	// traceparent of this package. Nil records all.
	Filter func(*http.Request) bool

	// Attrs returns attributes to add to the event. It is called before the request is
	// sent, with the caller's request.
	Attrs func(*http.Request) []slog.Attr

	// Timings adds the times of the connection that net/http/httptrace reports, see the
	// package documentation. It costs some microseconds a call.
	Timings bool

	// NoTraceparent adds no traceparent and no tracestate: for servers that are no
	// business of our traces. Those that a request has already, as one that
	// httputil.ReverseProxy passes on, stay.
	NoTraceparent bool

	// RawPreview adds a preview of the response's body to the event, where it is on. The
	// body is kept while the caller reads it, up to PreviewLimit bytes; no byte is read
	// that the caller does not ask for. A body that is compressed or neither text nor
	// JSON has no preview. A *preview.Previewer of package slogtel/preview is one.
	RawPreview interface {
		Enabled() bool
		Attr(raw ...any) slog.Attr
	}

	// PreviewLimit is the number of bytes of a body that are kept for its preview. Zero
	// or less is 64 KiB.
	PreviewLimit int
}

const defaultPreviewLimit = 64 << 10

// NewTransport returns a RoundTripper that records a scope for each call of base, and
// hands the trace on. A nil base is [http.DefaultTransport]. When tel is nil or off,
// base itself is returned. Nil opts are the defaults; they are copied.
//
// See the package documentation for what is recorded.
func NewTransport(base http.RoundTripper, tel *slogtel.Telemetry, opts *ClientOptions) http.RoundTripper {
	base = cmp.Or(base, http.DefaultTransport)
	if !tel.Enabled() {
		return base
	}
	t := &transport{base: base, tel: tel}
	if opts != nil {
		t.opts = *opts
	}
	if t.opts.PreviewLimit <= 0 {
		t.opts.PreviewLimit = defaultPreviewLimit
	}
	if t.opts.ScopeName != nil {
		t.names = newNameTable("http.client.overflow", false, func(name string) string { return name })
	}
	return t
}

type transport struct {
	base  http.RoundTripper
	tel   *slogtel.Telemetry
	opts  ClientOptions
	names *nameTable // of ScopeName
}

var _ http.RoundTripper = (*transport)(nil)

// CloseIdleConnections closes those of the base, if it has a method of that name.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// RoundTrip calls the base with a copy of req. The scope ends when there is no body to
// read: at its end, at an error, when it is closed, or at once where there is none.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	var fault error // of a function of the options
	if !t.tel.Enabled() || t.opts.Filter != nil && !errtext.Try("httptel: ClientOptions.Filter", &fault, true, t.opts.Filter, req) {
		return t.base.RoundTrip(req)
	}
	c := &call{method: knownMethod(req.Method), resends: Resends(req)}
	name := clientNames[c.method]
	if t.names != nil {
		if own := errtext.Try("httptel: ClientOptions.ScopeName", &fault, "", t.opts.ScopeName, req); own != "" {
			name = t.names.find(own, own).name
		}
	}
	if t.opts.Attrs != nil {
		c.extra = errtext.Try("httptel: ClientOptions.Attrs", &fault, nil, t.opts.Attrs, req)
	}
	c.fault = fault
	ctx, span := t.tel.Start(req.Context(), name)
	c.span = span
	if req.URL != nil {
		c.host, c.port = hostPort(req.URL)
	}
	if t.opts.Timings {
		c.conn = &connTrace{start: time.Now()}
		ctx = httptrace.WithClientTrace(ctx, c.conn.hooks())
	}
	out := req.WithContext(ctx)
	if !t.opts.NoTraceparent {
		if out.Header = req.Header.Clone(); out.Header == nil {
			out.Header = make(http.Header, 1)
		}
		Inject(ctx, out.Header)
	}
	c.countRequest(out)

	returned := false
	defer func() {
		if !returned {
			v := recover()
			if v == nil {
				c.end(errGoexit)
				return
			}
			c.end(errtext.Panic(v))
			panic(v)
		}
	}()
	resp, err := t.base.RoundTrip(out)
	returned = true
	if resp != nil && resp.Request == out {
		resp.Request = req
	}
	if err != nil || resp == nil {
		c.end(err)
		return resp, err
	}
	c.status = resp.StatusCode
	if resp.Body == nil || resp.Body == http.NoBody || resp.StatusCode == http.StatusSwitchingProtocols {
		c.end(nil) // a connection that was switched is the caller's to read and write
		return resp, nil
	}
	if p := t.opts.RawPreview; p != nil && p.Enabled() && previewable(resp.Header) {
		c.limit, c.preview = t.opts.PreviewLimit, p.Attr
	}
	c.body = resp.Body
	resp.Body = c
	return resp, nil
}
