package live_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/secrets/secretstest"
	"github.com/slogtel/telemetry/reporters/live"
	"github.com/slogtel/telemetry/slogtel"
)

func TestWhoMayAsk(t *testing.T) {
	remote := netip.MustParsePrefix("10.1.0.0/16")
	for _, tc := range []struct {
		from, host string
		opts       *live.Options
		want       int
	}{
		{"127.0.0.1:1", "localhost:6060", nil, 200},
		{"127.3.2.1:1", "LOCALHOST", nil, 200},
		{"[::1]:1", "[::1]:6060", nil, 200},
		{"[::ffff:127.0.0.1]:1", "127.0.0.1", nil, 200},
		{"127.0.0.1:1", "app.localhost.", nil, 200},
		{"127.0.0.1:1", "evil.example", nil, 403},
		{"127.0.0.1:1", "localhost.evil.example", nil, 403},
		{"127.0.0.1:1", "127.0.0.1.evil.example:80", nil, 403},
		{"127.0.0.1:1", "", nil, 403},
		{"127.0.0.1:1", "0.0.0.0", nil, 403},
		{"10.1.2.3:1", "localhost", nil, 403},
		{"[fe80::1%eth0]:1", "localhost", nil, 403},
		{"@", "localhost", nil, 403},
		{"", "localhost", nil, 403},
		{"10.1.2.3:1", "debug.example:6060", &live.Options{Clients: []netip.Prefix{remote}, Hosts: []string{"Debug.example"}}, 200},
		{"10.1.2.3:1", "other.example", &live.Options{Clients: []netip.Prefix{remote}, Hosts: []string{"debug.example", ""}}, 403},
		{"10.2.2.3:1", "debug.example", &live.Options{Clients: []netip.Prefix{remote}, Hosts: []string{"debug.example"}}, 403},
		{"127.0.0.1:1", "localhost", &live.Options{Clients: []netip.Prefix{}}, 403},
	} {
		h := live.New(tc.opts)
		for _, query := range []string{"", "?format=json", "?asset=live.js", "?trace=1"} {
			got := ask(h, query, func(r *http.Request) { r.RemoteAddr, r.Host = tc.from, tc.host })
			want := tc.want
			if want == 200 && query == "?trace=1" {
				want = 404
			}
			assert.Equal(t, want, got.Code, "%+v", tc)
			assert.Contains(t, got.Header().Get("Content-Security-Policy"), "default-src 'none'")
		}
		if tc.want == 403 {
			assert.EqualValues(t, 4, h.Stats().Refused)
		}
	}
	h := live.New(nil)
	assert.Equal(t, 200, ask(h, "", func(r *http.Request) {
		r.RemoteAddr = "@"
		*r = *r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, &net.UnixAddr{Net: "unix"}))
	}).Code)
}

func TestMethodsAndForms(t *testing.T) {
	h := live.New(nil)
	for _, m := range []string{http.MethodPost, http.MethodDelete, http.MethodOptions} {
		w := ask(h, "", func(r *http.Request) { r.Method = m })
		assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
		assert.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
	}
	for accept, want := range map[string]string{
		"application/json":                 "application/json",
		"text/html,application/json;q=0.9": "text/html; charset=utf-8",
		"":                                 "text/html; charset=utf-8",
		"*/*":                              "text/html; charset=utf-8",
	} {
		w := ask(h, "", func(r *http.Request) { r.Header.Set("Accept", accept) })
		assert.Equal(t, want, w.Header().Get("Content-Type"), accept)
		assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	}
	assert.Equal(t, "text/javascript; charset=utf-8", ask(h, "?asset=live.js").Header().Get("Content-Type"))
	assert.Equal(t, "text/css; charset=utf-8", ask(h, "?asset=live.css").Header().Get("Content-Type"))
	for _, name := range []string{"page.html", "../live.go", "none.js", "/etc/passwd"} {
		assert.Equal(t, http.StatusNotFound, ask(h, "?asset="+name).Code)
	}
	for _, query := range []string{"?window=bad&sort=bad", "?sort=p99&window=1h&q=x", "?q=%ff%00<script>"} {
		w := ask(h, query)
		assert.Equal(t, http.StatusOK, w.Code)
		assert.NotContains(t, w.Body.String(), "<script>")
	}
}

func TestSortAndFilter(t *testing.T) {
	tel, _, h := setUp(t, nil)
	for name, n := range map[string]int{"alpha": 1, "beta": 3, "gamma": 2} {
		for i := range n {
			tel.Timing(bg, name, time.Duration(10-n+i)*time.Second)
		}
	}
	order := func(query string) (list []string) {
		html := ask(h, query).Body.String()
		for _, name := range []string{"alpha", "beta", "gamma"} {
			if at := strings.Index(html, `class="name">`+name); at >= 0 {
				list = append(list, name)
				for i := len(list) - 1; i > 0 && strings.Index(html, `class="name">`+list[i-1]) > at; i-- {
					list[i], list[i-1] = list[i-1], list[i]
				}
			}
		}
		return list
	}
	assert.Equal(t, []string{"alpha", "beta", "gamma"}, order(""))
	assert.Equal(t, []string{"beta", "gamma", "alpha"}, order("?sort=calls"))
	assert.Equal(t, []string{"beta"}, order("?q=BET"))
	assert.Contains(t, ask(h, "?sort=calls").Body.String(), `<th scope="col" aria-sort="descending"><a id="sort-calls"`)
}

