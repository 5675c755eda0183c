package diff

import "math"

// twoSided is the chance that a value of Student's t distribution is as far from 0 as t.
func twoSided(t, df float64) float64 {
	switch {
	case math.IsNaN(t):
		return 1
	case math.IsInf(df, 1):
		return math.Erfc(math.Abs(t) / math.Sqrt2)
	}
	return incompleteBeta(df/(df+t*t), df/2, 0.5)
}

// critical is the t whose twoSided chance is alpha.
func critical(alpha, df float64) float64 {
	low, high := 0.0, 1.0
	for twoSided(high, df) > alpha && high < 1e12 {
		high *= 2
	}
	for range 100 {
		if half := (low + high) / 2; twoSided(half, df) > alpha {
			low = half
		} else {
			high = half
		}
	}
	return high
}

// incompleteBeta is the regularized incomplete beta function, by its continued fraction (NIST
// Digital Library of Mathematical Functions, 8.17.22), which converges fast below its mean.
func incompleteBeta(x, a, b float64) float64 {
	switch {
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	case x > (a+1)/(a+b+2):
		return 1 - incompleteBeta(1-x, b, a)
	}
	lgamma := func(v float64) float64 { g, _ := math.Lgamma(v); return g }
	front := math.Exp(lgamma(a+b)-lgamma(a)-lgamma(b)+a*math.Log(x)+b*math.Log1p(-x)) / a
	const tiny = 1e-300
	// Lentz's method: f is the fraction so far, c and d the quotients of neighboring terms.
	f, c, d := 1.0, 1.0, 0.0
	for i := range 1000 {
		m := float64(i / 2)
		term := 1.0
		switch {
		case i == 0:
		case i%2 == 0:
			term = m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		default:
			term = -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		}
		if d = 1 + term*d; math.Abs(d) < tiny {
			d = tiny
		}
		d = 1 / d
		if c = 1 + term/c; math.Abs(c) < tiny {
			c = tiny
		}
		f *= c * d
		if i > 0 && math.Abs(c*d-1) < 1e-13 {
			break
		}
	}
	return min(max(front*(f-1), 0), 1)
}
