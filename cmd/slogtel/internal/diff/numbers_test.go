package diff

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
)

// The mean of a gauge is the same in its events and in their summary. Of a summary without
// a sum, as older versions wrote it, it is not known, and not 0.
func TestMeansOfGauges(t *testing.T) {
	var one, summed lines
	agg := aggregate.New(jsonlines.New(&summed, nil), nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, jsonlines.New(&one, nil))
	both := slogtel.New(&slogtel.Options{Mode: slogtel.On}, agg)
	for i := range 20 {
		tel.Gauge(context.Background(), "g", 20+float64(i%3))
		both.Gauge(context.Background(), "g", 20+float64(i%3))
	}
	require.NoError(t, both.Shutdown(t.Context()))
	var old lines
	old.WriteString(`{"time":"2026-01-31T12:00:00Z","level":"INFO","msg":"telemetry.summary","scope":"g","depth":0,"parent_scope":"","metric_type":"gauge","interval_s":1,"count":17,"min":17.2,"max":22,"last":21}` + "\n")
	a := file(t, &one)
	_, out, _ := command(t, nil, a, file(t, &summed))
	assert.Regexp(t, `g +gauge +- +\S+ +20\.9 +20 `, out)
	_, out, _ = command(t, nil, a, file(t, &old))
	assert.Regexp(t, `g +gauge +- +- +20\.9 → - +20 → 17 `, out)
	assert.Contains(t, out, "the mean of a gauge is not known")
	_, out, _ = command(t, nil, "--json", a, file(t, &old))
	assert.Regexp(t, `(?s)"b": \{\s+"runs": 1,\s+"count": 17,\s+"errors": 0,\s+"sum": null,\s+"mean": null,`, out)
	code, out, _ := command(t, nil, "--csv", a, file(t, &old))
	assert.Zero(t, code)
	assert.NotContains(t, out, "NaN")
}

// What one side had no room for is neither new nor gone.
func TestLeftOutIsNotGone(t *testing.T) {
	a, b := newRun(3), newRun(3)
	for i := range 5 {
		a.Event(&events.Event{Kind: events.Timing, Scope: fmt.Sprint("s", i), SampleRate: 1, Duration: time.Second})
	}
	for i := range 2 {
		b.Event(&events.Event{Kind: events.Timing, Scope: fmt.Sprint("s", 3+i), SampleRate: 1, Duration: time.Second})
	}
	c := compare(sideOf(a), sideOf(b), settings{alpha: 0.05, minCalls: 2, correction: holmName})
	verdicts := map[string]Verdict{}
	for _, r := range c.Scopes {
		verdicts[r.Scope] = r.Verdicts[0]
	}
	assert.Equal(t, map[string]Verdict{"s0": Gone, "s1": Gone, "s2": Gone, "s3": LeftOut, "s4": LeftOut}, verdicts)
	var text strings.Builder
	require.NoError(t, c.writeTables(&text, 0, 0))
	assert.Contains(t, text.String(), "2 events are of more than 20000 scopes and metrics")
	assert.Contains(t, text.String(), "; ?: it may be among those on the side where it is missing")
}

// Lines that came twice count once, and weights are no whole numbers.
func TestLinesOnce(t *testing.T) {
	var once, twice lines
	for i := range 30 {
		once.WriteString(strings.Replace(fmt.Sprintf(`{"time":"2026-01-31T12:00:00Z","level":"INFO","msg":"telemetry.timing","scope":"a","depth":0,"parent_scope":"","metric_type":"timing","call_count":1,"duration_s":0.5,"sample_rate":0.37,"trace_id":"0000000000000000000000000000000a","span_id":"%016x"}`, i+1), "\n", "", 1) + "\n")
	}
	twice.WriteString(once.String() + once.String())
	a, b := newRun(10), newRun(10)
	for s, text := range map[*run]string{a: once.String(), b: twice.String()} {
		_, err := events.ReadInOrder(t.Context(), events.Options{Inputs: []string{"-"}, Stdin: strings.NewReader(text), Once: true}, s)
		require.NoError(t, err)
		assert.InEpsilon(t, 30/0.37, s.series[key{"a", slogtel.TypeTiming}].Count.Value(), 1e-12)
	}
	_, out, _ := command(t, nil, file(t, &once), file(t, &twice))
	assert.Contains(t, out, "30 read before")
	assert.Regexp(t, ` 81 `, out)
}
