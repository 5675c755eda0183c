package timeline

import (
	"cmp"
	"strings"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
)

const (
	maxLevels     = 32 // of a path that are looked up for an open scope
	maxCandidates = 64 // open scopes of one path that are looked at
)

// A lane is a row of the picture. The intervals in it lie one after the other or one
// inside the other, as the format demands.
type lane struct {
	number int // from 0
	open   []*item
}

// top closes what ended by now and returns the innermost interval that is open.
func (l *lane) top(now int64) *item {
	for n := len(l.open); n > 0; n-- {
		if i := l.open[n-1]; i.end > now {
			l.open = l.open[:n]
			return i
		}
	}
	l.open = l.open[:0]
	return nil
}

// placed is an interval and where it is.
type placed struct {
	*item
	lane *lane
}

// A spanID is unique in a file.
type spanID struct{ trace, span string }

// layout puts intervals into lanes. They must come in the order of [compare]. An
// interval goes into the lane in which its parent is the innermost one and encloses it;
// else into the first lane that is empty: siblings that overlap get lanes of their own.
//
// The parent is known by the span ids. Without them it is that scope of the parent's
// path which encloses the interval and began last: a guess, where several are open.
type layout struct {
	lanes  []*lane
	empty  collect.Heap[*lane]  // by their numbers
	busy   collect.Heap[placed] // the outermost intervals, by their ends
	spans  map[spanID]placed
	scopes map[string][]placed
}

func newLayout() *layout {
	l := &layout{spans: make(map[spanID]placed), scopes: make(map[string][]placed)}
	l.empty.Order = func(a, b *lane) int { return cmp.Compare(a.number, b.number) }
	l.busy.Order = func(a, b placed) int { return cmp.Compare(a.end, b.end) }
	return l
}

// place returns the number of the lane of i.
func (l *layout) place(i *item) int {
	for len(l.busy.List) > 0 && l.busy.List[0].end <= i.start {
		l.empty.Put(l.busy.Take().lane)
	}
	in := l.parentLane(i)
	if in == nil {
		if len(l.empty.List) > 0 {
			in = l.empty.Take()
		} else {
			in = &lane{number: len(l.lanes)}
			l.lanes = append(l.lanes, in)
		}
		in.open = in.open[:0]
		l.busy.Put(placed{i, in}) // what it encloses ends before it
	}
	in.open = append(in.open, i)
	at := placed{i, in}
	if i.span != "" {
		l.spans[spanID{i.trace, i.span}] = at
	}
	l.scopes[i.scope] = append(l.scopes[i.scope], at)
	return in.number
}

// parentLane returns the lane in which i can go below its parent, and nil for none.
func (l *layout) parentLane(i *item) *lane {
	if i.span != "" && i.parentSpan != "" {
		if p, ok := l.spans[spanID{i.trace, i.parentSpan}]; ok && p.encloses(i) {
			return p.lane
		}
		return nil
	}
	path := i.parent
	for range maxLevels {
		if path == "" {
			break
		}
		open := l.stillOpen(path, i.start)
		for n := 0; n < len(open) && n < maxCandidates; n++ {
			if p := open[len(open)-1-n]; p.trace == i.trace && p.encloses(i) {
				return p.lane
			}
		}
		if len(open) > 0 {
			break
		}
		path = path[:max(strings.LastIndexByte(path, '.'), 0)] // the parent was never timed
	}
	return nil
}

// stillOpen returns the scopes of a path that were placed, without the last ones that
// have ended.
func (l *layout) stillOpen(path string, now int64) []placed {
	list := l.scopes[path]
	n := len(list)
	for n > 0 && list[n-1].end <= now {
		n--
	}
	if n < len(list) {
		l.scopes[path] = list[:n]
	}
	return list[:n]
}

func (p placed) encloses(i *item) bool {
	return p.lane.top(i.start) == p.item && i.end <= p.end
}
