package collect

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFirst(t *testing.T) {
	for _, most := range []int{0, 1, 7, 100} {
		var all []int
		a, b := NewFirst(most, cmp.Compare[int]), NewFirst(most, cmp.Compare[int])
		for range 50 {
			v := rand.IntN(40)
			all = append(all, v)
			[]*First[int]{a, b}[rand.IntN(2)].Keep(v)
		}
		a.Merge(b)
		slices.Sort(all)
		want := all[:min(most, len(all))]
		assert.Equal(t, len(want), len(a.Sorted()))
		if last, full := a.Last(); full {
			assert.Equal(t, want[most-1], last)
			assert.False(t, a.Wants(last))
			assert.True(t, a.Wants(-1))
		}
		for i, v := range a.Sorted() {
			assert.Equal(t, want[i], v)
		}
	}
}
