package event

import (
	"log/slog"
	"sync"
)

// Where events are decoded to. What is put back holds nothing of the event.
var (
	timings = sync.Pool{New: func() any { return new(Timing) }}
	metrics = sync.Pool{New: func() any { return new(Metric) }}
)

// NewTiming returns an empty Timing to decode into, which [FreeTiming] lets others use.
func NewTiming() *Timing { return timings.Get().(*Timing) }

// NewMetric returns an empty Metric to decode into, which [FreeMetric] lets others use.
func NewMetric() *Metric { return metrics.Get().(*Metric) }

// FreeTiming ends the use of t and of its attributes.
func FreeTiming(t *Timing) {
	*t = Timing{Attrs: emptied(t.Attrs)}
	timings.Put(t)
}

// FreeMetric ends the use of m and of its attributes.
func FreeMetric(m *Metric) {
	*m = Metric{Attrs: emptied(m.Attrs)}
	metrics.Put(m)
}

// maxPooledAttrs is the most space for attributes that is kept for later events.
const maxPooledAttrs = 64

func emptied(attrs []slog.Attr) []slog.Attr {
	if cap(attrs) > maxPooledAttrs {
		return nil
	}
	attrs = attrs[:cap(attrs)] // Decode may have used more of it than it returns
	clear(attrs)
	return attrs[:0]
}
