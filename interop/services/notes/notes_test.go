package notes

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/httptel/echo"
	"github.com/slogtel/telemetry/slogtel/sqltel"
)

// observed is the service with telemetry: what an operator of it would write.
func observed(t *testing.T, dir string) (base, path string, stop func()) {
	path = filepath.Join(dir, "notes.jsonl")
	file, err := jsonlines.Open(path, nil)
	require.NoError(t, err)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, StrictScopes: slogtel.On, TraceIDs: true,
		OnError: func(_ context.Context, err error) { t.Error(err) }}, file)
	dsn := "file:" + filepath.Join(dir, "notes.db") + "?_pragma=busy_timeout(60000)&_pragma=journal_mode(WAL)&_txlock=immediate"
	db, err := sqltel.Open("sqlite", dsn, tel, nil)
	require.NoError(t, err)
	db.SetMaxOpenConns(4)
	_, err = db.ExecContext(t.Context(), schema)
	require.NoError(t, err)
	app := &service{db: db, log: slog.New(handlers.Scope()(file))}
	e := app.routes(echotel.NewMiddleware(tel, &httptel.ServerOptions{RequestIDHeader: "X-Request-Id"}))
	e.Logger.SetOutput(io.Discard)
	srv := httptest.NewServer(e)
	return srv.URL, path, func() {
		srv.Close()
		assert.NoError(t, db.Close())
		assert.NoError(t, tel.Shutdown(context.Background()))
	}
}

// An access is a line of a client's own log.
type access struct {
	id     string
	route  string // "" for none
	status int
	sql    bool // it cannot be answered without the database
}

// A writer is one of the clients that the service is loaded with.
type writer struct {
	t      *testing.T
	name   string
	base   string
	rng    *rand.Rand
	client *http.Client
	own    []int64 // ids of notes that were added
	log    []access
}

func (c *writer) do(method, path, route string, db bool, body string) []byte {
	a := access{id: fmt.Sprintf("%s-%d", c.name, len(c.log)), route: route, sql: db}
	req, err := http.NewRequest(method, c.base+path, strings.NewReader(body))
	if !assert.NoError(c.t, err) {
		return nil
	}
	req.Header.Set("X-Request-Id", a.id)
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.client.Do(req)
	if !assert.NoError(c.t, err) {
		return nil
	}
	defer resp.Body.Close()
	a.status = resp.StatusCode
	c.log = append(c.log, a)
	got, err := io.ReadAll(resp.Body)
	assert.NoError(c.t, err)
	return got
}

// step does what a user would do next, or a client that is wrong.
func (c *writer) step() {
	id := int64(1_000_000_000)
	if len(c.own) > 0 {
		id = c.own[c.rng.IntN(len(c.own))]
	}
	one := fmt.Sprintf("/api/v1/notes/%d", id)
	const notes, ofID = "/api/v1/notes", "/api/v1/notes/:id"
	switch c.rng.IntN(15) {
	case 0, 1:
		var added note
		if json.Unmarshal(c.do("POST", notes, notes, true, fmt.Sprintf(`{"title": "%s %d"}`, c.name, len(c.log))), &added) == nil && added.ID > 0 {
			c.own = append(c.own, added.ID)
		}
	case 2:
		c.do("POST", notes, notes, true, `{"title": "the same for all"}`)
	case 3:
		c.do("POST", notes, notes, false, `{"title": `)
	case 4:
		c.do("POST", notes, notes, false, `{}`)
	case 5:
		c.do("GET", notes+"?q="+c.name, notes, true, "")
	case 6, 7:
		c.do("GET", one, ofID, true, "")
	case 8:
		c.do("PUT", one, ofID, true, `{"body": "more"}`)
	case 9:
		c.do("DELETE", one, ofID, true, "")
	case 10:
		c.do("GET", "/api/v1/notes/none", ofID, false, "")
	case 11:
		c.do("GET", "/api/v1/export", "/api/v1/export", true, "")
	case 12:
		c.do("GET", "/api/v1/broken", "/api/v1/broken", true, "")
	case 13:
		c.do("GET", "/api/v1/panic", "/api/v1/panic", false, "")
	case 14:
		wrong := [][2]string{{"GET", "/robots.txt"}, {"GET", "/api/v1/none"}, {"PATCH", "/api/v1/notes"}, {"DELETE", "/healthz"}, {"GET", "/api"}}
		w := wrong[c.rng.IntN(len(wrong))]
		c.do(w[0], w[1], "", false, "")
	}
}

