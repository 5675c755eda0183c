package remote

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func serve(t *testing.T, h http.HandlerFunc) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func read(t *testing.T, url string, since, until time.Time) (string, error) {
	r, err := Open(t.Context(), url, since, until)
	if err != nil {
		return "", err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	return string(b), err
}

func answer(t *testing.T, name string) http.HandlerFunc {
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	return func(w http.ResponseWriter, _ *http.Request) { w.Write(b) }
}

func TestDocumentedAnswers(t *testing.T) {
	got, err := read(t, serve(t, answer(t, "testdata/loki.json"))+`/loki/api/v1/query_range?query={job="shop"}`, time.Time{}, time.Time{})
	require.NoError(t, err)
	assert.Equal(t, 3, strings.Count(got, "\n"))
	assert.Contains(t, got, `"scope":"job.step"`)
	assert.Contains(t, got, "\nan ordinary line\n")

	got, err = read(t, serve(t, answer(t, "testdata/elasticsearch.json"))+"/logs-shop-*/_search?q=x", time.Time{}, time.Time{})
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(got), "\n")
	require.Len(t, lines, 2)
	for _, l := range lines {
		assert.True(t, json.Valid([]byte(l)), l)
	}
}

// An entry of a store.
type entry struct {
	at     int64
	stream string
	line   string
}

// someEntries has many at the same time, in several streams.
func someEntries(n int, unit int64) (all []entry) {
	r := rand.New(rand.NewPCG(1, 2))
	at := int64(1795847631e9)
	for i := range n {
		if r.IntN(3) == 0 {
			at += r.Int64N(3) * unit
		}
		all = append(all, entry{at, fmt.Sprint("s", r.IntN(3)), fmt.Sprint("line ", i)})
	}
	return all
}

func sorted(text string) []string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	slices.Sort(lines)
	return lines
}

func linesOf(all []entry) (lines []string) {
	for _, e := range all {
		lines = append(lines, e.line)
	}
	slices.Sort(lines)
	return lines
}

// lokiOf answers as the documentation says: entries from start on and before end, the oldest first, no more than limit,
// by streams.
func lokiOf(all []entry, requests *int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		*requests++
		number := func(name string) int64 { n, _ := strconv.ParseInt(r.FormValue(name), 10, 64); return n }
		if r.FormValue("direction") != "forward" || r.FormValue("query") != "{}" {
			http.Error(w, "bad", http.StatusBadRequest)
			return
		}
		byStream := make(map[string][][]string)
		n := int64(0)
		for _, e := range all {
			if e.at >= number("start") && e.at < number("end") && n < number("limit") {
				byStream[e.stream] = append(byStream[e.stream], []string{fmt.Sprint(e.at), e.line})
				n++
			}
		}
		type stream struct {
			Stream map[string]string `json:"stream"`
			Values [][]string        `json:"values"`
		}
		result := []stream{}
		for name, values := range byStream {
			result = append(result, stream{map[string]string{"a": name}, values})
		}
		json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": map[string]any{"resultType": "streams", "result": result}})
	}
}

// All lines of Loki come once, though many have the same time.
func TestLokiPages(t *testing.T) {
	all := someEntries(2000, 1)
	since, until := time.Unix(0, all[0].at), time.Unix(0, all[len(all)-1].at+1)
	for _, limit := range []int{29, 100, 1999, 2000, 2001} {
		requests := 0
		url := serve(t, lokiOf(all, &requests)) + fmt.Sprintf("/loki/api/v1/query_range?query={}&limit=%d", limit)
		got, err := read(t, url, since, until)
		require.NoError(t, err, limit)
		assert.Equal(t, linesOf(all), sorted(got), limit)
		assert.GreaterOrEqual(t, requests, len(all)/limit)
	}
	requests := 0
	_, err := read(t, serve(t, lokiOf(all, &requests))+"/loki/api/v1/query_range?query={}&limit=1", since, until)
	assert.ErrorContains(t, err, "of one nanosecond")
}

// elasticOf answers as the documentation says.
func elasticOf(all []entry, requests *int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		*requests++
		var q struct {
			Size  int
			Query struct {
				Bool struct {
					Filter []struct {
						Range map[string]struct{ Gte, Lt int64 }
					}
				}
			}
		}
		if json.NewDecoder(r.Body).Decode(&q) != nil {
			http.Error(w, "bad", http.StatusBadRequest)
			return
		}
		within := q.Query.Bool.Filter[len(q.Query.Bool.Filter)-1].Range["@timestamp"]
		hits := []any{}
		for _, e := range all {
			if ms := e.at / 1e6; ms >= within.Gte && (within.Lt == 0 || ms < within.Lt) && len(hits) < q.Size {
				hits = append(hits, map[string]any{"_index": e.stream, "_id": e.line, "sort": []int64{ms}})
			}
		}
		json.NewEncoder(w).Encode(map[string]any{"timed_out": false, "_shards": map[string]int{"total": 1, "failed": 0}, "hits": map[string]any{"hits": hits}})
	}
}

