package statsd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/slogtel"
)

func linesOf(packets []string) (lines []string) {
	for _, p := range packets {
		lines = append(lines, strings.Fields(p)...)
	}
	return lines
}

// One name is of one kind: in every dialect a later kind gets a name of its own.
func TestOneNameOfManyKinds(t *testing.T) {
	for d := range Dialect(len(dialects)) {
		t.Run(d.String(), func(t *testing.T) {
			var n network
			var told []error
			h := open(t, &n, "127.0.0.1:8125", &Options{Dialect: d, HistogramType: "ms", Sets: []string{"s"}, OnError: func(err error) { told = append(told, err) }})
			handle(t, h, timingRecord("x", time.Millisecond), countRecord("x", 1), gaugeRecord("x", 2), histogramRecord("x", 3), countRecord("x", 1))
			assert.ElementsMatch(t, []string{"x:1|ms", "x_histogram:3|ms", "x_counter:2|c", "x_gauge:2|g"}, linesOf(sent(t, h, &n)))
			s := h.Stats()
			assert.EqualValues(t, 5, s.Sent)
			assert.EqualValues(t, 4, s.Renamed)
			assert.ErrorContains(t, s.LastError, `a histogram is sent as "x_histogram"`)
		})
	}
}

// A daemon makes several metrics of a timing or a histogram, and knows fewer characters.
func TestNamesThatDaemonsDerive(t *testing.T) {
	timed := func(name string) slog.Record { return timingRecord(name, time.Millisecond) }
	for _, c := range []struct {
		dialect Dialect
		records []slog.Record
		want    string
	}{
		{Plain, []slog.Record{timed("q"), countRecord("q_count", 1)}, "q:1|ms q_count_counter:1|c"},
		{Plain, []slog.Record{timed("q"), countRecord("q.count", 1)}, "q:1|ms q.count_counter:1|c"},
		{Plain, []slog.Record{countRecord("q.count", 1), timed("q")}, "q_timing:1|ms q.count:1|c"},
		{Plain, []slog.Record{timed("q_sum"), histogramRecord("q", 1)}, "q_sum:1|ms q_histogram:1|ms"},
		{Plain, []slog.Record{timed("q"), timed("q_count")}, "q:1|ms q_count_timing:1|ms"},
		{Plain, []slog.Record{timed("q"), gaugeRecord("q.max", 1)}, "q:1|ms q.max:1|g"},
		{DogStatsD, []slog.Record{timed("q"), gaugeRecord("q.max", 1)}, "q:1|ms q.max_gauge:1|g"},
		{Plain, []slog.Record{timed("a.b"), countRecord("a_b", 1)}, "a.b:1|ms a_b_counter:1|c"},
		{Plain, []slog.Record{countRecord("a.b", 1), countRecord("a_b", 1)}, "a.b:1|c a_b:1|c"},
		{Plain, []slog.Record{countRecord("a", 1), countRecord("a_count", 1)}, "a:1|c a_count:1|c"},
		{Plain, []slog.Record{gaugeRecord("a_counter", 1), gaugeRecord("a", 1), countRecord("a", 1)}, "a_counter:1|g a:1|g a_counter_2:1|c"},
	} {
		var n network
		h := open(t, &n, "127.0.0.1:8125", &Options{Dialect: c.dialect})
		handle(t, h, c.records...)
		assert.ElementsMatch(t, strings.Fields(c.want), linesOf(sent(t, h, &n)), c.want)
		assert.EqualValues(t, len(c.records), h.Stats().Sent)
	}
}

// Tags that are folded into the name are part of it.
func TestFoldedNamesCollide(t *testing.T) {
	var n network
	h := open(t, &n, "127.0.0.1:8125", &Options{FoldTags: true, TagKeys: []string{"k"}})
	handle(t, h, countRecord("x", 1, slog.String("k", "v")), gaugeRecord("x.k.v", 1), gaugeRecord("x", 1))
	assert.ElementsMatch(t, []string{"x.k.v:1|c", "x.k.v_gauge:1|g", "x:1|g"}, linesOf(sent(t, h, &n)))
}

