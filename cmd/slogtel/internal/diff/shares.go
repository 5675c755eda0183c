package diff

import "math"

// enough is the least expected number in a cell from which the normal approximation is
// as good as exact.
const enough = 100

// maxTables is the most tables that are added up; where there are more, the z-test takes over.
const maxTables = 1_000_000

// A share is how many of some calls failed, or are above a limit. df says how well it is known by
// how much the calls depend on each other.
type share struct{ calls, failed, df float64 }

// by is the share of so many times fewer calls, which tell as much if they are independent.
func (s share) by(excess float64) share { return share{s.calls / excess, s.failed / excess, s.df} }

// angle has nearly the same variance whatever the share (Anscombe, "The transformation of Poisson,
// binomial and negative-binomial data", Biometrika 35, 1948).
func (s share) angle() float64 {
	return math.Asin(math.Sqrt(min((s.failed+0.375)/(s.calls+0.75), 1)))
}

func (s share) variance() float64 { return 1 / (4*s.calls + 2) }

// differ returns the p-value of two shares being the same: that of Fisher's test or, if it is more,
// of Welch's, which knows how well the dependence of the calls is known.
func differ(a, b share) float64 {
	p, _, _ := difference(estimate{a.angle(), a.variance(), max(a.df, 1)}, estimate{b.angle(), b.variance(), max(b.df, 1)})
	return max(p, exact(a, b))
}

// exact is Fisher's test of shares that need not be whole.
func exact(a, b share) float64 {
	whole := func(v float64) int64 { return int64(math.Round(min(max(v, 0), 1e15))) }
	n, m := whole(a.calls), whole(b.calls)
	return sameShare(min(whole(a.failed), n), n, min(whole(b.failed), m), m)
}

// sameShare tests whether failed out of all calls is the same share on both sides: by Fisher's test or, with
// at least enough expected in each cell, by the z-test with the pooled share (Agresti, "Categorical Data
// Analysis", 3rd ed., sections 3.2 and 3.5).
func sameShare(failedA, allA, failedB, allB int64) float64 {
	failed, all := float64(failedA+failedB), float64(allA+allB)
	if failed == 0 || failed == all || allA == 0 || allB == 0 {
		return 1
	}
	least := min(float64(allA), float64(allB)) * min(failed, all-failed) / all
	if tables := min(failedA+failedB, allA) - max(0, failedA+failedB-allB); least < enough && tables < maxTables {
		return fisher(failedA, allA, failedB, allB)
	}
	share := failed / all
	deviation := math.Sqrt(share * (1 - share) * (1/float64(allA) + 1/float64(allB)))
	z := (float64(failedB)/float64(allB) - float64(failedA)/float64(allA)) / deviation
	return twoSided(z, math.Inf(1))
}

// fisher sums the probabilities of all tables with the same margins that are no likelier
// than the one seen.
func fisher(failedA, allA, failedB, allB int64) float64 {
	var seen, total, extreme float64
	tables(failedA+failedB, allA, allB, func(k int64, weight float64) {
		total += weight
		if k == failedA {
			seen = weight * (1 + 1e-7) // rounding must not tell equal tables apart
		}
	})
	tables(failedA+failedB, allA, allB, func(_ int64, weight float64) {
		if weight <= seen {
			extreme += weight
		}
	})
	return min(extreme/total, 1)
}

// tables calls f for each number of failed in A, with a weight in proportion to its
// probability, the likeliest having 1, until the weights are as good as 0.
func tables(failed, allA, allB int64, f func(k int64, weight float64)) {
	least, most := max(0, failed-allB), min(failed, allA)
	mode := int64((float64(failed) + 1) * (float64(allA) + 1) / (float64(allA) + float64(allB) + 2))
	mode = min(max(mode, least), most)
	up := func(k int64) float64 { // from the weight of k to that of k+1
		return float64(allA-k) / float64(k+1) * (float64(failed-k) / float64(allB-failed+k+1))
	}
	const nothing = 1e-300
	for k, weight := mode, 1.0; k <= most && weight > nothing; k++ {
		f(k, weight)
		weight *= up(k)
	}
	weight := 1.0
	for k := mode - 1; k >= least; k-- {
		if weight /= up(k); weight <= nothing {
			return
		}
		f(k, weight)
	}
}