// Nothing that the app names or says becomes HTML or a script.
func TestHostileNames(t *testing.T) {
	const bad = `</script><script>alert(1)</script><img src=x onerror=alert(2)>"'` + "`{{.}}\u2028\x00\x1b[31m\xff"
	h := live.New(&live.Options{Title: bad, Stats: map[string]any{bad: func() any { return map[string]string{bad: bad} }}})
	tel, log := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: func(context.Context, error) {}}, h), slog.New(h)
	ctx, _ := tel.Start(bg, bad, slog.String(bad, bad))
	in1, span := tel.Start(bg, bad)
	log.ErrorContext(in1, bad, bad, bad)
	tel.Count(in1, bad, 1)
	tel.Gauge(ctx, bad, 1)
	tel.NewHistogram(bad, &slogtel.InstrumentOptions{Unit: bad}).Record(in1, 1)
	tel.Metric(in1, "plain", bad)
	span.Fail(errors.New(bad))
	span.End(slog.String(bad, bad))
	for _, query := range []string{"", "?trace=1"} {
		html := ask(h, query).Body.String()
		assert.Equal(t, strings.Count(html, "<script"), strings.Count(html, `<script src="?asset=live.js" defer>`), query)
		assert.NotContains(t, html, "<img")
		assert.NotContains(t, html, "\x00")
		assert.Contains(t, html, "&lt;img src=x onerror=alert(2)&gt;")
	}
	assert.True(t, json.Valid(ask(h, "?format=json").Body.Bytes()))
	assert.True(t, json.Valid(ask(h, "?trace=1&format=json").Body.Bytes()))
}

func TestStatsOfOthers(t *testing.T) {
	h := live.New(&live.Options{Stats: map[string]any{
		"queue":  counter{},
		"func":   func() any { return struct{ Dropped uint8 }{7} },
		"panics": func() any { panic("no") },
		"nil":    nil,
		"none":   3,
	}})
	stats := page(t, h)["stats"].(map[string]any)
	assert.Equal(t, map[string]any{"Full": 3.0, "Inner.Rate": 0.5, "LastError": "fault", "List.0.a.N": 1.0, "Wait": "1s"}, stats["queue"])
	assert.Equal(t, map[string]any{"Dropped": 7.0}, stats["func"])
	assert.Contains(t, in(stats, "panics", "error"), "panic: no")
	assert.Contains(t, in(stats, "none", "error"), "has no method Stats()")
	assert.Contains(t, stats, "live")
}

type counter struct{}

type counts struct {
	Full      int64
	LastError error
	Wait      time.Duration
	Inner     struct{ Rate float64 }
	List      []struct {
		Name string
		N    int
	}
	hidden int
}

func (counter) Stats() counts {
	c := counts{Full: 3, LastError: errors.New("fault"), Wait: time.Second, hidden: 1}
	c.Inner.Rate = 0.5
	c.List = append(c.List, struct {
		Name string
		N    int
	}{"a", 1})
	return c
}

func TestNoSecrets(t *testing.T) {
	var secret string // a token that is known by its shape
	for _, e := range secretstest.Examples() {
		if strings.HasPrefix(e.Secret, "ghp_") && e.Text == e.Secret {
			secret = e.Secret
		}
	}
	require.NotEmpty(t, secret)
	h := live.New(&live.Options{Stats: map[string]any{"s": func() any { return struct{ LastError error }{errors.New("key " + secret)} }}})
	tel, log := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: func(context.Context, error) {}}, h), slog.New(h).With("password", "hunter2 hunter2")
	attrs := []slog.Attr{
		slog.String("password", "hunter2 hunter2"), slog.String("url", "https://u:hunter2@example.com/"),
		slog.Any("struct", struct{ Password, Text string }{"hunter2", secret}), slog.Group("g", slog.String("api_key", "hunter2 hunter2")),
	}
	ctx, _ := tel.Start(bg, "open", attrs...)
	slogtel.Current(ctx).Fail(errors.New("with " + secret))
	in1, span := tel.Start(bg, "ended", attrs...)
	log.InfoContext(in1, "text "+secret, "err", errors.New("in "+secret), "password", "hunter2 hunter2")
	tel.Metric(in1, "plain", "it is "+secret)
	span.Fail(errors.New("with " + secret))
	span.End()
	for _, query := range []string{"", "?format=json", "?trace=1", "?trace=1&format=json"} {
		body := ask(h, query).Body.String()
		assert.NotContains(t, body, secret, query)
		assert.NotContains(t, body, "hunter2", query)
		assert.Contains(t, body, "[REDACTED]", query)
	}
}

