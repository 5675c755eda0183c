package events

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/internal/slogattrs"
	"github.com/slogtel/telemetry/internal/tally"
	"github.com/slogtel/telemetry/slogtel"
)

// A decoder turns lines into events, one after the other.
type decoder struct {
	attrs  bool
	keys   []string
	scopes *interner // knows which match the pattern
	words  *interner // keys
	clock  clock

	event   Event
	totals  Totals
	room    []Attr // space of event.Attrs
	text    []byte // space of strings that had escapes
	have    uint64 // bits by field
	matches bool   // the scope does
	wrong   error  // a value that would lead astray, were it left out
	endWall float64
	strings bool // numbers are strings
}

// view is b as a string that changes with it.
func view(b []byte) string { return slogattrs.View(b) }

func (d *decoder) reset() {
	d.have, d.text, d.wrong, d.strings = 0, d.text[:0], nil, false
	d.event = Event{SampleRate: 1, Attrs: d.room[:0]}
}

func (d *decoder) has(fields ...field) bool {
	for _, f := range fields {
		if d.have&(1<<f) == 0 {
			return false
		}
	}
	return true
}

// setString takes a string, which need not stay as it is after the event. It reports
// false when the field is no string.
func (d *decoder) setString(f field, s []byte) bool {
	switch f {
	case fScope:
		if len(s) == 0 {
			return false
		}
		d.event.Scope, d.matches = d.scopes.get(s)
	case fParent:
		d.event.Parent, _ = d.scopes.get(s)
	case fType:
		switch view(s) {
		case string(slogtel.TypeTiming):
			d.event.Type = slogtel.TypeTiming
		case string(slogtel.TypeCounter):
			d.event.Type = slogtel.TypeCounter
		case string(slogtel.TypeGauge):
			d.event.Type = slogtel.TypeGauge
		case string(slogtel.TypeHistogram):
			d.event.Type = slogtel.TypeHistogram
		default:
			d.wrong = errType
			return false
		}
	case fLevel:
		if d.event.Level = 0; view(s) != "INFO" && d.event.Level.UnmarshalText(s) != nil {
			return false
		}
	case fTraceID:
		d.event.TraceID = view(s)
	case fSpanID:
		d.event.SpanID = view(s)
	case fParentSpanID:
		d.event.ParentSpanID = view(s)
	case fError:
		d.event.Error = view(s)
	case fTime:
		t, ok := d.clock.parse(s)
		if !ok {
			return true // there may be another
		}
		d.event.Time = t
	case fSketch:
		sk, err := sketch.Parse(view(s))
		if err != nil {
			return false
		}
		d.totals.Sketch = sk
	case fUnit:
		d.event.Unit, _ = d.words.get(s)
	case fInSummary, fCanceled:
		return d.setFlag(f, view(s))
	default: // a store may make strings of numbers
		var n number
		isNumber := len(s) > 0 && scanNumber(s, 0, &n) == len(s)
		if f == fSampleRate && !(isNumber && d.strings) { // of a store that makes strings of all numbers, or wrong
			d.wrong = errRate
			return false
		}
		if isNumber = isNumber && d.setNumber(f, &n); isNumber {
			d.strings = true
		}
		return isNumber
	}
	d.have |= 1 << f
	return true
}

func (d *decoder) setFlag(f field, text string) bool {
	if text != "true" {
		return false
	}
	switch f {
	case fInSummary:
		d.event.InSummary = true
	case fCanceled:
		d.event.Canceled = true
	}
	return true
}

// setNumber takes a number, and reports false when the field is none, or a narrower one.
func (d *decoder) setNumber(f field, n *number) bool {
	ok := true
	switch f {
	case fLevel:
		var level int64
		if level, ok = n.int(); ok {
			d.event.Level = slog.Level(level)
		}
	case fDepth:
		var depth int64
		depth, ok = n.int()
		if ok = ok && 0 <= depth && depth < 1<<31; ok {
			d.event.Depth = int(depth)
		}
	case fCalls:
		d.event.CallCount, ok = n.int()
		d.event.NotCounted = ok && d.event.CallCount == 0
	case fDuration:
		d.event.Duration, ok = n.seconds()
		ok = ok && d.event.Duration >= 0
	case fDurationNanos:
		var ns int64
		ns, ok = n.int()
		d.event.Duration = time.Duration(ns)
		ok = ok && ns >= 0
	case fEndWall:
		d.endWall, ok = n.float()
	case fValue:
		d.event.Value, ok = n.float()
		d.event.Numeric = ok
		if d.event.Int, d.event.Whole = n.whole(); n.integer && !d.event.Whole {
			d.event.Text = view(n.text) // has all digits
		}
	case fSampleRate:
		rate, _ := n.float()
		if _, ok = tally.Weight(rate); !ok || rate == 0 {
			d.wrong = errRate
			return false
		}
		d.event.SampleRate = rate
	case fInterval:
		d.totals.Interval, ok = n.seconds()
	case fCount:
		d.totals.Count, ok = n.int()
	case fErrors:
		d.totals.Errors, ok = n.int()
	default:
		to := d.totalsFloat(f)
		if to == nil {
			return false
		}
		*to, ok = n.float()
	}
	if ok {
		d.have |= 1 << f
	}
	return ok
}

