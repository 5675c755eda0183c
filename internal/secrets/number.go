package secrets

import (
	"slices"
	"strings"
)

// findNumber finds a payment card number or a United States social security number. The anchor is its first digits.
//
// A card number is 13 to 19 digits that begin as an issuer's numbers do (ISO/IEC 7812;
// https://docs.oracle.com/cd/F14820_01/doc.191/f15052/r_payments_sample_cc_preambles.htm) and satisfy the Luhn
// checksum (ISO/IEC 7812-1, annex B), in one piece or in the groups that cards print. One number in ten satisfies
// the checksum, and logs are full of identifiers: a number in one piece that is not of sixteen digits counts only
// where the words before it speak of a card, and none where its name says that it is an identifier.
func findNumber(src source, i int) (start, end int) {
	s := src.s
	if i > 2 && digit[s[i-1]] && digit[s[i-2]] && digit[s[i-3]] && (i < 6 || s[i-6] != '\\') {
		return 0, 0 // inside a number
	}
	if i+11 > len(s) || !digit[s[i+2]] || !digit[s[i+3]] && s[i+3] != '-' {
		return 0, 0
	}
	if i > 0 {
		switch c := s[i-1]; {
		case digit[c] && escapeTail(s, i) == 0, c == '_', c == '-' && i > 1 && (alnum[s[i-2]] || s[i-2] == '_'), c == '.' && i > 1 && digit[s[i-2]]:
			return 0, 0 // inside a number or an identifier, or the decimals of a number
		case alnum[c] && !wordStart(s, i) && !(c == 'B' && i > 1 && s[i-2] == '%'): // %B: a card's first track
			return 0, 0
		}
	}
	if s[i+3] == '-' {
		return findSSN(s, i)
	}
	var digits [19]byte
	var groups [6]int
	n, g, k, sep := 0, 0, i, byte(0)
	for ; k < len(s); k++ {
		if c := s[k]; digit[c] {
			if n == len(digits) {
				return 0, 0 // a longer number
			}
			digits[n] = c - '0'
			n++
			groups[g]++
			continue
		}
		gap := gapAt(s, k)
		if gap == 0 || g+1 == len(groups) || !digit[at(s, k+gap)] || g == 0 && groups[0] != 4 || n >= 16 && groups[g] != 4 {
			break
		}
		if g > 0 && (groups[g] != 4 && groups[g] != 6) || n == 16 && (digit.runMax(s, k+gap, 5)-k-gap != 3 || issuer(digits[:n]) && luhn(digits[:n])) || g > 0 && s[k] != sep {
			break
		}
		sep = s[k]
		g++
		k += gap - 1
	}
	if k < len(s) && (letter[s[k]] || s[k] == '_' || s[k] == '-' && alnum[at(s, k+1)] && sep != ' ' || s[k] == '.' && digit[at(s, k+1)]) || n < 13 || !issuer(digits[:n]) || !luhn(digits[:n]) {
		return 0, 0
	}
	if g > 0 {
		if !slices.ContainsFunc(printed, func(p []int) bool { return slices.Equal(p, groups[:g+1]) }) {
			return 0, 0
		}
		return i, k
	}
	before := s[max(0, i-40):i]
	if isIdentifier(before) || n != 16 && !speaksOfCards(before) {
		return 0, 0
	}
	return i, k
}

// gapAt returns the length of what may stand between the groups of a number at s[i], or 0.
func gapAt(s string, i int) int {
	switch {
	case s[i] == '-':
		return 1
	case s[i] == ' ':
		if at(s, i+1) == ' ' {
			return 2
		}
		return 1
	case s[i] == 0xC2 && at(s, i+1) == 0xA0: // a no-break space
		return 2
	}
	return 0
}

// printed are the groups in which cards print numbers.
var printed = [][]int{{4, 6, 5}, {4, 6, 4}, {4, 4, 4, 4}, {4, 4, 4, 4, 3}}

// speaksOfCards reports whether the words before a number are about payment.
func speaksOfCards(before string) bool {
	before = strings.ToLower(before)
	return slices.ContainsFunc(aboutCards, func(w string) bool { return strings.Contains(before, w) })
}

var aboutCards = []string{"card", "paid", "payment", "visa", "maestro", "amex", "diners", "pan", "charge", "credit", "debit"}

