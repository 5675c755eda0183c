package page

// A block is what stands together on the timeline: the spans of a trace, or a span
// without a trace and what is nested in it.
type block struct {
	number int
	lanes  []int64 // when each becomes free
}

// A placement says where spans stand on the timeline: in which block, in which lane of it, and below
// which span, -1 if that is not there. Where blocks stand depends on the zoom: the page arranges them.
type placement struct{ group, lane, up []int }

// layout places spans such that no two of one lane of a block overlap, that spans of one
// trace stand together, and that a span stands below its parent. spans are sorted by
// start; of those that start together the longest comes first.
func layout(spans []*span) placement {
	n := len(spans)
	l := layouter{
		placement: placement{group: make([]int, n), lane: make([]int, n), up: make([]int, n)},
		spans:     spans, block: make([]*block, n),
		traces: make(map[string]*block), ids: make(map[[2]string]int), open: make(map[string][]int),
	}
	for i := range spans {
		l.place(i)
	}
	return l.placement
}

type layouter struct {
	placement
	spans  []*span
	block  []*block // of a span
	blocks int
	traces map[string]*block
	ids    map[[2]string]int // of spans, by trace and span id
	open   map[string][]int  // spans without a trace that may enclose others, by scope
}

func (l *layouter) place(i int) {
	s := l.spans[i]
	parent, found := l.parent(s)
	lane := 0
	l.up[i] = -1
	var b *block
	if found {
		l.up[i] = parent
		b, lane = l.block[parent], l.lane[parent]+1
	} else if s.trace != "" {
		b = l.traces[s.trace]
	}
	if b == nil {
		b = &block{number: l.blocks}
		l.blocks++
	}
	for ; lane < len(b.lanes) && b.lanes[lane] > s.start; lane++ {
	}
	for len(b.lanes) <= lane {
		b.lanes = append(b.lanes, s.start)
	}
	b.lanes[lane] = s.end()
	l.block[i], l.group[i], l.lane[i] = b, b.number, lane
	if s.trace != "" {
		l.traces[s.trace] = b
		if s.id != "" {
			l.ids[[2]string{s.trace, s.id}] = i
		}
		return
	}
	l.open[s.scope.scope] = append(l.open[s.scope.scope], i)
}

// maxOpen is how many spans of a scope are looked at for a parent.
const maxOpen = 64

// parent finds the span that s was opened in.
func (l *layouter) parent(s *span) (int, bool) {
	if s.trace != "" {
		i, ok := l.ids[[2]string{s.trace, s.parentID}]
		return i, ok && s.parentID != ""
	}
	candidates := l.open[s.scope.parent]
	if n := len(candidates); n > maxOpen { // forget those that are over first
		kept := candidates[:0]
		for _, i := range candidates {
			if l.spans[i].end() > s.start {
				kept = append(kept, i)
			}
		}
		candidates = kept[max(0, len(kept)-maxOpen):]
		l.open[s.scope.parent] = candidates
	}
	for k := len(candidates) - 1; k >= 0; k-- {
		if l.spans[candidates[k]].end() >= s.end() {
			return candidates[k], true
		}
	}
	return 0, false
}
