package httptel

import (
	"cmp"
	"net/http"
	"strings"
)

// Mux returns a handler that is mux, and that tells the middleware around it which of mux's
// patterns a request has matched. It is for a mux that is inside of another one:
//
//	outer.Handle("/v1/", http.StripPrefix("/v1", auth(httptel.Mux(inner))))
//
// The middleware finds such a mux by itself only where nothing stands between the two. With
// Mux the route has all that the muxes matched, GET /v1/users/{id}, whatever is in between:
// [http.StripPrefix], or a middleware that hands on another request (WithContext, Clone, a
// copy). A prefix that was stripped from the path is written as in the pattern of the mux
// outside, so it stays a pattern; what was stripped besides is left out.
//
// The scope has its full name from there on: what mux's handlers open is below it, and what
// a middleware outside of Mux opens is below the name of the outer route. Where there is no
// middleware of this package around it, Mux only calls mux.
func Mux(mux *http.ServeMux) http.Handler { return nested{mux} }

// nested is a mux that is inside of another handler.
type nested struct{ mux *http.ServeMux }

// Handler makes it a router, which the middleware asks beforehand where it can.
func (n nested) Handler(r *http.Request) (http.Handler, string) { return n.mux.Handler(r) }

func (n nested) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e := exchangeOf(r.Context())
	if e == nil || e.rec.opts.Route != nil {
		n.mux.ServeHTTP(w, r)
		return
	}
	_, pattern := n.mux.Handler(r)
	if pattern = patternOf(r, pattern); pattern != "" {
		e.mu.Lock()
		around := e.route.route
		e.mu.Unlock()
		pattern = joinPatterns(around, e.req, r, pattern)
	}
	ctx, renamed := e.setRoute(r.Context(), pattern, pattern)
	if !renamed {
		n.mux.ServeHTTP(w, r)
		return
	}
	in := r.WithContext(ctx)
	defer giveBack(in, r)
	n.mux.ServeHTTP(w, in)
}

// giveBack sets on r, for the middlewares that have it, what a mux has set on its copy.
func giveBack(in, r *http.Request) {
	r.Pattern = in.Pattern
	if r.MultipartForm == nil {
		r.MultipartForm = in.MultipartForm
	}
	_, _, path := splitPattern(in.Pattern)
	for segment := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok && name != "$}" {
			name = strings.TrimSuffix(strings.TrimSuffix(name, "}"), "...")
			r.SetPathValue(name, in.PathValue(name))
		}
	}
}

// joinPatterns returns the pattern inner, that a mux gave for req, with the prefix that was
// stripped from the path since first, as it is in the pattern of the muxes outside.
func joinPatterns(outer string, first, req *http.Request, inner string) string {
	if outer == "" || inner == "" || first.URL == nil || req.URL == nil {
		return inner
	}
	stripped, ok := strings.CutSuffix(firstPath(first), req.URL.EscapedPath())
	stripped = strings.TrimSuffix(stripped, "/")
	if !ok || stripped == "" {
		return inner
	}
	outerMethod, outerHost, outerPath := splitPattern(outer)
	method, host, path := splitPattern(inner)
	var prefix strings.Builder
	segments := strings.Count(stripped, "/")
	for segment := range strings.SplitSeq(strings.TrimPrefix(outerPath, "/"), "/") {
		if segments == 0 || segment == "" || segment == "{$}" || strings.HasSuffix(segment, "...}") {
			break
		}
		segments--
		prefix.WriteByte('/')
		prefix.WriteString(segment)
	}
	if method = cmp.Or(method, outerMethod); method != "" {
		method += " "
	}
	return method + cmp.Or(host, outerHost) + prefix.String() + path
}

// firstPath is the path of a request before any prefix was stripped from it, as far as it is
// known: the request's line has it, and a mux that was passed says where the path began.
func firstPath(req *http.Request) string {
	if req.Pattern != "" && strings.HasPrefix(req.RequestURI, "/") {
		path, _, _ := strings.Cut(req.RequestURI, "?")
		return path
	}
	return req.URL.EscapedPath()
}

// splitPattern splits [METHOD ][HOST]/[PATH].
func splitPattern(pattern string) (method, host, path string) {
	pattern = strings.TrimSpace(pattern)
	if i := strings.IndexAny(pattern, " \t"); i >= 0 {
		method, pattern = pattern[:i], strings.TrimLeft(pattern[i:], " \t")
	}
	i := strings.IndexByte(pattern, '/')
	if i < 0 {
		return method, pattern, ""
	}
	return method, pattern[:i], pattern[i:]
}
