package live

import (
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

var _ http.Handler = (*Handler)(nil)

// policy lets the page load its own script and style sheet from the address that it came from, and
// nothing else. No script or style stands in the page itself.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// ServeHTTP serves the page, its updates and its JSON. See the package documentation.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := h.core
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
	header.Set("Vary", "Accept")
	if why := c.refuses(r); why != "" {
		c.refused.Add(1)
		http.Error(w, "403 "+why, http.StatusForbidden)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "405 this page only shows", http.StatusMethodNotAllowed)
		return
	}
	query := r.URL.Query()
	switch asset := query.Get("asset"); {
	case asset != "":
		serveAsset(w, r, asset)
	case query.Has("events"):
		c.serveEvents(w, r, viewOf(query))
	case query.Has("trace"):
		c.serveTrace(w, r, query.Get("trace"))
	case wantsJSON(r):
		writeJSON(w, c.page())
	default:
		c.serveHTML(w, viewOf(query))
	}
}

// refuses returns why a request is not answered, or "".
func (c *core) refuses(r *http.Request) string {
	if !c.allowsClient(r) {
		return "this page is for the machine that it runs on: ask from there, or through a tunnel; see live.Options.Clients"
	}
	if !c.allowsHost(r.Host) {
		return "this page is asked for as localhost or 127.0.0.1; see live.Options.Hosts"
	}
	return ""
}

func (c *core) allowsClient(r *http.Request) bool {
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && local.Network() == "unix" {
		return true
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	ip := from.Addr().Unmap().WithZone("")
	if c.opts.Clients == nil {
		return ip.IsLoopback()
	}
	return slices.ContainsFunc(c.opts.Clients, func(p netip.Prefix) bool {
		return p.Contains(ip) || p.Addr().Is4In6() && p.Contains(netip.AddrFrom16(ip.As16()))
	})
}

// allowsHost reports whether the name that the client used is one that means this machine. A browser that
// was led here by a name of somebody else's sends that name.
func (c *core) allowsHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.Unmap().IsLoopback() {
		return true
	}
	return slices.ContainsFunc(c.opts.Hosts, func(name string) bool { return strings.EqualFold(name, host) && name != "" })
}

// wantsJSON is true for ?format=json, and where JSON is asked for and HTML is not.
func wantsJSON(r *http.Request) bool {
	switch r.URL.Query().Get("format") {
	case "json":
		return true
	case "html":
		return false
	}
	accept := strings.Join(r.Header.Values("Accept"), ",")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	_ = e.Encode(v) // the client has gone
}

func (c *core) serveTrace(w http.ResponseWriter, r *http.Request, id string) {
	k := c.shelf.find(id)
	if k == nil {
		http.Error(w, "404 this trace is no longer kept", http.StatusNotFound)
		return
	}
	t := k.trace(c.clean)
	if wantsJSON(r) {
		writeJSON(w, t)
		return
	}
	c.render(w, "trace", c.tracePage(t))
}
