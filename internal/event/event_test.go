package event

import (
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/slogattrs"
)

var at = time.Unix(1700000000, 123456789)

func record(message string, attrs ...slog.Attr) slog.Record {
	r := slog.NewRecord(at, slog.LevelInfo, message, 0)
	r.AddAttrs(attrs...)
	return r
}

func typed(path, parent string, depth int, typ MetricType) slog.Value {
	return NewSeries(Series{Path: path, Parent: parent, Depth: depth, Type: typ}).Value()
}

func timing(more ...slog.Attr) slog.Record {
	return record(MessageTiming, append([]slog.Attr{
		slog.String(KeyScope, "a.b"), slog.Int(KeyDepth, 1), slog.String(KeyParentScope, "a"),
		{Key: KeyMetricType, Value: typed("a.b", "a", 1, TypeTiming)}, slog.Int(KeyCallCount, 7), slog.Float64(KeyDuration, 0.5),
		slog.Float64(KeyStartMonotonic, 1.25), slog.Float64(KeyEndMonotonic, 1.75),
		slog.Float64(KeyStartWall, 1699999999.5), slog.Float64(KeyEndWall, 1700000000)}, more...)...)
}

func metric(typ MetricType, v any, more ...slog.Attr) slog.Record {
	attrs := []slog.Attr{slog.String(KeyScope, "a.b"), slog.Int(KeyDepth, 1), slog.String(KeyParentScope, "a")}
	if typ != TypePlain {
		attrs = append(attrs, slog.Attr{Key: KeyMetricType, Value: typed("a.b", "a", 1, typ)})
	}
	return record(MessageMetric, append(append(attrs, slog.Any(KeyValue, v)), more...)...)
}

func attrsOf(r slog.Record) []slog.Attr {
	var list []slog.Attr
	r.Attrs(func(a slog.Attr) bool { list = append(list, a); return true })
	return list
}

var extras = []slog.Attr{
	slog.String("model", "m"), slog.Int("n", 1), slog.Group("g", slog.Int("x", 1)), slog.Float64(KeySampleRate, 0.25), slog.Float64(KeySampleRate, 2),
	slog.Bool(KeyInSummary, true), slog.Bool(KeyInSummary, false), slog.Bool(KeyCanceled, true), slog.String(KeyError, "no"), slog.Int(KeyError, 1),
	slog.String(KeyTraceID, "t"), slog.String(KeySpanID, "s"), slog.String(KeyParentSpanID, "p"), slog.String(KeyUnit, "By"), slog.Int(KeyUnit, 1),
	slog.String(KeyScope, "other"), slog.Int(KeyDepth, 9), slog.Int(KeyCount, 3), slog.String(KeySum, "x"), slog.Any(KeyMetricType, TypeGauge),
	slog.Group(KeyRawPreview, slog.String("model", "m")), slog.String(KeyMetricType, "timing"), slog.Float64(KeyDuration, 3),
}

// The quick way reads what the long one does, whatever was added, moved, lost or resolved.
func TestInOrderReadsTheSame(t *testing.T) {
	records := []slog.Record{
		timing(), metric(TypeCounter, 3), metric(TypeCounter, 0.5), metric(TypeGauge, -1.5), metric(TypeHistogram, 2.5),
		metric(TypePlain, "text"), metric(TypePlain, 3), metric(TypeCounter, "3"), metric(TypeGauge, 1), metric("other", 1.5),
	}
	random := rand.New(rand.NewPCG(1, 2))
	quick := 0
	for range 4000 {
		r := records[random.IntN(len(records))]
		attrs := attrsOf(r)
		for range random.IntN(4) {
			attrs = append(attrs, extras[random.IntN(len(extras))])
		}
		i, j := random.IntN(len(attrs)), random.IntN(len(attrs))
		switch random.IntN(12) {
		case 0:
			attrs = slices.Delete(attrs, i, i+1)
		case 1:
			attrs[i], attrs[j] = attrs[j], attrs[i]
		case 2:
			attrs[i].Value = attrs[j].Value
		case 3:
			attrs[i].Value = attrs[i].Value.Resolve()
		case 4:
			attrs[i].Key = attrs[j].Key
		case 5:
			attrs = []slog.Attr{slog.Bool("beside", true), {Key: "group", Value: slog.GroupValue(attrs...)}}
		}
		r = record(r.Message, attrs...)
		var tm, slowTiming Timing
		var m, slowMetric Metric
		if slogattrs.Known() && (r.Message == MessageTiming && tm.inOrder(slogattrs.Of(&r), false) || r.Message == MessageMetric && m.inOrder(slogattrs.Of(&r), false)) {
			quick++
		}
		var f fields
		isEvent := f.read(&r)
		f = fields{keep: true}
		f.read(&r)
		tm, m = Timing{}, Metric{}
		isTiming, isMetric := tm.DecodeFrom(&r), m.DecodeFrom(&r)
		require.Equal(t, isEvent, isTiming || isMetric, attrs)
		require.Equal(t, isEvent, Is(&r))
		switch {
		case isTiming:
			slowTiming = Timing{
				Scope: f.scope, ParentScope: f.parent, Depth: f.depth, CallCount: f.calls, Duration: nanos(f.duration),
				StartMonotonic: nanos(f.startMono), EndMonotonic: nanos(f.endMono), End: at, Start: at.Add(-nanos(f.duration)),
				TraceID: f.traceID, SpanID: f.spanID, ParentSpanID: f.parentID, Error: f.err, Canceled: f.canceled && f.err == "",
				SampleRate: f.rate, InSummary: f.inSummary, Attrs: f.others,
			}
			require.Equal(t, slowTiming, tm, attrs)
		case isMetric:
			slowMetric = Metric{
				Scope: f.scope, ParentScope: f.parent, Depth: f.depth, Type: f.typ, Value: f.value, Unit: f.unit, Time: at,
				TraceID: f.traceID, SpanID: f.spanID, SampleRate: f.rate, InSummary: f.inSummary, Attrs: f.others,
			}
			require.Equal(t, slowMetric, m, attrs)
		}
	}
	if slogattrs.Known() {
		assert.Greater(t, quick, 500)
	}
}

