package statsd

import (
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/slogattrs"
)

// A kind is what becomes of an event.
type kind uint8

const (
	timing kind = iota
	counter
	gauge
	histogram
	floatCounter // whose increments have fractions
	set
	delta // a change of a gauge
	kinds
)

// scaled are the kinds whose events stand for those that sampling has left out.
var scaled = [kinds]bool{timing: true, counter: true, floatCounter: true, histogram: true}

// A sample is an event on its way to its series.
type sample struct {
	event.Sample
	value
	kind kind
	tags foundTags
}

// A value is what an event brings to its series.
type value struct {
	bits uint64 // a timing's nanoseconds or a counter's increment, which are integers, else a finite float64
	text string // a member of a set
	at   int64  // Unix time, where lines tell it
}

// What became of reading a record.
type verdict uint8

const (
	notOurs  verdict = iota // an ordinary log record
	wellRead                // the sample holds the event
	noForm                  // an event that is not to be sent
)

// read reads an event into s, which must be empty.
func (t *tagKeys) read(r *slog.Record, s *sample) verdict {
	if !s.ReadFrom(r) {
		if r.Message == event.MessageSummary && event.Is(r) {
			return noForm
		}
		return notOurs
	}
	switch {
	case s.InSummary:
		return noForm
	case s.Type == event.TypeTiming:
		s.kind, s.bits = timing, uint64(s.Duration)
	case !t.setValue(s):
		return noForm
	}
	if !scaled[s.kind] {
		s.SampleRate = 0
	}
	if t.Len() > 0 {
		front, back := s.Attrs(r)
		t.takeAll(&s.tags, nil, front)
		t.takeAll(&s.tags, nil, back)
		if slot := t.Failed(); slot >= 0 && s.kind == timing {
			s.tags.put(slot, slog.BoolValue(s.Error != ""))
		}
	}
	return wellRead
}

// setValue takes the value of a metric, and reports false where it has no form here.
func (t *tagKeys) setValue(s *sample) bool {
	if s.Type == event.TypeCounter {
		if n, whole := slogattrs.Int64(&s.Value); whole {
			s.kind, s.bits = counter, uint64(n)
			return true
		}
	}
	v := s.Value.Resolve()
	switch s.Type {
	case event.TypeCounter:
		s.kind = floatCounter
	case event.TypeHistogram:
		s.kind = histogram
	default:
		s.kind = gauge
		if t.forms != nil {
			if k, ok := t.forms.of(s.Scope); ok {
				s.kind = k
				return s.setForm(v)
			}
		}
	}
	return s.setNumber(v)
}

// setNumber takes a number. A duration is its milliseconds.
func (s *sample) setNumber(v slog.Value) bool {
	f, ok := event.Number(v)
	if v.Kind() == slog.KindDuration {
		f = float64(v.Duration()) / 1e6
	}
	s.bits = math.Float64bits(f)
	return ok && finite(f)
}

// setForm takes the member of a set or the change of a gauge.
func (s *sample) setForm(v slog.Value) bool {
	number := s.setNumber(v)
	if s.kind != set {
		return number
	}
	switch v.Kind() {
	case slog.KindDuration:
		v = slog.Float64Value(math.Float64frombits(s.bits))
	case slog.KindFloat64:
		if !number {
			return false
		}
	case slog.KindString, slog.KindBool, slog.KindInt64, slog.KindUint64:
	default:
		return false
	}
	s.text = v.String()
	return s.text != ""
}

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
