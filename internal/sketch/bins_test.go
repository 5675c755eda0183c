package sketch

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// counted returns counts as bins hold them: all that is too low is in the lowest bin.
func counted(all map[int]float64) map[int]float64 {
	held := make(map[int]float64)
	if len(all) == 0 {
		return held
	}
	lowest := slices.Max(slices.Collect(maps.Keys(all))) - maxBins + 1
	for index, n := range all {
		held[max(index, lowest)] += n
	}
	return held
}

// Whatever the order of adding, merging and emptying, the counts are those of a simple map.
func TestBinsCount(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 1000 {
		b, want := new(bins), map[int]float64{}
		spread := 2 << r.IntN(14) // within maxBins, and far beyond
		for range r.IntN(200) {
			switch r.IntN(60) {
			case 0:
				b.reset()
				clear(want)
			case 1:
				other := new(bins)
				for range 1 + r.IntN(20) {
					index := r.IntN(spread) - spread/2
					other.add(index, 0.5)
					want[index] += 0.5
				}
				b.merge(other)
			case 2:
				c := b.clone()
				b.add(0, 8) // is not in c
				b = c
			default:
				index, n := r.IntN(spread)-spread/2, float64(1+r.IntN(3))
				b.add(index, n)
				want[index] += n
			}
		}
		held := counted(want)
		require.Equal(t, held, maps.Collect(b.all), "round %d", round)
		require.LessOrEqual(t, len(b.counts), maxBins)
		rank, total := 0.0, 0.0
		for _, index := range slices.Sorted(maps.Keys(held)) {
			require.Equal(t, index, b.atRank(rank))
			rank += held[index]
			require.Equal(t, index, b.atRank(rank-0.25))
			total += held[index]
		}
		require.Equal(t, total, b.total)
	}
}
