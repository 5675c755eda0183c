package event

import (
	"hash/maphash"
	"log/slog"
	"math"
	"math/bits"
	"strings"
	"sync/atomic"

	"github.com/slogtel/telemetry/internal/slogattrs"
)

// Forms finds what a reporter keeps for events like one that was put: those of one series with the same keys
// and, of the attributes that matter to the reporter, the same values. Nothing of these is new but a number, so
// that they are read in a fraction of the time that [Sample.ReadFrom] takes. It is a cache of a fixed size, and
// safe for concurrent use.
type Forms[T any] struct {
	seed   maphash.Seed
	forms  []atomic.Pointer[form[T]]  // by the ID of their series
	events []atomic.Pointer[event[T]] // by the values that matter
	stale  func(*T) bool
}

const (
	maxForms  = 4   // of one series
	maxValues = 512 // bytes of the keys and values of a record that is remembered
	probes    = 4
)

// A form is what records of one series look like that one place of a program makes. It is immutable but for
// the event.
type form[T any] struct {
	series  *Series
	message string
	head    *[atValue + 1]string // keys of the attributes in the record itself
	keys    []string             // of those behind
	matter  []int                // which of these do
	timing  bool
	kind    slog.Kind                // of the last attribute in the record itself
	first   atomic.Pointer[event[T]] // most have no other
	next    *form[T]                 // of the same series
}

// An event is immutable.
type event[T any] struct {
	form   *form[T]
	salt   uint64
	values []slog.Value // that matter
	val    T
}

// The keys of the attributes in the record itself.
var (
	timingHead = [...]string{KeyScope, KeyDepth, KeyParentScope, KeyMetricType, KeyCallCount}
	metricHead = [...]string{KeyScope, KeyDepth, KeyParentScope, KeyMetricType, KeyValue}
)

// NewForms returns a cache for so many events. What is stale makes way.
func NewForms[T any](size int, stale func(*T) bool) Forms[T] {
	n := 1 << bits.Len(uint(max(size, probes)-1))
	return Forms[T]{maphash.MakeSeed(), make([]atomic.Pointer[form[T]], n), make([]atomic.Pointer[event[T]], n), stale}
}

// Forget lets go of everything. Where it is done now and then, what is used comes back.
func (c *Forms[T]) Forget() {
	for i := range c.forms {
		c.forms[i].Store(nil)
	}
	for i := range c.events {
		c.events[i].Store(nil)
	}
}

// Find returns what was put for an event like r with this salt, or nil, and the number that r tells: nanoseconds
// of a timing, an integer of a counter, or the bits of a float, which is finite.
func (c *Forms[T]) Find(r *slog.Record, salt uint64) (val *T, number uint64) {
	if !slogattrs.Known() {
		return nil, 0
	}
	front, back := slogattrs.Of(r).Full()
	if front == nil {
		return nil, 0
	}
	s, ok := slogattrs.KnownBoxed(&front[atType].Value).(*Series)
	if !ok || s == nil {
		return nil, 0
	}
	f := c.forms[int(s.id)&(len(c.forms)-1)].Load()
	for f != nil && !f.fits(r, s, front, back) {
		f = f.next
	}
	if f == nil {
		return nil, 0
	}
	e := f.first.Load()
	if !e.matches(f, salt, back) {
		if e = c.find(f, salt, back); e == nil {
			return nil, 0
		}
	}
	if number, ok = f.number(front, back); !ok {
		return nil, 0
	}
	return &e.val, number
}

// fits reports whether r, which has these attributes and points to s, is of the form.
func (f *form[T]) fits(r *slog.Record, s *Series, front *[atValue + 1]slog.Attr, back []slog.Attr) bool {
	if f.series != s || len(back) != len(f.keys) || !slogattrs.SameText(r.Message, f.message) || !slogattrs.HasKeys(front[:], f.head[:]) {
		return false
	}
	for i := range f.keys {
		if !slogattrs.SameText(back[i].Key, f.keys[i]) {
			return false
		}
	}
	path, ok := slogattrs.KnownText(&front[atScope].Value)
	parent, okParent := slogattrs.KnownText(&front[atParent].Value)
	depth := &front[atDepth].Value
	return ok && okParent && slogattrs.SameText(path, s.Path) && slogattrs.SameText(parent, s.Parent) &&
		slogattrs.KnownKind(depth, slog.KindInt64) && slogattrs.KnownNum(depth) == uint64(s.Depth) && slogattrs.KnownKind(&front[atValue].Value, f.kind)
}

// number returns the number of a record of the form.
func (f *form[T]) number(front *[atValue + 1]slog.Attr, back []slog.Attr) (uint64, bool) {
	v := &front[atValue].Value
	if f.timing {
		v = &back[0].Value
	} else if f.kind == slog.KindInt64 {
		return slogattrs.KnownNum(v), true
	}
	float, ok := slogattrs.KnownFloat64(v)
	if !ok || !finite(float) {
		return 0, false
	}
	if f.timing {
		return uint64(nanos(float)), true
	}
	return math.Float64bits(float), true
}

