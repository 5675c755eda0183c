package aggregate

import (
	"log/slog"
	"time"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/slogtel"
)

// A known is where timings like one before are summed up in this interval: those that differ from it in nothing but
// the duration. It is immutable.
type known struct {
	entry  *series.Entry[sums]
	depth  int
	weight float64
	attrs  []slog.Attr
}

const (
	fewSeries = 64 // that an interval has slots for at the least
	maxTries  = 8  // to remember timings of one part of a series
)

// newMemory returns the memory of the interval that follows that of before. It has few slots where there were few
// series: the collector looks at all of them.
func newMemory(before *table) event.Forms[known] {
	n := fewSeries
	if before != nil {
		n = max(n, len(before.List()))
	}
	return event.NewForms(4*n, func(*known) bool { return false })
}

// takeAgain adds r to its series if it is a timing like one before, and returns false for any other, and for one
// that may pass.
func (a *Handler) takeAgain(r *slog.Record) bool {
	c := a.core
	t := c.table.Load()
	if t == nil {
		return false
	}
	k, ns := t.again.Find(r, a.view.Salt())
	if k == nil || c.opts.SlowerThan > 0 && time.Duration(ns) > c.opts.SlowerThan {
		return false
	}
	p := k.entry.Lock()
	if p == nil {
		return false
	}
	p.Val.begin(r.Level, k.attrs)
	p.Val.AddTiming(time.Duration(ns), k.depth, k.weight)
	p.Unlock()
	return true
}

// matters reports whether the value of an attribute does: where it differs, a timing is not like the other.
func (c *aggregator) matters(key string) (kept string, ok bool) {
	if key == slogtel.KeyError {
		return slogtel.KeyError, true
	}
	for _, kept := range c.opts.Keys {
		if key == kept {
			return kept, true
		}
	}
	return "", false
}
