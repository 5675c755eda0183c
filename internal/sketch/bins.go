package sketch

import "slices"

// maxBins is the most bins of either sign: 35 for each doubling, enough for every positive int64.
const maxBins = 2240

// binStep is what the memory of bins grows by.
const binStep = 64

// bins counts magnitudes by the index of their bin. It holds a range of indexes, from the lowest to
// the highest that has a count, of which there are at most maxBins: what is below them is counted in
// the lowest. So the counts do not depend on the order in which they came. The zero bins are empty.
type bins struct {
	counts    []float64 // of the indexes from first on
	first     int
	low, high int // the lowest and the highest index that has a count, when total > 0
	total     float64
}

// add adds n, which is positive, to the count of a bin.
func (b *bins) add(index int, n float64) {
	if b.total == 0 || index < b.low || index > b.high {
		b.cover(index, index)
		index = max(index, b.low)
	}
	b.counts[index-b.first] += n
	b.total += n
}

// merge adds all counts of from, which it leaves as it is.
func (b *bins) merge(from *bins) {
	if from.total == 0 {
		return
	}
	b.cover(from.low, from.high)
	for index, n := range from.all {
		b.counts[max(index, b.low)-b.first] += n
	}
	b.total += from.total
}

// cover makes room for counts from low to high, beside those that there are.
func (b *bins) cover(low, high int) {
	if b.total > 0 {
		low, high = min(low, b.low), max(high, b.high)
	}
	low = max(low, high-maxBins+1)
	collapsed := 0.0
	for ; b.total > 0 && b.low < low && b.low <= b.high; b.low++ {
		collapsed += b.counts[b.low-b.first]
		b.counts[b.low-b.first] = 0
	}
	if low < b.first || high >= b.first+len(b.counts) {
		b.move(low, high)
	}
	b.counts[low-b.first] += collapsed
	b.low, b.high = low, high
}

// move lets counts hold the indexes from low to high, in their middle.
func (b *bins) move(low, high int) {
	need, old := high-low+1, b.counts
	if need > len(old) {
		b.counts = make([]float64, min((need+binStep-1)/binStep*binStep, maxBins))
	}
	first := low - (len(b.counts)-need)/2
	if b.total > 0 && b.low <= b.high {
		n := copy(b.counts[b.low-first:], old[b.low-b.first:b.high-b.first+1])
		clear(b.counts[:b.low-first])
		clear(b.counts[b.low-first+n:])
	}
	b.first = first
}

// all yields the bins that have a count, from the lowest on. A nil b has none.
func (b *bins) all(yield func(index int, n float64) bool) {
	if b == nil || b.total == 0 {
		return
	}
	for i, n := range b.counts[b.low-b.first : b.high-b.first+1] {
		if n > 0 && !yield(b.low+i, n) {
			return
		}
	}
}

// atRank returns the bin of the count that has as many below it as rank says.
func (b *bins) atRank(rank float64) int {
	sum := 0.0
	for index, n := range b.all {
		if sum += n; sum > rank {
			return index
		}
	}
	return b.high
}

func (b *bins) clone() *bins {
	c := *b
	c.counts = slices.Clone(b.counts)
	return &c
}

// reset makes b empty, and keeps its memory.
func (b *bins) reset() {
	clear(b.counts)
	b.total = 0
}