type line map[string]any

func (l line) text(key string) string { s, _ := l[key].(string); return s }

func (l line) number(key string) float64 { n, _ := l[key].(float64); return n }

func readLines(t *testing.T, path string) (all []line) {
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	for raw := range bytes.Lines(data) {
		var l line
		require.NoError(t, json.Unmarshal(raw, &l), "%s", raw)
		all = append(all, l)
	}
	return all
}

func TestEachRequestIsAccountedFor(t *testing.T) {
	steps := 200
	if testing.Short() {
		steps = 50
	}
	base, path, stop := observed(t, t.TempDir())
	clients := make([]*writer, 6)
	var all sync.WaitGroup
	for i := range clients {
		transport := &http.Transport{}
		c := &writer{t: t, name: fmt.Sprintf("writer%d", i), base: base, rng: rand.New(rand.NewPCG(2, uint64(i))), client: &http.Client{Transport: transport}}
		clients[i] = c
		all.Go(func() {
			defer transport.CloseIdleConnections()
			for range steps {
				c.step()
			}
		})
	}
	all.Wait()
	stop()

	roots, inside, logs, log := map[string][]line{}, map[string][]line{}, map[string][]line{}, map[string][]line{}
	for _, l := range readLines(t, path) {
		switch trace := l.text(slogtel.KeyTraceID); {
		case l.text("msg") == "access":
			log[l.text("request")] = append(log[l.text("request")], l)
		case l.text("msg") != slogtel.MessageTiming:
			logs[trace] = append(logs[trace], l)
		case strings.HasPrefix(l.text(slogtel.KeyScope), "http.server.") && l.text(slogtel.KeyParentScope) == "":
			id := l.text(httptel.KeyRequestID)
			roots[id] = append(roots[id], l)
		default:
			inside[trace] = append(inside[trace], l)
		}
	}
	statuses := map[int]int{}
	for _, c := range clients {
		for _, a := range c.log {
			statuses[a.status]++
			if !assert.Len(t, roots[a.id], 1, "%+v", a) {
				continue
			}
			check(t, a, roots[a.id][0], inside, logs)
			if assert.Len(t, log[a.id], 1, "%+v: the access log", a) {
				assert.EqualValues(t, a.status, log[a.id][0]["status"], "%+v: the access log", a)
				if a.route != "" {
					assert.Equal(t, a.route, log[a.id][0].text("route"), "%+v: the access log", a)
				}
			}
		}
	}
	for _, status := range []int{200, 201, 204, 400, 404, 405, 409, 422, 500} {
		assert.NotZero(t, statuses[status], "no request was answered with %d: %v", status, statuses)
	}
	total := 0
	for _, of := range roots {
		total += len(of)
	}
	assert.Equal(t, len(clients)*steps, total, "a root scope for each request, and no other")
}

// check compares a client's line with what the library wrote in the trace of its request.
func check(t *testing.T, a access, root line, inside, logs map[string][]line) {
	scope, trace := root.text(slogtel.KeyScope), root.text(slogtel.KeyTraceID)
	assert.EqualValues(t, a.status, root[httptel.KeyStatus], "%+v", a)
	assert.Equal(t, a.route, root.text(httptel.KeyRoute), "%+v", a)
	assert.Equal(t, a.status >= 500, root.text(slogtel.KeyError) != "", "%+v: %v", a, root)
	if a.route == "" {
		assert.Equal(t, "http.server.unmatched", scope, "%+v", a)
	}

	busy := 0.0
	for _, l := range inside[trace] {
		if strings.HasPrefix(l.text(slogtel.KeyScope), scope+".sql.") {
			busy += l.number(slogtel.KeyDuration)
		}
		assert.GreaterOrEqual(t, root.number(slogtel.KeyDuration), l.number(slogtel.KeyDuration), "%+v: %v", a, l)
	}
	assert.Equal(t, a.sql, busy > 0, "%+v: the time in SQL is below the request: %v", a, inside[trace])

	assert.NotEmpty(t, logs[trace], "%+v", a)
	for _, l := range logs[trace] {
		assert.Equal(t, scope, l.text(slogtel.KeyScope), "%+v: a log line inside", a)
		assert.Equal(t, root.text(slogtel.KeySpanID), l.text(slogtel.KeySpanID), "%+v: a log line inside", a)
	}
}
