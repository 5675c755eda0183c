package tree

import (
	"hash/maphash"
	"math"
	"strings"
	"sync"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

// Times are what of a scope's time lies inside of which other: of those events that say so by
// their span ids. All are nanoseconds times weights.
type Times struct {
	Path, Parent string  // of the scope, and of that which it was opened in
	path, parent uint64  // hashes of these; 0: not made yet
	spans        float64 // took events with a span id
	inside       float64 // of that, what the spans inside them took, together where they ran at once
	left         bool    // see join.left
	placed       float64 // took events that are inside another one, which is known by its span id
}

// Merge adds what o has. Meters must be finished.
func (t *Times) Merge(o *Times) {
	t.spans += o.spans
	t.inside += o.inside
	t.placed += o.placed
}

// A Meter takes the timings that one sink gets, for Times. With span ids, it takes from each
// span the time in which any span inside it ran: a union of intervals, so that those that ran at once do
// not count twice. Without, that is only known by path: then a Meter notices whether scopes
// with one parent overlap in time.
type Meter struct {
	to    *Meters
	block []span // since the last chunk ended
	lanes map[string]*lane

	trace     string // of the span before
	traceHash uint64
}

// Meters are all Meters of one reader. Spans come to it in the order of the lines.
type Meters struct {
	seed maphash.Seed

	mu       sync.Mutex // guards what follows
	meters   []*Meter
	next     int // number of the chunk that comes next
	waiting  map[int][]span
	free     [][]span // space of blocks
	joined   join
	parallel map[string]bool // by path of the parent; valid once finished
}

// NewMeters returns Meters for one reader.
func NewMeters() *Meters {
	m := &Meters{seed: maphash.MakeSeed(), waiting: make(map[int][]span), parallel: make(map[string]bool)}
	m.joined = newJoin(m.parallel)
	return m
}

// New returns a Meter for one sink.
func (m *Meters) New() *Meter {
	m.mu.Lock()
	defer m.mu.Unlock()
	meter := &Meter{to: m, lanes: make(map[string]*lane), traceHash: m.hash("")}
	m.meters = append(m.meters, meter)
	return meter
}

// maxLanes is how many parents are watched by path. The children of others may overlap.
const maxLanes = 1 << 14

// A lane is what is known of the scopes with one parent, but for those with span ids.
type lane struct {
	parallel bool  // some overlap in time, or may do so
	end      int64 // the greatest
}

// Timing takes a timing, which counts in the total of the scope that times are of.
func (m *Meter) Timing(e *events.Event, times *Times) {
	weight := e.Weight()
	took := weight * float64(e.Duration)
	end, timed := e.Time.UnixNano(), !e.Time.IsZero()
	start := end - int64(e.Duration)
	if e.SpanID == "" || !timed || e.Duration > math.MaxInt64/4 {
		m.unplaced(e.Parent, start, end, timed)
		return
	}
	if times.path == 0 {
		times.path, times.parent = m.to.hash(times.Path), m.to.hash(times.Parent)
	}
	if e.TraceID != m.trace { // spans of one come together
		m.trace = strings.Clone(e.TraceID)
		m.traceHash = m.to.hash(m.trace)
	}
	trace := m.traceHash
	s := span{own: m.to.id(trace, e.SpanID, times.path), start: start, end: end, weight: weight, times: times}
	times.spans += took
	switch {
	case e.Parent == "":
	case e.ParentSpanID == "":
		m.unplaced(e.Parent, start, end, timed)
	default:
		times.placed += took
		s.parent = m.to.id(trace, e.ParentSpanID, times.parent)
	}
	m.block = append(m.block, s)
	if len(m.block) >= maxBlock { // a sink that is told of no chunks
		m.to.take(-1, m)
	}
}

const maxBlock = 1 << 16

// Summary takes a summary of timings, of which it is not known when each of them ran.
func (m *Meter) Summary(e *events.Event) { m.unplaced(e.Parent, 0, 0, false) }

func (m *Meter) unplaced(parent string, start, end int64, timed bool) {
	if parent == "" {
		return
	}
	l := m.lanes[parent]
	if l == nil {
		if len(m.lanes) >= maxLanes {
			parent = ""
			l = m.lanes[parent]
		}
		if l == nil {
			l = &lane{end: math.MinInt64, parallel: parent == ""}
			m.lanes[parent] = l
		}
	}
	l.parallel = l.parallel || !timed || start < l.end
	l.end = max(l.end, end)
}

// EndChunk is to be called when a sink has had all events of a chunk.
func (m *Meter) EndChunk(number int) { m.to.take(number, m) }

func (m *Meters) hash(text string) uint64 { return max(1, maphash.String(m.seed, text)) }

// id is a number that spans have in common only if they are the same, but for a
// chance of one in 2⁶⁴.
func (m *Meters) id(trace uint64, span string, path uint64) uint64 {
	h := (maphash.String(m.seed, span)*0x9e3779b97f4a7c15 ^ trace) * 0x9e3779b97f4a7c15
	h ^= path
	return max(1, h^h>>32)
}

// take takes the block of a Meter, and adds the spans of all chunks whose turn it is. Those
// of no chunk, with a negative number, are added at once.
func (m *Meters) take(number int, from *Meter) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if number < 0 || number == m.next {
		m.joined.addAll(from.block)
		from.block = from.block[:0]
	} else {
		m.waiting[number] = from.block
		from.block = nil
		if n := len(m.free); n > 0 {
			from.block = m.free[n-1]
			m.free = m.free[:n-1]
		}
		return
	}
	if number == m.next {
		m.next++
	}
	for {
		block, ok := m.waiting[m.next]
		if !ok {
			return
		}
		delete(m.waiting, m.next)
		m.joined.addAll(block)
		m.free = append(m.free, block[:0])
		m.next++
	}
}

// Finish must be called when all has been read, and may be called again. Then Times are complete, and can be merged.
func (m *Meters) Finish() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.waiting) > 0 { // the reader was interrupted
		block := m.waiting[m.next]
		delete(m.waiting, m.next)
		m.joined.addAll(block)
		m.next++
	}
	for _, meter := range m.meters {
		m.joined.addAll(meter.block)
		meter.block = nil
		for path, l := range meter.lanes {
			if l.parallel {
				m.parallel[path] = true
			}
		}
	}
	m.joined.finish()
}

// Parallel reports whether scopes opened in one with this path may have run at the same time, as
// far as it is not known by span ids.
func (m *Meters) Parallel(path string) bool { return m.parallel[path] || m.parallel[""] }
