package httptel

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"

	"github.com/slogtel/telemetry/internal/errtext"
	"github.com/slogtel/telemetry/internal/tracecontext"
	"github.com/slogtel/telemetry/slogtel"
)

// ErrNoRoute is reported once by a middleware that cannot name requests: neither
// ServerOptions.Mux nor Route is set, the handler that it wraps is no [http.ServeMux], no mux
// around or inside of it has set Request.Pattern, and nobody has called [SetRoute].
var ErrNoRoute = errors.New("httptel: no router to ask for the route, so requests are " + unknownRouteName +
	": wrap the ServeMux itself or set ServerOptions.Mux, put Mux around a mux that is inside of other handlers, " +
	"use the adapter of the router, or call SetRoute")

// A recorder is what the middleware and the adapters share.
type recorder struct {
	tel     *slogtel.Telemetry
	opts    ServerOptions
	names   *nameTable
	adapted bool        // the router's adapter says what the route is
	direct  bool        // next is a http.ServeMux, which sets the pattern of each request
	warned  atomic.Bool // of ErrNoRoute
}

func newRecorder(tel *slogtel.Telemetry, opts *ServerOptions) *recorder {
	rec := &recorder{tel: tel}
	if opts != nil {
		rec.opts = *opts
	}
	rec.names = newNameTable(overflowName, rec.opts.ScopeName == nil, RouteName)
	if rec.opts.ScopeName != nil {
		rec.names.build = rec.opts.ScopeName
	}
	return rec
}

// records reports whether req is recorded.
func (rec *recorder) records(req *http.Request, fault *error) bool {
	return rec.tel.Enabled() && (rec.opts.Filter == nil || errtext.Try("httptel: ServerOptions.Filter", fault, true, rec.opts.Filter, req))
}

// find returns what stands for the route with this key, whose pattern is what http.route is.
func (rec *recorder) find(key, pattern string, fault *error) *named {
	if n, ok := rec.names.Get(key); ok {
		return n
	}
	return errtext.Try("httptel: ServerOptions.ScopeName", fault, unknownRoute, func(key string) *named { return rec.names.find(key, pattern) }, key)
}

// serve records req, which next answers. Where next does not set the request's pattern, it is
// that of the route already.
func (rec *recorder) serve(w http.ResponseWriter, req *http.Request, route *named, fault error, setPattern bool, next http.Handler) {
	out, kept := wrap(w)
	e := &kept.exchange
	e.Context, e.rec, e.route, e.fault = rec.trace(req), rec, route, fault
	e.req = req
	e.client = rec.opts.appendClient(nil, req, &e.fault)
	name := route.name
	if rec.opts.Name != nil {
		if own := errtext.Try("httptel: ServerOptions.Name", &e.fault, "", rec.opts.Name, req); own != "" {
			e.asked = true
			name = rec.find(own, own, &e.fault).name
		}
	}
	ctx, span := rec.tel.Start(e, name)
	e.span = span
	in := req.WithContext(ctx)
	if req.Body != nil && req.Body != http.NoBody {
		kept.body = requestBody{req.Body, &kept.read}
		in.Body = &kept.body
	}
	if setPattern {
		in.Pattern = route.route
	}
	returned := false
	defer func() {
		var v any
		if !returned {
			v = recover()
		}
		rec.patternAfter(e, in, route)
		if req.Pattern == "" {
			req.Pattern = in.Pattern // for middleware around this one
		}
		if req.MultipartForm == nil {
			req.MultipartForm = in.MultipartForm // its files are removed by the server that made req
		}
		rec.end(kept, in, outcome{returned: returned, panicked: v})
		if v != nil {
			panic(v)
		}
	}()
	next.ServeHTTP(out, in)
	returned = true
}

// trace returns the context for req's scope: in the trace of the caller, where that
// is wanted and no middleware around this one has seen to it.
func (rec *recorder) trace(req *http.Request) context.Context {
	ctx := req.Context()
	if len(req.Header[traceparentHeader]) == 0 || tracecontext.Seen(ctx) {
		return ctx
	}
	if rec.opts.PublicEndpoint {
		return tracecontext.Refuse(ctx)
	}
	return Extract(ctx, req.Header)
}

// patternAfter names the scope by the pattern that a mux has set on the request, where that
// says more than was known before: no router could be asked, or a mux that is inside of another
// handler was passed. A mux that got another request than this one is not seen, see Mux.
func (rec *recorder) patternAfter(e *exchange, req *http.Request, before *named) {
	e.mu.Lock()
	now := e.route
	e.mu.Unlock()
	if now != before || rec.adapted || rec.opts.Route != nil || len(req.Pattern) > maxPattern {
		return
	}
	pattern := patternOf(req, req.Pattern)
	if pattern != "" {
		if pattern = joinPatterns(e.req.Pattern, e.req, req, pattern); pattern != before.route {
			e.setRoute(req.Context(), pattern, pattern)
		}
	} else if rec.direct && before.route != "" {
		e.setRoute(req.Context(), "", "")
	}
}
