package timeline

import (
	"cmp"
	"math"
	"strings"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
	"github.com/slogtel/telemetry/internal/jsonenc"
	"github.com/slogtel/telemetry/slogtel"
)

// What is kept of an event is bounded.
const (
	maxName  = 512 // bytes of a scope, an error or a value that is not a number
	maxID    = 64  // bytes of an id: twice those of a trace id
	maxAttrs = 512 // bytes of the attributes, as JSON
)

// An item is what is kept of an event. Times are nanoseconds since 1970.
type item struct {
	kind                    events.Kind
	start, end              int64 // the same unless it is a timing
	scope, parent           string
	depth                   int
	typ                     slogtel.MetricType
	weight                  float64 // how many events it stands for
	trace, span, parentSpan string
	err                     string
	canceled                bool
	unit                    string
	value                   float64
	numeric                 bool
	text                    string
	totals                  *totals
	attrs                   []byte // a JSON object
	source                  events.Position
}

// totals are what is shown of a summary.
type totals struct{ count, sum, p50, p95, p99, last float64 }

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
	i := &item{
		kind: e.Kind, start: start, end: end,
		scope: cmp.Or(clip(e.Scope, maxName), "(no name)"), parent: clip(e.Parent, maxName), depth: e.Depth, typ: e.Type, weight: e.Weight(),
		trace: text.Clip(e.TraceID, maxID), span: text.Clip(e.SpanID, maxID), parentSpan: text.Clip(e.ParentSpanID, maxID),
		err: text.Clip(e.Error, maxName), canceled: e.Canceled, unit: clip(e.Unit, maxID), value: e.Value, numeric: e.Numeric, text: text.Clip(e.Text, maxName),
		attrs: attrsOf(e.Attrs), source: e.Source,
	}
	if t := e.Totals; t != nil {
		i.totals = &totals{float64(t.Count), t.Sum, t.P50, t.P95, t.P99, t.Last}
	}
	return i
}

// clip shortens s, which may go on being shared.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
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
		cmp.Compare(a.depth, b.depth),
		cmp.Compare(a.source.Input, b.source.Input),
		cmp.Compare(b.source.Line, a.source.Line), // scopes that enclose others end, and are written, after them
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