// hash returns the hash of an event of the form.
func (c *Forms[T]) hash(f *form[T], salt uint64, back []slog.Attr) uint64 {
	h := salt ^ uint64(f.series.id)
	for _, i := range f.matter {
		v := &back[i].Value
		n := slogattrs.KnownNum(v)
		if text, ok := slogattrs.KnownText(v); ok {
			n = maphash.String(c.seed, text)
		}
		high, low := bits.Mul64(h^0x9E3779B97F4A7C15, n^0xD1B54A32D192ED03) // both odd, with bits all over
		h = high ^ low
	}
	return h
}

// find returns what is known of an event of the form, or nil.
func (c *Forms[T]) find(f *form[T], salt uint64, back []slog.Attr) *event[T] {
	h := c.hash(f, salt, back)
	for i := range uint64(probes) {
		e := c.events[(h+i)&uint64(len(c.events)-1)].Load()
		if e == nil || e.matches(f, salt, back) {
			return e
		}
	}
	return nil
}

func (e *event[T]) matches(f *form[T], salt uint64, back []slog.Attr) bool {
	if e.form != f || e.salt != salt {
		return false
	}
	for k, i := range f.matter {
		if !slogattrs.KnownSame(&back[i].Value, &e.values[k]) {
			return false
		}
	}
	return true
}

// Put remembers val for events like r, which was read into s, if there is room. Matters says of a key whether
// the value of its attribute does, and returns the key as it is to be kept; a sample_rate always matters. It reports whether val
// is remembered. Not so for a plain metric, an event that is in a summary, one whose error matters, and one with an
// attribute that matters and is neither a text nor a number.
func (c *Forms[T]) Put(r *slog.Record, s *Sample, salt uint64, matters func(key string) (kept string, ok bool), val T) bool {
	if s.Series == nil || s.next == 0 {
		return false
	}
	front, back := slogattrs.Of(r).Full()
	if front == nil {
		return false
	}
	size := 0
	for i := range back {
		a := &back[i]
		size += len(a.Key)
		_, ok := matters(a.Key)
		if ok || a.Key == KeySampleRate {
			if !slogattrs.KnownSame(&a.Value, &a.Value) {
				return false
			}
			text, _ := slogattrs.KnownText(&a.Value)
			size += len(text)
		}
		if size > maxValues || a.Key == KeyError && ok || a.Key == KeyInSummary {
			return false
		}
	}
	slot := &c.forms[int(s.Series.id)&(len(c.forms)-1)]
	head := slot.Load()
	f, n := head, 0
	for ; f != nil && !f.fits(r, s.Series, front, back); f = f.next {
		n++
	}
	if f == nil {
		if n >= maxForms || head != nil && head.series != s.Series {
			return false
		}
		if f = newForm[T](s, back, matters); !f.fits(r, s.Series, front, back) {
			return false
		}
		f.next = head
	}
	e := &event[T]{form: f, salt: salt, val: val}
	for _, i := range f.matter {
		v := back[i].Value
		if text, ok := slogattrs.KnownText(&v); ok {
			v = slog.StringValue(strings.Clone(text)) // it may be part of something huge
		}
		e.values = append(e.values, v)
	}
	if first := f.first.Load(); first == nil || c.stale(&first.val) {
		f.first.Store(e)
		if first == nil {
			slot.Store(f)
		}
		return true
	}
	h := c.hash(f, salt, back)
	for i := range uint64(probes) {
		slot := &c.events[(h+i)&uint64(len(c.events)-1)]
		if old := slot.Load(); old == nil || c.stale(&old.val) {
			slot.Store(e)
			return true
		}
	}
	return false
}

func newForm[T any](s *Sample, back []slog.Attr, matters func(key string) (kept string, ok bool)) *form[T] {
	f := &form[T]{series: s.Series, message: MessageMetric, head: &metricHead, kind: s.Value.Kind()}
	if s.Type == TypeTiming {
		f.timing, f.message, f.head, f.kind = true, MessageTiming, &timingHead, slog.KindInt64
	}
	for i := range back {
		key, ok := matters(back[i].Key)
		if !ok {
			key = constant(back[i].Key)
		}
		if ok || key == KeySampleRate {
			f.matter = append(f.matter, i)
		}
		f.keys = append(f.keys, key)
	}
	return f
}

// constant returns a key of ours at the address that it mostly has, and a copy of any other.
func constant(key string) string {
	for _, ours := range timingKeys {
		if key == ours {
			return ours
		}
	}
	return strings.Clone(key)
}
