package llmtel

import (
	"cmp"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/preview"
)

// Options configure [NewTransport].
type Options struct {
	// Provider is gen_ai.provider.name of all calls: for a gateway, whose host says
	// nothing. "" tells it from the host and the path.
	Provider string

	// Price returns what a call costs. It is called from many goroutines, for each call
	// whose usage is known, and returns 0 for a model that it does not know. A panic in
	// it is the error of the call's event, and goes no further.
	Price func(Usage) float64

	// PriceUnit is the unit of the counter llm.cost. "" is USD.
	PriceUnit string

	// RawPreview adds a preview of the response to the event, where it is on. Nil is
	// preview.New(nil): on or off as the environment says.
	RawPreview *preview.Previewer

	// Traceparent hands the trace on in the W3C headers, see [httptel.Inject]. Providers
	// have no use for it; gateways of one's own may.
	Traceparent bool
}

// Usage is what a call used. In the counts Input includes Cached and CacheWritten, and
// Output includes Reasoning, whatever the provider's way to count.
type Usage struct {
	Provider      string
	Operation     string
	RequestModel  string
	ResponseModel string // as the provider names what answered; it may be ""
	preview.Tokens
}

// NewTransport returns a RoundTripper that records a scope for each call of base to a
// provider of language models. Other requests it hands to base as they are. A nil base is
// [http.DefaultTransport]. When tel is nil or off, base itself is returned. Nil opts are
// the defaults; they are copied.
//
// See the package documentation for what is recorded.
func NewTransport(base http.RoundTripper, tel *slogtel.Telemetry, opts *Options) http.RoundTripper {
	base = cmp.Or(base, http.DefaultTransport)
	if !tel.Enabled() {
		return base
	}
	t := &transport{base: base, tel: tel}
	if opts != nil {
		t.opts = *opts
	}
	if t.opts.RawPreview == nil {
		t.opts.RawPreview = preview.New(nil)
	}
	t.meters = newMeters(tel, cmp.Or(t.opts.PriceUnit, "USD"))
	return t
}

type transport struct {
	base   http.RoundTripper
	tel    *slogtel.Telemetry
	opts   Options
	meters meters
}

var _ http.RoundTripper = (*transport)(nil)

// CloseIdleConnections closes those of the base, if it has a method of that name.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// RoundTrip calls the base with a copy of req. The scope ends when the response's body was
// read to its end, failed or was closed.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	where, ok := locate(req)
	if !ok || !t.tel.Enabled() {
		return t.base.RoundTrip(req)
	}
	if t.opts.Provider != "" {
		where.provider = t.opts.Provider
	}
	c := &call{transport: t, where: where, req: req, start: time.Now()}
	c.ctx, c.span = t.tel.Start(req.Context(), where.scopeName())
	out := req.WithContext(c.ctx)
	if t.opts.Traceparent {
		if out.Header = req.Header.Clone(); out.Header == nil {
			out.Header = make(http.Header, 1)
		}
		httptel.Inject(c.ctx, out.Header)
	}
	if where.model == "" {
		c.watchRequest(out)
	}

	returned := false
	defer func() {
		if !returned { // a panic, or runtime.Goexit
			c.end(errNotReturned, false)
		}
	}()
	resp, err := t.base.RoundTrip(out)
	returned = true
	if resp != nil && resp.Request == out {
		resp.Request = req
	}
	if err != nil || resp == nil {
		c.end(cmp.Or(err, errNoResponse), false)
		return resp, err
	}
	c.respond(resp)
	return resp, nil
}

// attr returns an attribute unless its value is "".
func attr(dst []slog.Attr, key, value string) []slog.Attr {
	if value == "" {
		return dst
	}
	const most = 256
	if len(value) > most {
		value = strings.ToValidUTF8(value[:most], "")
	}
	return append(dst, slog.String(key, value))
}
