package timeline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/slogtel"
)

var noon = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// timing is from start to end milliseconds after noon.
func timing(scope, parent string, start, end int, ids ...string) *events.Event {
	e := &events.Event{Kind: events.Timing, Type: slogtel.TypeTiming, Scope: scope, Parent: parent, SampleRate: 1, Depth: strings.Count(scope, "."),
		Time: noon.Add(time.Duration(end) * time.Millisecond), Duration: time.Duration(end-start) * time.Millisecond}
	if len(ids) == 3 {
		e.TraceID, e.SpanID, e.ParentSpanID = ids[0], ids[1], ids[2]
	}
	return e
}

func metric(scope string, typ slogtel.MetricType, at int, v float64) *events.Event {
	return &events.Event{Kind: events.Metric, Type: typ, Scope: scope, SampleRate: 1, Value: v, Numeric: true, Time: noon.Add(time.Duration(at) * time.Millisecond)}
}

func pictureOf(limit, traces int, list ...*events.Event) *picture {
	k := newEarliest(limit)
	s := k.sink()
	for n, e := range list {
		e.Source = events.Position{Input: "-", Line: int64(n + 1)}
		s.Event(e)
	}
	return newPicture(k.selection(), traces)
}

func draw(t *testing.T, p *picture) traceFile {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, p.write(&b))
	return checkSchema(t, b.Bytes())
}

// rows lists the intervals, as group/lane: scope.
func rows(f traceFile) (list []string) {
	names := map[string]string{}
	for _, e := range f.TraceEvents {
		switch e.Name {
		case "process_name", "thread_name":
			names[fmt.Sprint(e.Name, *e.Tid)] = e.Args["name"].(string)
		}
	}
	for _, e := range f.TraceEvents {
		if e.Ph == "X" {
			list = append(list, fmt.Sprintf("%s/%s: %s", names[fmt.Sprint("process_name", *e.Pid)], names[fmt.Sprint("thread_name", *e.Tid)], e.Name))
		}
	}
	return list
}

func ofPhase(f traceFile, ph string) (list []traceEvent) {
	for _, e := range f.TraceEvents {
		if e.Ph == ph {
			list = append(list, e)
		}
	}
	return list
}

func TestLanesByPath(t *testing.T) {
	f := draw(t, pictureOf(100, 10,
		timing("a.b.c", "a.b", 11, 29),
		timing("a.b", "a", 10, 30),
		timing("a.b.c", "a.b", 16, 34),
		timing("a.b", "a", 15, 35), // overlaps the other
		timing("a.d", "a", 40, 50),
		timing("a", "", 0, 100),
		timing("e", "", 20, 25),        // at the root: not below a
		timing("a.x.y", "a.x", 60, 70), // a.x was never timed
	))
	lane := func(n int, scope string) string { return fmt.Sprintf("%s/lane %d: %s", untracedName, n, scope) }
	assert.Equal(t, []string{
		lane(1, "a"), lane(1, "a.b"), lane(1, "a.b.c"), lane(2, "a.b"), lane(2, "a.b.c"), lane(3, "e"), lane(1, "a.d"), lane(1, "a.x.y"),
	}, rows(f))
}

func TestLanesBySpanIDs(t *testing.T) {
	// By the paths alone both would lie below the second a.
	f := draw(t, pictureOf(100, 10,
		timing("a", "", 0, 100, "t1", "s1", ""),
		timing("a", "", 1, 100, "t1", "s2", ""),
		timing("a.b", "a", 10, 20, "t1", "s3", "s1"),
		timing("a.b", "a", 30, 40, "t1", "s4", "s2"),
		timing("a.b", "a", 50, 60, "t1", "s5", "unknown"),
	))
	assert.Equal(t, []string{
		"trace t1: a/lane 1: a", "trace t1: a/lane 2: a", "trace t1: a/lane 1: a.b", "trace t1: a/lane 2: a.b", "trace t1: a/lane 3: a.b",
	}, rows(f))
}

func TestTracesHaveTracksOfTheirOwn(t *testing.T) {
	list := []*events.Event{
		timing("late", "", 50, 60, "t2", "s2", ""), timing("early", "", 0, 20, "t1", "s1", ""), timing("none", "", 5, 6),
	}
	f := draw(t, pictureOf(100, 2, list...))
	assert.Equal(t, []string{untracedName + "/lane 1: none", "trace t1: early/lane 1: early", "trace t2: late/lane 1: late"}, rows(f))

	p := pictureOf(100, 1, list...)
	assert.Equal(t, []string{untracedName + "/lane 1: none", "traces/lane 1: early", "traces/lane 1: late"}, rows(draw(t, p)))
	assert.Contains(t, strings.Join(p.notices(), "\n"), "more than 1 traces: they share lanes")
}

