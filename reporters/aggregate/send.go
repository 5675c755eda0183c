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
		fresh = c.newTable(end, old)
	}
	c.table.Store(fresh)
	all := append(old.Close(), old.overflow.Close()...)
	for _, s := range all {
		s.Close((*sums).merge)
	}
	c.counts.overflowed.Add(overflowed(old))
	var lost loss
	c.unsent.Store(int64(len(all)))
	for _, s := range all {
		c.sendOne(s, old.start, end, &lost)
	}
	return c.report(&lost)
}

func overflowed(t *table) (n int64) {
	for _, s := range t.overflow.List() {
		n += s.Val().Events
	}
	return n
}

// sendOne sends a summary and counts the result.
func (c *aggregator) sendOne(s *series.Entry[sums], start, end time.Time, lost *loss) {
	defer c.unsent.Add(-1)
	events := s.Val().Events
	if events == 0 {
		return // the event that made it went into the next interval
	}
	sum := c.summary(s, start, end)
	err := apart(context.Background(), func(ctx context.Context) error {
		return c.handle(ctx, s.View.Next, sum.Record(s.Val().level))
	})
	if err == nil {
		c.counts.events.Add(events)
		c.counts.summaries.Add(1)
		return
	}
	c.counts.lost.Add(events)
	lost.summaries++
	lost.events += events
	if lost.first == nil {
		lost.first = err
	}
	if c.opts.OnError != nil {
		_ = apart(context.Background(), func(ctx context.Context) error {
			c.opts.OnError(ctx, fmt.Errorf("aggregate: lost a summary of %d events of %.128q: %w", events, s.Path, err))
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
