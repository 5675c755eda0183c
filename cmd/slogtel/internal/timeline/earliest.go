package timeline

import (
	"container/heap"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

// earliest keeps those events that begin first, up to a limit, in whatever order they
// come. Its sinks may be used concurrently.
type earliest struct {
	limit int
	last  atomic.Int64 // when full, what begins after this is left out

	mu    sync.Mutex
	items latestFirst
	sinks []*sink
}

func newEarliest(limit int) *earliest {
	k := &earliest{limit: limit}
	k.last.Store(math.MaxInt64)
	return k
}

// A sink is for one goroutine.
type sink struct {
	to                *earliest
	offered, timeless int64
}

func (k *earliest) sink() events.Sink {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := &sink{to: k}
	k.sinks = append(k.sinks, s)
	return s
}

// Event implements [events.Sink].
func (s *sink) Event(e *events.Event) {
	start, end, ok := begins(e)
	if !ok {
		s.timeless++
		return
	}
	s.offered++
	if start <= s.to.last.Load() {
		s.to.add(newItem(e, start, end))
	}
}

func (k *earliest) add(i *item) {
	k.mu.Lock()
	defer k.mu.Unlock()
	heap.Push(&k.items, i)
	if len(k.items) > k.limit {
		heap.Pop(&k.items)
		k.last.Store(k.items[0].start)
	}
}

// A selection is what was kept, in the order of [compare], and what was not.
type selection struct {
	items    []*item
	later    int64 // events that were left out since they begin later
	timeless int64 // events that were left out since they have no time
}

// selection must not be called while sinks are in use, and only once.
func (k *earliest) selection() selection {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := selection{items: k.items}
	for _, sink := range k.sinks {
		s.later += sink.offered
		s.timeless += sink.timeless
	}
	s.later -= int64(len(s.items))
	slices.SortFunc(s.items, compare)
	return s
}

// latestFirst is a heap with the last of its items, by [compare], on top.
type latestFirst []*item

func (h latestFirst) Len() int           { return len(h) }
func (h latestFirst) Less(i, j int) bool { return compare(h[i], h[j]) > 0 }
func (h latestFirst) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *latestFirst) Push(x any)        { *h = append(*h, x.(*item)) }

func (h *latestFirst) Pop() any {
	last := len(*h) - 1
	i := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return i
}
