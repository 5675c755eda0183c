package event

import (
	"log/slog"
	"slices"
	"sync/atomic"

	"github.com/slogtel/telemetry/internal/slogattrs"
)

// A MetricType says what an event measures. In a record it is a [slog.LogValuer]
// that resolves to its string, so that our records can be told from an app's
// record that happens to have a metric_type.
type MetricType string

const (
	TypeTiming    MetricType = "timing"
	TypeCounter   MetricType = "counter"
	TypeGauge     MetricType = "gauge"
	TypeHistogram MetricType = "histogram"
	TypePlain     MetricType = "" // of Metric: any value, and no metric_type attribute
)

// LogValue returns the type as a string value.
func (m MetricType) LogValue() slog.Value { return slog.StringValue(string(m)) }

// A Series is what is the same for each event of one scope or metric. It is immutable,
// and what metric_type holds in the records of a Telemetry, where it stands for its
// Type: a reporter that has seen the pointer before knows the series without reading or
// hashing a name. There may be several of one path, of different Telemetries for instance.
type Series struct {
	Path, Parent string
	Depth        int
	Type         MetricType
	Unit, Help   string // of an instrument that has them

	id    uint32
	value slog.Value              // of metric_type
	json  *atomic.Pointer[[]byte] // see Head; nil for one that does not come again
}

var seriesCount atomic.Uint32

// NewSeries returns s with an ID. S must not be used any more.
func NewSeries(s Series) *Series {
	s.id = seriesCount.Add(1)
	s.json = new(atomic.Pointer[[]byte])
	return s.prepared()
}

// NewPassingSeries is NewSeries for one that is used once. It has no ID.
func NewPassingSeries(s Series) *Series { return s.prepared() }

func (s Series) prepared() *Series {
	p := &s
	p.value = slog.AnyValue(p)
	return p
}

// ID is a number that no other series of this process has, the next free one, and 0 for
// a series that does not come again.
func (s *Series) ID() uint32 { return s.id }

// Value returns the value of metric_type. S must come from NewSeries.
func (s *Series) Value() slog.Value { return s.value }

// headLength is how many attributes of an event that has a metric_type are those of its series.
const headLength = atType + 1

// Head returns what encode makes of the first n attributes of a record, where these are the
// attributes of its [Series] in the order of the schema; n is 0 for other records. They are encoded
// once: package slogjson is the only one that calls it, with one function.
func Head(r *slog.Record, encode func(attrs []slog.Attr) []byte) (json []byte, n int) {
	if !slogattrs.Known() {
		return nil, 0
	}
	front, _ := slogattrs.Of(r).From(0)
	if len(front) < headLength {
		return nil, 0
	}
	f := (*[headLength]slog.Attr)(front)
	s, ok := slogattrs.KnownBoxed(&f[atType].Value).(*Series)
	if !ok || s == nil || s.json == nil {
		return nil, 0
	}
	path, ok1 := slogattrs.KnownText(&f[atScope].Value)
	parent, ok2 := slogattrs.KnownText(&f[atParent].Value)
	if !ok1 || !ok2 || path != s.Path || parent != s.Parent || !slogattrs.KnownKind(&f[atDepth].Value, slog.KindInt64) ||
		int(slogattrs.KnownNum(&f[atDepth].Value)) != s.Depth || !slogattrs.HasKeys(f[:], timingKeys[:headLength]) {
		return nil, 0
	}
	head := s.json.Load()
	if head == nil {
		b := encode(slices.Clone(f[:])) // not f itself: records stay on the stack
		head = &b
		s.json.Store(head)
	}
	return *head, headLength
}

// LogValue returns the type as a string value.
func (s *Series) LogValue() slog.Value {
	if s == nil {
		return slog.StringValue("")
	}
	return slog.StringValue(string(s.Type))
}

// A Cache finds what a reporter keeps for a series, by the pointer in a record. It holds
// a power of two of series; of two that share a place the last one stays, so that what
// it does not know has to be looked up by name. It is safe for concurrent use. The zero
// Cache holds nothing.
type Cache[T any] struct{ slots []atomic.Pointer[cached[T]] }

type cached[T any] struct {
	series *Series
	val    *T
}

// NewCache returns a cache for so many series, a power of two.
func NewCache[T any](size int) Cache[T] {
	return Cache[T]{make([]atomic.Pointer[cached[T]], size)}
}

// Find returns what was put for s, or nil. S may be nil.
func (c *Cache[T]) Find(s *Series) *T {
	if s == nil || len(c.slots) == 0 {
		return nil
	}
	if e := c.slots[int(s.id)&(len(c.slots)-1)].Load(); e != nil && e.series == s {
		return e.val
	}
	return nil
}

// Put remembers val for s, unless s is nil or does not come again.
func (c *Cache[T]) Put(s *Series, val *T) {
	if s != nil && s.id != 0 && len(c.slots) > 0 {
		c.slots[int(s.id)&(len(c.slots)-1)].Store(&cached[T]{s, val})
	}
}
