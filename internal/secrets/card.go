package secrets

// findCard finds a payment card number: 13 to 19 digits that begin as an issuer's numbers do
// (ISO/IEC 7812; https://docs.oracle.com/cd/F14820_01/doc.191/f15052/r_payments_sample_cc_preambles.htm)
// and satisfy the Luhn checksum (ISO/IEC 7812-1, annex B), in one piece or in groups of three to six
// with single spaces or dashes between them. The anchor is the first digit of a group.
//
// The issuer's digits matter: one number in ten satisfies the checksum, and a log is full of
// nanoseconds and serial numbers.
func findCard(src source, i int) (start, end int) {
	s := src.s
	if i > 0 && (alnum[s[i-1]] && !wordStart(s, i) || s[i-1] == '.' && i > 1 && digit[s[i-2]]) {
		return 0, 0 // inside a word, or the decimals of a number
	}
	if digit.runMax(s, i, 3) < i+3 {
		return 0, 0
	}
	var digits [19]byte
	n, group, sep := 0, 0, byte(0)
	for k := i; k < len(s); k++ {
		if c := s[k]; digit[c] {
			if n == len(digits) {
				break // a longer number
			}
			digits[n] = c - '0'
			n++
			group++
			if k+1 < len(s) && digit[s[k+1]] {
				continue
			}
			if k+1 < len(s) && letter[s[k+1]] {
				break
			}
			if sep != 0 && group < 3 {
				break
			}
			if issuer(digits[:n]) && luhn(digits[:n]) {
				start, end = i, k+1
			}
		} else {
			if c != ' ' && c != '-' || sep != 0 && c != sep || group < 3 || group > 6 {
				break
			}
			sep, group = c, 0
		}
	}
	return start, end
}

// luhn reports whether the digits satisfy the checksum.
func luhn(digits []byte) bool {
	sum := 0
	for i, d := range digits {
		v := int(d)
		if (len(digits)-i)%2 == 0 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

// issuer reports whether a number of this length can begin so.
func issuer(d []byte) bool {
	n := len(d)
	if n < 13 {
		return false
	}
	two := int(d[0])*10 + int(d[1])
	four := two*100 + int(d[2])*10 + int(d[3])
	switch {
	case d[0] == 4: // Visa
		return n == 13 || n >= 16
	case two >= 51 && two <= 55, four >= 2221 && four <= 2720: // Mastercard
		return n == 16
	case two == 34 || two == 37: // American Express
		return n == 15
	case two == 36 || two == 38 || two == 39 || two == 30 && d[2] <= 5: // Diners Club
		return n >= 14
	case two == 35 && four >= 3528 && four <= 3589: // JCB
		return n >= 16
	case four == 6011 || two == 65 || two == 64 && d[2] >= 4: // Discover
		return n >= 16
	case two == 62 || two == 81: // UnionPay
		return n >= 16
	case two == 50 || two >= 56 && two <= 58 || two == 63 || two == 67: // Maestro
		return n >= 13
	}
	return false
}
