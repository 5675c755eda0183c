package timeline

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/slogtel"
)

// A mark is an event of the Trace Event Format, as its document has them
// (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU).
//
// Numbers of threads, which are lanes, are unique among all processes, since Perfetto knows a thread by its
// number alone.
type mark struct {
	Phase    string  `json:"ph"`
	Name     string  `json:"name"`
	Category string  `json:"cat,omitempty"`
	Thread   int     `json:"tid"`
	Process  int     `json:"pid"`
	Time     *micros `json:"ts,omitempty"`
	Took     *micros `json:"dur,omitempty"`
	Color    string  `json:"cname,omitempty"`
	Reach    string  `json:"s,omitempty"` // of an instant: its thread (t), process (p), or all (g)
	Args     any     `json:"args,omitempty"`
}

// metricsNumber is the number of the process that has the counters.
const metricsNumber = 1

// errorColor is one of the reserved colour names of the viewers
// (https://github.com/catapult-project/catapult/blob/main/tracing/tracing/base/color_scheme.html).
const errorColor = "terrible"

// micros are nanoseconds that are written as microseconds.
//
// A reader that multiplies the number by 1000 and drops the fraction, as Perfetto does,
// would often lose a nanosecond, and with it the nesting. Where that is so a tenth of a
// nanosecond more prevents it.
type micros int64

// MarshalJSON implements [json.Marshaler].
func (m micros) MarshalJSON() ([]byte, error) {
	dst := strconv.AppendInt(nil, int64(m)/1000, 10)
	rest := m % 1000
	if rest == 0 {
		return dst, nil
	}
	dst = append(dst, '.', byte('0'+rest/100), byte('0'+rest/10%10), byte('0'+rest%10))
	if micros(float64(m)/1000*1000) < m {
		dst = append(dst, '1')
	}
	return dst, nil
}

func after(ns, origin int64) *micros {
	m := micros(ns - origin)
	return &m
}

// scopeArgs are what is said of a timing.
type scopeArgs struct {
	Error        string          `json:"error,omitempty"`
	Canceled     bool            `json:"canceled,string,omitempty"`
	Parent       string          `json:"parent_scope,omitempty"`
	TraceID      string          `json:"trace_id,omitempty"`
	SpanID       string          `json:"span_id,omitempty"`
	ParentSpanID string          `json:"parent_span_id,omitempty"`
	StandsFor    string          `json:"stands for,omitempty"`
	Attrs        json.RawMessage `json:"attrs,omitempty"`
}

// scopeMarks are a complete event ("X") for a timing and, where it failed, an
// instant ("i") at its end.
func scopeMarks(i *item, process, number int, origin int64) []*mark {
	args := &scopeArgs{i.err, i.canceled, i.parent, i.trace, i.span, i.parentSpan, "", i.attrs}
	if i.weight > 1 {
		args.StandsFor = strconv.FormatFloat(i.weight, 'g', 4, 64) + " calls"
	}
	m := &mark{
		Phase: "X", Name: i.scope, Category: "scope", Thread: number, Process: process,
		Time: after(i.start, origin), Took: after(i.end, i.start), Args: args,
	}
	if i.err == "" {
		return []*mark{m}
	}
	m.Category, m.Color = "scope,error", errorColor
	return []*mark{m, {
		Phase: "i", Name: "error: " + i.err, Category: "error", Thread: number, Process: process, Time: after(i.end, origin),
		Reach: "t", Args: map[string]string{slogtel.KeyScope: i.scope},
	}}
}

// nameMarks are metadata events ("M") that name and sort a process or a thread.
func nameMarks(kind, name string, process, number, sort int) []*mark {
	return []*mark{
		{Phase: "M", Name: kind + "_name", Thread: number, Process: process, Args: map[string]string{"name": name}},
		{Phase: "M", Name: kind + "_sort_index", Thread: number, Process: process, Args: map[string]int{"sort_index": sort}},
	}
}

// sums are the counters so far.
type sums map[string]float64

// points returns what a metric or a summary shows on a counter track: the values of its series.
func (s sums) points(i *item) (name string, points map[string]float64) {
	switch {
	case i.kind == events.Metric && i.typ == slogtel.TypeCounter:
		s[i.scope] = finite(s[i.scope] + i.value*i.weight)
		return i.scope, map[string]float64{"sum": s[i.scope]}
	case i.kind == events.Metric:
		return i.scope, map[string]float64{"value": i.value}
	case i.totals == nil:
		return "", nil
	}
	t := i.totals
	switch i.typ {
	case slogtel.TypeCounter:
		s[i.scope] = finite(s[i.scope] + t.sum)
		return i.scope, map[string]float64{"sum": s[i.scope]}
	case slogtel.TypeGauge:
		return i.scope, map[string]float64{"value": t.last}
	case slogtel.TypeTiming:
		return i.scope + " (ms)", map[string]float64{"p50": finite(t.p50 * 1e3), "p95": finite(t.p95 * 1e3), "p99": finite(t.p99 * 1e3)}
	}
	return i.scope, map[string]float64{"p50": t.p50, "p95": t.p95, "p99": t.p99}
}

// metricMark is a counter event ("C"), an instant for a value that is no number, or nil for nothing to show.
func (s sums) metricMark(i *item, origin int64) *mark {
	m := &mark{Name: i.scope, Category: "metric", Thread: metricsNumber, Process: metricsNumber, Time: after(i.start, origin)}
	if i.kind == events.Metric && !i.numeric {
		m.Phase, m.Reach = "i", "p"
		m.Args = &struct {
			Value string          `json:"value,omitempty"`
			Attrs json.RawMessage `json:"attrs,omitempty"`
		}{i.text, i.attrs}
		return m
	}
	name, points := s.points(i)
	if points == nil {
		return nil
	}
	m.Phase, m.Name, m.Args = "C", name, points
	if i.unit != "" {
		m.Name += " (" + i.unit + ")"
	}
	switch i.typ {
	case slogtel.TypeCounter, slogtel.TypeGauge, slogtel.TypeHistogram, slogtel.TypeTiming:
		m.Category = string(i.typ)
	}
	return m
}

// span returns the first and the last moment of the picture.
func span(items []*item) (first, last int64) {
	if len(items) == 0 {
		return 0, 0
	}
	first, last = items[0].start, math.MinInt64
	for _, i := range items {
		last = max(last, i.end)
	}
	return first, last
}
