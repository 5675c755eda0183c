// Package secretstest helps to test whatever hides secrets: it looks for what is left of one.
package secretstest

import "strings"

// mask is secrets.Mask, which this package does not import so that the tests of that one can use it.
const mask = "[REDACTED]"

// window is how many bytes of a secret in a row count as a leak.
const window = 6

// Leak returns a part of the example's secret that is to be seen in shown, or "" where there is none.
// Parts that also stand in the rest of the example, in around, or in the mask itself prove nothing and
// are passed over.
func Leak(shown, around string, e Example) string {
	rest := around + "\x00" + strings.Replace(e.Text, e.Secret, "\x00", 1) + "\x00" + mask
	n := min(window, len(e.Secret))
	for i := 0; i+n <= len(e.Secret); i++ {
		if part := e.Secret[i : i+n]; strings.Contains(shown, part) && !strings.Contains(rest, part) {
			return part
		}
	}
	return ""
}
