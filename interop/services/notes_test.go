package services

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	echotel "github.com/slogtel/telemetry/slogtel/httptel/echo"
	"github.com/slogtel/telemetry/slogtel/sqltel"
)

// startNotes starts the service with telemetry.
func startNotes(t *testing.T, dir string) (base, path string, stop func()) {
	path = filepath.Join(dir, "notes.jsonl")
	tel, file := telemetry(t, path)
	dsn := "file:" + filepath.Join(dir, "notes.db") + "?_pragma=busy_timeout(60000)&_pragma=journal_mode(WAL)&_txlock=immediate"
	db, err := sqltel.Open("sqlite", dsn, tel, nil)
	require.NoError(t, err)
	db.SetMaxOpenConns(4)
	_, err = db.ExecContext(t.Context(), notesSchema)
	require.NoError(t, err)
	app := &notes{db: db, log: slog.New(handlers.Scope()(file))}
	e := app.routes(echotel.NewMiddleware(tel, &httptel.ServerOptions{RequestIDHeader: requestID}))
	e.Logger.SetOutput(io.Discard)
	srv := httptest.NewServer(e)
	return srv.URL, path, func() {
		srv.Close()
		assert.NoError(t, db.Close())
		assert.NoError(t, tel.Shutdown(context.Background()))
	}
}

// writeNotes does what a user would do next, or a client that is wrong.
func writeNotes(c *user) {
	one := fmt.Sprintf("/api/v1/notes/%d", c.one())
	const notes, ofID = "/api/v1/notes", "/api/v1/notes/:id"
	switch c.rng.IntN(15) {
	case 0, 1:
		var added struct{ ID int }
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
		c.pick([2]string{"GET", "/robots.txt"}, [2]string{"GET", "/api/v1/none"}, [2]string{"PATCH", "/api/v1/notes"}, [2]string{"DELETE", "/healthz"}, [2]string{"GET", "/api"})
	}
}

func TestNotes(t *testing.T) {
	steps := 200
	if testing.Short() {
		steps = 50
	}
	base, path, stop := startNotes(t, t.TempDir())
	clients := load(base, 6, steps, writeNotes)
	stop()

	lines := sorted(t, path, func(l line) (kind, key string) {
		switch {
		case l.text("msg") == "access":
			return "access", l.text("request")
		case l.isRoot():
			return "roots", l.text(httptel.KeyRequestID)
		case l.text("msg") != slogtel.MessageTiming:
			return "logs", l.text(slogtel.KeyTraceID)
		}
		return "inside", l.text(slogtel.KeyTraceID)
	})
	roots, log := lines["roots"], lines["access"]
	statuses := map[int]int{}
	for _, c := range clients {
		for _, a := range c.log {
			statuses[a.status]++
			if !assert.Len(t, roots[a.id], 1, "%+v", a) {
				continue
			}
			checkNote(t, a, roots[a.id][0], lines["inside"], lines["logs"])
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

// checkNote compares a client's line with what the library wrote in the trace of its request.
func checkNote(t *testing.T, a access, root line, inside, logs map[string][]line) {
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
	checkLogs(t, a, root, logs[trace])
}
