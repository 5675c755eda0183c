package page

import (
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/slogtel"
)

// flood is the worst that events can do: everything new, as long as it gets, and made of
// what takes six bytes in JSON.
func flood(m *Model, n int, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 1))
	long := strings.Repeat("<&>\u2028", 200)
	for i := range n {
		e := failed(timing(fmt.Sprint(i, long), fmt.Sprint(i/2, long), time.Duration(r.Int64N(int64(time.Hour))), time.Duration(r.ExpFloat64()*1e9)), letters(i)+long)
		e.TraceID, e.SpanID = fmt.Sprint(i, long), fmt.Sprint(i, long)
		for k := range 7 {
			e.Attrs = append(e.Attrs, events.Attr{Key: fmt.Sprint(k, i, long), Value: fmt.Sprint(i, k, long)})
		}
		e.Source.Input = fmt.Sprint(i, long)
		m.Event(e)
		m.Event(metric(fmt.Sprint(i, long), slogtel.TypeHistogram, time.Duration(r.Int64N(int64(time.Hour))), r.NormFloat64()*1e300))
	}
}

// letters is a word for a number: errors that differ in numbers are one pattern.
func letters(i int) (word string) {
	for ; i > 0; i /= 16 {
		word += string(rune('g' + i%16))
	}
	return word
}

func TestThePageIsBounded(t *testing.T) {
	m := NewModel(DefaultLimits)
	n := 6000
	if testing.Short() {
		n = 2500
	}
	flood(m, n, 1)
	d := written(t, m, Page{Title: strings.Repeat("<", 10_000)})
	assert.NotEmpty(t, d.Spans.Start)
	assert.NotEmpty(t, d.Scopes)
	notices := strings.Join(d.Notices, "\n")
	for _, want := range []string{"The timeline shows", "scopes are shown", "metrics are shown", "patterns of errors are shown", "beyond the first 2,000", "Less is shown than was kept"} {
		assert.Contains(t, notices, want)
	}
}

// Memory does not grow with the number of events, however odd they are.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long under the race detector")
	}
	live := func() int64 {
		runtime.GC()
		runtime.GC() // what pools hold goes with the second
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return int64(s.HeapAlloc)
	}
	before := live()
	m := NewModel(DefaultLimits)
	for seed := range uint64(4) {
		flood(m, 4000, seed)
	}
	some := live() - before
	for seed := range uint64(8) {
		flood(m, 4000, seed)
	}
	more := live() - before
	t.Logf("%d MB, then %d MB", some>>20, more>>20)
	assert.Less(t, float64(more), float64(some)*1.2)
	assert.Less(t, more, int64(80<<20))
	runtime.KeepAlive(m)
}

func TestCountsAddUpBeyondTheLimits(t *testing.T) {
	l := DefaultLimits
	l.Scopes, l.Metrics = 10, 10
	m := NewModel(l)
	for i := range 100 {
		m.Event(timing(fmt.Sprint("s", i), "", 0, time.Second))
		m.Event(metric(fmt.Sprint("m", i), slogtel.TypeGauge, 0, 1))
	}
	d := written(t, m, Page{})
	var calls num
	for _, s := range d.Scopes {
		calls += s.Calls
	}
	assert.Equal(t, num(100), calls)
	assert.Equal(t, num(90), d.scope(t, "(other scopes)").Calls)
	notices := strings.Join(d.Notices, "\n")
	assert.Contains(t, notices, "90 events are of scopes beyond the first 10")
	assert.Contains(t, notices, "90 events of metrics beyond the first 10 are left out")
}

func FuzzModel(f *testing.F) {
	f.Add("a.b", "a", "boom", "k", int64(1e18), int64(1e9), 0.5, 1.0, uint8(0))
	f.Add("</script>", "\u2028", "\x00\xff", "__proto__", int64(-1<<63), int64(-1), -1.0, 1e308, uint8(7))
	f.Fuzz(func(t *testing.T, scope, parent, text, key string, at, took int64, rate, value float64, kind uint8) {
		m := NewModel(DefaultLimits)
		for i := range 3 {
			e := &events.Event{
				Kind: events.Kind(kind % 3), Scope: scope, Parent: parent, Depth: int(kind), Time: time.Unix(at/1e9+int64(i), at%1e9),
				Type:       []slogtel.MetricType{"", slogtel.TypeTiming, slogtel.TypeCounter, slogtel.TypeGauge, slogtel.TypeHistogram, slogtel.MetricType(key)}[kind%6],
				SampleRate: rate, Duration: time.Duration(took), TraceID: key, SpanID: text, ParentSpanID: key, Error: text,
				Value: value, Numeric: kind&8 == 0, Text: text, Attrs: []events.Attr{{Key: key, Value: text}},
				Totals: &events.Totals{Interval: time.Duration(took), Count: at, Errors: took, Sum: value, Min: rate, Max: value, P50: rate, P90: value, Last: rate},
			}
			m.Event(e)
			scope, parent = parent, scope
		}
		written(t, m, Page{Title: text})
	})
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestWriteError(t *testing.T) {
	require.ErrorIs(t, errorOf(write(failing{}, nil, side{NewModel(DefaultLimits), Page{}})), io.ErrClosedPipe)
}

func errorOf(_ int, err error) error { return err }