func TestErrorsAreMarked(t *testing.T) {
	e := timing("a", "", 0, 10, "t", "s", "p")
	e.Error = "boom"
	e.SampleRate = 0.25
	e.Attrs = []events.Attr{{Key: "model", Value: "x\"y"}, {Key: "error", Value: "mine"}}
	f := draw(t, pictureOf(100, 10, e))
	x := ofPhase(f, "X")[0]
	assert.Equal(t, "scope,error", x.Cat)
	assert.Equal(t, "terrible", x.Cname)
	assert.Equal(t, map[string]any{
		"error": "boom", "trace_id": "t", "span_id": "s", "parent_span_id": "p", "stands for": "4 calls",
		"attrs": map[string]any{"model": "x\"y", "error": "mine"},
	}, x.Args)
	i := ofPhase(f, "i")[0]
	assert.Equal(t, "error: boom", i.Name)
	assert.Equal(t, "10000", i.TS.String(), "at its end, in microseconds")
	assert.Equal(t, *x.Tid, *i.Tid)
}

func TestCounters(t *testing.T) {
	half := metric("c", slogtel.TypeCounter, 30, 5)
	half.SampleRate = 0.5
	text := metric("plain", "", 50, 0)
	text.Numeric, text.Text = false, `{"k":"v"}`
	summary := func(typ slogtel.MetricType, at int) *events.Event {
		e := metric("s", typ, at, 0)
		e.Kind, e.Totals = events.Summary, &events.Totals{Count: 9, Sum: 7, P50: 0.001, P95: 0.002, P99: 0.003, Last: 4}
		return e
	}
	f := draw(t, pictureOf(100, 10,
		half, metric("c", slogtel.TypeCounter, 10, 2), metric("c", slogtel.TypeCounter, 20, -1),
		metric("g", slogtel.TypeGauge, 15, 3), metric("h", slogtel.TypeHistogram, 16, 1.5), metric("n", "", 17, 8), text,
		summary(slogtel.TypeCounter, 60), summary(slogtel.TypeGauge, 61), summary(slogtel.TypeTiming, 62), summary(slogtel.TypeHistogram, 63),
	))
	var got []string
	for _, e := range ofPhase(f, "C") {
		args, err := json.Marshal(e.Args)
		require.NoError(t, err)
		got = append(got, fmt.Sprintf("%s %s %s %s", e.TS, e.Name, e.Cat, args))
	}
	assert.Equal(t, []string{
		`0 c counter {"sum":2}`,
		`5000 g gauge {"value":3}`,
		`6000 h histogram {"value":1.5}`,
		`7000 n metric {"value":8}`,
		`10000 c counter {"sum":1}`,
		`20000 c counter {"sum":11}`,
		`50000 s counter {"sum":7}`,
		`51000 s gauge {"value":4}`,
		`52000 s (ms) timing {"p50":1,"p95":2,"p99":3}`,
		`53000 s histogram {"p50":0.001,"p95":0.002,"p99":0.003}`,
	}, got)
	i := ofPhase(f, "i")[0]
	assert.Equal(t, "plain", i.Name)
	assert.Equal(t, `{"k":"v"}`, i.Args["value"])
}

func TestTheEarliestAreKept(t *testing.T) {
	var list []*events.Event
	for n := range 500 {
		list = append(list, timing(fmt.Sprint("s", n), "", n, n+1))
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	list = append(list, &events.Event{Kind: events.Timing, Scope: "no time"})
	p := pictureOf(20, 10, list...)
	f := draw(t, p)
	scopes := ofPhase(f, "X")
	require.Len(t, scopes, 20)
	for n, e := range scopes {
		assert.Equal(t, fmt.Sprint("s", n), e.Name)
	}
	notice := strings.Join(p.notices(), "\n")
	assert.Contains(t, notice, "cut: the 20 events that begin first are shown, up to 2026-01-31T12:00:00.019Z; 480 later ones are left out")
	assert.Contains(t, notice, "1 events have no time")
	assert.Contains(t, f.OtherData["notice_1"], "480 later ones")
	i := ofPhase(f, "i")
	require.Len(t, i, 1)
	assert.Equal(t, "cut: 480 later events are left out", i[0].Name)
	assert.Equal(t, "g", i[0].S)
}

// What is kept depends neither on the order nor on the number of sinks.
func TestKeptIsDeterministic(t *testing.T) {
	list := make([]*events.Event, 300)
	for n := range list {
		list[n] = timing(fmt.Sprint("s", n), "", n/50, n/50+1) // many begin at the same time
		list[n].Source.Line = int64(n)
	}
	var want []byte
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 2))
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		k := newEarliest(70)
		sinks := []events.Sink{k.sink(), k.sink(), k.sink()}
		for _, e := range list {
			sinks[r.IntN(3)].Event(e)
		}
		var b bytes.Buffer
		require.NoError(t, newPicture(k.selection(), 10).write(&b))
		checkSchema(t, b.Bytes())
		if want == nil {
			want = b.Bytes()
		}
		assert.Equal(t, string(want), b.String())
	}
}

