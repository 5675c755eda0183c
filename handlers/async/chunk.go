package async

import (
	"context"
	"log/slog"
)

// An item is a place in the queue.
type item struct {
	next    slog.Handler
	ctx     context.Context
	record  slog.Record
	started bool // no record: its attribute is the scope.Info of a scope that started
}

// A chunk is a piece of the queue: items[from:to] wait. The worker takes it whole, so
// that no item is copied, or cleared, while callers wait for the lock.
type chunk struct {
	items    []item
	from, to int
	next     *chunk
}

// maxChunk is how many items there are in a chunk, at the most.
const maxChunk = 64

// addChunk adds an empty chunk to the end. With mu held.
func (q *queue) addChunk() *chunk {
	c := q.free
	if c == nil {
		c = &chunk{items: make([]item, max(1, min(maxChunk, q.opts.Size/8)))}
	} else {
		q.free, c.next = c.next, nil
	}
	if q.last == nil {
		q.first = c
	} else {
		q.last.next = c
	}
	q.last = c
	return c
}

// evict drops the oldest item. With mu held, and the queue full.
func (q *queue) evict() {
	c := q.first
	c.items[c.from] = item{}
	c.from++
	q.n--
	q.evicted++
	if c.from == len(c.items) {
		q.cut()
		q.recycle(c)
	}
}

// cut takes the first chunk off. With mu held.
func (q *queue) cut() *chunk {
	c := q.first
	if q.first = c.next; q.first == nil {
		q.last = nil
	}
	c.next = nil
	return c
}

// recycle puts a chunk whose items are clear among the free ones. With mu held.
func (q *queue) recycle(c *chunk) {
	if q.closed {
		return
	}
	c.from, c.to = 0, 0
	c.next, q.free = q.free, c
}

// take returns the first chunk, or nil. With mu held.
func (q *queue) take() *chunk {
	if q.first == nil {
		return nil
	}
	c := q.cut()
	q.n -= c.to - c.from
	if !q.closed {
		q.refuse.Store(false)
		q.freed()
	}
	return c
}
