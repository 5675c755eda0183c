package async

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/slogtel/telemetry/internal/forward"
	"github.com/slogtel/telemetry/internal/retain"
	"github.com/slogtel/telemetry/scope"
)

// A worker is the state of the goroutine that empties the queue. It outlives the
// goroutine: a handler that calls runtime.Goexit ends that, and another one goes on.
type worker struct {
	chunk *chunk // whose items[from:to] are yet to be begun; nil for none
	pos   int64  // position of the next item

	timer *time.Timer
	naps  int // taken since there was something to do

	told     Stats     // the losses that were reported
	tellNext time.Time // not before
	toldLast bool      // there will be no other

	id atomic.Uint64 // of the goroutine
}

// While records come the worker sleeps for a nap at a time, for which the app need not
// wake it; when there were none for some naps, it sleeps until it is woken.
const (
	nap     = time.Millisecond
	maxNaps = 8
)

func (q *queue) work() {
	ended := false
	defer func() {
		if !ended {
			go q.work()
		}
	}()
	q.worker.id.Store(goroutineID())
	for q.step() {
	}
	q.shutdownNext()
	ended = true
	close(q.done)
}

// step handles a chunk of items, or waits until there may be some. It returns false when
// there will be no more.
func (q *queue) step() bool {
	w := &q.worker
	for w.chunk != nil && w.chunk.from < w.chunk.to {
		if q.claimed.Add(1) >= abandoned {
			break
		}
		it := &w.chunk.items[w.chunk.from]
		w.chunk.from++
		w.pos++
		q.handle(it)
		flushing := q.flushing.Load() > 0
		if flushing || q.gather.full() {
			_ = q.writeGathered()
		}
		if flushing {
			q.flushUpTo(w.pos)
		}
	}
	_ = q.writeGathered() // counted

	q.mu.Lock()
	if w.chunk != nil {
		q.recycle(w.chunk)
	}
	w.pos = q.accepted - int64(q.n)
	w.chunk = q.take()
	losses, last := q.losses(), q.closed && w.chunk == nil
	limit := time.Duration(0)
	if q.wakeAt = neverWake; w.chunk == nil && !last {
		limit = q.rest()
	}
	q.mu.Unlock()

	if q.flushing.Load() > 0 {
		q.flushUpTo(w.pos)
	}
	due := q.tell(losses, last)
	switch {
	case last:
		return false
	case w.chunk != nil:
		w.naps = 0
	default:
		if due > 0 && (limit == 0 || due < limit) {
			limit = due
		}
		q.sleep(limit)
	}
	return true
}

// rest says for how long the worker may sleep, 0 for no limit, and sets when it is to be
// woken earlier: with mu held, so that no record slips in between.
func (q *queue) rest() time.Duration {
	if q.worker.naps >= maxNaps {
		q.wakeAt = 1
		return 0
	}
	q.wakeAt = max(1, q.opts.Size/4)
	return nap
}

func (q *queue) sleep(limit time.Duration) {
	w := &q.worker
	if limit == 0 {
		<-q.wake
		w.naps = 0
		return
	}
	if w.timer == nil {
		w.timer = time.NewTimer(limit)
	} else {
		w.timer.Reset(limit)
	}
	select {
	case <-q.wake:
		w.timer.Stop()
		w.naps = 0
	case <-w.timer.C:
		w.naps = min(w.naps+1, maxNaps)
	}
}

// errGoexit stands for a handler that ended the worker's goroutine.
var errGoexit = errors.New("panic: the handler called runtime.Goexit")

// handle hands an item to its handler, and counts what comes of it.
func (q *queue) handle(it *item) {
	ctx := retain.Context(it.ctx) // on the worker, since it allocates
	err, panicked := errGoexit, true
	defer func() {
		if v := recover(); v != nil {
			err = forward.PanicError(v)
		}
		*it = item{}
		if err == nil && q.gather != nil {
			q.gather.records++
			return
		}
		q.count(ctx, 1, err, panicked)
	}()
	if it.started {
		it.record.Attrs(func(a slog.Attr) bool {
			it.next.(forward.ScopeWatcher).ScopeStarted(ctx, *a.Value.Any().(*scope.Info))
			return true
		})
		err = nil
	} else {
		err = it.next.Handle(ctx, it.record.Clone()) // the caller's record has the same spare capacity
	}
	panicked = false
}

// count counts the end of n items, and reports what went wrong.
func (q *queue) count(ctx context.Context, n int64, err error, panicked bool) {
	switch {
	case err == nil:
		q.handled.Add(n)
		return
	case panicked:
		q.panicked.Add(n)
	default:
		q.failed.Add(n)
	}
	q.report(ctx, err)
}

// report keeps err for Stats and tells OnError.
func (q *queue) report(ctx context.Context, err error) {
	q.mu.Lock()
	q.lastError = err
	q.mu.Unlock()
	if q.opts.OnError == nil {
		return
	}
	defer func() { _ = recover() }() // the last thing that may hurt the app
	q.opts.OnError(ctx, err)
}

// tell hands the next handler a record of the losses since the last one, if it is time.
// It returns how long it is until then, 0 if there is nothing to tell.
func (q *queue) tell(now Stats, last bool) time.Duration {
	w := &q.worker
	new := now.since(w.told)
	if new.Dropped() == 0 || q.opts.ReportInterval < 0 || w.toldLast {
		return 0
	}
	if due := time.Until(w.tellNext); due > 0 && !last {
		return due
	}
	w.toldLast = last
	w.tellNext = time.Now().Add(q.opts.ReportInterval)
	ctx := context.Background()
	told, err := false, errGoexit
	defer func() {
		if v := recover(); v != nil {
			err = forward.PanicError(v)
		}
		if told && err == nil {
			w.told = now
			return
		}
		q.report(ctx, err)
	}()
	if err = nil; q.root.Enabled(ctx, slog.LevelWarn) {
		err = errors.Join(q.root.Handle(ctx, new.record()), q.writeGathered())
	}
	told = true
	return 0
}
