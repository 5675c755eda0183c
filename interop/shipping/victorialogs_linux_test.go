package shipping

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/interop/servers"
)

// startVictoriaLogs returns the URL of an empty VictoriaLogs.
func startVictoriaLogs(t *testing.T) string {
	t.Helper()
	bin := victoriaLogs.Path(t)
	port := testkit.FreePort(t)
	servers.Start(t, nil, bin, "-httpListenAddr", fmt.Sprintf("127.0.0.1:%d", port), "-storageDataPath", t.TempDir(), "-loggerLevel", "WARN")
	servers.WaitFor(t, local(port)+"/health")
	return local(port)
}

// logsQL returns the rows that a query answers.
func logsQL(t *testing.T, server, query string) []map[string]string {
	t.Helper()
	resp, err := http.PostForm(server+"/select/logsql/query", url.Values{"query": {query}})
	require.NoError(t, err)
	defer resp.Body.Close()
	var body bytes.Buffer
	_, err = body.ReadFrom(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, "%s\n%s", query, body.String())
	var rows []map[string]string
	for line := range bytes.Lines(body.Bytes()) {
		var row map[string]string
		require.NoError(t, json.Unmarshal(line, &row), "%s", line)
		rows = append(rows, row)
	}
	return rows
}

// arrived waits until as many lines have been stored as the filter selects.
func arrived(t *testing.T, server, filter string, lines int) {
	t.Helper()
	got := ""
	require.Eventually(t, func() bool {
		rows := logsQL(t, server, filter+" | stats count() n")
		got = rows[0]["n"]
		return got == strconv.Itoa(lines)
	}, ready, 100*time.Millisecond, "lines wanted: %d", lines)
	assert.Equal(t, strconv.Itoa(lines), got)
}

// column returns a column of a query's answer, by the scope.
func column(t *testing.T, rows []map[string]string, name string, unit float64) map[string]float64 {
	t.Helper()
	values := make(map[string]float64)
	for _, row := range rows {
		scope := row["scope"] + row["slogtel.scope"]
		require.NotContains(t, values, scope)
		v, err := strconv.ParseFloat(row[name], 64)
		require.NoError(t, err, "%s in %v", name, row)
		values[scope] = v * unit
	}
	return values
}

// askVictoriaLogs asks the documented queries of a kind, with changes in them: pairs of old and new.
// The unit is that of durations.
func askVictoriaLogs(t *testing.T, server, kind string, unit float64, changes ...string) *answers {
	t.Helper()
	change := strings.NewReplacer(changes...)
	ask := func(heading string) []map[string]string {
		query := change.Replace(documented(t, heading, kind)[0])
		require.Contains(t, query, "_time:1h")
		return logsQL(t, server, query)
	}
	p95, failed, slowest, counted := ask(askP95), ask(askErrors), ask(askSlowest), ask(askCounter)
	a := &answers{
		p95:       column(t, p95, "p95", unit),
		errorRate: column(t, failed, "error_rate", 1),
		calls:     column(t, failed, "calls", 1),
		errors:    column(t, failed, "errors", 1),
		total:     column(t, slowest, "total", unit),
		sum:       column(t, counted, "sum", 1),
		events:    column(t, counted, "events", 1),
		rate:      column(t, counted, "per_second", 1),
		window:    time.Hour.Seconds(),
	}
	return a
}

// asElasticsearch stands before VictoriaLogs where Elasticsearch is expected: it adds what
// VictoriaLogs wants to be told of the fields, and counts the documents of each index.
func asElasticsearch(t *testing.T, server string, indexes map[string]*atomic.Int64) string {
	t.Helper()
	to, err := url.Parse(server)
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.URL.Path = "/insert/elasticsearch" + r.In.URL.Path
		r.Out.Header.Set("VL-Time-Field", "@timestamp")
		r.Out.Header.Set("VL-Msg-Field", "message,msg")
	}}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/_bulk") {
			var body bytes.Buffer
			_, _ = body.ReadFrom(r.Body)
			for name, n := range indexes {
				n.Add(int64(bytes.Count(body.Bytes(), []byte(`"_index":"`+name+`"`))) +
					int64(bytes.Count(body.Bytes(), []byte(`"_index": "`+name+`"`))))
			}
			r.Body, r.ContentLength = http.NoBody, 0
			r = r.Clone(r.Context())
			r.Body, r.ContentLength = readCloser{&body}, int64(body.Len())
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	return front.URL
}

type readCloser struct{ *bytes.Buffer }

func (readCloser) Close() error { return nil }
