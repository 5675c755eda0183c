package sketch

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Of all bins: the value is within the error of all magnitudes in the bin, whose borders are
// where the index changes.
func TestBinValue(t *testing.T) {
	first, last := binIndex(smallest), binIndex(math.MaxFloat64)
	for index := first; index <= last; index++ {
		v := binValue(index)
		lower := v / (1 + RelativeError)
		upper := min(v/(1-RelativeError)*(1-1e-9), math.MaxFloat64)
		if inside := lower * (1 + 1e-9); binIndex(inside) != index {
			t.Fatalf("bin %d begins at %g, which is in bin %d", index, lower, binIndex(inside))
		}
		if outside := lower * (1 - 1e-9); outside >= smallest && binIndex(outside) != index-1 {
			t.Fatalf("bin %d begins at %g, below which is bin %d", index, lower, binIndex(outside))
		}
		if got := binIndex(upper); got != index && got != index+1 {
			t.Fatalf("%g is 1 %% above the value of bin %d, and in bin %d", upper, index, got)
		}
	}
	assert.Equal(t, math.MaxFloat64, binValue(last+1))
}

// The bins are those of all texts that were ever written.
func TestBinsDoNotMove(t *testing.T) {
	for v, want := range map[float64]int{
		smallest: -35768, 1e-9: -1047, 0.001: -349, 0.25: -70, 0.999: -1, 1: 0, 1.01: 0, 1.0203: 1, 2: 34, 3: 55, 8: 104,
		1e9: 1046, math.MaxInt64: 2204, 1e100: 11626, math.MaxFloat64: 35838,
	} {
		assert.Equal(t, want, binIndex(v), "%g", v)
	}
}

// One beside its place, as Parse lets it be, the last bin is where no float64 is: no quantile is NaN.
func TestQuantileBeyondTheLastBin(t *testing.T) {
	var s Sketch
	s.Add(1)
	s.AddWeighted(math.MaxFloat64, 3)
	s.positive.add(binIndex(math.MaxFloat64)+1, 3)
	s.count.AddInt(3, 1)
	assert.Equal(t, math.MaxFloat64, s.Quantile(0.9))
}
