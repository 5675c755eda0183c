package event

import (
	"log/slog"
	"math"
	"slices"
	"strings"

	"github.com/slogtel/telemetry/internal/slogattrs"
)

// A form is what the records of one series have in common that one place of a program makes: the keys of
// their attributes, and the values of those that matter to a reporter.
type form[T any] struct {
	message string
	path    string
	head    *[atValue + 1]string // keys of the attributes in the record itself
	keys    []string             // of those behind
	values  []formValue
	timing  bool
	whole   bool // the number is an integer
	val     T
}

// The keys of the attributes in the record itself.
var (
	timingHead = [...]string{KeyScope, KeyDepth, KeyParentScope, KeyMetricType, KeyCallCount}
	metricHead = [...]string{KeyScope, KeyDepth, KeyParentScope, KeyMetricType, KeyValue}
)

// A formValue is what an attribute has to be.
type formValue struct {
	at    int // in keys
	value slog.Value
}

// Forms finds what a reporter keeps for records of a form. Nothing of these is new but a number, so that they are
// read in a fraction of the time that [Sample.ReadFrom] takes. It holds one form of a series, and is, like
// a [Cache], of a fixed size and safe for concurrent use. The zero value holds nothing.
type Forms[T any] struct{ cache Cache[form[T]] }

// NewForms returns a cache for the forms of so many series, a power of two.
func NewForms[T any](size int) Forms[T] { return Forms[T]{NewCache[form[T]](size)} }

// Put remembers val for records of the form of r, which was read into s. Matters says of a key whether the
// value of its attribute has to be the same, and returns the key as it is to be kept. There is no form of a
// plain metric, of an event that failed, was sampled or is in a summary, and of one with an attribute that
// matters and is neither a text nor a number.
func (c *Forms[T]) Put(r *slog.Record, s *Sample, matters func(key string) (kept string, ok bool), val T) {
	if s.Series == nil || s.next == 0 {
		return
	}
	front, back := slogattrs.Of(r).Full()
	if front == nil {
		return
	}
	f := &form[T]{message: MessageMetric, head: &metricHead, path: s.Series.Path, timing: s.Type == TypeTiming, val: val}
	if f.timing {
		f.message, f.head = MessageTiming, &timingHead
	} else {
		_, f.whole = slogattrs.Int64(&s.Value)
	}
	for i := range back {
		a := &back[i]
		key, ok := matters(a.Key)
		switch at := slices.Index(timingKeys[:], a.Key); {
		case a.Key == KeyError || a.Key == KeySampleRate || a.Key == KeyInSummary:
			return
		case ok:
			v := a.Value
			if text, ok := slogattrs.Text(&v); ok {
				v = slog.StringValue(strings.Clone(text))
			}
			if !slogattrs.KnownSame(&v, &a.Value) {
				return
			}
			f.values = append(f.values, formValue{i, v})
		case at >= 0:
			key = timingKeys[at]
		default:
			key = strings.Clone(a.Key)
		}
		f.keys = append(f.keys, key)
	}
	c.cache.Put(s.Series, f)
}

// Find returns what was put for a record of the form of r, or nil, and the number that r tells: nanoseconds of a
// timing, an integer of a counter, or the bits of a float, which is finite.
func (c *Forms[T]) Find(r *slog.Record) (val *T, number uint64) {
	if !slogattrs.Known() {
		return nil, 0
	}
	front, back := slogattrs.Of(r).Full()
	if front == nil {
		return nil, 0
	}
	s, ok := slogattrs.KnownBoxed(&front[atType].Value).(*Series)
	if !ok {
		return nil, 0
	}
	f := c.cache.Find(s)
	if f == nil || len(back) != len(f.keys) || !slogattrs.SameText(r.Message, f.message) || !slogattrs.HasKeys(front[:], f.head[:]) {
		return nil, 0
	}
	for i := range f.keys {
		if !slogattrs.SameText(back[i].Key, f.keys[i]) {
			return nil, 0
		}
	}
	for i := range f.values {
		if v := &f.values[i]; !slogattrs.KnownSame(&back[v.at].Value, &v.value) {
			return nil, 0
		}
	}
	path, ok := slogattrs.KnownText(&front[atScope].Value)
	_, okParent := slogattrs.KnownText(&front[atParent].Value)
	if !ok || !okParent || !slogattrs.SameText(path, f.path) || !slogattrs.KnownKind(&front[atDepth].Value, slog.KindInt64) {
		return nil, 0
	}
	v := &front[atValue].Value
	if f.whole {
		n, ok := slogattrs.KnownInt64(v)
		if !ok {
			return nil, 0
		}
		return &f.val, uint64(n)
	}
	if f.timing {
		if !slogattrs.KnownKind(v, slog.KindInt64) {
			return nil, 0
		}
		v = &back[0].Value
	}
	float, ok := slogattrs.KnownFloat64(v)
	switch {
	case !ok || !finite(float):
		return nil, 0
	case f.timing:
		return &f.val, uint64(nanos(float))
	default:
		return &f.val, math.Float64bits(float)
	}
}
