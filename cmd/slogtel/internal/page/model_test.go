package page

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/failures"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/slogtel"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// timing is one that ended so long after noon.
func timing(scope, parent string, after, took time.Duration) *events.Event {
	return &events.Event{
		Kind: events.Timing, Type: slogtel.TypeTiming, Scope: scope, Parent: parent, Depth: strings.Count(scope, "."),
		Time: noon.Add(after), Duration: took, SampleRate: 1, CallCount: 1, Source: events.Position{Input: "a.jsonl", Line: 1},
	}
}

func failed(e *events.Event, message string) *events.Event {
	e.Error = message
	return e
}

func metric(scope string, kind slogtel.MetricType, after time.Duration, v float64) *events.Event {
	return &events.Event{
		Kind: events.Metric, Type: kind, Scope: scope, Parent: "p", Time: noon.Add(after), Value: v, Numeric: true, SampleRate: 1,
	}
}

// page makes the page of events and returns its data.
func page(t *testing.T, l Limits, list ...*events.Event) *document {
	t.Helper()
	m := NewModel(l)
	for _, e := range list {
		m.Event(e)
	}
	return written(t, m, Page{})
}

func written(t *testing.T, m *Model, p Page) *document {
	t.Helper()
	var b strings.Builder
	require.NoError(t, m.Write(&b, p))
	require.LessOrEqual(t, b.Len(), MaxSize)
	return parsed(t, b.String())
}

// parsed returns the data of a page of one side.
func parsed(t *testing.T, html string) *document {
	t.Helper()
	b := bookOf(t, html)
	require.Len(t, b.Sides, 1)
	assert.Nil(t, b.Compare)
	return b.Sides[0]
}

// bookOf returns the data of a page.
func bookOf(t *testing.T, html string) *book {
	t.Helper()
	_, rest, ok := strings.Cut(html, `<script type="application/json" id="data">`)
	require.True(t, ok)
	data, _, ok := strings.Cut(rest, "</script>")
	require.True(t, ok)
	assert.NotContains(t, data, "<")
	assert.NotContains(t, data, ">")
	assert.NotContains(t, data, "&")
	b := new(book)
	require.NoError(t, json.Unmarshal([]byte(data), b))
	return b
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (m *micros) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseFloat(string(b), 64)
	*m = micros(math.Round(v * 1000))
	return err
}

