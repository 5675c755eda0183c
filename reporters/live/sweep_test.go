package live

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/slogattrs"
	"github.com/slogtel/telemetry/scope"
)

// A fakeScope is the key of a scope.
type fakeScope struct {
	ended bool
	asked *int
}

func (f *fakeScope) ScopeEnded() bool {
	*f.asked++
	return f.ended
}

// However many scopes a trace has, some are looked at for one that starts, and all of them by and by.
func TestSomeAreLookedAt(t *testing.T) {
	const n = 1000
	for _, most := range []int{1, sweptAtOnce, n, math.MaxInt} {
		asked := 0
		var tr trace
		for i := range n {
			f := &fakeScope{ended: i%3 == 0, asked: &asked}
			assert.True(t, tr.enter(f, slogattrs.Address(f), nil, &scope.Info{Path: "a"}))
		}
		gone := int64(0)
		for range n/min(most, n) + 1 {
			asked = 0
			gone += tr.prune(most)
			assert.LessOrEqual(t, asked, most)
		}
		assert.EqualValues(t, 334, gone, most)
		assert.Len(t, tr.open, n-334)
		for i := range tr.open {
			assert.Equal(t, i, tr.at(tr.open[i].at()))
		}
	}
}

// A root scope may have more scopes inside than there are numbers: none gets that of the root.
func TestNumbersComeAgain(t *testing.T) {
	tr := trace{ids: math.MaxInt32 - 1}
	asked := 0
	for _, want := range []int32{math.MaxInt32, rootID + 1, rootID + 2} {
		f := &fakeScope{asked: &asked}
		assert.True(t, tr.enter(f, slogattrs.Address(f), nil, &scope.Info{Path: "a.b", Parent: "a", Depth: 1}))
		assert.Equal(t, want, tr.open[len(tr.open)-1].id)
	}
}
