package timeline

import (
	"math"
	"strconv"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/internal/jsonenc"
	"github.com/slogtel/telemetry/slogtel"
)

// The events of the Trace Event Format, as its document has them
// (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU).
//
// Numbers of lanes are unique among all groups, since Perfetto knows a thread by its
// number alone.

// metricsNumber is the number of the process that has the counters.
const metricsNumber = 1

// errorColor is one of the reserved colour names of the viewers
// (https://github.com/catapult-project/catapult/blob/main/tracing/tracing/base/color_scheme.html).
const errorColor = "terrible"

// appendHead appends the members that all events have.
func appendHead(dst []byte, phase byte, name, category string, number int) []byte {
	dst = append(dst, `{"ph":"`...)
	dst = append(dst, phase)
	dst = append(dst, `","name":`...)
	dst = jsonenc.AppendString(dst, name)
	if category != "" {
		dst = append(dst, `,"cat":"`...)
		dst = append(dst, category...)
		dst = append(dst, '"')
	}
	return appendInt(dst, "tid", int64(number))
}

// appendMicros appends a member of ns nanoseconds in microseconds.
//
// A reader that multiplies the number by 1000 and drops the fraction, as Perfetto does,
// would often lose a nanosecond, and with it the nesting. Where that is so a tenth of a
// nanosecond more prevents it.
func appendMicros(dst []byte, key string, ns int64) []byte {
	dst = append(dst, `,"`...)
	dst = append(dst, key...)
	dst = append(dst, `":`...)
	dst = strconv.AppendInt(dst, ns/1000, 10)
	rest := ns % 1000
	if rest == 0 {
		return dst
	}
	dst = append(dst, '.', byte('0'+rest/100), byte('0'+rest/10%10), byte('0'+rest%10))
	if int64(float64(ns)/1000*1000) < ns {
		dst = append(dst, '1')
	}
	return dst
}

func appendInt(dst []byte, key string, v int64) []byte {
	dst = append(dst, `,"`...)
	dst = append(dst, key...)
	dst = append(dst, `":`...)
	return strconv.AppendInt(dst, v, 10)
}

// appendText appends a member, with a comma unless it is the first of its object.
func appendText(dst []byte, key, v string) []byte {
	if v == "" {
		return dst
	}
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	dst = jsonenc.AppendString(dst, key)
	return jsonenc.AppendString(append(dst, ':'), v)
}

// appendScope appends a complete event ("X") for a timing and, where it failed, an
// instant ("i") at its end.
func appendScope(dst []byte, i *item, process, number int, origin int64) []byte {
	category := "scope"
	if i.err != "" {
		category = "scope,error"
	}
	dst = appendHead(dst, 'X', i.scope, category, number)
	dst = appendInt(dst, "pid", int64(process))
	dst = appendMicros(dst, "ts", i.start-origin)
	dst = appendMicros(dst, "dur", i.end-i.start)
	if i.err != "" {
		dst = append(dst, `,"cname":"`+errorColor+`"`...)
	}
	dst = append(dst, `,"args":{`...)
	dst = appendText(dst, slogtel.KeyError, i.err)
	if i.canceled {
		dst = appendText(dst, slogtel.KeyCanceled, "true")
	}
	dst = appendText(dst, slogtel.KeyParentScope, i.parent)
	dst = appendText(dst, slogtel.KeyTraceID, i.trace)
	dst = appendText(dst, slogtel.KeySpanID, i.span)
	dst = appendText(dst, slogtel.KeyParentSpanID, i.parentSpan)
	if i.weight > 1 {
		dst = appendText(dst, "stands for", strconv.FormatFloat(i.weight, 'g', 4, 64)+" calls")
	}
	dst = appendAttrsObject(dst, i.attrs)
	dst = append(dst, "}}"...)
	if i.err == "" {
		return dst
	}
	dst = append(dst, ",\n"...)
	dst = appendHead(dst, 'i', "error: "+i.err, "error", number)
	dst = appendInt(dst, "pid", int64(process))
	dst = appendMicros(dst, "ts", i.end-origin)
	dst = append(dst, `,"s":"t","args":{`...)
	dst = appendText(dst, slogtel.KeyScope, i.scope)
	return append(dst, "}}"...)
}

