package httptel

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func injected(ctx context.Context) http.Header {
	h := headers("Tracestate", "stale=1")
	Inject(ctx, h)
	return h
}

func TestExtractAndInject(t *testing.T) {
	tel, _ := tracing(t)
	ctx := Extract(t.Context(), headers("Traceparent", "00-"+id32+"-"+id16+"-00", "Tracestate", "a=1"))

	info, ok := scope.FromContext(ctx)
	require.True(t, ok)
	assert.Equal(t, scope.Info{TraceID: id32, SpanID: id16}, info)
	assert.Equal(t, headers("Traceparent", "00-"+id32+"-"+id16+"-00", "Tracestate", "a=1"), injected(ctx), "no scope between: passed on")

	ctx, span := tel.Start(ctx, "work")
	defer span.End()
	info, _ = scope.FromContext(ctx)
	assert.Equal(t, id32, info.TraceID)
	assert.NotEqual(t, id16, info.SpanID)
	assert.Equal(t, headers("Traceparent", "00-"+id32+"-"+info.SpanID+"-00", "Tracestate", "a=1"), injected(ctx))
}

func TestExtractWithoutTraceparent(t *testing.T) {
	for _, h := range []http.Header{nil, headers("Tracestate", "a=1"), headers("Traceparent", "junk")} {
		assert.Equal(t, t.Context(), Extract(t.Context(), h))
	}
	h := http.Header{}
	Inject(t.Context(), h)
	assert.Empty(t, h)
}

func TestNewTraceIsSampled(t *testing.T) {
	tel, _ := tracing(t)
	ctx, span := tel.Start(t.Context(), "work")
	defer span.End()
	info, _ := scope.FromContext(ctx)
	assert.Equal(t, headers("Traceparent", "00-"+info.TraceID+"-"+info.SpanID+"-01"), injected(ctx), "and no state of another trace")
}

func TestExtractKeepsThePath(t *testing.T) {
	tel, rec := tracing(t)
	ctx, outer := tel.Start(t.Context(), "main")
	_, span := tel.Start(Extract(ctx, headers("Traceparent", good)), "inner")
	span.End()
	outer.End()
	inner := only(t, rec, "main.inner")
	assert.Equal(t, id32, inner.TraceID)
	assert.Equal(t, id16, inner.ParentSpanID)
	assert.Equal(t, 1, inner.Depth)
}

func TestForeignIDsAreNotSent(t *testing.T) {
	for _, info := range []scope.Info{{TraceID: "x\r\nEvil: 1", SpanID: id16}, {TraceID: id32}, {TraceID: id32, SpanID: "B7AD6B7169203331"}} {
		h := http.Header{}
		Inject(scope.NewContext(t.Context(), info), h)
		assert.Empty(t, h)
	}
}

// A Telemetry without ids is no participant of a trace: what it got goes on unchanged.
func TestWithoutIDsTheTraceGoesThrough(t *testing.T) {
	tel, rec := slogteltest.New(t)
	var sent http.Header
	client := &http.Client{Transport: NewTransport(roundTrip(func(req *http.Request) (*http.Response, error) {
		sent = req.Header
		return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
	}), tel, nil)}
	req := httptest.NewRequest("GET", "/", nil)
	req.Header = headers("Traceparent", good, "Tracestate", "a=1")
	serve(tel, nil, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out, _ := http.NewRequestWithContext(r.Context(), "GET", "http://other/", nil)
		_, err := client.Do(out)
		assert.NoError(t, err)
	}), req)
	assert.Equal(t, good, sent.Get("Traceparent"))
	assert.Equal(t, "a=1", sent.Get("Tracestate"))
	assert.Empty(t, only(t, rec, "http.server.request").TraceID)
}

