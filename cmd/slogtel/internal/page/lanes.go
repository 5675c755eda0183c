package page

// A block is what stands together on the timeline: the spans of a trace, or a span
// without a trace and what is nested in it.
type block struct {
	start, end int64
	spans      []int
	lanes      []int64 // when each becomes free
	row        int     // of its first lane
}

// layout gives each span a row, such that no two of one row overlap, that spans of one
// trace stand together, and that a span stands below its parent. spans are sorted by
// start; of those that start together the longest comes first.
func layout(spans []*span) (rows []int, count int) {
	l := layouter{
		spans: spans, lane: make([]int, len(spans)), block: make([]*block, len(spans)),
		traces: make(map[string]*block), ids: make(map[[2]string]int), open: make(map[string][]int),
	}
	for i := range spans {
		l.place(i)
	}
	count = pack(l.blocks)
	rows = make([]int, len(spans))
	for i := range spans {
		rows[i] = l.block[i].row + l.lane[i]
	}
	return rows, count
}

type layouter struct {
	spans  []*span
	lane   []int // of a span, in its block
	block  []*block
	blocks []*block
	traces map[string]*block
	ids    map[[2]string]int // of spans, by trace and span id
	open   map[string][]int  // spans without a trace that may enclose others, by scope
}

func (l *layouter) place(i int) {
	s := l.spans[i]
	parent, found := l.parent(s)
	lane := 0
	var b *block
	if found {
		b, lane = l.block[parent], l.lane[parent]+1
	} else if s.trace != "" {
		b = l.traces[s.trace]
	}
	if b == nil {
		b = &block{start: s.start, end: s.end()}
		l.blocks = append(l.blocks, b)
	}
	for ; lane < len(b.lanes) && b.lanes[lane] > s.start; lane++ {
	}
	for len(b.lanes) <= lane {
		b.lanes = append(b.lanes, s.start)
	}
	b.lanes[lane] = s.end()
	b.spans = append(b.spans, i)
	b.end = max(b.end, s.end())
	l.block[i], l.lane[i] = b, lane
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

// pack gives each block the first rows that are free for as long as it takes, and
// returns how many rows there are. blocks are sorted by start.
func pack(blocks []*block) int {
	var free []int64 // when each row becomes so
	for _, b := range blocks {
		row, height := 0, len(b.lanes)
		for r := 0; r < len(free) && r < row+height; r++ {
			if free[r] > b.start {
				row = r + 1
			}
		}
		for len(free) < row+height {
			free = append(free, b.start)
		}
		for r := row; r < row+height; r++ {
			free[r] = b.end
		}
		b.row = row
	}
	return len(free)
}