func TestDecodeAllocatesNothing(t *testing.T) {
	r, c, kept := timing(), metric(TypeCounter, 3), timing(slog.String("model", "m"), slog.String(KeyError, "no"))
	tm := Timing{Attrs: make([]slog.Attr, 0, 4)}
	var m Metric
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		if !tm.DecodeFrom(&r) || !m.DecodeFrom(&c) || !tm.DecodeFrom(&kept) || len(tm.Attrs) != 1 {
			t.Fail()
		}
	}))
}

// A series stands for its names only where the record still has them.
func TestSeriesOf(t *testing.T) {
	r := timing(slog.Int("n", 1))
	s := SeriesOf(&r)
	require.NotNil(t, s)
	assert.Equal(t, Series{Path: "a.b", Parent: "a", Depth: 1, Type: TypeTiming, id: s.id, value: s.value, json: s.json}, *s)
	assert.Equal(t, "timing", s.Value().Resolve().String())
	for i := range 4 {
		attrs := attrsOf(r)
		attrs[i].Key += "x"
		changed := record(MessageTiming, attrs...)
		if i == 0 || i == 2 {
			assert.Nil(t, SeriesOf(&changed), "another key of %d", i)
		}
		attrs[i].Key, attrs[i].Value = attrsOf(r)[i].Key, slog.StringValue("[REDACTED]")
		changed = record(MessageTiming, attrs...)
		if i != 1 {
			assert.Nil(t, SeriesOf(&changed), "another value of %d", i)
		}
	}
	for _, other := range []slog.Record{{}, record("m"), record(MessageTiming, attrsOf(r)[1:]...),
		record(MessageTiming, slog.Group("g", slog.String(KeyScope, "a"))), metric(TypePlain, 1)} {
		assert.Nil(t, SeriesOf(&other))
	}
	var none *Series
	assert.Equal(t, "", none.LogValue().String())
}

func TestCache(t *testing.T) {
	c := NewCache[int](4)
	var all []*Series
	for i := range 9 {
		s := NewSeries(Series{Path: "a"})
		all = append(all, s)
		assert.Nil(t, c.Find(s))
		c.Put(s, &i)
		assert.Equal(t, i, *c.Find(s))
	}
	found := 0
	for i, s := range all {
		if v := c.Find(s); v != nil {
			found++
			assert.Equal(t, i, *v)
		}
	}
	assert.Equal(t, 4, found)
	passing := NewPassingSeries(Series{Path: "a"})
	n := 1
	c.Put(passing, &n)
	c.Put(nil, &n)
	assert.Nil(t, c.Find(passing))
	assert.Nil(t, c.Find(nil))
	var zero Cache[int]
	zero.Put(all[0], &n)
	assert.Nil(t, zero.Find(all[0]))
}

func TestReserved(t *testing.T) {
	seen := make(map[string]bool)
	for _, key := range ReservedKeys() {
		assert.True(t, Reserved(key), key)
		assert.False(t, Reserved(UserPrefix+key), key)
		assert.False(t, seen[key], key)
		seen[key] = true
	}
	assert.False(t, Reserved(""))
	assert.False(t, Reserved("model"))
	var all []slog.Attr
	for _, typ := range []MetricType{TypeTiming, TypeCounter, TypeGauge, TypeHistogram} {
		all = append(all, attrsOf((&Summary{Type: typ, Sketch: "x"}).Record(0))...)
	}
	for _, a := range append(all, attrsOf(timing())...) {
		assert.True(t, Reserved(a.Key), a.Key)
	}
}

func BenchmarkDecode(b *testing.B) {
	tr, withAttr, m := timing(), timing(slog.String("model", "m")), metric(TypeCounter, 3)
	var tm Timing
	var mt Metric
	b.Run("timing", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			tm.DecodeFrom(&tr)
		}
	})
	b.Run("timing, one attribute", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			tm.DecodeFrom(&withAttr)
		}
	})
	b.Run("counter", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			mt.DecodeFrom(&m)
		}
	})
	b.Run("SeriesOf and Find", func(b *testing.B) {
		c := NewCache[int](1024)
		c.Put(SeriesOf(&tr), new(int))
		b.ReportAllocs()
		for b.Loop() {
			if c.Find(SeriesOf(&tr)) == nil {
				b.Fatal()
			}
		}
	})
}
