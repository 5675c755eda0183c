package async

import (
	"context"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

const (
	checkEvery = 256         // accepted records: one of so many is checked for being the worker's own
	neverWake  = math.MaxInt // more than any n
)

// A queue is what a Handler and all derived from it share. Lock order: mu is a leaf,
// and no foreign code runs under it.
type queue struct {
	opts   Options
	root   slog.Handler
	gather *gather // nil: the next handler's lines are not gathered

	mu      sync.Mutex
	first   *chunk // of a list; nil if n is 0
	last    *chunk
	free    *chunk        // of a list of empty ones
	n       int           // items that wait
	wakeAt  int           // the n at which the worker is to be woken
	room    chan struct{} // closed when places became free; nil when nobody waits
	closed  bool
	flushes []*flushCall
	// Of the records offered. A record's position is the value of accepted before it.
	accepted, evicted, full, reentrant, late, lost int64
	highWater                                      int
	lastError                                      error

	wake   chan struct{} // holds one token
	refuse atomic.Bool   // closed, or full when a record came: look before keeping one
	loops  atomic.Bool   // the next handler was seen to log back

	// Written by the worker.
	claimed                   atomic.Int64 // items begun; abandoned is a bit in it
	handled, failed, panicked atomic.Int64
	flushing                  atomic.Int64 // len(flushes)
	worker                    worker
	done                      chan struct{} // closed by the worker when all is over

	down down
}

// abandoned, in claimed, says that no more items may be begun.
const abandoned = 1 << 62

func newQueue(root slog.Handler, o Options) *queue {
	q := &queue{opts: o, wakeAt: neverWake,
		wake: make(chan struct{}, 1), done: make(chan struct{})}
	q.root, q.gather = gathering(root)
	q.worker.naps = maxNaps
	q.down.done = make(chan struct{})
	return q
}

// put queues a record or says why it does not.
func (q *queue) put(next slog.Handler, ctx context.Context, r *slog.Record, started bool) error {
	q.mu.Lock()
	if q.closed || q.n == q.opts.Size || q.wakeAt == neverWake && (q.accepted%checkEvery == checkEvery-1 || q.loops.Load()) {
		if err := q.makeRoom(); err != nil {
			q.mu.Unlock()
			return err
		}
	}
	c := q.last
	if c == nil || c.to == len(c.items) {
		c = q.addChunk()
	}
	it := &c.items[c.to]
	c.to++
	it.next, it.ctx, it.record, it.started = next, ctx, *r, started
	q.n++
	q.accepted++
	if q.n > q.highWater {
		q.highWater = q.n
	}
	wake := q.n >= q.wakeAt
	if wake {
		q.wakeAt = neverWake
	}
	q.mu.Unlock()
	if wake {
		q.wakeUp()
	}
	return nil
}

func (q *queue) wakeUp() {
	select {
	case q.wake <- struct{}{}:
	default: // there is a token already
	}
}

// makeRoom is the slow path of put: the queue is closed or full, or the caller may be
// the worker itself. It returns nil when there is room. It is called with mu held, and
// may release it meanwhile.
func (q *queue) makeRoom() error {
	if q.wakeAt == neverWake && (q.accepted%checkEvery == checkEvery-1 || q.loops.Load() ||
		q.n == q.opts.Size && q.opts.Policy == BlockThenDrop) && !q.closed {
		q.mu.Unlock()
		own := q.onWorker()
		q.mu.Lock()
		if own {
			q.loops.Store(true)
			q.reentrant++
			return ErrReentrant
		}
	}
	if q.n == q.opts.Size && !q.closed {
		switch q.opts.Policy {
		case DropOldest:
			q.evict()
			return nil
		case BlockThenDrop:
			q.waitForRoom()
		}
	}
	return q.refused()
}

// waitForRoom returns when there is room, the queue is closed, or time is up. It is
// called with mu held and releases it meanwhile.
func (q *queue) waitForRoom() {
	timer := time.NewTimer(q.opts.MaxWait)
	defer timer.Stop()
	for late := false; !late && !q.closed && q.n == q.opts.Size; {
		if q.room == nil {
			q.room = make(chan struct{})
		}
		room := q.room
		q.mu.Unlock()
		select {
		case <-room:
		case <-timer.C:
			late = true
		}
		q.mu.Lock()
	}
}

// freed tells those who wait that there is room. With mu held.
func (q *queue) freed() {
	if q.room != nil {
		close(q.room)
		q.room = nil
	}
}

// refuses returns the error for a record that cannot be queued, and counts it. It looks
// without the lock first: a queue that stands full must not cost the app the keeping of
// records that are dropped then.
func (q *queue) refuses() error {
	if !q.refuse.Load() {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed && q.opts.Policy != DropNewest {
		return nil
	}
	return q.refused()
}

// refused returns the error for a record that cannot be queued now, and counts it. With mu held.
func (q *queue) refused() error {
	switch {
	case q.closed:
		q.late++
		return ErrShutdown
	case q.n == q.opts.Size:
		q.full++
		q.refuse.Store(true)
		return ErrFull
	}
	return nil
}