func TestElasticsearchPages(t *testing.T) {
	all := someEntries(2000, 1e6)
	for _, size := range []int{29, 100, 1999, 2000, 2001} {
		requests := 0
		got, err := read(t, serve(t, elasticOf(all, &requests))+fmt.Sprintf("/x/_search?size=%d", size), time.Time{}, time.Unix(0, all[len(all)-1].at+1))
		require.NoError(t, err)
		var lines []string
		for _, line := range sorted(got) {
			var hit struct {
				ID string `json:"_id"`
			}
			require.NoError(t, json.Unmarshal([]byte(line), &hit))
			lines = append(lines, hit.ID)
		}
		slices.Sort(lines)
		assert.Equal(t, linesOf(all), lines, size)
		assert.GreaterOrEqual(t, requests, len(all)/size)
	}
}

// What an answer says is missing is an error, after what was read of it.
func TestIncompleteAnswers(t *testing.T) {
	for name, c := range map[string]struct{ path, answer, want string }{
		"timed out":   {"/x/_search", `{"timed_out":true,"hits":{"hits":[]}}`, "timed out"},
		"shards":      {"/x/_search", `{"_shards":{"total":5,"failed":3},"hits":{"hits":[]}}`, "3 of 5 shards failed"},
		"no times":    {"/x/_search", `{"hits":{"hits":[{"_id":"1","sort":[9223372036854775807]}]}}`, "sort=FIELD"},
		"no sort":     {"/x/_search", `{"hits":{"hits":[{"_id":"1"}]}}`, "not what the store's documentation says"},
		"login":       {"/x/_search", "<html>Log in</html>", "a login or a proxy"},
		"cut":         {"/x/_search", `{"hits":{"hits":[{"_id":"1","sort":[1]}`, "unexpected EOF"},
		"matrix":      {"/loki/api/v1/query_range?query=x", `{"data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"2"]]}]}}`, "gives numbers (matrix)"},
		"loki, login": {"/loki/api/v1/query_range?query=x", `<html>`, "a login or a proxy"},
		"loki, array": {"/loki/api/v1/query_range?query=x", `[1]`, "a login or a proxy"},
		"loki, time":  {"/loki/api/v1/query_range?query=x", `{"data":{"result":[{"values":[["x","y"]]}]}}`, "no time of Loki"},
		"no query":    {"/loki/api/v1/query_range", ``, "no query="},
		"no LogsQL":   {"/select/logsql/query", ``, "no query="},
	} {
		_, err := read(t, serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, c.answer) })+c.path, time.Time{}, time.Time{})
		assert.ErrorContains(t, err, c.want, name)
	}
	empty, err := read(t, serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"data":{"result":null}}`) })+"/loki/api/v1/query_range?query=x", time.Time{}, time.Time{})
	assert.NoError(t, err)
	assert.Empty(t, empty)
}

// VictoriaLogs is asked for windows of time, each of which leaves off where the next begins.
func TestVictoriaLogsWindows(t *testing.T) {
	var asked []string
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.FormValue("query")
		if asked = append(asked, q); strings.Contains(q, "| stats") {
			io.WriteString(w, `{"first":"2026-11-28T06:00:00Z","last":"2026-11-28T08:30:00Z"}`+"\n")
			return
		}
		fmt.Fprintf(w, "{\"n\":%d}\n", len(asked))
	}) + "/select/logsql/query?query=a:b"
	got, err := read(t, url, time.Time{}, time.Time{})
	require.NoError(t, err)
	assert.Equal(t, 3, strings.Count(got, "\n"))
	assert.Equal(t, []string{"(a:b\n) | stats min(_time) first, max(_time) last",
		"_time:[2026-11-28T06:00:00Z, 2026-11-28T07:00:00Z) (a:b\n)", "_time:[2026-11-28T07:00:00Z, 2026-11-28T08:00:00Z) (a:b\n)",
		"_time:[2026-11-28T08:00:00Z, 2026-11-28T08:30:00.000000001Z) (a:b\n)"}, asked)

	asked = nil
	_, err = read(t, url, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	assert.InDelta(t, maxWindows, len(asked), 1)
	asked = nil
	_, err = read(t, url+"|limit 5", time.Time{}, time.Time{})
	require.NoError(t, err)
	assert.Equal(t, []string{"a:b|limit 5"}, asked)
}

// An answer that is too long for memory is an error.
func TestLongAnswer(t *testing.T) {
	var v any
	assert.ErrorContains(t, decode(io.MultiReader(strings.NewReader(`{"a":"`), &endless{}), 1<<20, &v), "an answer of more than")
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// An answer that was cut off, wherever, is an error.
func TestCutOff(t *testing.T) {
	for name, read := range map[string]func(io.Reader) error{
		"testdata/loki.json": func(r io.Reader) error {
			return newPages(io.Discard, 0).loki(r)
		},
		"testdata/elasticsearch.json": func(r io.Reader) error { return newPages(io.Discard, 0).elasticsearch(r) },
	} {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		b = bytes.TrimSpace(b)
		require.NoError(t, read(bytes.NewReader(b)), name)
		for n := range len(b) {
			assert.Error(t, read(bytes.NewReader(b[:n])), "%s, %d bytes", name, n)
		}
	}
}
