package trace

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/spans"
)

// A Result is one trace.
type Result struct {
	TraceID  string    `json:"trace_id"`
	Start    time.Time `json:"start,omitzero"` // of what began first of that which is not inside of anything
	Duration float64   `json:"duration_s"`     // from then to the end of what ended last
	Spans    int       `json:"spans"`
	Failed   int       `json:"failed"`
	Metrics  int       `json:"metrics"`
	Logs     int       `json:"logs"`
	Missing  int       `json:"missing_spans"`      // that others are inside of
	Guessed  int       `json:"placed_by_time"`     // spans and metrics without ids
	Outside  int       `json:"outside_spans"`      // began before the one around them, or after its end
	Same     int       `json:"same_spans"`         // have id and scope in common with another
	Left     int       `json:"left_out,omitempty"` // there was no room for
	Items    []*Item   `json:"items"`              // the tree from top to bottom
	lines    events.Counts
	noIDs    bool // no span has an id
}

// An Item is a line of the tree.
type Item struct {
	Kind         string            `json:"kind"`  // span, missing, metric, log
	Level        int               `json:"level"` // how many it is inside of
	Scope        string            `json:"scope,omitempty"`
	Offset       *float64          `json:"offset_s,omitempty"` // from the start of the trace; absent without a time
	Duration     *float64          `json:"duration_s,omitempty"`
	Self         *float64          `json:"self_s,omitempty"`
	SpanID       string            `json:"span_id,omitempty"`
	ParentSpanID string            `json:"parent_span_id,omitempty"`
	Error        string            `json:"error,omitempty"`
	Canceled     bool              `json:"canceled,omitempty"`
	Parallel     bool              `json:"parallel,omitempty"` // ran at the same time as one before it
	Outside      bool              `json:"outside,omitempty"`
	Guessed      bool              `json:"placed_by_time,omitempty"`
	Type         string            `json:"metric_type,omitempty"`
	Value        json.RawMessage   `json:"value,omitempty"`
	Unit         string            `json:"unit,omitempty"`
	LogLevel     string            `json:"log_level,omitempty"`
	Message      string            `json:"message,omitempty"`
	SampleRate   float64           `json:"sample_rate,omitempty"`
	Attrs        map[string]string `json:"attrs,omitempty"`
	Input        string            `json:"input,omitempty"`
	Line         int64             `json:"line,omitempty"`
	keys         []string          // of Attrs, as they came
	at           time.Time         // of its beginning
	up           *Item
}

func newResult(id string, all []*events.Event, logs []logLine, left int, counts events.Counts) *Result {
	t := spans.Build(all)
	r := &Result{TraceID: id, Spans: len(t.Spans), Missing: t.Missing, Guessed: t.Guessed, Same: t.Same, Left: left,
		Items: []*Item{}, lines: counts, noIDs: true}
	var start, end time.Time
	for _, s := range t.Spans {
		r.noIDs = r.noIDs && s.SpanID == ""
		if s.Failed() {
			r.Failed++
		}
		if s.Timed() && s.Time.After(end) {
			end = s.Time
		}
	}
	for _, s := range t.Top {
		if s.Timed() && (start.IsZero() || s.Start().Before(start)) {
			start = s.Start()
		}
	}
	for _, l := range logs {
		if start.IsZero() || len(t.Spans) == 0 && !l.time.IsZero() && l.time.Before(start) {
			start = l.time
		}
	}
	if r.Start = start; !start.IsZero() {
		r.Duration = max(0, end.Sub(start)).Seconds()
	}
	in := make(map[*spans.Span][]*Item)
	slices.SortStableFunc(logs, func(a, b logLine) int {
		return cmp.Or(a.time.Compare(b.time), cmp.Compare(a.message, b.message), cmp.Compare(a.at.Line, b.at.Line))
	})
	logs = slices.CompactFunc(logs, func(a, b logLine) bool { return a.same(&b) })
	r.Logs = len(logs)
	for _, l := range logs {
		s, guessed := t.Find(l.span, l.time)
		in[s] = append(in[s], logItem(&l, guessed))
	}
	r.add(t, in)
	for _, i := range r.Items {
		if !i.at.IsZero() && !start.IsZero() {
			offset := i.at.Sub(start).Seconds()
			i.Offset = &offset
		}
		if i.Outside {
			r.Outside++
		}
	}
	return r
}