func (d *document) scope(t *testing.T, name string) scopeDoc {
	t.Helper()
	for _, s := range d.Scopes {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("there is no scope %q", name)
	return scopeDoc{}
}

func TestScopes(t *testing.T) {
	d := page(t, DefaultLimits,
		timing("a.b", "a", 2*time.Second, time.Second),
		failed(timing("a.b", "a", 4*time.Second, 2*time.Second), "no"),
		timing("a", "", 5*time.Second, 5*time.Second))
	require.Len(t, d.Scopes, 2)
	a, b := d.Scopes[0], d.Scopes[1]
	five := num(5)
	assert.Equal(t, scopeDoc{Name: "a", Parent: -1, Timed: true, Calls: 1, Total: 5, Self: 2, figures: figures{Mean: &five, Min: 5, P50: 5, P95: 5, P99: 5, Max: 5}}, a)
	assert.Equal(t, 0, b.Parent)
	assert.Equal(t, 1, b.Level)
	assert.Equal(t, []num{2, 1, 3, 3, 1.5, 1, 2}, []num{b.Calls, b.Errors, b.Total, b.Self, *b.Mean, b.Min, b.Max})
	assert.InEpsilon(t, 1, float64(b.P50), 0.0101)
	assert.Empty(t, d.Notices)
	assert.Equal(t, float64(noon.UnixMilli()), d.Start)
	assert.Equal(t, float64(noon.Add(5*time.Second).UnixMilli()), d.End)
	assert.Equal(t, []string{"a.jsonl"}, d.Inputs)
}

// A sampled event stands for others: in counts, sums, quantiles, series and errors.
func TestSampleRate(t *testing.T) {
	rare := failed(timing("a", "", time.Second, 100*time.Millisecond), "x")
	rare.SampleRate = 0.25
	list := []*events.Event{rare}
	for range 5 {
		list = append(list, timing("a", "", time.Second, time.Millisecond))
	}
	count := metric("c", slogtel.TypeCounter, time.Second, 3)
	count.SampleRate = 0.5
	d := page(t, DefaultLimits, append(list, count)...)
	a := d.scope(t, "a")
	assert.Equal(t, []num{9, 4, 0.405, 0.045}, []num{a.Calls, a.Errors, a.Total, *a.Mean})
	assert.InDelta(t, 0.001, float64(a.P50), 0.0001)
	assert.InDelta(t, 0.1, float64(a.P95), 0.001)
	assert.Equal(t, int64(4), d.Errors[0].Count)
	assert.Equal(t, []num{9}, d.Latency[0].Calls)
	assert.Equal(t, num(6), d.Metrics[0].Sum)
	assert.Equal(t, num(2), d.Metrics[0].Count)
	assert.True(t, d.Sampled)
	assert.Len(t, d.Notices, 1)
}

func TestWeightsThatAreNoWholeNumbers(t *testing.T) {
	var s collect.Series
	add := func(v, rate float64) {
		e := metric("m", slogtel.TypeHistogram, 0, v)
		e.SampleRate = rate
		s.Add(e, true)
	}
	for range 3000 {
		add(1, 0.3)
	}
	assert.InDelta(t, 10_000, s.Count.Value(), 1e-6)
	assert.InDelta(t, 10_000, s.Sketch.Count(), 1e-6)
	add(2, 1e-6)
	assert.InEpsilon(t, 1e6+10_000, s.Sketch.Count(), 1e-9)
	assert.InDelta(t, 2, s.Quantile(0.5), 0.02)
}

func TestSummaries(t *testing.T) {
	var s sketch.Sketch
	for i := range 1000 {
		s.Add(float64(i+1) * 1e6) // nanoseconds
	}
	with := &events.Totals{Interval: 10 * time.Second, Count: 1000, Errors: 5, Sum: 500.5, Min: 0.001, Max: 1, Mean: 0.5005, P50: 0.5, P90: 0.9, P95: 0.95, P99: 0.99, Sketch: &s}
	without := *with
	without.Sketch = nil
	for name, totals := range map[string]*events.Totals{"with a sketch": with, "without": &without} {
		t.Run(name, func(t *testing.T) {
			e := &events.Event{Kind: events.Summary, Type: slogtel.TypeTiming, Scope: "a", Time: noon, Totals: totals}
			d := page(t, DefaultLimits, e, e, timing("a", "", 0, time.Second))
			a := d.scope(t, "a")
			assert.Equal(t, []num{2001, 10, 1002, 0.001, 1}, []num{a.Calls, a.Errors, a.Total, a.Min, a.Max})
			assert.InEpsilon(t, 0.5, float64(a.P50), 0.02)
			assert.InEpsilon(t, 0.95, float64(a.P95), 0.02)
			assert.InEpsilon(t, 0.99, float64(a.P99), 0.02)
			assert.Equal(t, totals.Sketch == nil, a.Rough)
			require.Len(t, d.Errors, 1)
			assert.EqualValues(t, 10, d.Errors[0].Count)
			assert.Zero(t, d.Errors[0].Line, "the text is not known")
			var calls num
			for _, n := range d.Latency[0].Calls {
				calls += n
			}
			assert.Equal(t, num(2001), calls)
			assert.Equal(t, num(1), d.Latency[0].Max[len(d.Latency[0].Max)-1])
			assert.InEpsilon(t, 0.5, float64(d.Latency[0].P50[0]), 0.2)
		})
	}
}

// What a summary counts too is on the timeline and among the examples, but counted once.
func TestEventsThatASummaryCounts(t *testing.T) {
	slow := failed(timing("a", "", time.Second, time.Second), "boom")
	slow.InSummary = true
	gauge := metric("g", slogtel.TypeGauge, 0, 5)
	gauge.InSummary = true
	summary := &events.Event{Kind: events.Summary, Type: slogtel.TypeTiming, Scope: "a", Time: noon.Add(2 * time.Second),
		Totals: &events.Totals{Interval: time.Second, Count: 10, Errors: 3, Sum: 2, Min: 0.1, Max: 1}}
	d := page(t, DefaultLimits, slow, gauge, summary)
	a := d.scope(t, "a")
	assert.Equal(t, []num{10, 3, 2}, []num{a.Calls, a.Errors, a.Total})
	assert.Equal(t, []num{10}, d.Latency[0].Calls)
	assert.Empty(t, d.Metrics)
	assert.Len(t, d.Spans.Start, 1)
	require.Len(t, d.Errors, 2)
	assert.Equal(t, []int64{2, 1}, []int64{d.Errors[0].Count, d.Errors[1].Count})
	assert.Equal(t, "boom", d.Errors[1].Pattern)

	d = page(t, DefaultLimits, summary, slow, slow, slow)
	require.Len(t, d.Errors, 1)
	assert.EqualValues(t, 3, d.Errors[0].Count)
}

func TestMetrics(t *testing.T) {
	odd := metric("plain", slogtel.TypePlain, time.Second, 0)
	odd.Numeric, odd.Text = false, `"blue"`
	summary := &events.Event{Kind: events.Summary, Type: slogtel.TypeGauge, Scope: "g", Parent: "p", Time: noon.Add(time.Hour),
		Totals: &events.Totals{Count: 10, Sum: 50, Min: 2, Max: 9, Last: 4}}
	d := page(t, DefaultLimits,
		metric("g", slogtel.TypeGauge, time.Second, 7), metric("g", slogtel.TypeGauge, 0, 3), summary,
		metric("c", slogtel.TypeCounter, 0, 5), metric("c", slogtel.TypeCounter, time.Hour, 6), odd,
		metric("h", slogtel.TypeHistogram, 0, -1), metric("h", slogtel.TypeHistogram, 0, 1))
	require.Len(t, d.Metrics, 4)
	c, g, h, plain := d.Metrics[0], d.Metrics[1], d.Metrics[2], d.Metrics[3]
	assert.Equal(t, []num{11, 2}, []num{c.Sum, c.Events})
	assert.Equal(t, []num{5, 6}, c.Sums)
	assert.Equal(t, []num{4, 2, 9, 12, 60}, []num{g.Last, g.Min, g.Max, g.Events, g.Sum})
	assert.Equal(t, []num{-1, 1, 0, -1, 1}, []num{h.Min, h.Max, *h.Mean, h.P50, h.P99})
	assert.Equal(t, `"blue"`, plain.Text)
	assert.Zero(t, plain.Count)
}

// Errors that differ only in numbers and ids are one, wherever they came from.
func TestErrorsByPattern(t *testing.T) {
	l := DefaultLimits
	l.Errors = 2
	e := failed(timing("a", "", 3*time.Second, time.Second), "status 500 of 10.0.0.7 \u202e")
	e.Source.Line, e.TraceID = 12, "t1"
	list := []*events.Event{e, failed(timing("b", "", time.Second, 0), "status 503 of 10.0.0.8 \u202e")}
	for i := range 5 {
		list = append(list, failed(timing("a", "", 0, 0), "other "+strings.Repeat("x", i+1)))
	}
	d := page(t, l, list...)
	require.Len(t, d.Errors, 2)
	assert.Equal(t, int64(4), d.Errors[0].Count, "others")
	f := d.Errors[1]
	assert.Equal(t, `status <n> of <addr> \u202e`, f.Pattern)
	assert.Equal(t, `status 500 of 10.0.0.7 \u202e`, f.Example)
	assert.Equal(t, []failures.Scope{{Scope: "a", Count: 1}, {Scope: "b", Count: 1}}, f.Scopes)
	assert.Equal(t, []any{"t1", "a.jsonl", int64(12)}, []any{f.TraceID, f.Input, f.Line})
	assert.True(t, noon.Add(time.Second).Equal(*f.First))
	assert.True(t, noon.Add(3*time.Second).Equal(*f.Last))
	notices := strings.Join(d.Notices, "\n")
	assert.Contains(t, notices, "4 errors are of patterns beyond the first 2")
	assert.Contains(t, notices, "2 of 3 patterns of errors are shown")
}

// What has no time, or an impossible one, is in the tables.
func TestWithoutATime(t *testing.T) {
	e := failed(timing("a", "", 0, time.Second), "x")
	e.Time = time.Time{}
	far := timing("a", "", 0, time.Second)
	far.Time = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	g := metric("g", slogtel.TypeGauge, 0, 1)
	g.Time = time.Time{}
	d := page(t, DefaultLimits, e, far, g)
	assert.Equal(t, num(2), d.scope(t, "a").Calls)
	assert.EqualValues(t, 1, d.Errors[0].Count)
	assert.Nil(t, d.Errors[0].First)
	assert.Empty(t, d.Latency)
	assert.Empty(t, d.Spans.Start)
	assert.False(t, d.Timed)
	assert.Contains(t, strings.Join(d.Notices, "\n"), "3 events have no time")
}

func TestNothing(t *testing.T) {
	d := written(t, NewModel(DefaultLimits), Page{Counts: events.Counts{Read: 3, Skipped: 2, Bad: 1}, Interrupted: true})
	assert.Empty(t, d.Scopes)
	assert.Equal(t, events.Counts{Read: 3, Skipped: 2, Bad: 1}, d.Counts)
	assert.Len(t, d.Notices, 1)
}

// The model keeps nothing of an event, which the reader uses again.
func TestKeepsNothingOfAnEvent(t *testing.T) {
	line := []byte("message trace1 span1 value1")
	unsafeText := string(line) // stands for the reader's memory
	m := NewModel(DefaultLimits)
	e := failed(timing("a", "", 0, time.Second), unsafeText[:7])
	e.Attrs = []events.Attr{{Key: "k", Value: "v"}}
	m.Event(e)
	e.Attrs[0] = events.Attr{Key: "k", Value: "other"}
	e.Error, e.TraceID = "other", "other"
	d := written(t, m, Page{})
	assert.Equal(t, "message", d.Errors[0].Pattern)
	assert.NotContains(t, d.Strings, "other")
}