// totalsFloat returns where one of the fields from fSum to fLast goes, and nil for another field.
func (d *decoder) totalsFloat(f field) *float64 {
	if f < fSum || f > fLast {
		return nil
	}
	t := &d.totals
	return [...]*float64{&t.Sum, &t.Min, &t.Max, &t.Mean, &t.P50, &t.P90, &t.P95, &t.P99, &t.Last}[f-fSum]
}

// setOther takes a value that is JSON and neither a string nor a number, or a string
// where a number is the rule.
func (d *decoder) setOther(f field, raw []byte) {
	switch f {
	case fValue, fValueText:
		d.event.Text, d.event.Numeric = view(raw), false
		d.have |= 1 << fValue
	case fInSummary, fCanceled:
		d.setFlag(f, view(raw))
	case fSampleRate:
		if view(raw) != "null" {
			d.wrong = errRate
		}
	}
}

// wants reports whether an attribute with this key is asked for.
func (d *decoder) wants(key []byte) bool {
	return d.attrs || len(d.keys) > 0 && slices.Contains(d.keys, view(key))
}

// addAttr takes an attribute; of those with one key the last one stays.
func (d *decoder) addAttr(key, value []byte) {
	name, _ := d.words.get(key)
	for i := range d.event.Attrs {
		if d.event.Attrs[i].Key == name {
			d.event.Attrs[i].Value = view(value)
			return
		}
	}
	d.event.Attrs = append(d.event.Attrs, Attr{name, view(value)})
	d.room = d.event.Attrs
}

// maxPath is the most bytes of a path that package slogtel lets through: what is kept by
// scope takes no more memory than that.
const maxPath = 2048

var (
	errNoScope  = errors.New("scope: missing, empty or no string")
	errRate     = fmt.Errorf("%s: expected a number from %v to 1", slogtel.KeySampleRate, tally.MinRate)
	errType     = errors.New("metric_type: one that is not known")
	errNoSum    = errors.New("sum: missing or no number")
	errLongPath = fmt.Errorf("scope: longer than %d bytes", maxPath)
)

// complete reports whether what an event must have was found.
func (d *decoder) complete(kind messageKind) bool {
	switch kind {
	case isTiming:
		return d.has(fScope) && (d.has(fDuration) || d.has(fDurationNanos))
	case isMetric:
		return d.has(fScope, fValue)
	}
	return d.has(fScope, fCount)
}

// finish makes the event whole, or says what is wrong with the line.
func (d *decoder) finish(kind messageKind) error {
	e := &d.event
	if !d.has(fScope) {
		return errNoScope
	}
	if len(e.Scope) > maxPath || len(e.Parent) > maxPath {
		return errLongPath
	}
	if d.wrong != nil {
		return d.wrong
	}
	if !d.has(fTime) && d.has(fEndWall) {
		e.Time = time.Unix(0, int64(d.endWall*1e9)).UTC()
	}
	switch kind {
	case isTiming:
		e.Kind, e.Type = Timing, slogtel.TypeTiming
		if !d.complete(kind) {
			return fmt.Errorf("%s: missing, negative or no number", slogtel.KeyDuration)
		}
	case isMetric:
		e.Kind = Metric
		if !d.complete(kind) {
			return fmt.Errorf("%s: missing", slogtel.KeyValue)
		}
		if e.Type != slogtel.TypePlain && !e.Numeric && !d.numberInText() {
			return fmt.Errorf("%s: no number, which that of a %s is", slogtel.KeyValue, e.Type)
		}
	case isSummary:
		e.Kind, e.Totals = Summary, &d.totals
		if !d.complete(kind) {
			return errors.New("count: missing or no whole number")
		}
		if d.totals.Count < 0 || d.totals.Errors < 0 {
			return errors.New("count, errors: negative")
		}
		return d.finishTotals()
	}
	return nil
}

// numberInText takes the number that a string is, of a store that has nothing but strings.
func (d *decoder) numberInText() bool {
	text, ok := strings.CutPrefix(d.event.Text, `"`)
	text, ok2 := strings.CutSuffix(text, `"`)
	var n number
	if !ok || !ok2 || scanNumber([]byte(text), 0, &n) != len(text) {
		return false
	}
	d.event.Text = ""
	return d.setNumber(fValue, &n)
}

// finishTotals makes up for what a summary may leave out.
func (d *decoder) finishTotals() error {
	t := &d.totals
	if t.Sketch != nil && tally.Whole(t.Sketch.Count()) != t.Count {
		t.Sketch = nil // that of something else
	}
	switch {
	case d.has(fSum) || t.Count == 0:
	case t.Sketch != nil:
		if t.Sum = t.Sketch.Sum(); d.event.Type == slogtel.TypeTiming {
			t.Sum /= float64(time.Second)
		}
	case d.has(fMean):
		t.Sum = t.Mean * float64(t.Count)
	case d.event.Type == slogtel.TypeGauge:
		t.NoSum = true // older versions wrote none
	default:
		return errNoSum
	}
	if !d.has(fP50) && t.Count > 0 {
		middle := t.Sum / float64(t.Count)
		if t.NoSum {
			middle = t.Last
		}
		middle = min(max(middle, t.Min), t.Max)
		t.P50, t.P90, t.P95, t.P99 = middle, middle, middle, middle
	}
	return nil
}
