package async

import (
	"log/slog"
	"time"
)

// Stats counts what became of the records offered to a [Handler] and all that are derived
// from it. At any time each record is either among Queued, among Handled, or one of the
// losses, which [Stats.Dropped] adds up.
type Stats struct {
	Queued  int64 // waiting, or in the hands of the next handler
	Handled int64 // by the next handler, without an error

	Full      int64 // dropped, new or old, because the queue was full
	Failed    int64 // the next handler returned an error
	Panicked  int64 // the next handler panicked, or called runtime.Goexit
	Reentrant int64 // dropped, because the next handler makes a record for each that it handles
	Shutdown  int64 // offered after Shutdown, or given up by it

	HighWater int   // most records that ever waited
	LastError error // of the next handler; nil if there was none
}

// Dropped returns the number of records lost, for whatever reason.
func (s Stats) Dropped() int64 {
	return s.Full + s.Failed + s.Panicked + s.Reentrant + s.Shutdown
}

// Stats returns the counts so far. It waits for nothing.
func (a *Handler) Stats() Stats {
	q := a.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.losses()
	handled := q.handled.Load()
	return Stats{
		Queued:  q.accepted - q.evicted - q.lost - handled - l.failed - l.panicked,
		Handled: handled,
		Full:    l.full, Failed: l.failed, Panicked: l.panicked, Reentrant: l.reentrant, Shutdown: l.shutdown,
		HighWater: q.highWater, LastError: q.lastError,
	}
}

// losses are counts of lost records, by reason.
type losses struct {
	full, failed, panicked, reentrant, shutdown int64
}

// losses returns those so far. With mu held.
func (q *queue) losses() losses {
	return losses{
		full: q.full + q.evicted, failed: q.failed.Load(), panicked: q.panicked.Load(),
		reentrant: q.reentrant, shutdown: q.late + q.lost,
	}
}

func (l losses) dropped() int64 {
	return l.full + l.failed + l.panicked + l.reentrant + l.shutdown
}

func (l losses) minus(m losses) losses {
	return losses{l.full - m.full, l.failed - m.failed, l.panicked - m.panicked, l.reentrant - m.reentrant, l.shutdown - m.shutdown}
}

func (l losses) record() slog.Record {
	r := slog.NewRecord(time.Now(), slog.LevelWarn, MessageDropped, 0)
	r.AddAttrs(
		slog.Int64("dropped", l.dropped()),
		slog.Int64("full", l.full),
		slog.Int64("failed", l.failed),
		slog.Int64("panicked", l.panicked),
		slog.Int64("reentrant", l.reentrant),
		slog.Int64("shutdown", l.shutdown))
	return r
}
