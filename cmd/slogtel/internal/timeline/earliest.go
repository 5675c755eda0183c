package timeline

import (
	"math"
	"sync"
	"sync/atomic"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

// earliest keeps those events that begin first, up to a limit, in whatever order they
// come. Its sinks may be used concurrently.
type earliest struct {
	last atomic.Int64 // when full, what begins after this is left out

	mu    sync.Mutex
	items *collect.First[*item]
	sinks []*sink
}

func newEarliest(limit int) *earliest {
	k := &earliest{items: collect.NewFirst(limit, compare)}
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
	k.items.Keep(i)
	if last, full := k.items.Last(); full {
		k.last.Store(last.start)
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
	s := selection{items: k.items.Sorted()}
	for _, sink := range k.sinks {
		s.later += sink.offered
		s.timeless += sink.timeless
	}
	s.later -= int64(len(s.items))
	return s
}
