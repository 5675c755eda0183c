package sketch

import "math"

// maxWeight is the most events that one event stands for.
const maxWeight = 1_000_000

// A Weight counts sampled events: of a series in which each event was kept with some probability,
// its rate, it tells for how many events each stands. Those are whole numbers, such that after any
// number of events their sum is less than 1 away from that of 1/rate. The zero Weight is ready for
// use. It is not safe for concurrent use.
type Weight struct{ carry float64 }

// Of returns for how many events the next one stands: 1 where the rate is 1, or not in (0, 1]; and
// never more than a million.
func (w *Weight) Of(rate float64) int64 {
	if !(rate > 0 && rate < 1) {
		return 1
	}
	each := min(1/rate, maxWeight)
	if whole := math.Round(each); math.Abs(each-whole) <= 1e-9*whole {
		return int64(whole) // 1/(1-0.9) is to be 10, not 10.000000000000002
	}
	due := each + w.carry // more than 0.5
	n := math.Round(due)
	w.carry = due - n
	return int64(n)
}
