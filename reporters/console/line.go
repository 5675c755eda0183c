package console

import (
	"log/slog"
	"sync"

	"github.com/slogtel/telemetry/slogtel"
)

// A line is the scratch space in which one record is rewritten.
type line struct {
	text   []byte
	attrs  []slog.Attr
	timing slogtel.Timing
	metric slogtel.Metric
}

var lines = sync.Pool{New: func() any { return new(line) }}

func newLine() *line { return lines.Get().(*line) }

// free returns l to the pool, emptied. One that has grown large is left to the garbage
// collector.
func (l *line) free() {
	const maxText, maxAttrs = 16 << 10, 256
	if cap(l.text) > maxText || cap(l.attrs)+cap(l.timing.Attrs)+cap(l.metric.Attrs) > maxAttrs {
		return
	}
	l.text = l.text[:0]
	l.attrs = forgotten(l.attrs)
	l.timing = slogtel.Timing{Attrs: forgotten(l.timing.Attrs)}
	l.metric = slogtel.Metric{Attrs: forgotten(l.metric.Attrs)}
	lines.Put(l)
}

func forgotten(attrs []slog.Attr) []slog.Attr {
	clear(attrs)
	return attrs[:0]
}
