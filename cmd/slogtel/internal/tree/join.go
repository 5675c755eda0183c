package tree

import (
	"cmp"
	"slices"
)

// A span is a timing with a span id. Times are nanoseconds since 1970.
type span struct {
	own, parent uint64 // ids; parent is 0 for none
	start, end  int64
	weight      float64
	times       *Times
}

// Bounds of what is remembered of spans.
const (
	// window is how many spans later a span inside another may come than that one, but for chance:
	// it is remembered in a table of that size, in one of several places.
	window = 1 << 12
	ways   = 4
	// maxFamilies is how many spans are waited for, of which others inside have come.
	maxFamilies = 1 << 17
	// maxPieces is how many intervals apart from each other are kept of the spans inside one.
	maxPieces = 1 << 12
)

// A join finds the spans that are inside others. As a rule they come before those.
type join struct {
	families map[uint64]*family // by the id of the parent
	filter   [8192]int32        // how many families have ids with these bits: most spans have none
	settling []*family          // whose parent has come, in that order
	recent   []span             // in sets by some bits of their ids, the latest first: those that had nothing inside when they came
	count    int                // of spans
	parallel map[string]bool    // paths for which something had to be forgotten
	free     []*family
	settled  idBits          // ids of spans whose families were settled
	left     map[string]bool // paths of spans that left recent, with nothing inside so far
}

// A family are a span and what ran inside it.
type family struct {
	id     uint64
	span   span // its own is 0 until it has come
	at     int  // the count when it came
	pieces []piece
	took   float64 // by those inside
	scaled float64 // that, times their weights
	parent *Times  // of one of those inside: it says where
	before int64   // pieces that ended before gone are no longer there
	gone   int64   // their length
}

type piece struct{ start, end int64 }

func newJoin(parallel map[string]bool) join {
	return join{families: make(map[uint64]*family), parallel: parallel, left: make(map[string]bool)}
}

func (j *join) addAll(spans []span) {
	for i := range spans {
		j.add(&spans[i])
	}
}

func (j *join) add(s *span) {
	if j.recent == nil {
		j.recent = make([]span, window)
		j.settled = make(idBits, idBitsLen/64)
	}
	if s.parent != 0 {
		j.inside(s)
	}
	var f *family
	if j.filter[s.own%8192] > 0 {
		f = j.families[s.own]
	}
	if f != nil {
		j.came(f, s)
	} else {
		j.remember(s)
	}
	j.count++
	n := 0
	for n < len(j.settling) && j.settling[n].at+window < j.count {
		j.settle(j.settling[n])
		j.settling[n] = nil
		n++
	}
	j.settling = j.settling[n:]
}

// set returns where a span with that id may be in recent.
func (j *join) set(id uint64) []span {
	i := id % (window / ways) * ways
	return j.recent[i : i+ways]
}

// remember puts s into its set, in place of the oldest one where none is free.
func (j *join) remember(s *span) {
	set := j.set(s.own)
	free := slices.IndexFunc(set, func(p span) bool { return p.own == 0 })
	if free < 0 {
		free = ways - 1
		if t := set[free].times; !t.left {
			t.left = true
			j.left[t.Path] = true
		}
	}
	copy(set[1:free+1], set[:free])
	set[0] = *s
}

// inside adds s to the family of its parent.
func (j *join) inside(s *span) {
	f := j.families[s.parent]
	if f == nil {
		if len(j.families) >= maxFamilies {
			j.forgetOne()
		}
		f = j.newFamily(s.parent)
		f.parent = s.times
		j.families[s.parent] = f
		j.filter[s.parent%8192]++
		set := j.set(s.parent)
		if i := slices.IndexFunc(set, func(p span) bool { return p.own == s.parent }); i >= 0 {
			j.came(f, &set[i])
			set[i] = span{}
		}
	}
	took := float64(s.end - s.start)
	f.took += took
	f.scaled += took * s.weight
	p := piece{s.start, s.end}
	if p.start < f.before { // what it has in common with those that are gone is not known
		j.parallel[s.times.Parent] = true
		p.start = min(f.before, p.end)
	}
	f.pieces = append(f.pieces, p)
	if len(f.pieces) >= maxPieces {
		f.shrink()
	}
}

