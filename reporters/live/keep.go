package live

import (
	"cmp"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/slogtel/telemetry/internal/event"
)

// How many traces are kept after their end.
const (
	slowOfName   = 3 // the slowest of each root scope, in the last hour
	maxSlowNames = 64
	failedOfName = 5 // the last
	maxFailed    = 32
	slowFor      = time.Hour
	maxFloors    = 1000 // names of root scopes that are looked at
)

// A kept trace is one whose root has ended. It is immutable, but for what is made of it once.
type kept struct {
	id      string
	path    string
	traceID string
	start   time.Time
	took    time.Duration
	failed  bool // some scope in it has
	slow    bool
	cut     int
	fails   int
	journal

	once  sync.Once
	whole *Trace
}

// A shelf has the traces that are kept.
type shelf struct {
	mu     sync.Mutex // guards what follows
	last   int
	slow   map[string][]*kept // by the path of the root, the slowest first
	failed []*kept            // the last one last
}

// take returns a trace whose root ends, if it is to be kept, and takes its memory. The last item, the end
// of the root, is missing.
func (c *core) take(tr *trace, r *slog.Record, l *look) *kept {
	f := l.floor.Load()
	if f == nil {
		if v, ok := c.sums.floors.Load(cutText(l.name)); ok {
			f = v.(*floor)
			l.floor.Store(f)
		}
	}
	slow, failed := false, tr.fails > 0
	if f == nil {
		slow = c.sums.floorCount.Load() < maxFloors
	} else {
		slow = int64(l.duration) > f.above.Load() || r.Time.UnixNano() > f.until.Load()
	}
	if !slow && !failed {
		return nil
	}
	k := &kept{failed: failed, slow: slow, fails: tr.fails, cut: tr.cut, journal: tr.journal}
	tr.journal = journal{}
	return k
}

// keep adds the end of the root to k, which l tells of r, puts k where it belongs, and takes out what it takes the
// place of.
func (c *core) keep(k *kept, r *slog.Record, l *look, front, back []slog.Attr) {
	k.add(rootID, 0, r, l, front, back)
	end := &k.items[len(k.items)-1]
	k.path, k.took, k.start, k.traceID = end.name, end.duration, time.Unix(0, end.at-int64(end.duration)), k.own(end, event.KeyTraceID)
	s := &c.shelf
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	k.id = strconv.Itoa(s.last)
	if k.failed {
		s.keepFailed(k)
	}
	if k.slow {
		c.keepSlow(k)
	}
}

func (s *shelf) keepFailed(k *kept) {
	s.failed = append(s.failed, k)
	ofName, first := 0, -1
	for i, old := range s.failed {
		if old.path == k.path {
			if ofName++; first < 0 {
				first = i
			}
		}
	}
	switch {
	case ofName > failedOfName:
		s.failed = slices.Delete(s.failed, first, first+1)
	case len(s.failed) > maxFailed:
		s.failed = slices.Delete(s.failed, 0, 1)
	}
}

func (c *core) keepSlow(k *kept) {
	s := &c.shelf
	now := k.start.Add(k.took)
	list, known := s.slow[k.path]
	f, had := c.sums.floors.LoadOrStore(k.path, new(floor))
	if !had {
		c.sums.floorCount.Add(1)
	}
	if !known && len(s.slow) >= maxSlowNames && !s.forgetName(now) {
		f.(*floor).above.Store(math.MaxInt64)
		f.(*floor).until.Store(now.Add(slowFor / 6).UnixNano())
		return
	}
	list = slices.DeleteFunc(list, func(old *kept) bool { return now.Sub(old.start.Add(old.took)) > slowFor })
	at, _ := slices.BinarySearchFunc(list, k, func(a, b *kept) int { return cmp.Compare(b.took, a.took) })
	list = slices.Insert(list, at, k)
	if len(list) > slowOfName {
		list = slices.Delete(list, slowOfName, len(list)) // which lets go of it
	}
	s.slow[k.path] = list
	f.(*floor).above.Store(-1)
	if len(list) == slowOfName {
		f.(*floor).above.Store(int64(list[slowOfName-1].took))
	}
	oldest := list[0].start
	for _, old := range list {
		if old.start.Before(oldest) {
			oldest = old.start
		}
	}
	f.(*floor).until.Store(oldest.Add(slowFor).UnixNano())
}

// forgetName takes out a name whose traces are all too old.
func (s *shelf) forgetName(now time.Time) bool {
	for path, list := range s.slow {
		if !slices.ContainsFunc(list, func(k *kept) bool { return now.Sub(k.start) <= slowFor }) {
			delete(s.slow, path)
			return true
		}
	}
	return false
}

// list returns the traces that are kept: the slowest first, and the last failed first.
func (s *shelf) list(now time.Time) (slow, failed []*kept) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, list := range s.slow {
		for _, k := range list {
			if now.Sub(k.start.Add(k.took)) <= slowFor {
				slow = append(slow, k)
			}
		}
	}
	failed = slices.Clone(s.failed)
	slices.Reverse(failed)
	slices.SortFunc(slow, func(a, b *kept) int { return cmp.Or(cmp.Compare(b.took, a.took), cmp.Compare(a.id, b.id)) })
	return slow, failed
}

// find returns the trace with that id, or nil.
func (s *shelf) find(id string) *kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.failed {
		if k.id == id {
			return k
		}
	}
	for _, list := range s.slow {
		for _, k := range list {
			if k.id == id {
				return k
			}
		}
	}
	return nil
}
