package diff

import (
	"math"
	"slices"
)

// maxBlocks is the most blocks that the calls of a run are parted into.
const maxBlocks = 64

// A block adds up calls that came one after the other. All is weighted: a sampled call stands for
// several.
type block struct {
	n, log, raw, failed float64
	cells               []cell // by their bins; nil where there is no room for them
}

// A cell counts the values in a bin, which is 10 % wide.
type cell struct {
	bin int16
	n   float32
}

var cellWidth = math.Log(1.1)

// binOf is that of the logarithm of a value.
func binOf(log float64) int16 { return int16(math.Floor(log / cellWidth)) }

func (b *block) add(o block) {
	b.n += o.n
	b.log += o.log
	b.raw += o.raw
	b.failed += o.failed
	for _, c := range o.cells {
		b.cells = put(b.cells, c)
	}
}

// put adds a cell to some that are in order.
func put(cells []cell, c cell) []cell {
	i, found := slices.BinarySearchFunc(cells, c, func(a, b cell) int { return int(a.bin) - int(b.bin) })
	if found {
		cells[i].n += c.n
		return cells
	}
	return slices.Insert(cells, i, c)
}

// from is how many values are in the bin or above it.
func (b *block) from(bin int16) (sum float64) {
	for _, c := range slices.Backward(b.cells) {
		if c.bin < bin {
			break
		}
		sum += float64(c.n)
	}
	return sum
}

// blocks part the calls of a run, in their order, into at most maxBlocks. Calls after each other are
// alike: one slow minute makes many slow calls. How much the blocks differ, and each from the next, says
// how well the mean of all is known, which the calls by themselves would overstate.
type blocks struct {
	list                   []block
	size                   int // entries that a block is of: calls, or summaries of some
	last                   int // entries in the last block
	weights, squares       float64
	logSquares, rawSquares float64 // of the logarithms and of the values
}

// add adds an entry: calls whose weights add up to b.n, and have these squares.
func (s *blocks) add(b block, squares, logSquares, rawSquares float64) {
	s.squares += squares
	s.logSquares += logSquares
	s.rawSquares += rawSquares
	s.weights += b.n
	if s.size == 0 {
		s.size = 1
	}
	if len(s.list) == 0 || s.last == s.size {
		if len(s.list) == maxBlocks {
			s.halve()
		} else {
			s.list, s.last = append(s.list, block{}), 0
		}
	}
	s.list[len(s.list)-1].add(b)
	s.last++
}

// halve joins each block with the next, and opens a new one.
func (s *blocks) halve() {
	for i := range maxBlocks / 2 {
		s.list[i] = s.list[2*i]
		s.list[i].add(s.list[2*i+1])
		s.list[2*i+1] = block{}
	}
	s.size *= 2
	s.list, s.last = append(s.list[:maxBlocks/2], block{}), 0
}

// An estimate is a figure of one side, and how well it is known: its variance, which is itself
// known as well as one of df+1 independent values.
type estimate struct{ value, variance, df float64 }

// A measure is what the mean of is estimated: a sum of a block, and that of the squares of all.
type measure struct {
	of      func(*block) float64
	squares func(*blocks) float64
}

var (
	logs     = measure{func(b *block) float64 { return b.log }, func(s *blocks) float64 { return s.logSquares }}
	raws     = measure{func(b *block) float64 { return b.raw }, func(s *blocks) float64 { return s.rawSquares }}
	failures = measure{func(b *block) float64 { return b.failed }, func(s *blocks) float64 { return s.sum(failedOf) }}
)

func failedOf(b *block) float64 { return b.failed }

func (s *blocks) sum(of func(*block) float64) (sum float64) {
	for i := range s.list {
		sum += of(&s.list[i])
	}
	return sum
}

// enoughBlocks is the least number of blocks that say how much they depend on each other.
const enoughBlocks = 24

// mean estimates the mean of all calls. It is false where there are too few to tell.
//
// The variance is that of batch means, times (1+r)/(1-r), where r is the correlation of a block and
// the next: the sum of the correlations of a process that forgets geometrically. r is corrected for
// its bias in short series (Marriott and Pope, "Bias in the estimation of autocorrelations",
// Biometrika 41, 1954) and is at most such that one independent value is left.
//
// A few calls do not say how much they depend on each other. They count as one value, which varies
// as the calls do.
func (s *blocks) mean(m measure) (estimate, bool) {
	k, calls := float64(len(s.list)), s.calls()
	if !(calls > 1) {
		return estimate{}, false
	}
	e := estimate{value: s.sum(m.of) / s.weights}
	if k < 2 || k < enoughBlocks && calls < enoughBlocks*k {
		e.variance, e.df = s.variance(m, e), calls-1
		return e, e.variance < math.Inf(1)
	}
	squares, products, before := 0.0, 0.0, 0.0
	for i := range s.list {
		deviation := m.of(&s.list[i]) - e.value*s.list[i].n
		squares += deviation * deviation
		if i > 0 {
			products += deviation * before
		}
		before = deviation
	}
	if !(squares > 0) {
		e.df = k - 1
		return e, squares == 0
	}
	r := products / squares
	r = min(max(r+(1+4*r)/k, 0), 1-2/(k+1))
	inflation := (1 + r) / (1 - r)
	e.variance = k / (k - 1) * squares / (s.weights * s.weights) * inflation
	e.df = max(k/inflation-1, 1.5)
	return e, e.variance < math.Inf(1)
}

// variance is that of a call.
func (s *blocks) variance(m measure, mean estimate) float64 {
	n := s.calls()
	return max(m.squares(s)/s.weights-mean.value*mean.value, 0) * n / (n - 1)
}

// fewer says how many times fewer independent calls would tell as much as these do of a share, at least 1, and how well
// that is known. Of a few blocks it is not: then it is taken to be 2.
func (s *blocks) fewer(m measure) (excess, df float64) {
	calls := s.calls()
	e, ok := s.mean(m)
	if !ok || len(s.list) < enoughBlocks {
		return 2, max(calls-1, 1)
	}
	if independent := s.variance(m, e) / calls; independent > 0 {
		return max(1, e.variance/independent), e.df
	}
	return 1, calls - 1
}

// calls is how many calls of equal weight would tell as much: Kish's effective sample size
// (Kish, "Survey Sampling", 1965).
func (s *blocks) calls() float64 { return effective(s.weights, s.squares) }

func effective(weight, squares float64) float64 {
	if squares <= 0 {
		return 0
	}
	return weight * weight / squares
}
