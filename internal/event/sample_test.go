package event

import (
	"log/slog"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/slogattrs"
)

// checkSample compares what a Sample holds of r with what the decoders make of it.
func checkSample(t *testing.T, r slog.Record) {
	t.Helper()
	var s Sample
	ok := s.ReadFrom(&r)
	var want Sample
	var attrs []slog.Attr
	var m Timing
	var n Metric
	if m.DecodeFrom(&r) {
		want = Sample{Scope: m.Scope, Parent: m.ParentScope, Depth: m.Depth, Type: TypeTiming, Duration: m.Duration, TraceID: m.TraceID, SpanID: m.SpanID,
			Error: m.Error, InSummary: m.InSummary, SampleRate: m.SampleRate}
		attrs = m.Attrs
	} else if m := &n; m.DecodeFrom(&r) {
		want = Sample{Scope: m.Scope, Parent: m.ParentScope, Depth: m.Depth, Type: m.Type, Value: m.Value, Unit: m.Unit, TraceID: m.TraceID, SpanID: m.SpanID,
			InSummary: m.InSummary, SampleRate: m.SampleRate}
		attrs = m.Attrs
	} else {
		assert.False(t, ok, "%v", attrsOf(r))
		return
	}
	if !assert.True(t, ok, "%v", attrsOf(r)) {
		return
	}
	front, back := s.Attrs(&r)
	got := append(append([]slog.Attr{}, front...), back...)
	for _, a := range attrs {
		assert.Contains(t, got, a)
	}
	if s.Series != nil {
		assert.Equal(t, SeriesOf(&r), s.Series)
	}
	s.Series, s.next, s.others = nil, 0, nil
	if r.Message == MessageTiming {
		s.Unit = "" // a caller's, in a timing
	}
	for _, a := range attrs {
		want.BadRate = want.BadRate || a.Key == KeySampleRate
	}
	assert.Equal(t, want, s, "%v", attrsOf(r))
}

// A Sample is what the decoders read, whatever was done to the record on its way.
func TestSampleIsWhatIsDecoded(t *testing.T) {
	own := []slog.Attr{slog.String("model", "m"), slog.Group("http", slog.Int("status", 200))}
	marks := []slog.Attr{slog.Float64(KeySampleRate, 0.25), slog.Bool(KeyInSummary, true), slog.String(KeyTraceID, "t"),
		slog.String(KeySpanID, "s"), slog.String(KeyUnit, "By"), slog.String(KeyError, "failed")}
	for _, more := range [][]slog.Attr{nil, own, marks, append(append([]slog.Attr{}, own...), marks...)} {
		for _, r := range []slog.Record{
			timing(more...), metric(TypeCounter, 3, more...), metric(TypeCounter, 0.5, more...), metric(TypeGauge, 1.5, more...),
			metric(TypePlain, "text", more...), metric(TypePlain, 7, more...),
		} {
			checkSample(t, r)
			attrs := attrsOf(r)
			for i := range attrs {
				checkSample(t, rebuilt(r, append(append([]slog.Attr{}, attrs[:i]...), attrs[i+1:]...)))
				checkSample(t, rebuilt(r, append(append([]slog.Attr{}, attrs...), attrs[i])))
				for _, v := range []slog.Value{slog.IntValue(1), slog.Float64Value(0.5), slog.Float64Value(math.Inf(1)), slog.StringValue("counter"),
					slog.AnyValue(TypeGauge), slog.AnyValue((*Series)(nil)), slog.GroupValue(), {}} {
					changed := append([]slog.Attr{}, attrs...)
					changed[i].Value = v
					checkSample(t, rebuilt(r, changed))
				}
			}
			checkSample(t, rebuilt(r, []slog.Attr{slog.Int("n", 1), {Key: "g", Value: slog.GroupValue(attrs...)}}))
		}
	}
}

func rebuilt(r slog.Record, attrs []slog.Attr) slog.Record {
	d := slog.NewRecord(r.Time, r.Level, r.Message, 0)
	d.AddAttrs(attrs...)
	return d
}

// The series is told where a Telemetry made the record and nobody has changed the scope.
func TestSampleSeries(t *testing.T) {
	x := NewSeries(Series{Path: "a.b", Parent: "a", Depth: 1, Type: TypeCounter, Unit: "By"})
	passing := NewPassingSeries(Series{Path: "a.b", Parent: "a", Depth: 1, Type: TypeCounter})
	record := func(path string, s *Series) *slog.Record {
		r := slog.Record{Message: MessageMetric}
		r.AddAttrs(slog.String(KeyScope, path), slog.Int(KeyDepth, 1), slog.String(KeyParentScope, "a"),
			slog.Attr{Key: KeyMetricType, Value: s.Value()}, slog.Int(KeyValue, 1))
		return &r
	}
	for _, c := range []struct {
		r    *slog.Record
		want *Series
	}{{record("a.b", x), x}, {record("a.c", x), nil}, {record("a.b", passing), nil}} {
		var s Sample
		assert.True(t, s.ReadFrom(c.r))
		assert.Equal(t, c.want, s.Series)
		assert.Equal(t, TypeCounter, s.Type)
	}
}

func TestSampleDoesNotAllocate(t *testing.T) {
	if !slogattrs.Known() {
		t.Skip("the attributes are copied")
	}
	for _, r := range []slog.Record{timing(slog.String("model", "m")), metric(TypeCounter, 3, slog.String("model", "m"))} {
		n := 0
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			var s Sample
			if s.ReadFrom(&r) {
				front, back := s.Attrs(&r)
				n += len(front) + len(back)
			}
		}))
		assert.Positive(t, n)
	}
}

func BenchmarkSample(b *testing.B) {
	tr, m := timing(slog.String("model", "m")), metric(TypeCounter, 3, slog.String("model", "m"))
	for name, r := range map[string]*slog.Record{"timing": &tr, "counter": &m} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var s Sample
				if !s.ReadFrom(r) {
					b.Fatal()
				}
			}
		})
	}
}
