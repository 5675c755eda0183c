package page

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

// read makes the page of lines and returns its data.
func read(t *testing.T, text string) *document {
	t.Helper()
	m := NewModel(DefaultLimits)
	counts, err := events.ReadInOrder(t.Context(), events.Options{Inputs: []string{"-"}, Stdin: strings.NewReader(text), Attrs: true, Once: true}, m)
	require.NoError(t, err)
	return written(t, m, Page{Counts: counts})
}

func gaugeSummary(more string) string {
	return `{"time":"2026-01-31T12:00:00Z","level":"INFO","msg":"telemetry.summary","scope":"g","depth":0,"parent_scope":"","metric_type":"gauge","interval_s":1,"count":4,"min":17,"max":22,"last":21` + more + "}\n"
}

// A gauge in a summary has its mean, and where an older version wrote none, it is not known; no
// figure is outside of what there was.
func TestGaugesOfSummaries(t *testing.T) {
	g := read(t, gaugeSummary(`,"sum":80,"mean":20`)).Metrics[0]
	require.NotNil(t, g.Mean)
	assert.Equal(t, []num{4, 80, 20, 17, 22, 21}, []num{g.Count, g.Sum, *g.Mean, g.Min, g.Max, g.Last})
	assert.InDelta(t, 20, float64(g.P50), 0.3)
	g = read(t, gaugeSummary("")).Metrics[0]
	assert.Nil(t, g.Mean)
	assert.GreaterOrEqual(t, g.P50, num(17))
	both := read(t, gaugeSummary("")+gaugeSummary(`,"sum":80,"mean":20`)).Metrics[0]
	assert.Equal(t, num(20), *both.Mean, "that of those that are known")
}

const spanIDs = `,"trace_id":"0000000000000000000000000000000a","span_id":"000000000000000`

func spanLine(scope, parent, second, took, ids string) string {
	return `{"time":"2026-01-31T12:00:` + second + `Z","level":"INFO","msg":"telemetry.timing","scope":"` + scope + `","depth":0,"parent_scope":"` + parent +
		`","metric_type":"timing","call_count":1,"duration_s":` + took + ids + "}\n"
}

// The own time of a scope is that of the report: by span ids, or with a mark.
func TestOwnTime(t *testing.T) {
	d := read(t, spanLine("p.c", "p", "10", "4", spanIDs+`2","parent_span_id":"0000000000000001"`)+
		spanLine("p.c", "p", "10", "4", spanIDs+`3","parent_span_id":"0000000000000001"`)+spanLine("p", "", "10", "10", spanIDs+`1"`))
	p := d.scope(t, "p")
	assert.Equal(t, num(6), p.Self)
	assert.False(t, p.Estimated || p.Unknown)
	d = read(t, spanLine("p.c", "p", "10", "4", "")+spanLine("p.c", "p", "10", "4", "")+spanLine("p", "", "10", "10", ""))
	p = d.scope(t, "p")
	assert.Equal(t, num(2), p.Self)
	assert.True(t, p.Estimated)
	assert.Contains(t, strings.Join(d.Notices, " "), "Self times marked ≈ are estimates")
	d = read(t, spanLine("p.c", "p", "10", "9", "")+spanLine("p.c", "p", "10", "4", "")+spanLine("p", "", "10", "10", ""))
	assert.True(t, d.scope(t, "p").Unknown)
}

func TestLinesThatCameTwice(t *testing.T) {
	line := spanLine("p", "", "10", "10", spanIDs+`1"`)
	d := read(t, line+line)
	assert.Equal(t, num(1), d.scope(t, "p").Calls)
	assert.Contains(t, strings.Join(d.Notices, " "), "1 lines are left out, since the same spans had been read before.")
}
