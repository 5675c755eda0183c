package diff

import "math"

// The tests of error rates.
const (
	fisherName = "Fisher's exact test"
	zName      = "two-proportion z-test"
)

// enough is the least expected number in a cell from which the normal approximation is
// as good as exact.
const enough = 100

// maxTables is the most tables that are added up; where there are more, the z-test takes over.
const maxTables = 1_000_000

// sameShare tests whether failed out of all calls is the same share on both sides, and
// returns the two-sided p-value and the name of the test: Fisher's, or with at least enough
// expected in each cell the z-test with the pooled share (Agresti, "Categorical Data
// Analysis", 3rd ed., sections 3.2 and 3.5).
func sameShare(failedA, allA, failedB, allB int64) (p float64, test string) {
	failed, all := float64(failedA+failedB), float64(allA+allB)
	if failed == 0 || failed == all || allA == 0 || allB == 0 {
		return 1, fisherName
	}
	least := min(float64(allA), float64(allB)) * min(failed, all-failed) / all
	if tables := min(failedA+failedB, allA) - max(0, failedA+failedB-allB); least < enough && tables < maxTables {
		return fisher(failedA, allA, failedB, allB), fisherName
	}
	share := failed / all
	deviation := math.Sqrt(share * (1 - share) * (1/float64(allA) + 1/float64(allB)))
	z := math.Abs(float64(failedA)/float64(allA)-float64(failedB)/float64(allB)) / deviation
	return math.Erfc(z / math.Sqrt2), zName
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