func TestNamesThatMeanSomethingElse(t *testing.T) {
	for name, want := range map[string]string{
		"_e": "m_e", "_sc": "m_sc", "_sc.x": "m_sc.x", "_e{5": "m_e_5", "éa": "_a", "ée": "m_e", "_escape": "m_escape", "_s": "_s", "e_": "e_",
		"go.goroutines": "mgo.goroutines", "go_gc_x": "mgo_gc_x", "go.build": "go.build", "process.file": "process.file", "process_open_fds": "mprocess_open_fds",
	} {
		for d := range Dialect(len(dialects)) {
			var n network
			h := open(t, &n, "127.0.0.1:8125", &Options{Dialect: d})
			r := slog.NewRecord(time.Now(), 0, slogtel.MessageMetric, 0)
			r.AddAttrs(slog.String(slogtel.KeyScope, name), slog.Int(slogtel.KeyDepth, 0), slog.String(slogtel.KeyParentScope, ""),
				slog.Any(slogtel.KeyMetricType, slogtel.TypeCounter), slog.Int64(slogtel.KeyValue, 1))
			handle(t, h, r)
			assert.Equal(t, []string{want + ":1|c"}, sent(t, h, &n))
		}
	}
	var n network
	h := open(t, &n, "127.0.0.1:8125", &Options{Prefix: "app"})
	handle(t, h, countRecord("_e", 1))
	assert.Equal(t, []string{"app._e:1|c"}, sent(t, h, &n))
}

func TestTagsThatMeanSomethingElse(t *testing.T) {
	var n network
	h := open(t, &n, "127.0.0.1:8125", &Options{Dialect: DogStatsD, TagKeys: []string{"quantile", "__name__"}, Tags: []slog.Attr{slog.Int("le", 1)}})
	handle(t, h, timingRecord("x", time.Millisecond, slog.Int("quantile", 2), slog.Int("__name__", 3)))
	assert.Equal(t, []string{"x:1|ms|#le_:1,quantile_:2,m__name__:3"}, sent(t, h, &n))
}

// Where every other name is taken as well, the events are dropped and counted.
func TestNoNameIsLeft(t *testing.T) {
	var n network
	h := open(t, &n, "127.0.0.1:8125", nil)
	for _, name := range []string{"x", "x_counter", "x_counter_2", "x_counter_3"} {
		handle(t, h, gaugeRecord(name, 1))
	}
	handle(t, h, countRecord("x", 1), countRecord("x", 1))
	assert.Len(t, linesOf(sent(t, h, &n)), 4)
	s := h.Stats()
	assert.EqualValues(t, 4, s.Sent)
	assert.EqualValues(t, 2, s.Dropped)
	assert.EqualValues(t, 4, s.Series)
}

// What is remembered of names has a limit, and outlasts the series while there is room.
func TestNamesAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n network
		h := open(t, &n, "127.0.0.1:8125", &Options{MaxSeries: 10})
		handle(t, h, gaugeRecord("x", 1))
		time.Sleep(2*sweepEvery + time.Second)
		handle(t, h, countRecord("x", 1))
		require.NoError(t, h.Flush(t.Context()))
		assert.Equal(t, []string{"x:1|g", "x_counter:1|c"}, n.take())
		for i := range 20 {
			for j := range 10 {
				handle(t, h, countRecord(fmt.Sprintf("n%d.%d", i, j), 1))
			}
			time.Sleep(2*sweepEvery + time.Second)
		}
		h.client.names.mu.Lock()
		defer h.client.names.mu.Unlock()
		assert.LessOrEqual(t, len(h.client.names.of), 20)
	})
}