func TestServerCarriesTheTraceOn(t *testing.T) {
	for name, tc := range map[string]struct {
		headers []string
		opts    *ServerOptions
		joined  bool
	}{
		"valid":       {[]string{"Traceparent", good}, nil, true},
		"two headers": {[]string{"Traceparent", good, "Traceparent", good}, nil, false},
		"not valid":   {[]string{"Traceparent", good + "x"}, nil, false},
		"public":      {[]string{"Traceparent", good, "Tracestate", "a=1"}, &ServerOptions{PublicEndpoint: true}, false},
		"none":        {nil, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			tel, rec := tracing(t)
			req := httptest.NewRequest("GET", "/", nil)
			req.Header = headers(tc.headers...)
			var out http.Header
			serve(tel, tc.opts, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { out = injected(r.Context()) }), req)
			got := only(t, rec, "http.server.request")
			assert.Len(t, got.TraceID, 32)
			assert.Equal(t, tc.joined, got.TraceID == id32)
			assert.Equal(t, tc.joined, got.ParentSpanID == id16)
			assert.Equal(t, "00-"+got.TraceID+"-"+got.SpanID+"-01", out.Get("Traceparent"))
			assert.Empty(t, out.Get("Tracestate"))
			assert.Zero(t, got.Depth)
		})
	}
}

// Two middlewares, one around the mux and one inside: one trace, the inner a child of
// the outer, whether or not the caller is trusted.
func TestTwoMiddlewares(t *testing.T) {
	for _, public := range []bool{false, true} {
		tel, rec := tracing(t)
		mux := http.NewServeMux()
		mux.Handle("GET /a", NewMiddleware(tel, nil)(text(200, "")))
		req := httptest.NewRequest("GET", "/a", nil)
		req.Header = headers("Traceparent", good)
		serve(tel, &ServerOptions{PublicEndpoint: public}, mux, req)
		outer, inner := only(t, rec, "http.server.get_a"), only(t, rec, "http.server.get_a.http.server.get_a")
		assert.Equal(t, !public, outer.TraceID == id32)
		assert.Equal(t, outer.TraceID, inner.TraceID)
		assert.Equal(t, outer.SpanID, inner.ParentSpanID)
	}
}

// A reverse proxy copies the header fields of the request that it got; what it sends
// must name our scopes all the same.
func TestReverseProxy(t *testing.T) {
	tel, rec := tracing(t)
	backend := newServer(t, NewMiddleware(tel, &ServerOptions{ScopeName: func(string) string { return "backend" }, Route: func(*http.Request) string { return "/" }})(text(200, "hello")), false)
	target, _ := url.Parse(backend.URL)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport = NewTransport(nil, tel, nil)
	front := newServer(t, NewMiddleware(tel, nil)(proxy), false)

	req, _ := http.NewRequest("GET", front.URL, nil)
	req.Header.Set("Traceparent", good)
	resp, err := front.Client().Do(req)
	require.NoError(t, err)
	resp.Body.Close()
	front.Close()
	backend.Close()

	server, call, behind := only(t, rec, "http.server.request"), only(t, rec, "http.server.request.http.client.get"), only(t, rec, "backend")
	for _, x := range []slogtel.Timing{server, call, behind} {
		assert.Equal(t, id32, x.TraceID)
	}
	assert.Equal(t, []string{id16, server.SpanID, call.SpanID}, []string{server.ParentSpanID, call.ParentSpanID, behind.ParentSpanID})
	rec.CheckNoOpenScopes(t)
}

// A header field that is not spelled as net/http does would go out beside ours, and the
// receiver would take neither.
func TestInjectReplacesOtherSpellings(t *testing.T) {
	tel, _ := tracing(t)
	ctx, span := tel.Start(t.Context(), "job")
	defer span.End()
	h := http.Header{"traceparent": {"old"}, "tracestate": {"old"}, "X-Other": {"stays"}}
	Inject(ctx, h)
	assert.Len(t, h, 2)
	assert.Len(t, h["Traceparent"], 1)
	assert.Equal(t, "stays", h.Get("X-Other"))
}
