package services

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/interop/internal/postgres"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/sqltel"
)

// startFeeds starts the service with telemetry.
func startFeeds(t *testing.T, dsn, path string) (base string, stop func()) {
	tel, file := telemetry(t, path)
	db, err := sqltel.Open("pgx", dsn, tel, nil)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), feedsSchema)
	require.NoError(t, err)
	app := &feeds{db: db, client: &http.Client{Transport: httptel.NewTransport(nil, tel, nil)}, log: slog.New(handlers.Scope()(file))}
	srv := httptest.NewUnstartedServer(httptel.NewMiddleware(tel, &httptel.ServerOptions{
		Attrs: func(r *http.Request) []slog.Attr { return []slog.Attr{slog.String("request", r.Header.Get(requestID))} },
	})(app.routes()))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0) // it writes panics there
	srv.Start()
	ctx, idle := context.WithCancel(context.Background())
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() { assert.NoError(t, app.work(ctx, tel)) })
	}
	return srv.URL, func() {
		srv.Close()
		idle()
		workers.Wait()
		app.client.CloseIdleConnections()
		assert.NoError(t, db.Close())
		assert.NoError(t, tel.Shutdown(context.Background()))
	}
}

// origin is the site whose feeds are read.
func origin(t *testing.T) string {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/gone"):
			http.NotFound(w, r)
		case strings.HasPrefix(r.URL.Path, "/junk"):
			_, _ = io.WriteString(w, "<rss><channel>")
		default:
			_, _ = io.WriteString(w, "<rss><channel><title>A feed</title><item><guid>1</guid><title>One</title></item><item><guid>2</guid><title>Two</title></item></channel></rss>")
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// readFeeds does what a user would do next, or a client that is wrong.
func readFeeds(c *user, origin string) {
	feed := fmt.Sprintf("/v1/feeds/%d", c.one())
	switch c.rng.IntN(17) {
	case 0, 1:
		kind := []string{"ok", "ok", "gone", "junk"}[c.rng.IntN(4)]
		var added struct{ ID int }
		if json.Unmarshal(c.do("POST", "/v1/feeds", "POST /v1/feeds", true, fmt.Sprintf(`{"url": "%s/%s/%s/%d"}`, origin, kind, c.name, len(c.log))), &added) == nil {
			c.own = append(c.own, added.ID)
		}
	case 2:
		c.do("POST", "/v1/feeds", "POST /v1/feeds", true, `{"url": "the same for all"}`)
	case 3:
		c.do("POST", "/v1/feeds", "POST /v1/feeds", false, `{"url"`)
	case 4:
		c.do("GET", "/v1/feeds", "GET /v1/feeds", true, "")
	case 5:
		c.do("GET", feed, "GET /v1/feeds/{id}", true, "")
	case 6, 7:
		c.do("GET", feed+"/items", "GET /v1/feeds/{id}/items", true, "")
	case 8, 9:
		c.do("POST", feed+"/refresh", "POST /v1/feeds/{id}/refresh", true, "")
	case 10:
		c.do("DELETE", feed, "DELETE /v1/feeds/{id}", true, "")
	case 11:
		c.do("GET", "/v1/feeds/none", "GET /v1/feeds/{id}", false, "")
	case 12:
		c.do("GET", "/v1/admin/counts", "GET /v1/admin/counts", true, "")
	case 13:
		c.do("GET", "/v1/admin/broken", "GET /v1/admin/broken", true, "")
	case 14:
		// Not GET, which net/http sends again by itself where a connection ends without an answer.
		c.do("POST", "/v1/admin/panic", "POST /v1/admin/panic", false, "")
	case 15:
		c.pick([2]string{"GET", "/v2/feeds"}, [2]string{"GET", "/v1/feeds/1/2/3"}, [2]string{"PUT", "/v1/feeds"}, [2]string{"GET", "/v1/admin/nothing"}, [2]string{"GET", "/robots.txt"})
	case 16:
		c.do("POST", feed+"/later", "POST /v1/feeds/{id}/later", true, "")
	}
}

func TestFeeds(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	server, err := postgres.Start(ctx)
	if err != nil {
		t.Skipf("PostgreSQL is left out: %v", err)
	}
	t.Cleanup(server.Stop)
	steps := 400
	if testing.Short() {
		steps = 100
	}
	path := filepath.Join(t.TempDir(), "feeds.jsonl")
	base, stop := startFeeds(t, server.DSN, path)
	site := origin(t)
	clients := load(base, 8, steps, func(c *user) { readFeeds(c, site) })
	stop()

	lines := sorted(t, path, func(l line) (kind, key string) {
		switch {
		case strings.HasPrefix(l.text(slogtel.KeyScope), "job."):
			return "jobs", l.text(slogtel.KeyTraceID)
		case l.isRoot():
			return "roots", l.text("request")
		case l.text("msg") != slogtel.MessageTiming:
			return "logs", l.text("request")
		}
		return "inside", l.text(slogtel.KeyTraceID)
	})
	roots, inside, jobs, logs := lines["roots"], lines["inside"], lines["jobs"], lines["logs"]
	seen := map[string]int{}
	for _, c := range clients {
		for _, a := range c.log {
			require.Len(t, roots[a.id], 1, "%v", a)
			root := roots[a.id][0]
			delete(roots, a.id)
			checkRoot(t, a, root)
			checkInside(t, a, root, inside[root.text(slogtel.KeyTraceID)])
			delete(inside, root.text(slogtel.KeyTraceID))
			checkJob(t, a, root, jobs[root.text(slogtel.KeyTraceID)])
			delete(jobs, root.text(slogtel.KeyTraceID))
			checkAnswered(t, a, root, logs[a.id])
			delete(logs, a.id)
			seen[fmt.Sprintf("%s %d", a.route, a.status)]++
		}
	}
	assert.Empty(t, roots, "requests that the client did not send")
	assert.Empty(t, jobs)
	assert.Empty(t, logs)
	for trace, left := range inside { // connections that the pool opens, the schema, and workers that look for jobs
		for _, l := range left {
			assert.Regexp(t, `^sql\.(connect|create\.feeds|delete\.jobs)$`, l.text(slogtel.KeyScope), trace)
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(seen)) {
		t.Logf("%5d %s", seen[kind], kind)
	}
	for _, kind := range []string{" 404", " 405", "POST /v1/feeds 409", "POST /v1/feeds/{id}/refresh 502", "POST /v1/feeds/{id}/refresh 200", "POST /v1/feeds/{id}/later 200",
		"GET /v1/feeds/{id} 404", "GET /v1/admin/broken 500", "POST /v1/admin/panic 0"} {
		assert.NotZero(t, seen[kind], kind)
	}
}

// checkRoot compares a line of the client's log with the scope of the request.
func checkRoot(t *testing.T, a access, root line) {
	if a.route == "" {
		assert.Equal(t, "http.server.unmatched", root.text(slogtel.KeyScope), "%v", a)
	} else {
		assert.Equal(t, httptel.RouteName(a.route), root.text(slogtel.KeyScope), "%v", a)
	}
	assert.Equal(t, a.route, root.text(httptel.KeyRoute), "%v", a)
	assert.Equal(t, a.method, root.text(httptel.KeyMethod), "%v", a)
	if a.status == 0 {
		assert.NotContains(t, root, httptel.KeyStatus, "%v", a)
		assert.Equal(t, "panic: a bug", root.text(slogtel.KeyError), "%v", a)
		return
	}
	assert.EqualValues(t, a.status, root[httptel.KeyStatus], "%v", a)
	assert.Equal(t, a.status >= 500, root.text(slogtel.KeyError) != "", "%v", a)
}

// checkInside looks at what the request waited for: calls of the database and of the client, one
// after the other, all of them within its time.
func checkInside(t *testing.T, a access, root line, inside []line) {
	const clock = 1e-6 // seconds, of which floats lose less
	var queries int
	var waited float64
	from, to := root.number(slogtel.KeyStartMonotonic), root.number(slogtel.KeyEndMonotonic)
	for _, l := range inside {
		path := l.text(slogtel.KeyScope)
		assert.Equal(t, root.text(slogtel.KeyScope), l.text(slogtel.KeyParentScope), path)
		assert.Equal(t, root.text(slogtel.KeySpanID), l.text(slogtel.KeyParentSpanID), path)
		assert.GreaterOrEqual(t, l.number(slogtel.KeyStartMonotonic), from-clock, path)
		assert.LessOrEqual(t, l.number(slogtel.KeyEndMonotonic), to+clock, path)
		waited += l.number(slogtel.KeyDuration)
		if strings.Contains(path, ".sql.") {
			queries++
			assert.Equal(t, "postgresql", l.text("db.system.name"), path)
		}
	}
	assert.Equal(t, a.sql, queries > 0, "%v: %d queries", a, queries)
	assert.LessOrEqual(t, waited, root.number(slogtel.KeyDuration)+clock*float64(1+len(inside)), "%v", a)
}

// checkJob looks at what a worker did for a request, after it: one scope that is its child, and all
// else inside of that, in its trace.
func checkJob(t *testing.T, a access, root line, lines []line) {
	queued := strings.HasSuffix(a.route, "/later") && a.status == http.StatusOK
	assert.Equal(t, queued, len(lines) > 0, "%v", a)
	done := 0
	for _, l := range lines {
		switch {
		case l["job"] != nil: // of the app's log
			assert.Equal(t, "job.refresh", l.text(slogtel.KeyScope), "%v", a)
			assert.Equal(t, a.id, l.text("job"))
		case l.text(slogtel.KeyScope) == "job.refresh" && l.text("msg") == slogtel.MessageTiming:
			done++
			assert.Equal(t, root.text(slogtel.KeySpanID), l.text(slogtel.KeyParentSpanID), "%v", a)
		}
	}
	assert.Equal(t, queued, done == 1, "%v: %d jobs", a, done)
}

// checkAnswered looks at the app's own lines about a request.
func checkAnswered(t *testing.T, a access, root line, lines []line) {
	assert.Equal(t, a.route != "" && a.status != 0, len(lines) > 0, "%v", a)
	checkLogs(t, a, root, lines)
	for _, l := range lines {
		if status, ok := l["status"]; ok {
			assert.EqualValues(t, a.status, status, "%v", a)
		}
	}
}
