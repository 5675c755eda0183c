package jsonlines

import (
	"bytes"
	"log/slog"
	"slices"
	"sync"
	"time"

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

	clock, startClock jsonenc.Clock // two, since each remembers one second

	visit func(slog.Attr) bool // attrs.add, bound once
}

var ecsLines = sync.Pool{New: func() any {
	l := &ecsLine{buf: make([]byte, 0, 1024)}
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
func (l *ecsLine) start(h *ecsHandler, r *slog.Record) {
	b := append(l.buf, `{"@timestamp":`...)
	from := len(b)
	t := r.Time
	if t.IsZero() {
		t = time.Now()
	}
	b = appendECSTime(b, &l.clock, t)
	l.stamp = [2]int{from, len(b)}
	b = append(b, `,"log.level":"`...)
	b = append(b, ecsLevel(r.Level)...)
	b = append(b, `","message":`...)
	b = jsonenc.AppendString(b, r.Message)
	l.buf = append(b, h.program...)
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
	b := l.key(key)
	n := len(b)
	l.buf = appendPoint(jsonenc.AppendFloat(b, f), n)
}

// object writes a group whose numbers are to stay numbers.
func (l *ecsLine) object(key string, members []slog.Attr) {
	l.buf = append(l.key(key), '{')
	for i, a := range members {
		if slices.ContainsFunc(members[i+1:], func(b slog.Attr) bool { return a.Key == b.Key }) {
			continue // the last one counts
		}
		switch v := a.Value.Resolve(); v.Kind() {
		case slog.KindGroup:
			l.object(a.Key, v.Group())
		case slog.KindInt64:
			l.int(a.Key, v.Int64())
		default:
			if !l.number(a.Key, v) {
				l.buf = appendECSText(l.key(a.Key), v)
			}
		}
	}
	l.buf = append(l.buf, '}')
}

// appendPoint makes a float of the number at dst[from:].
func appendPoint(dst []byte, from int) []byte {
	if bytes.ContainsAny(dst[from:], ".eE") {
		return dst
	}
	return append(dst, ".0"...)
}

// writeLabels writes the labels and ends the line. It leaves out those of the handler that
// the record has too, and for an ordinary record those that were written elsewhere.
func (l *ecsLine) writeLabels(h *ecsHandler, telemetry bool) {
	own := l.attrs.labels
	seen := distinctLabels(own)
	start := len(l.buf)
	l.buf = append(l.buf, `,"`+ecsLabels+`":{`...)
	empty := len(l.buf)
	for i := range h.bound.labels {
		b := &h.bound.labels[i]
		if b.key == nil || b.field && !telemetry || seen[string(b.key)] || seen == nil && hasLabel(own, b.key) {
			continue
		}
		l.label(b)
	}
	for i := range own {
		if own[i].key != nil {
			l.label(&own[i])
		}
	}
	if len(l.buf) == empty {
		l.buf = l.buf[:start]
	} else {
		l.buf = append(l.buf, '}')
	}
	l.buf = append(l.buf, '}', '\n')
}

func (l *ecsLine) label(a *ecsLabel) {
	b := l.buf
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	b = append(append(b, '"'), a.key...)
	l.buf = append(append(b, '"', ':'), a.value...)
}
