package aggregate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/slogtel"
)

// run is the goroutine of a Handler: it sends the summaries, and is the only one that ends
// an interval. It calls foreign code on goroutines of their own.
func (c *aggregator) run() {
	defer close(c.done)
	ticker := time.NewTicker(c.opts.Interval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			_ = c.send(true) // it has been reported
		case r := <-c.requests:
			err := c.send(true)
			r.done <- errors.Join(err, apart(r.ctx, c.flushNext))
		case ctx := <-c.stop:
			err := c.send(false)
			c.downErr = errors.Join(err, apart(ctx, c.shutdownNext))
			return
		}
	}
}

// send ends the interval, begins another one if more is to come, and sends the summaries.
func (c *aggregator) send(more bool) error {
	end := time.Now()
	var fresh *table
	old := c.table.Load()
	if more {
		fresh = c.newTable(end)
	}
	c.table.Store(fresh)
	all := append(old.Close(), old.overflow.Close()...)
	for _, s := range all {
		s.Close((*sums).merge)
	}
	c.counts.overflowed.Add(overflowed(old))
	var lost loss
	c.unsent.Store(int64(len(all)))
	for len(all) > 0 {
		_ = apart(context.Background(), func(context.Context) error {
			for len(all) > 0 {
				s := all[0]
				all = all[1:]
				c.sendOne(s, old.start, end, &lost)
			}
			return nil
		})
	}
	return c.report(&lost)
}

func overflowed(t *table) (n int64) {
	for _, s := range t.overflow.List() {
		n += s.Val().Events
	}
	return n
}

// sendOne sends a summary and counts the result, even if the next handler ends the goroutine.
func (c *aggregator) sendOne(s *series.Entry[sums], start, end time.Time, lost *loss) {
	defer c.unsent.Add(-1)
	if s.Val().Events == 0 {
		return // the event that made it went into the next interval
	}
	sum := c.summary(s, start, end)
	ctx := context.Background()
	err := errGoexit
	defer func() { c.sent(ctx, s, err, lost) }()
	err = c.handle(ctx, s.View.Next, sum.Record(s.Val().level))
}

func (c *aggregator) sent(ctx context.Context, s *series.Entry[sums], err error, lost *loss) {
	if err == nil {
		c.counts.events.Add(s.Val().Events)
		c.counts.summaries.Add(1)
		return
	}
	c.counts.lost.Add(s.Val().Events)
	lost.summaries++
	lost.events += s.Val().Events
	if lost.first == nil {
		lost.first = err
	}
	if c.opts.OnError != nil {
		_ = guardedCall(ctx, func(ctx context.Context) error {
			c.opts.OnError(ctx, fmt.Errorf("aggregate: lost a summary of %d events of %.128q: %w", s.Val().Events, s.Path, err))
			return nil
		})
	}
}

// loss is what of one interval was not sent.
type loss struct {
	summaries, events int64
	first             error
}

// report returns what was lost as an error, and logs it if there is no OnError.
func (c *aggregator) report(l *loss) error {
	if l.first == nil {
		return nil
	}
	err := fmt.Errorf("aggregate: lost %d summaries of %d events: %w", l.summaries, l.events, l.first)
	if c.opts.OnError == nil {
		_ = apart(context.Background(), func(ctx context.Context) error {
			slog.Default().LogAttrs(ctx, slog.LevelError, "telemetry error", slog.String(slogtel.KeyError, err.Error()))
			return nil
		})
	}
	return err
}
