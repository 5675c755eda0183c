package services

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
)

// telemetry is what an operator of a service would write, into the file of that path.
func telemetry(t *testing.T, path string) (*slogtel.Telemetry, *jsonlines.File) {
	file, err := jsonlines.Open(path, nil)
	require.NoError(t, err)
	return slogtel.New(&slogtel.Options{Mode: slogtel.On, StrictScopes: slogtel.On, TraceIDs: true,
		OnError: func(_ context.Context, err error) { t.Error(err) }}, file), file
}

// An access is a line of a client's own log.
type access struct {
	id, method, path string
	route            string // what the request matches; "" for nothing
	status           int    // 0: there was no answer
	sql              bool   // it cannot be answered without the database
}

// A user is one of the clients that a service is loaded with.
type user struct {
	name, base string
	rng        *rand.Rand
	client     *http.Client
	own        []int // ids of what this user added
	log        []access
}

// load has users take so many steps each, and returns them.
func load(base string, users, steps int, step func(*user)) []*user {
	clients := make([]*user, users)
	var all sync.WaitGroup
	for i := range clients {
		transport := &http.Transport{}
		c := &user{name: fmt.Sprintf("user%d", i), base: base, rng: rand.New(rand.NewPCG(1, uint64(i))), client: &http.Client{Transport: transport}}
		clients[i] = c
		all.Go(func() {
			defer transport.CloseIdleConnections()
			for range steps {
				step(c)
			}
		})
	}
	all.Wait()
	return clients
}

// do sends a request and returns the body of the answer, if there is one.
func (c *user) do(method, path, route string, db bool, body string) []byte {
	a := access{fmt.Sprintf("%s-%d", c.name, len(c.log)), method, path, route, 0, db}
	req, err := http.NewRequest(method, c.base+path, strings.NewReader(body))
	if err != nil {
		panic(err) // of this test
	}
	req.Header.Set(requestID, a.id)
	req.Header.Set("Content-Type", "application/json")
	var got []byte
	if resp, err := c.client.Do(req); err == nil {
		a.status = resp.StatusCode
		got, _ = io.ReadAll(resp.Body)
		resp.Body.Close()
	}
	c.log = append(c.log, a)
	return got
}

// one returns the id of something that the user added, or one that nothing has.
func (c *user) one() int {
	if len(c.own) == 0 {
		return 1_000_000_000
	}
	return c.own[c.rng.IntN(len(c.own))]
}

// pick sends one of some requests that match no route.
func (c *user) pick(wrong ...[2]string) {
	w := wrong[c.rng.IntN(len(wrong))]
	c.do(w[0], w[1], "", false, "")
}

// A line is one of the file.
type line map[string]any

func (l line) text(key string) string { s, _ := l[key].(string); return s }

func (l line) number(key string) float64 { n, _ := l[key].(float64); return n }

// sorted are the lines of a file, in groups by what of returns: a kind, and the request or trace that
// it belongs to.
func sorted(t *testing.T, path string, of func(line) (kind, key string)) map[string]map[string][]line {
	groups := make(map[string]map[string][]line)
	for _, l := range testkit.JSONFile(t, path) {
		kind, key := of(l)
		if groups[kind] == nil {
			groups[kind] = make(map[string][]line)
		}
		groups[kind][key] = append(groups[kind][key], l)
	}
	return groups
}

// isRoot reports whether a line is the scope of a whole request.
func (l line) isRoot() bool {
	return l.text("msg") == slogtel.MessageTiming && l.text(slogtel.KeyParentScope) == "" && strings.HasPrefix(l.text(slogtel.KeyScope), "http.server.")
}

// checkLogs looks at lines of the app's own log: each has the scope and the trace of its request.
func checkLogs(t *testing.T, a access, root line, lines []line) {
	for _, l := range lines {
		for _, key := range []string{slogtel.KeyScope, slogtel.KeyTraceID, slogtel.KeySpanID} {
			assert.Equal(t, root.text(key), l.text(key), "%+v: %s", a, key)
		}
	}
}
