package runtimetel

import "math"

// quantile returns the upper end of the bucket in which the value at the share q of
// the ranks lies, and false where there are no values. Bucket i is from limits[i] to
// limits[i+1]; the outermost limits may be infinite.
func quantile(counts []uint64, limits []float64, q float64) (float64, bool) {
	var total uint64
	for _, n := range counts {
		total += n
	}
	if total == 0 {
		return 0, false
	}
	rank := max(1, uint64(math.Ceil(q*float64(total))))
	var seen uint64
	for i, n := range counts {
		if seen += n; seen < rank {
			continue
		}
		end := limits[i+1]
		if math.IsInf(end, 1) {
			end = limits[i]
		}
		return max(0, end), true // neither pauses nor latencies are negative
	}
	return 0, false // not reached: the ranks end with total
}