// isIdentifier reports whether the name right before a number is that of an identifier or a count.
func isIdentifier(before string) bool {
	end := len(before)
	for end > 0 && !letter[before[end-1]] && len(before)-end < 8 {
		end--
	}
	from := end
	for from > 0 && letter[before[from-1]] {
		from--
	}
	word := before[from:end]
	return identifiers.has(word) && !(len(word) == 6 && speaksOfCards(before)) || len(word) > 2 && lower(word[len(word)-1]) == 'd' && word[len(word)-2] == 'I'
}

var identifiers = set("id", "ids", "isbn", "bytes", "byte", "size", "offset", "seq", "sequence", "ts", "time", "timestamp", "nonce", "counter", "count", "total",
	"block", "snowflake", "uid", "pid", "gid", "tid", "oid")

// findSSN finds a social security number, 123-45-6789, of an area, group and serial that are given out
// (https://www.ssa.gov/employer/randomization.html).
func findSSN(s string, i int) (start, end int) {
	end = i + 11
	if digit.run(s, i+4) != i+6 || s[i+6] != '-' || digit.run(s, i+7) != end || end < len(s) && (alnumUnder[s[end]] || s[end] == '-') {
		return 0, 0
	}
	if area := s[i : i+3]; area == "000" || area == "666" || area[0] == '9' || s[i+4:i+6] == "00" || s[i+7:end] == "0000" {
		return 0, 0
	}
	return i, end
}

// findIBAN finds an international bank account number (ISO 13616): a country, two check digits and the account, in
// one piece or in groups of four, whose remainder by 97 is 1. The anchor is the second letter and the first digit.
func findIBAN(src source, i int) (start, end int) {
	s := src.s
	start = i - 1
	if start < 0 || !isUpper(s[start]) || !digit[at(s, i+2)] || !wordStart(s, start) || start > 0 && s[start-1] == '_' {
		return 0, 0
	}
	end = ibanEnd(s, start)
	var account [34]byte
	n := 0
	for k := start; k < end; k++ {
		switch c := s[k]; {
		case upperNum[c]:
			account[n] = c
			n++
		case isLower(c) || c == '\t' || n%4 > 0 || !upperNum[s[k+1]]:
			return 0, 0
		}
	}
	rest := 0
	for k := range n {
		c := account[(k+4)%n]
		if isUpper(c) {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	if rest != 1 {
		return 0, 0
	}
	return start, end
}

// ibanLength returns how long the numbers of a country are, by the registry of https://www.swift.com/standards/data-standards/iban,
// or 0.
func ibanLength(country string) int {
	const registry = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29BY28CH21CR22CY28CZ24DE22DK18DO28EE20EG29ES24FI18FO18FR27GB22GE22GI23GL18GR27GT28HR21HU28" +
		"IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21MC27MD24ME22MK19MR27MT31MU30NL18NO15PK24PL28PS29PT25QA29RO24RS22SA24SC31SE24SI19SK24SM27ST25SV28TL23TN24TR26UA29VA22VG24XK20"
	for i := 0; i < len(registry); i += 4 {
		if registry[i] == country[0] && registry[i+1] == country[1] {
			return int(registry[i+2]-'0')*10 + int(registry[i+3]-'0')
		}
	}
	return 0
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
	if len(d) < 13 {
		return false
	}
	four := int(d[0])*1000 + int(d[1])*100 + int(d[2])*10 + int(d[3])
	return slices.ContainsFunc(issuers, func(r issued) bool { return four >= r.from && four <= r.to && len(d) >= r.min && len(d) <= r.max })
}

// issued are numbers that begin with four digits of a range, and how long they are.
type issued struct{ from, to, min, max int }

var issuers = []issued{
	{4000, 4999, 13, 13}, {4000, 4999, 16, 19}, // Visa
	{5100, 5599, 16, 16}, {2221, 2720, 16, 16}, // Mastercard
	{3400, 3499, 15, 15}, {3700, 3799, 15, 15}, // American Express
	{3600, 3699, 14, 19}, {3800, 3999, 14, 19}, {3000, 3059, 14, 19}, // Diners Club
	{3528, 3589, 16, 19},                       // JCB
	{6011, 6011, 16, 19}, {6440, 6599, 16, 19}, // Discover
	{6200, 6299, 16, 19}, {8100, 8199, 16, 19}, // UnionPay
	{5000, 5099, 13, 19}, {5600, 5899, 13, 19}, {6300, 6399, 13, 19}, {6700, 6799, 13, 19}, // Maestro
}