func appendAttrsObject(dst, attrs []byte) []byte {
	if len(attrs) == 0 {
		return dst
	}
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	dst = append(dst, `"attrs":{`...)
	dst = append(dst, attrs...)
	return append(dst, '}')
}

// appendName appends metadata events ("M") that name and sort a process or a thread.
func appendName(dst []byte, kind, name string, process, number, sort int) []byte {
	dst = appendHead(dst, 'M', kind+"_name", "", number)
	dst = appendInt(dst, "pid", int64(process))
	dst = append(dst, `,"args":{`...)
	dst = appendText(dst, "name", name)
	dst = append(dst, "}},\n"...)
	dst = appendHead(dst, 'M', kind+"_sort_index", "", number)
	dst = appendInt(dst, "pid", int64(process))
	dst = append(dst, `,"args":{"sort_index":`...)
	dst = strconv.AppendInt(dst, int64(sort), 10)
	return append(dst, "}}"...)
}

// A point is a value of one series of a counter.
type point struct {
	series string
	value  float64
}

// sums are the counters so far.
type sums map[string]float64

// points returns what a metric or a summary shows on a counter track.
func (s sums) points(i *item) (name string, list []point) {
	switch {
	case i.kind == events.Metric && i.typ == slogtel.TypeCounter:
		s[i.scope] = finite(s[i.scope] + i.value*i.weight)
		return i.scope, []point{{"sum", s[i.scope]}}
	case i.kind == events.Metric:
		return i.scope, []point{{"value", i.value}}
	case i.totals == nil:
		return "", nil
	}
	t := i.totals
	switch i.typ {
	case slogtel.TypeCounter:
		s[i.scope] = finite(s[i.scope] + t.sum)
		return i.scope, []point{{"sum", s[i.scope]}}
	case slogtel.TypeGauge:
		return i.scope, []point{{"value", t.last}}
	case slogtel.TypeTiming:
		return i.scope + " (ms)", []point{{"p50", finite(t.p50 * 1e3)}, {"p95", finite(t.p95 * 1e3)}, {"p99", finite(t.p99 * 1e3)}}
	}
	return i.scope, []point{{"p50", t.p50}, {"p95", t.p95}, {"p99", t.p99}}
}

// appendMetric appends a counter event ("C"), or an instant for a value that is no number.
func (s sums) appendMetric(dst []byte, i *item, origin int64) []byte {
	if i.kind == events.Metric && !i.numeric {
		dst = appendHead(dst, 'i', i.scope, "metric", metricsNumber)
		dst = appendInt(dst, "pid", metricsNumber)
		dst = appendMicros(dst, "ts", i.start-origin)
		dst = append(dst, `,"s":"p","args":{`...)
		dst = appendText(dst, slogtel.KeyValue, i.text)
		dst = appendAttrsObject(dst, i.attrs)
		return append(dst, "}}"...)
	}
	name, points := s.points(i)
	if len(points) == 0 {
		return dst
	}
	if i.unit != "" {
		name += " (" + i.unit + ")"
	}
	category := "metric"
	switch i.typ {
	case slogtel.TypeCounter, slogtel.TypeGauge, slogtel.TypeHistogram, slogtel.TypeTiming:
		category = string(i.typ)
	}
	dst = appendHead(dst, 'C', name, category, metricsNumber)
	dst = appendInt(dst, "pid", metricsNumber)
	dst = appendMicros(dst, "ts", i.start-origin)
	dst = append(dst, `,"args":{`...)
	for n, p := range points {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = jsonenc.AppendString(dst, p.series)
		dst = jsonenc.AppendFloat(append(dst, ':'), p.value)
	}
	return append(dst, "}}"...)
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
