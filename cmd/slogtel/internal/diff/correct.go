package diff

import (
	"cmp"
	"slices"
)

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
