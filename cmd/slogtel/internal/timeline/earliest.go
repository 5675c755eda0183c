package timeline

import (
	"math"
	"sync"
	"sync/atomic"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

// earliest keeps those events that begin first, up to a limit, in whatever order they
// come. It is a sink that may be used concurrently.
type earliest struct {
	last     atomic.Int64 // when full, what begins after this is left out
	offered  atomic.Int64 // events
	timeless atomic.Int64 // events that were left out since they have no time

	mu    sync.Mutex
	items *collect.First[*item]
}

func newEarliest(limit int) *earliest {
	k := &earliest{items: collect.NewFirst(limit, compare)}
	k.last.Store(math.MaxInt64)
	return k
}

// Event implements [events.Sink].
func (k *earliest) Event(e *events.Event) {
	start, end, ok := begins(e)
	if !ok {
		k.timeless.Add(1)
		return
	}
	k.offered.Add(1)
	if start > k.last.Load() {
		return
	}
	i := newItem(e, start, end)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.items.Keep(i)
	if last, full := k.items.Last(); full {
		k.last.Store(last.start)
	}
}
