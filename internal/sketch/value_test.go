package sketch

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Of all bins: the value is that of the library, where that is right, and close to all in the bin.
func TestBinValue(t *testing.T) {
	last := bins.Index(math.MaxFloat64)
	for index := bins.Index(smallest); index <= last; index++ {
		v := binValue(index)
		if strconv.IntSize == 64 && v != bins.Value(index) {
			t.Fatalf("value %g of bin %d, not %g", v, index, bins.Value(index))
		}
		if lower := v / (1 + bins.RelativeAccuracy()); bins.Index(lower*(1+1e-9)) != index {
			t.Fatalf("bin %d begins at %g, which is in bin %d", index, lower, bins.Index(lower*(1+1e-9)))
		}
	}
	assert.Equal(t, math.MaxFloat64, binValue(last+1))
}

// One beside its place, as Parse lets it be, the last bin is where no float64 is: no quantile is NaN.
func TestQuantileBeyondTheLastBin(t *testing.T) {
	var s Sketch
	s.Add(1)
	s.AddWeighted(math.MaxFloat64, 3)
	s.positive.AddWithCount(bins.Index(math.MaxFloat64)+1, 3)
	s.count.AddInt(3, 1)
	assert.Equal(t, math.MaxFloat64, s.Quantile(0.9))
}
