package console

import (
	"log/slog"
	"sync"

	"github.com/slogtel/telemetry/slogtel"
)

// consoleLine is the room in which one record is rewritten.
type consoleLine struct {
	text   []byte
	attrs  []slog.Attr
	timing slogtel.Timing
	metric slogtel.Metric
}

var consoleLines = sync.Pool{New: func() any { return new(consoleLine) }}

func newConsoleLine() *consoleLine { return consoleLines.Get().(*consoleLine) }

// free gives l back, without what it refers to; one that has grown large is left
// to the garbage collector.
func (l *consoleLine) free() {
	const maxText, maxAttrs = 16 << 10, 256
	if cap(l.text) > maxText || cap(l.attrs)+cap(l.timing.Attrs)+cap(l.metric.Attrs) > maxAttrs {
		return
	}
	l.text = l.text[:0]
	l.attrs = forgotten(l.attrs)
	l.timing = slogtel.Timing{Attrs: forgotten(l.timing.Attrs)}
	l.metric = slogtel.Metric{Attrs: forgotten(l.metric.Attrs)}
	consoleLines.Put(l)
}

func forgotten(attrs []slog.Attr) []slog.Attr {
	clear(attrs)
	return attrs[:0]
}
