package httptel

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"github.com/slogtel/telemetry/internal/errtext"
	"github.com/slogtel/telemetry/slogtel"
)

// An exchange is one request and its response, as far as others than the ResponseWriter have
// something to say of it. It is in the request's context, below the span.
type exchange struct {
	context.Context // the span's parent
	rec             *recorder
	span            *slogtel.Span
	req             *http.Request // as the middleware got it
	client          []slog.Attr   // read before the handler, which may change header fields
	asked           bool          // Name has named the scope, which keeps that name

	mu      sync.Mutex // guards what follows: handlers may run on other goroutines
	route   *named
	renamed bool // the route is not that of the beginning
	known   bool // the adapter knows status and size
	status  int
	size    int64
	err     error
	fault   error // of a function of the options
}

// exchangeKey is the context key of an *exchange.
type exchangeKey struct{}

func (e *exchange) Value(key any) any {
	if _, ok := key.(exchangeKey); ok {
		return e
	}
	return e.Context.Value(key)
}

func exchangeOf(ctx context.Context) *exchange {
	if ctx == nil {
		return nil
	}
	e, _ := ctx.Value(exchangeKey{}).(*exchange)
	return e
}

// SetRoute says which route the request of ctx has matched, for routers that the middleware
// cannot ask, and handlers that do their own routing. The request's scope is named by the
// pattern, and http.route is the pattern, as if a mux had matched it. An empty pattern means
// that none did. The last call before the request's end counts. It must be a pattern, not a
// path.
//
// SetRoute returns a context in the scope under its new name. Scopes that are opened with
// another one of the request's contexts, and that were opened before, are named as if
// SetRoute were not called; see [slogtel.Span.Rename]. Outside of a request ctx itself is
// returned.
func SetRoute(ctx context.Context, pattern string) context.Context {
	e := exchangeOf(ctx)
	if e == nil {
		return ctx
	}
	ctx, _ = e.setRoute(ctx, pattern, pattern)
	return ctx
}

// setRoute names the scope by key. The pattern is what http.route is. It reports whether ctx
// may be another one now.
func (e *exchange) setRoute(ctx context.Context, key, pattern string) (context.Context, bool) {
	route := unmatched
	var fault error
	if pattern != "" {
		route = e.rec.find(key, pattern, &fault)
	}
	e.mu.Lock()
	if e.fault == nil {
		e.fault = fault
	}
	e.renamed = e.renamed || route != e.route
	e.route = route
	renamed := e.renamed && !e.asked
	e.mu.Unlock()
	if renamed {
		ctx = e.span.Rename(ctx, route.name)
	}
	return ctx, renamed
}

// SetRoute says which route the request has matched, as a template without a method, such as
// /users/{id}. The template is what http.route is, and the scope's name has the method as
// well. An empty template means that none was matched. SetRoute returns a context, as
// [SetRoute] does.
func (x Exchange) SetRoute(ctx context.Context, template string) context.Context {
	if x.w == nil {
		return ctx
	}
	e := &x.w.exchange
	ctx, _ = e.setRoute(ctx, methodAnd(e.req.Method, template), template)
	return ctx
}

// SetResponse says what was, or will be, sent, where the router sends it by itself and not
// through the ResponseWriter that it was given. A status of 0, or a negative size, means that
// it is not known. The last call counts.
func (x Exchange) SetResponse(status int, size int64) {
	if x.w == nil {
		return
	}
	e := &x.w.exchange
	e.mu.Lock()
	defer e.mu.Unlock()
	e.known, e.status, e.size = true, status, size
}

// SetHijacked says that the connection was taken over other than through the ResponseWriter.
func (x Exchange) SetHijacked() {
	if x.w != nil {
		x.w.hijacked.Store(true)
	}
}

// SetError says which error the handler returned. It is the error of the event where the
// answer was not a status of 4xx: there the error is the client's. Nil is no error. The last
// call counts.
func (x Exchange) SetError(err error) {
	if x.w == nil {
		return
	}
	e := &x.w.exchange
	e.mu.Lock()
	defer e.mu.Unlock()
	e.err = err
}

// An Exchange is a request that is recorded, for the adapter of a router to say what it knows
// of it. The methods may be called at any time; after the request's end they do nothing. A
// zero Exchange, of a request that is not recorded, does nothing.
type Exchange struct{ w *writer }

// An Adapter records the requests of a router whose handlers are not those of net/http, or
// that tells of routes in a way of its own. The packages chitel, gorillatel, gintel, echotel
// and echo5tel, which are below this one and modules of their own, are made with it. An app
// uses those.
//
// A nil *Adapter is valid and records nothing.
type Adapter struct{ rec *recorder }

// NewAdapter returns an Adapter, or nil if tel is nil or off. Nil opts are the defaults; they
// are copied. Mux is not used.
func NewAdapter(tel *slogtel.Telemetry, opts *ServerOptions) *Adapter {
	if !tel.Enabled() {
		return nil
	}
	rec := newRecorder(tel, opts)
	rec.adapted = true
	return &Adapter{rec}
}

// Serve records one request: it calls next with a ResponseWriter and a request to take the
// place of w and r, and ends the scope when next returns or panics. A panic goes on as it was.
//
// The template is that of the route, as for [Exchange.SetRoute], or "" where there is none,
// or none is known yet. ServerOptions.Route goes before it.
func (a *Adapter) Serve(w http.ResponseWriter, r *http.Request, template string, next func(http.ResponseWriter, *http.Request, Exchange)) {
	var fault error
	if a == nil || !a.rec.records(r, &fault) {
		next(w, r, Exchange{})
		return
	}
	route := unmatched
	if a.rec.opts.Route != nil {
		if pattern := errtext.Try("httptel: ServerOptions.Route", &fault, "", a.rec.opts.Route, r); pattern != "" {
			route = a.rec.find(pattern, pattern, &fault)
		}
	} else if template != "" {
		route = a.rec.find(methodAnd(r.Method, template), template, &fault)
	}
	a.rec.serve(w, r, route, fault, false, handlerFunc(next))
}

// handlerFunc is a handler that also gets the Exchange.
type handlerFunc func(http.ResponseWriter, *http.Request, Exchange)

func (f handlerFunc) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f(w, r, Exchange{w.(kind).ours()})
}

// methodAnd is a pattern in the form of ServeMux. A template that names a method stays as it is.
func methodAnd(method, template string) string {
	if method = knownMethod(method); method == otherMethod || !strings.HasPrefix(template, "/") {
		return template
	}
	return method + " " + template
}