func TestSetsAndDeltas(t *testing.T) {
	o := Options{Dialect: DogStatsD, TagKeys: []string{"k"}, Sets: []string{"*.users", "seen"}, GaugeDeltas: []string{"open", "*.depth"}}
	var n network
	h := open(t, &n, "127.0.0.1:8125", &o)
	tel := telemetry(h)
	ctx, span := tel.Start(context.Background(), "shop")
	for _, v := range []any{"u|1", "u|1", "u2", 7, uint64(8), true} {
		tel.Metric(ctx, "users", v, slog.String("k", "v"))
	}
	bg := context.Background()
	tel.Metric(bg, "users", "also")
	tel.Metric(bg, "seen", 1.5)
	tel.Metric(bg, "other", "no set")
	tel.Metric(bg, "seen", errors.New("nothing"))
	tel.Gauge(bg, "open", 2)
	tel.Gauge(bg, "open", 1)
	tel.Gauge(ctx, "depth", -0.5)
	tel.Metric(bg, "depth", -3)
	assert.ElementsMatch(t, []string{
		"shop.users:u_1|s|#k:v", "shop.users:u2|s|#k:v", "shop.users:7|s|#k:v", "shop.users:8|s|#k:v", "shop.users:true|s|#k:v",
		"users:also|s", "seen:1.5|s", "open:+3|g", "shop.depth:-0.5|g", "depth:-3|g",
	}, linesOf(sent(t, h, &n)))
	s := h.Stats()
	assert.EqualValues(t, 12, s.Sent)
	assert.EqualValues(t, 2, s.Skipped)
	tel.Gauge(bg, "open", -1)
	tel.Metric(ctx, "users", "u2")
	assert.ElementsMatch(t, []string{"open:-1|g", "shop.users:u2|s"}, linesOf(sent(t, h, &n)), "an interval begins with nothing")
	span.End()

	o.AbsoluteGauges = true
	var m network
	absolute := telemetry(open(t, &m, "127.0.0.1:8125", &o))
	for i, want := range []string{"open:2|g", "open:1|g", "open:-4|g"} {
		absolute.Gauge(bg, "open", []float64{2, -1, -5}[i])
		require.NoError(t, absolute.Flush(bg))
		assert.Equal(t, []string{want}, m.take(), "the handler adds up")
	}
}

// More members than are told apart are sent as they come.
func TestLargeSets(t *testing.T) {
	var n network
	h := open(t, &n, "unixgram:///run/statsd.sock", &Options{Sets: []string{"s"}})
	tel := telemetry(h)
	want := map[string]bool{}
	for i := range 3 * maxMembers {
		member := fmt.Sprint("m", i)
		want["s:"+member+"|s"] = true
		tel.Metric(t.Context(), "s", member)
	}
	tel.Metric(t.Context(), "s", strings.Repeat("x", 10_000))
	for _, line := range linesOf(sent(t, h, &n)) {
		assert.LessOrEqual(t, len(line), 300)
		delete(want, line)
	}
	assert.Empty(t, want)
	assert.EqualValues(t, 3*maxMembers+1, h.Stats().Sent)
	assert.EqualValues(t, 1, h.Stats().Truncated)
}

func TestBadForms(t *testing.T) {
	for _, o := range []Options{
		{Sets: []string{""}}, {Sets: []string{"*."}}, {GaugeDeltas: []string{"a*"}}, {Sets: []string{"*.a"}, GaugeDeltas: []string{"a"}},
	} {
		_, err := New("127.0.0.1:8125", &o)
		assert.ErrorContains(t, err, "GaugeDeltas", "%+v", o)
	}
}

// Parts of a counter are summed, for each rate by itself, and not rounded.
func TestCountFloat(t *testing.T) {
	var n network
	h := open(t, &n, "127.0.0.1:8125", nil)
	tel := telemetry(h)
	cost := tel.NewCounter("cost", &slogtel.InstrumentOptions{Unit: "USD", Help: "Money spent."})
	for range 3 {
		tel.CountFloat(t.Context(), "plain", 0.25)
		cost.AddFloat(t.Context(), 0.5)
	}
	tel.CountFloat(t.Context(), "whole", 2)
	tel.CountFloat(t.Context(), "small", 1e-7)
	assert.ElementsMatch(t, []string{"plain:0.75|c", "cost:1.5|c", "whole:2|c", "small:0.0000001|c"}, linesOf(sent(t, h, &n)))
	handle(t, h, sampled(record(func(ctx context.Context, t *slogtel.Telemetry) { t.CountFloat(ctx, "plain", 0.5) }), 0.5))
	assert.Equal(t, []string{"plain:0.5|c|@0.5"}, linesOf(sent(t, h, &n)))
}

// Increments with fractions are added up beside whole ones.
func TestFloatCounters(t *testing.T) {
	var n network
	h := open(t, &n, "127.0.0.1:8125", nil)
	c := h.client
	for _, v := range []float64{0.25, 1.5, 1e308, 1e308} {
		c.add(new(slog.Record), &sample{kind: floatCounter, Sample: event.Sample{Scope: "cost"}, value: value{bits: math.Float64bits(v)}}, &h.base, true)
	}
	handle(t, h, countRecord("cost", 2))
	got := linesOf(sent(t, h, &n))
	assert.Len(t, got, 3, "two sums, for one would be infinite, and the whole number")
	assert.Contains(t, got, "cost:2|c")
	assert.EqualValues(t, 5, h.Stats().Sent)
}
