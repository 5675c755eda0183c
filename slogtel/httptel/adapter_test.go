package httptel

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// What an adapter says of a request.
func TestAdapter(t *testing.T) {
	for name, tc := range map[string]struct {
		do     func(http.ResponseWriter, *http.Request, Exchange)
		scope  string
		status any
		size   any
		err    string
	}{
		"nothing": {func(http.ResponseWriter, *http.Request, Exchange) {}, "get_t", int64(200), int64(0), ""},
		"a route": {func(_ http.ResponseWriter, r *http.Request, x Exchange) { x.SetRoute(r.Context(), "/late/{x}") }, "get_late_x", int64(200), int64(0), ""},
		"no route": {func(_ http.ResponseWriter, r *http.Request, x Exchange) { x.SetRoute(r.Context(), "") },
			"unmatched", int64(200), int64(0), ""},
		"a response": {func(_ http.ResponseWriter, _ *http.Request, x Exchange) { x.SetResponse(418, 7) }, "get_t", int64(418), int64(7), ""},
		"a response that is not known": {func(w http.ResponseWriter, _ *http.Request, x Exchange) {
			w.WriteHeader(204)
			x.SetResponse(0, -1)
		}, "get_t", nil, nil, ""},
		"a hijack": {func(_ http.ResponseWriter, _ *http.Request, x Exchange) {
			x.SetResponse(200, 0)
			x.SetHijacked()
		}, "get_t", nil, int64(0), ""},
		"an error": {func(_ http.ResponseWriter, _ *http.Request, x Exchange) { x.SetError(errors.New("boom")) }, "get_t", int64(200), int64(0), "boom"},
		"an error of the client": {func(w http.ResponseWriter, _ *http.Request, x Exchange) {
			w.WriteHeader(404)
			x.SetError(errors.New("boom"))
		}, "get_t", int64(404), int64(0), ""},
		"an error and 500": {func(w http.ResponseWriter, _ *http.Request, x Exchange) {
			w.WriteHeader(500)
			x.SetError(errors.New("boom"))
		}, "get_t", int64(500), int64(0), "boom"},
		"canceled by others, and 500": {func(w http.ResponseWriter, _ *http.Request, x Exchange) {
			w.WriteHeader(500)
			x.SetError(context.Canceled)
		}, "get_t", int64(500), int64(0), "500 Internal Server Error"},
		"a panic": {func(_ http.ResponseWriter, _ *http.Request, x Exchange) {
			x.SetResponse(200, 0)
			panic("boom")
		}, "get_t", nil, int64(0), "panic: boom"},
	} {
		t.Run(name, func(t *testing.T) {
			tel, rec := slogteltest.New(t)
			var kept Exchange
			func() {
				defer func() { _ = recover() }()
				NewAdapter(tel, nil).Serve(httptest.NewRecorder(), httptest.NewRequest("GET", "/t", nil), "/t", func(w http.ResponseWriter, r *http.Request, x Exchange) {
					kept = x
					tc.do(w, r, x)
				})
			}()
			got := only(t, rec, "http.server."+tc.scope)
			assert.Equal(t, tc.status, attrs(got)[KeyStatus])
			assert.Equal(t, tc.size, attrs(got)[KeyResponseSize])
			assert.Equal(t, tc.err, got.Error)
			kept.SetRoute(t.Context(), "/after")
			kept.SetResponse(200, 1)
			kept.SetError(errors.New("after"))
			assert.Len(t, rec.Timings(""), 1)
		})
	}
}

func TestAdapterThatRecordsNothing(t *testing.T) {
	tel, rec := slogteltest.New(t)
	for _, a := range []*Adapter{nil, NewAdapter(nil, nil), NewAdapter(slogtel.Disabled(), nil), NewAdapter(tel, &ServerOptions{Filter: func(*http.Request) bool { return false }})} {
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
		called := 0
		a.Serve(w, r, "/t", func(gotW http.ResponseWriter, gotR *http.Request, x Exchange) {
			called++
			assert.Same(t, w, gotW)
			assert.Same(t, r, gotR)
			assert.Equal(t, r.Context(), x.SetRoute(r.Context(), "/x"))
			x.SetResponse(500, 1)
			x.SetHijacked()
			x.SetError(errors.New("boom"))
		})
		assert.Equal(t, 1, called)
	}
	assert.Empty(t, rec.Records())
}

func TestAdapterOptions(t *testing.T) {
	tel, rec := slogteltest.New(t)
	a := NewAdapter(tel, &ServerOptions{Route: func(r *http.Request) string { return r.Header.Get("Route") }})
	for _, route := range []string{"/own/{x}", ""} {
		r := httptest.NewRequest("GET", "/t", nil)
		r.Header.Set("Route", route)
		a.Serve(httptest.NewRecorder(), r, "/t", func(http.ResponseWriter, *http.Request, Exchange) {})
	}
	assert.ElementsMatch(t, []string{"http.server.own_x", "http.server.unmatched"}, rec.Scopes(), "Route goes before the template")
}
