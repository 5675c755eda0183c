package httptel

import (
	"log/slog"
	"net/http"
	"net/netip"
	"strings"

	"github.com/slogtel/telemetry/internal/errtext"
)

// maxHeader bounds what is recorded of a header field.
const maxHeader = 128

// appendClient appends what is asked for about the client.
func (o *ServerOptions) appendClient(attrs []slog.Attr, req *http.Request, fault *error) []slog.Attr {
	if o.RequestIDHeader != "" {
		if id := visible(req.Header.Get(o.RequestIDHeader), false); id != "" {
			attrs = append(attrs, slog.String(KeyRequestID, id))
		}
	}
	if o.ClientAddress != nil {
		if address := visible(errtext.Try("httptel: ServerOptions.ClientAddress", fault, "", o.ClientAddress, req), false); address != "" {
			attrs = append(attrs, slog.String(KeyClient, address))
		}
	}
	if o.UserAgent {
		if agent := visible(req.UserAgent(), true); agent != "" {
			attrs = append(attrs, slog.String(KeyUserAgent, agent))
		}
	}
	return attrs
}

// visible cuts s, and replaces all but visible ASCII characters, and perhaps spaces.
func visible(s string, spaces bool) string {
	s = strings.TrimSpace(s)
	clean := make([]byte, min(len(s), maxHeader))
	for i := range clean {
		if clean[i] = s[i]; clean[i] <= ' ' && !(spaces && clean[i] == ' ') || clean[i] > '~' {
			clean[i] = '_'
		}
	}
	return string(clean)
}

// RemoteAddress returns the address that the request's connection came from, without the
// port. It is the client's where no proxy is in front of the server. It is "" where RemoteAddr
// is no IP address, as with a Unix socket.
func RemoteAddress(r *http.Request) string {
	if address := addressOf(r.RemoteAddr); address.IsValid() {
		return address.String()
	}
	return ""
}

// ForwardedFor returns a function for ServerOptions.ClientAddress, for a server behind that
// many proxies that each append the address of who called them to X-Forwarded-For. What the
// client wrote there itself is not believed: the address is the one that the outermost of
// these proxies appended. Where the field has fewer addresses than there are proxies, or no
// address in that place, the request did not come by way of all of them, and the address is
// RemoteAddress(r). So it is with 0 proxies or fewer.
func ForwardedFor(proxies int) func(*http.Request) string {
	return func(r *http.Request) string {
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if proxies > 0 && proxies <= len(hops) {
			if address := addressOf(strings.TrimSpace(hops[len(hops)-proxies])); address.IsValid() {
				return address.String()
			}
		}
		return RemoteAddress(r)
	}
}

// addressOf reads an address with or without a port, and without a zone.
func addressOf(s string) netip.Addr {
	address, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		withPort, err := netip.ParseAddrPort(s)
		if err != nil {
			return netip.Addr{}
		}
		address = withPort.Addr()
	}
	return address.Unmap().WithZone("")
}

// Procedures returns a function for ServerOptions.Name that names requests by RPC: the one of
// procedures that is the end of the request's path. A procedure is written as
// /package.Service/Method, which is what Connect and gRPC use as the path and what their
// generated code has constants for. Other requests, and so whatever a client makes up, have no
// name of their own.
func Procedures(procedures ...string) func(*http.Request) string {
	known := make(map[string]string, len(procedures))
	for _, p := range procedures {
		if p = strings.Trim(p, "/"); p != "" {
			known[p] = "/" + p
		}
	}
	return func(r *http.Request) string {
		path := r.URL.Path
		method := strings.LastIndexByte(path, '/')
		if method < 0 {
			return ""
		}
		service := strings.LastIndexByte(path[:method], '/')
		return known[path[service+1:]]
	}
}