// serve serves the page to clients that are not a recorder.
func serve(t *testing.T, h http.Handler) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// sections reads updates of the page.
func sections(t *testing.T, body io.Reader, each func(id, html string) bool) {
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), `data: {`); ok {
			var s struct{ ID, HTML string }
			require.NoError(t, json.Unmarshal([]byte("{"+data), &s))
			if !each(s.ID, s.HTML) {
				return
			}
		}
	}
}

func TestUpdates(t *testing.T) {
	tel, _, h := setUp(t, &live.Options{Interval: 10 * time.Millisecond, MaxClients: 1})
	url := serve(t, h)
	resp, err := http.Get(url + "?events=1&q=b")
	require.NoError(t, err)
	defer resp.Body.Close()
	assert.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
	seen := map[string]bool{}
	sections(t, resp.Body, func(id, _ string) bool {
		seen[id] = true
		return len(seen) < 6
	})
	second, err := http.Get(url + "?events=1")
	require.NoError(t, err)
	second.Body.Close()
	assert.Equal(t, http.StatusServiceUnavailable, second.StatusCode)
	assert.EqualValues(t, 1, h.Stats().Clients)

	ctx, span := tel.Start(bg, "job")
	_, kid := tel.Start(ctx, "sub")
	sections(t, resp.Body, func(id, html string) bool { return !(id == "open" && strings.Contains(html, "job.sub")) })
	kid.End()
	span.End()
	sections(t, resp.Body, func(id, html string) bool { return !(id == "scopes" && strings.Contains(html, "job.sub")) })
	require.NoError(t, h.Shutdown(bg))
	rest, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.True(t, strings.HasSuffix(string(rest), "event: end\ndata: \"\"\n\n"))
}

// A client that does not read what it is sent keeps nobody waiting.
func TestAClientThatHangs(t *testing.T) {
	tel, _, h := setUp(t, &live.Options{Interval: time.Millisecond})
	url := serve(t, h)
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	defer c.Close()
	_, err = io.WriteString(c, "GET /?events=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return h.Stats().Clients == 1 }, time.Minute, time.Millisecond)
	for i := range 20_000 {
		_, span := tel.Start(bg, "a", slog.Int("n", i))
		span.End()
	}
	require.Eventually(t, func() bool { // what browsers share may be a quarter of an interval old
		return in(page(t, h), "scopes", 0, "calls") == 20_000.0
	}, time.Minute, time.Millisecond)
	require.NoError(t, c.Close())
	require.Eventually(t, func() bool { return h.Stats().Clients == 0 }, time.Minute, time.Millisecond)
}

func TestListen(t *testing.T) {
	h, err := live.Listen("0", nil)
	require.NoError(t, err)
	assert.Regexp(t, `^http://127\.0\.0\.1:\d+/$`, h.URL())
	resp, err := http.Get(h.URL() + "?events=1")
	require.NoError(t, err)
	defer resp.Body.Close()
	assert.Equal(t, http.StatusOK, resp.StatusCode)

	_, err = live.Listen(strings.TrimSuffix(strings.TrimPrefix(h.URL(), "http://"), "/"), nil)
	assert.ErrorContains(t, err, "live: cannot listen on 127.0.0.1:")
	for address, want := range map[string]string{
		"": "want a port", "localhost": "want a port", "a:b:c": "want a port", "localhost:http": "the port is no number", ":70000": "the port is no number",
		"99999": "want a port",
	} {
		_, err := live.Listen(address, nil)
		assert.ErrorContains(t, err, want, address)
	}
	require.NoError(t, h.Shutdown(t.Context()), "the stream ends, too")
	_, err = http.Get(h.URL())
	assert.Error(t, err)
	assert.Empty(t, live.New(nil).URL())
}

// Who reads the JSON in Go has the types of this package.
func TestPageCanBeRead(t *testing.T) {
	tel, _, h := setUp(t, nil)
	_, span := tel.Start(bg, "a", slog.String("z", "1"), slog.Group("g", slog.Int("n", 2)), slog.Bool("b", true))
	defer span.End()
	var p live.Page
	require.NoError(t, json.Unmarshal(ask(h, "?format=json").Body.Bytes(), &p))
	assert.Equal(t, live.Attrs{{Key: "z", Value: "1"}, {Key: "g", Value: live.Attrs{{Key: "n", Value: 2.0}}}, {Key: "b", Value: true}}, p.Open[0].Attrs)
	assert.Equal(t, live.Schema, p.Schema)
	for _, bad := range []string{`[]`, `{"a":`, `{"a":{"b":[}}`, `1`} {
		assert.Error(t, new(live.Attrs).UnmarshalJSON([]byte(bad)), bad)
	}
}
