package statsd

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/slogattrs"
	"github.com/slogtel/telemetry/slogtel"
)

// A sample is what is needed of an event.
type sample struct {
	kind    kind
	scope   string
	n       int64   // a timing's nanoseconds, a counter's increment
	f       float64 // a gauge's or a histogram's value, finite
	text    string  // a member of a set
	at      int64   // Unix time, where lines tell it
	rate    float64 // by which the event was sampled before it came here; 0: it was not
	failed  bool
	counted bool // a summary has it
	tags    foundTags
}

// What became of reading a record.
type verdict uint8

const (
	notOurs  verdict = iota // an ordinary log record
	wellRead                // the sample holds the event
	noForm                  // an event that is not to be sent
)

// read reads an event into s. It accepts exactly what slogtel.IsTelemetry does. A
// record in the form in which a Telemetry makes it is read in one go, in the order
// of the schema; what is not that, because some middleware was at work, is decoded
// by package slogtel.
func (t *tagKeys) read(r *slog.Record, s *sample) verdict {
	switch r.Message {
	case slogtel.MessageTiming:
		if !t.readTiming(r, s) && !t.decodeTiming(r, s) {
			return notOurs
		}
		if s.counted {
			return noForm
		}
		if slot := t.Failed(); slot >= 0 {
			s.tags.put(slot, slog.BoolValue(s.failed))
		}
		return wellRead
	case slogtel.MessageMetric:
		if !t.readMetric(r, s) {
			return t.decodeMetric(r, s)
		}
		if s.counted || s.kind != counter && !finite(s.f) {
			return noForm
		}
		return wellRead
	case slogtel.MessageSummary:
		if slogtel.IsTelemetry(*r) {
			return noForm
		}
	}
	return notOurs
}

// The places of attributes in the records of a Telemetry.
const (
	atScope = iota
	atDepth
	atParent
	atType
	atCalls              // of a timing
	atDuration           // of a timing; what follows does not matter here
	atValue    = atCalls // of a metric; atType in a plain one
)

func (t *tagKeys) readTiming(r *slog.Record, s *sample) bool {
	l := slogattrs.Of(r)
	if l.Len() <= atDuration || !s.readPlace(l) {
		return false
	}
	typ, calls, duration := l.At(atType), l.At(atCalls), l.At(atDuration)
	if typ.Key != slogtel.KeyMetricType || kindOfValue(&typ.Value) != timing ||
		calls.Key != slogtel.KeyCallCount || !slogattrs.IsInt64(&calls.Value) ||
		duration.Key != slogtel.KeyDuration || duration.Value.Kind() != slog.KindFloat64 {
		return false
	}
	seconds := duration.Value.Float64()
	s.kind, s.n = timing, nanos(seconds)
	return finite(seconds) && t.readOthers(l, atDuration+1, s)
}

func (t *tagKeys) readMetric(r *slog.Record, s *sample) bool {
	l := slogattrs.Of(r)
	if l.Len() <= atType || !s.readPlace(l) {
		return false
	}
	at, typ := atType, plain
	if a := l.At(atType); a.Key == slogtel.KeyMetricType {
		if at, typ = atValue, kindOfValue(&a.Value); l.Len() <= atValue {
			return false
		}
	}
	value := l.At(at)
	if value.Key != slogtel.KeyValue {
		return false
	}
	if typ == counter {
		if !slogattrs.IsInt64(&value.Value) {
			return false
		}
		s.kind, s.n = counter, value.Value.Int64()
	} else if !t.setValue(s, typ, value.Value) {
		return false
	}
	if !t.readOthers(l, at+1, s) {
		return false
	}
	if !rated[s.kind] {
		s.rate = 0
	}
	return true
}

// readPlace reads what every event begins with. There are at least so many attributes.
func (s *sample) readPlace(l *slogattrs.List) bool {
	path, depth, parent := l.At(atScope), l.At(atDepth), l.At(atParent)
	text, ok := slogattrs.Text(&path.Value)
	if !ok || path.Key != slogtel.KeyScope ||
		depth.Key != slogtel.KeyDepth || !slogattrs.IsInt64(&depth.Value) || parent.Key != slogtel.KeyParentScope {
		return false
	}
	s.scope = text
	_, ok = slogattrs.Text(&parent.Value)
	return ok
}

