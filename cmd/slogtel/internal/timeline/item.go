package timeline

import (
	"cmp"
	"math"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
	"github.com/slogtel/telemetry/internal/jsonenc"
)

// What is kept of an event is bounded.
const (
	maxName  = 512 // bytes of a scope, an error or a value that is not a number
	maxID    = 64  // bytes of an id: twice those of a trace id
	maxAttrs = 512 // bytes of the attributes, as JSON
)

// An item is what is kept of an event. Times are nanoseconds since 1970.
type item struct {
	events.Event       // with short texts; Attrs is nil, and Totals has no sketch
	start, end   int64 // the same unless it is a timing
	weight       float64
	attrs        []byte // a JSON object
}

// begins returns when e begins and ends. It reports false where e has no time, or one
// before 1970 or after 2262.
func begins(e *events.Event) (start, end int64, ok bool) {
	if year := e.Time.Year(); year < 1970 || year > 2261 {
		return 0, 0, false
	}
	end = e.Time.UnixNano()
	if e.Kind != events.Timing {
		return end, end, true
	}
	return end - min(max(int64(e.Duration), 0), end), end, true
}

func newItem(e *events.Event, start, end int64) *item {
	i := &item{*e, start, end, e.Weight(), attrsOf(e.Attrs)}
	i.Scope, i.Parent, i.Unit = cmp.Or(text.Short(e.Scope, maxName), "(no name)"), text.Short(e.Parent, maxName), text.Short(e.Unit, maxID)
	i.TraceID, i.SpanID, i.ParentSpanID = text.Clip(e.TraceID, maxID), text.Clip(e.SpanID, maxID), text.Clip(e.ParentSpanID, maxID)
	i.Error, i.Text, i.Attrs = text.Clip(e.Error, maxName), text.Clip(e.Text, maxName), nil
	if e.Totals != nil {
		t := *e.Totals
		i.Totals, t.Sketch = &t, nil
	}
	return i
}

// attrsOf is a JSON object of as many attributes as there is room for; nil for none.
func attrsOf(attrs []events.Attr) []byte {
	var dst []byte
	comma := byte('{')
	add := func(key string) {
		dst = append(jsonenc.AppendString(append(dst, comma), key), ':')
		comma = ','
	}
	for n, a := range attrs {
		if len(dst)+len(a.Key)+len(a.Value) > maxAttrs {
			add("attributes left out")
			return append(jsonenc.AppendInt(dst, int64(len(attrs)-n)), '}')
		}
		add(a.Key)
		dst = jsonenc.AppendString(dst, a.Value)
	}
	if dst == nil {
		return nil
	}
	return append(dst, '}')
}

// compare orders items by their start. What encloses others comes before them.
func compare(a, b *item) int {
	return cmp.Or(
		cmp.Compare(a.start, b.start),
		cmp.Compare(b.end, a.end),
		cmp.Compare(a.Depth, b.Depth),
		cmp.Compare(a.Source.Input, b.Source.Input),
		cmp.Compare(b.Source.Line, a.Source.Line), // scopes that enclose others end, and are written, after them
	)
}

func clock(ns int64) time.Time { return time.Unix(0, ns).UTC() }

// finite is v, or the largest number there is.
func finite(v float64) float64 {
	if v != v {
		return 0
	}
	return min(max(v, -math.MaxFloat64), math.MaxFloat64)
}
