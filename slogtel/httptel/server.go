package httptel

import (
	"cmp"
	"log/slog"
	"net/http"
	"net/url"
	"sync"

	"github.com/slogtel/telemetry/internal/errtext"
	"github.com/slogtel/telemetry/slogtel"
)

// ServerOptions configure [NewMiddleware]. The zero value serves a [http.ServeMux].
//
// The functions are called for each request, from many goroutines at once. When one
// panics the request goes on as if it had returned nothing (Filter: true), and the
// request's event carries the panic as its error.
type ServerOptions struct {
	// Mux has the routes, where the handler that is wrapped is not the mux itself but has it
	// somewhere inside. It is asked for the pattern of each request before the handler runs,
	// since a scope has its name from the start. For muxes that are inside of this one see the
	// function [Mux].
	Mux *http.ServeMux

	// Route returns the pattern that a request matches, for other routers, or "" when
	// it matches none. It must return patterns, not paths. It goes before Mux.
	Route func(*http.Request) string

	// ScopeName names the scope of a route pattern, and of what Name returns. It is called once
	// for each of them. A name that is not valid is sanitized, and two patterns may share a name.
	// Nil is [RouteName], with a hash of the pattern added if another pattern has that name
	// already.
	ScopeName func(pattern string) string

	// Name returns a name for a request whose route says too little, as one route takes all calls
	// of a Connect or gRPC-gateway service, or "" to have the route name it. Scopes are named by
	// it as they would be by a pattern; http.route stays the pattern. It is called before the
	// handler. It must return one of a few names that the app knows, and never a piece of the
	// request as it came, as clients can send any. [Procedures] makes one that is safe.
	Name func(*http.Request) string

	// RequestIDHeader is the header field that has the request's id, X-Request-Id mostly. It is
	// recorded as [KeyRequestID], cut to 128 bytes, with an underscore for all but visible ASCII
	// characters. Empty: none is recorded.
	RequestIDHeader string

	// ClientAddress returns the address of the client, which is recorded as [KeyClient]: use
	// [RemoteAddress], or [ForwardedFor] behind proxies. Nil: none is recorded.
	ClientAddress func(*http.Request) string

	// UserAgent records the User-Agent header field as [KeyUserAgent], cut and cleaned as the
	// request's id is, but for spaces.
	UserAgent bool

	// Filter says whether a request is recorded. Nil records all.
	Filter func(*http.Request) bool

	// Attrs returns attributes to add to the event. It is called when the handler has
	// returned, with the request as the handler got it.
	Attrs func(*http.Request) []slog.Attr

	// PublicEndpoint begins a new trace with each request, for servers whose callers are not
	// trusted with the ids of traces.
	PublicEndpoint bool
}

// maxNested bounds how many muxes are asked, one inside of the other.
const maxNested = 16

// Names of scopes that have no route.
const (
	unmatchedName    = "http.server.unmatched" // the router has none
	unknownRouteName = "http.server.request"   // there is no router to ask
	overflowName     = "http.server.overflow"  // more patterns than any router has
)

// NewMiddleware returns the middleware that records a scope for each request. If tel is nil or
// off, the middleware returns handlers as they are. Nil opts are the defaults; they are
// copied.
//
// See the package documentation for what is recorded.
func NewMiddleware(tel *slogtel.Telemetry, opts *ServerOptions) func(http.Handler) http.Handler {
	var o ServerOptions
	if opts != nil {
		o = *opts
	}
	return func(next http.Handler) http.Handler {
		if !tel.Enabled() || next == nil {
			return next
		}
		s := &server{recorder: newRecorder(tel, &o), next: next}
		switch mux, ok := next.(router); {
		case o.Mux != nil:
			s.router = o.Mux
		case ok:
			s.router = mux
			_, isMux := next.(*http.ServeMux)
			s.direct = isMux && muxSetsPattern()
		}
		return s
	}
}

// router is what a http.ServeMux does to find a route.
type router interface {
	Handler(*http.Request) (h http.Handler, pattern string)
}

// server is the handler around an app's handler.
type server struct {
	*recorder
	next   http.Handler
	router router // nil: none
}

var _ http.Handler = (*server)(nil)

var (
	unmatched    = &named{name: unmatchedName}
	unknownRoute = &named{name: unknownRouteName}
)

func (s *server) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var fault error // of a function of the options
	if !s.records(req, &fault) {
		s.next.ServeHTTP(w, req)
		return
	}
	route, next := s.route(req, &fault)
	s.serve(w, req, route, fault, next != nil, cmp.Or(next, s.next))
}

// route returns what stands for req's route, and its handler where there is no need
// for the mux to find it once more. The mux would set the request's pattern, and its path
// values: a pattern without wildcards has none, but a mux around this one may have set
// some, which it would remove.
func (s *server) route(req *http.Request, fault *error) (*named, http.Handler) {
	var pattern string
	var h http.Handler
	nested := false
	switch {
	case s.opts.Route != nil:
		pattern = errtext.Try("httptel: ServerOptions.Route", fault, "", s.opts.Route, req)
	case s.router != nil:
		h, pattern = s.router.Handler(req)
		for range maxNested { // a mux in a mux has the whole pattern
			inner, ok := h.(router)
			if !ok {
				break
			}
			nested = true
			h, pattern = inner.Handler(req)
		}
		pattern = joinPatterns(req.Pattern, req, req, patternOf(req, pattern))
	case req.Pattern != "":
		pattern = patternOf(req, req.Pattern) // inside of a mux
	default:
		return unknownRoute, nil
	}
	if pattern == "" {
		return unmatched, nil
	}
	n := s.find(pattern, pattern, fault)
	if !s.direct || nested || !n.fixed || req.Pattern != "" || req.RequestURI == "*" { // which the mux refuses
		h = nil
	}
	return n, h
}

// patternOf returns the pattern that a ServeMux gave for req, but for the redirect of a
// CONNECT: there it is the path, and paths are unbounded.
func patternOf(req *http.Request, pattern string) string {
	if req.Method == http.MethodConnect && len(pattern) > 1 && pattern[0] == '/' && pattern[len(pattern)-1] == '/' {
		return ""
	}
	return pattern
}

// muxSetsPattern reports whether a ServeMux sets the pattern of requests. It does not under
// GODEBUG=httpmuxgo121=1.
var muxSetsPattern = sync.OnceValue(func() bool {
	mux := http.NewServeMux()
	mux.Handle("/", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	req := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/"}}
	mux.ServeHTTP(nil, req)
	return req.Pattern != ""
})