// Kinds that only a record has.
const (
	plain  = kinds     // a gauge whose value may be an integer, or anything
	noKind = kinds + 1 // of a metric: not one of ours
)

// kindOfValue returns the kind of an event whose metric type is v, resolved or not.
func kindOfValue(v *slog.Value) kind {
	switch t := slogattrs.Boxed(v).(type) {
	case *event.Series:
		return kindOf(t.Type)
	case slogtel.MetricType:
		return kindOf(t)
	}
	if text, ok := slogattrs.Text(v); ok {
		return kindOf(slogtel.MetricType(text))
	}
	return noKind
}

func kindOf(t slogtel.MetricType) kind {
	switch t {
	case slogtel.TypeCounter:
		return counter
	case slogtel.TypeTiming:
		return timing
	case slogtel.TypeGauge:
		return gauge
	case slogtel.TypeHistogram:
		return histogram
	case slogtel.TypePlain:
		return plain
	}
	return noKind
}

// rated are the kinds whose events stand for those that sampling has left out.
var rated = [kinds]bool{timing: true, counter: true, floatCounter: true, histogram: true}

// ownForms are the metrics that are sent in another form than their type has.
type ownForms struct {
	exact    map[string]kind
	suffixes []struct {
		text string
		kind kind
	}
}

func newOwnForms(sets, deltas []string) (*ownForms, error) {
	if len(sets)+len(deltas) == 0 {
		return nil, nil
	}
	f := &ownForms{exact: make(map[string]kind)}
	for i, path := range slices.Concat(sets, deltas) {
		k := set
		if i >= len(sets) {
			k = delta
		}
		end, anywhere := strings.CutPrefix(path, "*.")
		if end == "" || strings.Contains(end, "*") {
			return nil, fmt.Errorf("statsd: %.50q is neither the path of a metric nor one after *. in Sets or GaugeDeltas", path)
		}
		if old, ok := f.exact[end]; ok && old != k {
			return nil, fmt.Errorf("statsd: %.50q is both in Sets and in GaugeDeltas", path)
		}
		f.exact[end] = k
		if anywhere {
			f.suffixes = append(f.suffixes, struct {
				text string
				kind kind
			}{"." + end, k})
		}
	}
	return f, nil
}

// of returns the kind of the metric with this path, and false if it has none of its own.
func (f *ownForms) of(path string) (kind, bool) {
	if k, ok := f.exact[path]; ok {
		return k, true
	}
	for _, s := range f.suffixes {
		if strings.HasSuffix(path, s.text) {
			return s.kind, true
		}
	}
	return 0, false
}

// setValue is sample.setValue, but for the metrics that have a form of their own.
func (t *tagKeys) setValue(s *sample, typ kind, v slog.Value) bool {
	if t.forms == nil || typ != plain && typ != gauge {
		return s.setValue(typ, v)
	}
	k, ok := t.forms.of(s.scope)
	if !ok {
		return s.setValue(typ, v)
	}
	s.kind = k
	switch v.Kind() {
	case slog.KindString:
		s.text = v.String()
		return k == set && s.text != ""
	case slog.KindInt64:
		s.f = float64(v.Int64())
	case slog.KindUint64:
		s.f = float64(v.Uint64())
	case slog.KindFloat64:
		s.f = v.Float64()
	case slog.KindBool:
		s.text = boolText(v.Bool())
		return k == set
	default:
		return false
	}
	if k == set {
		s.text = v.String()
	}
	return true
}

