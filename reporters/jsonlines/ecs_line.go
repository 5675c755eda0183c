package jsonlines

import (
	"bytes"
	"log/slog"
	"sync"

	"github.com/slogtel/telemetry/internal/jsonenc"
	"github.com/slogtel/telemetry/slogtel"
)

// An ecsLine is the scratch space in which one line is made.
type ecsLine struct {
	buf    []byte
	stamp  [2]int // where in buf @timestamp has its value
	timing slogtel.Timing
	metric slogtel.Metric
	attrs  ecsAttrs

	clock, startClock jsonenc.Clock // two, since each remembers one second; with nine digits

	visit func(slog.Attr) bool // attrs.add, bound once
}

var ecsLines = sync.Pool{New: func() any {
	l := &ecsLine{buf: make([]byte, 0, 1024)}
	l.clock.Fixed, l.startClock.Fixed = true, true
	l.attrs.text = make([]byte, 0, 512)
	l.visit = l.attrs.add
	return l
}}

func (l *ecsLine) release() {
	if cap(l.buf) > maxPooledLine || cap(l.attrs.text) > maxPooledLine || cap(l.attrs.labels) > 1024 {
		return
	}
	l.buf = l.buf[:0]
	clear(l.timing.Attrs) // the caller's values are not ours to keep
	clear(l.metric.Attrs)
	l.timing = slogtel.Timing{Attrs: l.timing.Attrs[:0]}
	l.metric = slogtel.Metric{Attrs: l.metric.Attrs[:0]}
	l.attrs.reset()
	ecsLines.Put(l)
}

// start writes what every line begins with.
func (l *ecsLine) start(e *ecs, r *slog.Record) {
	b := append(l.buf, `{"@timestamp":`...)
	from := len(b)
	b = l.clock.AppendTime(b, utc(timeOf(r)))
	l.stamp = [2]int{from, len(b)}
	b = append(b, `,"log.level":"`...)
	b = append(b, levelName(r.Level)...)
	b = append(b, `","message":`...)
	b = jsonenc.AppendString(b, r.Message)
	l.buf = append(b, e.program...)
}

// token writes a member at the root, unless it is absent.
func (l *ecsLine) token(name string, value []byte) {
	if value != nil {
		l.buf = append(jsonenc.AppendKey(append(l.buf, ','), name), value...)
	}
}

// openNamespace opens our object; the methods below write its members.
func (l *ecsLine) openNamespace() {
	l.buf = append(l.buf, `,"`+ecsNamespace+`":{`...)
}

// closeNamespace also writes the level, if log.level does not name it exactly.
func (l *ecsLine) closeNamespace(level slog.Level) {
	if !named(level) {
		l.int(slog.LevelKey, int64(level))
	}
	l.buf = append(l.buf, '}')
}

// key writes the key of a member and returns the buffer for its value.
func (l *ecsLine) key(name string) []byte {
	b := l.buf
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	return jsonenc.AppendKey(b, name)
}

func (l *ecsLine) text(key, v string) {
	l.buf = jsonenc.AppendString(l.key(key), v)
}

func (l *ecsLine) int(key string, v int64) {
	l.buf = jsonenc.AppendInt(l.key(key), v)
}

// float writes a float that an index takes for one: 12.0, not 12. It must be finite.
func (l *ecsLine) float(key string, f float64) {
	l.buf, _ = appendNumber(l.key(key), slog.Float64Value(f))
}

func (l *ecsLine) truth(key string) {
	l.buf = append(l.key(key), "true"...)
}

// appendNumber appends v as a float, and reports whether it is a number that can be.
func appendNumber(dst []byte, v slog.Value) ([]byte, bool) {
	n := len(dst)
	switch v.Kind() {
	case slog.KindFloat64:
		if f := v.Float64(); f-f == 0 { // not so for NaN and Inf
			return appendPoint(jsonenc.AppendFloat(dst, f), n), true
		}
	case slog.KindInt64, slog.KindUint64, slog.KindDuration:
		return append(jsonenc.AppendValue(dst, v), ".0"...), true
	case slog.KindAny:
		// A named type may be a number too, and its JSON tells.
		b := jsonenc.AppendAny(dst, v.Any())
		if b[n] == '-' || '0' <= b[n] && b[n] <= '9' {
			return appendPoint(b, n), true
		}
	}
	return dst, false
}

// appendPoint makes a float of the number at dst[from:].
func appendPoint(dst []byte, from int) []byte {
	if bytes.ContainsAny(dst[from:], ".eE") {
		return dst
	}
	return append(dst, ".0"...)
}

// finish ends the line of an event, with the attributes that are not ours.
func (l *ecsLine) finish(o *other, level slog.Level, others []slog.Attr) {
	l.closeNamespace(level)
	for _, attrs := range [...][]slog.Attr{o.bound.Attrs(), others} {
		for _, a := range attrs {
			l.attrs.add(a)
		}
	}
	l.writeLabels()
}

// writeLabels writes the labels and ends the line.
func (l *ecsLine) writeLabels() {
	labels := l.attrs.labels
	forgetDoubles(labels)
	start := len(l.buf)
	l.buf = append(l.buf, `,"`+ecsLabels+`":{`...)
	empty := len(l.buf)
	for i := range labels {
		if a := &labels[i]; a.key != nil {
			b := l.buf
			if len(b) > empty {
				b = append(b, ',')
			}
			b = append(append(b, '"'), a.key...)
			l.buf = append(append(b, '"', ':'), a.value...)
		}
	}
	if len(l.buf) == empty {
		l.buf = l.buf[:start]
	} else {
		l.buf = append(l.buf, '}')
	}
	l.buf = append(l.buf, '}', '\n')
}
