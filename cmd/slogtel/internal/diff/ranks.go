package diff

import (
	"cmp"
	"math"
	"slices"
)

// ranks is what the Mann–Whitney U test says of two samples.
//
// The test is that of Mann and Whitney (1947) with the normal approximation, the
// correction for ties and that for continuity, as in Hollander, Wolfe and Chicken,
// "Nonparametric Statistical Methods" (3rd ed., section 4.1). Values in one bin are ties: a
// difference of less than 2 % may not be seen, and is never made up.
type ranks struct {
	p     float64 // two-sided
	share float64 // of all pairs, those whose value in B is greater; ties count half
	sigma float64 // of share, under the hypothesis that nothing differs
}

func mannWhitney(a, b sample) ranks {
	m, n := a.size, b.size
	if m <= 0 || n <= 0 {
		return ranks{p: 1, share: 0.5}
	}
	u, ties, below := 0.0, 0.0, 0.0 // below: weight of A under the bin
	each(a, b, func(inA, inB float64) {
		u += inB * (below + inA/2)
		below += inA
		if t := inA + inB; t > 1 {
			ties += t*t*t - t
		}
	})
	total := m + n
	variance := m * n / 12 * (total + 1 - ties/(total*(total-1)))
	r := ranks{p: 1, share: u / (m * n)}
	if total <= 1 || !(variance > 0) {
		return r
	}
	deviation := math.Sqrt(variance)
	r.sigma = deviation / (m * n)
	z := max(math.Abs(u-m*n/2)-0.5, 0) / deviation
	r.p = math.Erfc(z / math.Sqrt2)
	return r
}

// each calls f with the weights of both samples in each bin, in order.
func each(a, b sample, f func(inA, inB float64)) {
	for i, j := 0, 0; i < len(a.bins) || j < len(b.bins); {
		switch {
		case j == len(b.bins) || i < len(a.bins) && a.bins[i] < b.bins[j]:
			f(a.weights[i], 0)
			i++
		case i == len(a.bins) || b.bins[j] < a.bins[i]:
			f(0, b.weights[j])
			j++
		default:
			f(a.weights[i], b.weights[j])
			i, j = i+1, j+1
		}
	}
}

// A factor is by how much a typical value of B is that of A.
type factor struct{ estimate, low, high float64 }

// typicalFactor is the Hodges–Lehmann estimate that goes with the test, of the logarithms:
// the median of all quotients of a value of B and one of A, with the interval of those
// quotients that the test at level alpha would not reject (the same book, sections 4.2 and
// 4.3). An end is 0 or +Inf where the samples are too small to tell. Values must be positive.
func typicalFactor(a, b sample, r ranks, alpha float64) factor {
	first := b.bins[0] - a.bins[len(a.bins)-1]
	shifts := make([]float64, b.bins[len(b.bins)-1]-a.bins[0]-first+1) // the weight of each, from first on
	total := 0.0
	for i, x := range a.bins {
		for j, y := range b.bins {
			w := a.weights[i] * b.weights[j]
			shifts[y-x-first] += w
			total += w
		}
	}
	at := func(q float64) float64 {
		switch {
		case q <= 0:
			return 0
		case q >= 1:
			return math.Inf(1)
		}
		return math.Exp((shiftAt(shifts, q*total) + float64(first)) * logRatio)
	}
	margin := normalQuantile(1-alpha/2) * r.sigma
	return factor{at(0.5), at(0.5 - margin), at(0.5 + margin)}
}

// shiftAt finds the shift that a weight lies below. Values lie anywhere in their bins, so
// that the shift between two of them is spread as a triangle, one bin to either side.
func shiftAt(shifts []float64, weight float64) float64 {
	below := func(x float64) float64 {
		sum := 0.0
		for d, w := range shifts {
			t := x - float64(d)
			switch {
			case t <= -1:
				return sum
			case t < 0:
				sum += w * (1 + t) * (1 + t) / 2
			case t < 1:
				sum += w * (1 - (1-t)*(1-t)/2)
			default:
				sum += w
			}
		}
		return sum
	}
	low, high := -1.0, float64(len(shifts))
	for range 40 {
		if half := (low + high) / 2; below(half) < weight {
			low = half
		} else {
			high = half
		}
	}
	return (low + high) / 2
}

// normalQuantile is the inverse of the standard normal distribution.
func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// The corrections for many tests.
const (
	holmName = "holm"
	bhName   = "bh"
	noneName = "none"
)

var corrections = []string{holmName, bhName, noneName}

// adjust returns the p-values such that comparing them with alpha keeps, with all of them,
//   - holm: the chance of any false alarm below alpha (Holm 1979),
//   - bh: the expected share of false alarms among all alarms below alpha (Benjamini and
//     Hochberg 1995; scopes inside each other depend on each other positively, which the
//     method allows),
//   - none: only that of each test by itself.
func adjust(p []float64, correction string) []float64 {
	adjusted := slices.Clone(p)
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p[i], p[j]) })
	n := len(p)
	switch correction {
	case holmName:
		least := 0.0
		for rank, i := range order {
			least = max(least, min(p[i]*float64(n-rank), 1))
			adjusted[i] = least
		}
	case bhName:
		most := 1.0
		for rank := n - 1; rank >= 0; rank-- {
			i := order[rank]
			most = min(most, p[i]*float64(n)/float64(rank+1))
			adjusted[i] = most
		}
	}
	return adjusted
}