// setValue takes the kind and value of a metric, and reports false for what is not
// an integer or a float that goes with the kind.
func (s *sample) setValue(typ kind, v slog.Value) bool {
	switch k := v.Kind(); {
	case k == slog.KindInt64 && typ == counter:
		s.kind, s.n = counter, v.Int64()
	case k == slog.KindFloat64 && typ == counter:
		s.kind, s.f = floatCounter, v.Float64()
	case k == slog.KindInt64 && typ == plain:
		s.kind, s.f = gauge, float64(v.Int64())
	case k == slog.KindFloat64 && typ == plain:
		s.kind, s.f = gauge, v.Float64()
	case k == slog.KindFloat64 && (typ == gauge || typ == histogram):
		s.kind, s.f = typ, v.Float64()
	default:
		return false
	}
	return true
}

// readOthers reads the attributes from the one at first on, which stand behind those
// of the event. It reports false for one that could change what stands before.
func (t *tagKeys) readOthers(l *slogattrs.List, first int, s *sample) bool {
	for i := first; i < l.Len(); i++ {
		if a := l.At(i); t.matters(a.Key) && !t.readOther(a, s) {
			return false
		}
	}
	return true
}

func (t *tagKeys) readOther(a *slog.Attr, s *sample) bool {
	if a.Key == slogtel.KeyInSummary && a.Value.Kind() == slog.KindBool && a.Value.Bool() {
		s.counted = true
		return true
	}
	if slot := t.ByKey(a.Key); slot >= 0 {
		if text, ok := slogattrs.Text(&a.Value); ok {
			s.tags.place(slot).set(text)
			return true
		}
		if s.tags.put(slot, a.Value) {
			return true
		}
	}
	switch a.Key {
	case slogtel.KeyScope, slogtel.KeyDepth, slogtel.KeyParentScope, slogtel.KeyMetricType,
		slogtel.KeyCallCount, slogtel.KeyDuration, slogtel.KeyValue:
		return false
	case slogtel.KeyError:
		if a.Value.Kind() == slog.KindString {
			s.failed = a.Value.String() != ""
		}
		return true
	case slogtel.KeySampleRate:
		if a.Value.Kind() == slog.KindFloat64 && isRate(a.Value.Float64()) {
			s.rate = a.Value.Float64()
		}
		return true
	}
	t.FindInside(a, func(slot int, v slog.Value) { s.tags.put(slot, v) })
	return true
}

// isRate reports whether f is the share of something.
func isRate(f float64) bool { return f > 0 && f <= 1 }

// The decoders of package slogtel keep their room between records.
var (
	timingPool = sync.Pool{New: func() any { return new(slogtel.Timing) }}
	metricPool = sync.Pool{New: func() any { return new(slogtel.Metric) }}
)

func (t *tagKeys) decodeTiming(r *slog.Record, s *sample) bool {
	d := timingPool.Get().(*slogtel.Timing)
	defer timingPool.Put(d)
	if !d.Decode(*r) {
		return false
	}
	*s = sample{kind: timing, scope: d.Scope, n: int64(d.Duration), rate: d.SampleRate, failed: d.Error != "", counted: d.InSummary}
	t.takeAll(&s.tags, nil, d.Attrs)
	clear(d.Attrs[:cap(d.Attrs)]) // keep nothing alive
	return true
}

func (t *tagKeys) decodeMetric(r *slog.Record, s *sample) verdict {
	d := metricPool.Get().(*slogtel.Metric)
	defer metricPool.Put(d)
	if !d.Decode(*r) {
		return notOurs
	}
	*s = sample{scope: d.Scope, rate: d.SampleRate, counted: d.InSummary}
	t.takeAll(&s.tags, nil, d.Attrs)
	clear(d.Attrs[:cap(d.Attrs)])
	v := d.Value.Resolve()
	switch v.Kind() {
	case slog.KindUint64:
		v = slog.Float64Value(float64(v.Uint64()))
	case slog.KindDuration:
		v = slog.Float64Value(float64(v.Duration()) / 1e6)
	}
	if s.counted || !t.setValue(s, kindOf(d.Type), v) || s.kind != counter && !finite(s.f) {
		return noForm
	}
	if !rated[s.kind] {
		s.rate = 0
	}
	return wellRead
}