// add lists the tree from top to bottom: what is inside of a span in the order of its times.
func (r *Result) add(t *spans.Tree, logs map[*spans.Span][]*Item) {
	type node struct {
		*Item
		span *spans.Span
	}
	var stack []node
	push := func(up *Item, s *spans.Span, children []*spans.Span, metrics []*events.Event) {
		level := 0
		if up != nil {
			level = up.Level + 1
		}
		var inside []node
		var end time.Time
		for _, c := range children {
			i := spanItem(c)
			i.Parallel = c.Start().Before(end)
			if c.Time.After(end) {
				end = c.Time
			}
			inside = append(inside, node{i, c})
		}
		for _, m := range metrics {
			r.Metrics++
			inside = append(inside, node{metricItem(m), nil})
		}
		for _, l := range logs[s] {
			inside = append(inside, node{l, nil})
		}
		slices.SortStableFunc(inside, func(a, b node) int {
			if a.at.IsZero() != b.at.IsZero() {
				return cmp.Compare(b.at.Unix(), a.at.Unix()) // those without a time last
			}
			return a.at.Compare(b.at)
		})
		for _, n := range slices.Backward(inside) {
			n.Level, n.up = level, up
			stack = append(stack, n)
		}
	}
	push(nil, nil, t.Top, t.Metrics)
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		r.Items = append(r.Items, n.Item)
		if n.span != nil {
			push(n.Item, n.span, n.span.Children, n.span.Metrics)
		}
	}
}

func spanItem(s *spans.Span) *Item {
	i := &Item{Kind: "span", Scope: s.Scope, SpanID: s.SpanID, ParentSpanID: s.ParentSpanID}
	if s.Timed() {
		i.at = s.Start()
	}
	if s.Missing {
		i.Kind = "missing"
		return i
	}
	took, own := s.Duration.Seconds(), s.Self().Seconds()
	i.Duration, i.Self = &took, &own
	i.Error, i.Canceled, i.Guessed, i.Outside = s.Error, s.Canceled, s.Guessed, s.Outside()
	if s.SampleRate < 1 {
		i.SampleRate = s.SampleRate
	}
	i.Attrs, i.keys = events.ByKey(s.Attrs)
	i.Input, i.Line = s.Source.Input, s.Source.Line
	return i
}

func metricItem(e *events.Event) *Item {
	i := &Item{Kind: "metric", Scope: e.Scope, SpanID: e.SpanID, Type: string(e.Type), Unit: e.Unit, Guessed: e.SpanID == "", at: e.Time,
		Input: e.Source.Input, Line: e.Source.Line}
	value, _ := e.Field("value")
	if i.Value = json.RawMessage(value); !e.Numeric && e.Text != "" {
		i.Value = json.RawMessage(e.Text)
	}
	if !json.Valid(i.Value) {
		i.Value, _ = json.Marshal(value)
	}
	if e.SampleRate < 1 {
		i.SampleRate = e.SampleRate
	}
	i.Attrs, i.keys = events.ByKey(e.Attrs)
	return i
}

func logItem(l *logLine, guessed bool) *Item {
	i := &Item{Kind: "log", Scope: l.scope, SpanID: l.span, LogLevel: l.level, Message: l.message, Guessed: guessed, at: l.time,
		Input: l.at.Input, Line: l.at.Line}
	i.Attrs, i.keys = events.ByKey(l.attrs)
	return i
}