func (j *join) newFamily(id uint64) *family {
	if n := len(j.free); n > 0 {
		f := j.free[n-1]
		j.free = j.free[:n-1]
		*f = family{id: id, pieces: f.pieces[:0]}
		return f
	}
	return &family{id: id}
}

// came notes that the span has come that others are inside of.
func (j *join) came(f *family, s *span) {
	if f.span.own == 0 {
		f.span, f.at = *s, j.count
		j.settling = append(j.settling, f)
	}
}

// settle takes what ran inside from the time of a span.
func (j *join) settle(f *family) {
	f.merge()
	covered := f.gone
	for _, p := range f.pieces {
		if start, end := max(p.start, f.span.start), min(p.end, f.span.end); start < end {
			covered += end - start
		}
	}
	if f.took > 0 {
		// Where those inside were sampled at another rate, their weights stand for those that are not here.
		f.span.times.inside += float64(min(covered, f.span.end-f.span.start)) * (f.scaled / f.took)
	}
	j.settled.add(f.id)
	j.remove(f.id)
	if cap(f.pieces) <= 64 {
		j.free = append(j.free, f)
	}
}

func (j *join) remove(id uint64) {
	delete(j.families, id)
	j.filter[id%8192]--
}

// merge makes one of pieces that overlap, and puts all in order.
func (f *family) merge() {
	if len(f.pieces) < 2 {
		return
	}
	byStart := func(a, b piece) int { return cmp.Compare(a.start, b.start) }
	if !slices.IsSortedFunc(f.pieces, byStart) {
		slices.SortFunc(f.pieces, byStart)
	}
	merged := f.pieces[:1]
	for _, p := range f.pieces[1:] {
		if last := &merged[len(merged)-1]; p.start <= last.end {
			last.end = max(last.end, p.end)
		} else {
			merged = append(merged, p)
		}
	}
	f.pieces = merged
}

// shrink makes room for more pieces. Of those that lie apart it keeps the later half.
func (f *family) shrink() {
	f.merge()
	if len(f.pieces) < maxPieces/2 {
		return
	}
	n := len(f.pieces) / 2
	for _, p := range f.pieces[:n] {
		f.gone += p.end - p.start
	}
	f.before = f.pieces[n-1].end
	f.pieces = append(f.pieces[:0], f.pieces[n:]...)
}

// forgetOne forgets a family whose span has not come: any.
func (j *join) forgetOne() {
	for id, f := range j.families {
		if f.span.own == 0 {
			j.parallel[f.parent.Parent] = true
			j.remove(id)
			return
		}
	}
}

// finish settles all. Spans whose parent has not come in time for them are not taken off its time. Where
// it may have come long before them, and not only been left out, the time of its path is not exact.
func (j *join) finish() {
	for _, f := range j.families {
		if f.span.own == 0 && (j.left[f.parent.Parent] || j.settled.has(f.id)) {
			j.parallel[f.parent.Parent] = true
		}
	}
	for _, f := range j.settling {
		j.settle(f)
	}
	*j = newJoin(j.parallel)
}

// idBits is a set of ids in bounded memory, which may have some that were not added, the more the
// more were (a Bloom filter).
type idBits []uint64

const idBitsLen = 1 << 23

func (b idBits) add(id uint64) {
	i, k := id%idBitsLen, id>>32%idBitsLen
	b[i/64] |= 1 << (i % 64)
	b[k/64] |= 1 << (k % 64)
}

func (b idBits) has(id uint64) bool {
	i, k := id%idBitsLen, id>>32%idBitsLen
	return len(b) > 0 && b[i/64]&(1<<(i%64)) != 0 && b[k/64]&(1<<(k%64)) != 0
}
