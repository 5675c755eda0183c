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
	s := q.losses()
	s.Handled = q.handled.Load()
	s.Queued = q.accepted - q.evicted - q.lost - s.Handled - s.Failed - s.Panicked
	s.HighWater, s.LastError = q.highWater, q.lastError
	return s
}

// losses returns those so far, and nothing else. With mu held.
func (q *queue) losses() Stats {
	return Stats{
		Full: q.full + q.evicted, Failed: q.failed.Load(), Panicked: q.panicked.Load(),
		Reentrant: q.reentrant, Shutdown: q.late + q.lost,
	}
}

// since returns the losses of s that are not among those of old.
func (s Stats) since(old Stats) Stats {
	return Stats{
		Full: s.Full - old.Full, Failed: s.Failed - old.Failed, Panicked: s.Panicked - old.Panicked,
		Reentrant: s.Reentrant - old.Reentrant, Shutdown: s.Shutdown - old.Shutdown,
	}
}

// record returns the record that tells of the losses.
func (s Stats) record() slog.Record {
	r := slog.NewRecord(time.Now(), slog.LevelWarn, MessageDropped, 0)
	r.AddAttrs(
		slog.Int64("dropped", s.Dropped()),
		slog.Int64("full", s.Full),
		slog.Int64("failed", s.Failed),
		slog.Int64("panicked", s.Panicked),
		slog.Int64("reentrant", s.Reentrant),
		slog.Int64("shutdown", s.Shutdown))
	return r
}