func TestTimesSurviveAReaderThatDropsFractions(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200_000 {
		ns := r.Int64N(1 << (1 + r.IntN(50))) // up to 13 days
		s, err := micros(ns).MarshalJSON()
		require.NoError(t, err)
		v, err := strconv.ParseFloat(string(s), 64)
		if err != nil || int64(v*1000) != ns || int64(math.Round(v*1000)) != ns {
			t.Fatalf("%d ns became %s", ns, s)
		}
	}
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	long := strings.Repeat("é", 1<<20)
	e := timing(long, long, 0, 1, long, long, long)
	e.Error, e.Text = long, long
	for range 1000 {
		e.Attrs = append(e.Attrs, events.Attr{Key: "k", Value: long[:200]})
	}
	start, end, ok := begins(e)
	require.True(t, ok)
	i := newItem(e, start, end)
	assert.Less(t, len(i.scope)+len(i.parent)+len(i.trace)+len(i.span)+len(i.parentSpan)+len(i.err)+len(i.text)+cap(i.attrs), 7*maxName)
	f := draw(t, pictureOf(10, 10, e))
	attrs := ofPhase(f, "X")[0].Args["attrs"].(map[string]any)
	assert.EqualValues(t, json.Number("998"), attrs["attributes left out"])
}

func TestNothing(t *testing.T) {
	f := draw(t, pictureOf(10, 10))
	assert.Empty(t, f.TraceEvents)
}

// Any events at all: the format holds, and each is there.
func FuzzPicture(f *testing.F) {
	f.Add(uint64(1), uint8(30), uint8(3), int64(1000))
	f.Add(uint64(2), uint8(200), uint8(1), int64(5))
	f.Add(uint64(3), uint8(90), uint8(9), int64(1)<<61)
	f.Fuzz(func(t *testing.T, seed uint64, n, kinds uint8, span int64) {
		r := rand.New(rand.NewPCG(seed, uint64(n)))
		scopes := []string{"", "a", "a.b", "a.b.c", "x.y", "\x1b[31m\xff\"\\", "a.b.c.d"}
		pick := func() string { return scopes[r.IntN(len(scopes))] }
		id := func() string { return []string{"", "1", "2", "3"}[r.IntN(4)] }
		span = max(span, 1)
		var list []*events.Event
		for range n {
			e := timing(pick(), pick(), 0, 0, id(), id(), id())
			e.Time = noon.Add(time.Duration(r.Int64N(span) - span/2))
			e.Duration = time.Duration(r.Int64N(span) - span/8)
			e.Error = id()
			if r.IntN(int(kinds)+2) == 0 {
				e.Kind, e.Numeric, e.Value = events.Metric, r.IntN(2) == 0, r.NormFloat64()*math.Pow(10, float64(r.IntN(600)-300))
				e.Type = []slogtel.MetricType{slogtel.TypeCounter, slogtel.TypeGauge, "\x07"}[r.IntN(3)]
				e.Value = min(max(e.Value, -math.MaxFloat64), math.MaxFloat64)
			}
			list = append(list, e)
		}
		p := pictureOf(int(n)+1, int(kinds), list...)
		var b bytes.Buffer
		require.NoError(t, p.write(&b))
		require.True(t, json.Valid(b.Bytes()))
		if span < 1<<50 { // float64 has the nanoseconds
			file := checkSchema(t, b.Bytes())
			shown := len(ofPhase(file, "X")) + len(p.metrics)
			require.Equal(t, int(n), shown+int(p.timeless))
		}
	})
}
