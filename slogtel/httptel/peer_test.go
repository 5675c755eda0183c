package httptel

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// What the client says of itself is recorded only when asked for.
func TestPeerIsOffByDefault(t *testing.T) {
	tel, rec := slogteltest.New(t)
	req := httptest.NewRequest("GET", "/", nil)
	req.Header.Set("X-Request-Id", "secret1")
	req.Header.Set("User-Agent", "secret2")
	req.Header.Set("X-Forwarded-For", "192.0.2.77")
	req.RemoteAddr = "192.0.2.78:1"
	serve(tel, nil, text(200, ""), req)
	line := rec.String() + rec.Records()[0].Message
	for k, v := range attrs(only(t, rec, unknownRouteName)) {
		line += k + strings.Trim(strings.Join(strings.Fields(toString(v)), " "), " ")
	}
	for _, secret := range []string{"secret1", "secret2", "192.0.2.7", KeyRequestID, KeyClient, KeyUserAgent} {
		assert.NotContains(t, line, secret)
	}
}

func toString(v any) string {
	s, _ := v.(string)
	return s
}

func TestPeer(t *testing.T) {
	long := strings.Repeat("x", 1000)
	for name, tc := range map[string]struct {
		id, agent     string
		want, wantsUA any
	}{
		"as they are": {"4711-ab_c", "curl/8.1 (x; y)", "4711-ab_c", "curl/8.1 (x; y)"},
		"none":        {"", "", nil, nil},
		"hostile":     {"a\tb\x1b[31m\u00e9", "a\tb\u00e9", "a_b_[31m__", "a_b__"},
		"long":        {long, long, long[:128], long[:128]},
		"spaces":      {"  ", "  ", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			tel, rec := slogteltest.New(t)
			req := httptest.NewRequest("GET", "/", nil)
			req.Header = http.Header{"X-Request-Id": {tc.id}, "User-Agent": {tc.agent}}
			serve(tel, &ServerOptions{RequestIDHeader: "x-request-id", UserAgent: true, ClientAddress: RemoteAddress}, text(200, ""), req)
			got := attrs(only(t, rec, unknownRouteName))
			assert.Equal(t, tc.want, got[KeyRequestID])
			assert.Equal(t, tc.wantsUA, got[KeyUserAgent])
			assert.Equal(t, "192.0.2.1", got[KeyClient])
		})
	}
}

// What is recorded is what came, not what a handler made of it.
func TestPeerIsReadBeforeTheHandler(t *testing.T) {
	tel, rec := slogteltest.New(t)
	req := httptest.NewRequest("GET", "/", nil)
	req.Header.Set("X-Request-Id", "came")
	serve(tel, &ServerOptions{RequestIDHeader: "X-Request-Id"}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		r.Header.Set("X-Request-Id", "changed")
	}), req)
	assert.Equal(t, "came", attrs(only(t, rec, unknownRouteName))[KeyRequestID])
}

func TestClientAddress(t *testing.T) {
	for name, tc := range map[string]struct {
		proxies   int
		forwarded []string
		remote    string
		want      string
	}{
		"no proxy":                   {0, []string{"198.51.100.1"}, "192.0.2.1:1234", "192.0.2.1"},
		"fewer than none":            {-1, []string{"198.51.100.1"}, "192.0.2.1:1234", "192.0.2.1"},
		"one":                        {1, []string{"198.51.100.1"}, "10.0.0.1:1", "198.51.100.1"},
		"one, and a forged address":  {1, []string{"203.0.113.9, 198.51.100.1"}, "10.0.0.1:1", "198.51.100.1"},
		"one, and a forged field":    {1, []string{"203.0.113.9", "198.51.100.1"}, "10.0.0.1:1", "198.51.100.1"},
		"two":                        {2, []string{"203.0.113.9, 198.51.100.1,10.0.0.2"}, "10.0.0.1:1", "198.51.100.1"},
		"two, and one was passed by": {2, []string{"203.0.113.9"}, "10.0.0.1:1", "10.0.0.1"},
		"none there":                 {1, nil, "10.0.0.1:1", "10.0.0.1"},
		"no address":                 {1, []string{"unknown"}, "10.0.0.1:1", "10.0.0.1"},
		"with a port":                {1, []string{"198.51.100.1:443"}, "10.0.0.1:1", "198.51.100.1"},
		"IPv6":                       {1, []string{"2001:DB8::1"}, "10.0.0.1:1", "2001:db8::1"},
		"IPv6 with a port":           {1, []string{"[2001:db8::1]:443"}, "10.0.0.1:1", "2001:db8::1"},
		"IPv4 in IPv6, and a zone":   {0, nil, "[::ffff:192.0.2.1%eth0]:1", "192.0.2.1"},
		"a Unix socket":              {0, nil, "@", ""},
		"many":                       {1 << 30, []string{"198.51.100.1"}, "10.0.0.1:1", "10.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			req := httptest.NewRequest("GET", "/", nil)
			req.Header["X-Forwarded-For"], req.RemoteAddr = tc.forwarded, tc.remote
			assert.Equal(t, tc.want, ForwardedFor(tc.proxies)(req))
		})
	}
}

// A route that takes all calls of a service says nothing of which was called.
func TestProcedures(t *testing.T) {
	tel, rec := slogteltest.New(t)
	mux := http.NewServeMux()
	mux.Handle("/rpc/greet.v1.GreetService/", text(200, ""))
	mux.Handle("/plain", text(200, ""))
	opts := &ServerOptions{Name: Procedures("/greet.v1.GreetService/Greet", "greet.v1.GreetService/Part", "")}
	for _, path := range []string{
		"/rpc/greet.v1.GreetService/Greet", "/rpc/greet.v1.GreetService/Part", "/rpc/greet.v1.GreetService/Forged", "/plain", "/nothing",
		"/rpc/greet.v1.GreetService/", "/rpc/greet.v1.GreetService/Greet/",
	} {
		serve(tel, opts, mux, httptest.NewRequest("POST", path, nil))
	}
	assert.ElementsMatch(t, []string{
		"http.server.greet_v1_greetservice_greet", "http.server.greet_v1_greetservice_part", "http.server.rpc_greet_v1_greetservice_tree",
		"http.server.plain", "http.server.unmatched",
	}, rec.Scopes())
	got := only(t, rec, "http.server.greet_v1_greetservice_greet")
	assert.Equal(t, "/rpc/greet.v1.GreetService/", attrs(got)[KeyRoute], "the route stays the pattern")
}

// The name stands, whatever is found out of the route.
func TestNameStands(t *testing.T) {
	tel, rec := slogteltest.New(t)
	outer := http.NewServeMux()
	outer.Handle("/v1/", http.StripPrefix("/v1", Mux(loading(tel, "/{id}"))))
	serve(tel, &ServerOptions{Name: func(*http.Request) string { return "own name" }}, outer, httptest.NewRequest("GET", "/v1/7", nil))
	assert.Equal(t, "/v1/{id}", attrs(only(t, rec, "http.server.own_name"))[KeyRoute])
	only(t, rec, "http.server.own_name.load")
}
