package failures

import (
	"net/netip"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What takes the place of that in which texts of the same failure differ.
const (
	maskString  = "<text>"
	maskUUID    = "<uuid>"
	maskHex     = "<hex>"
	maskAddress = "<addr>"
	maskID      = "<id>"
	maskNumber  = "<n>"
)

// maxFolded is the most bytes of a text that are looked at.
const maxFolded = 4 << 10

// Fold returns the pattern of a text: quoted strings, UUIDs, addresses, hexadecimal and other ids, and
// numbers are masked; of a number with a unit, the unit stays. White space is one space.
func Fold(s string) string {
	if len(s) > maxFolded {
		s = strings.ToValidUTF8(s[:maxFolded], "")
	}
	var b strings.Builder
	b.Grow(len(s))
	var before byte // the last byte of s before i, 0 at the start
	for i := 0; i < len(s); {
		n, mask := 0, ""
		switch c := s[i]; {
		case c == '"' || c == '\'' || c == '`':
			n, mask = quoted(s[i:], before), maskString
		case c == '<':
			n = masked(s[i:])
			mask = s[i : i+n]
		case inAddress(c) && !inAddress(before) && !isLetter(before):
			n, mask = token(s[i:])
		}
		if n > 0 {
			b.WriteString(mask)
			i += n
			before = s[i-1]
			continue
		}
		if isWord(s[i]) {
			for n < len(s[i:]) && isWord(s[i+n]) {
				n++
			}
			b.WriteString(word(s[i : i+n]))
		} else if r, size := utf8.DecodeRuneInString(s[i:]); unicode.IsSpace(r) {
			n = size
			if before != ' ' && i > 0 {
				b.WriteByte(' ')
			}
			i += n
			before = ' '
			continue
		} else {
			n = size
			b.WriteString(s[i : i+n])
		}
		i += n
		before = s[i-1]
	}
	return strings.TrimSpace(b.String())
}

// masked returns how long a mask is that s begins with.
func masked(s string) int {
	for _, m := range []string{maskString, maskUUID, maskHex, maskAddress, maskID, maskNumber} {
		if strings.HasPrefix(s, m) {
			return len(m)
		}
	}
	return 0
}

// quoted returns how long the string in quotes is that s begins with, and 0 for an apostrophe or a quote without end.
func quoted(s string, before byte) int {
	quote := s[0]
	if isWord(before) && quote == '\'' {
		return 0
	}
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == quote && (quote != '\'' || i+1 == len(s) || !isWord(s[i+1])):
			return i + 1
		case s[i] == '\n':
			return 0
		}
	}
	return 0
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c >= utf8.RuneSelf }
func isWord(c byte) bool   { return isDigit(c) || isLetter(c) }
func isHex(c byte) bool    { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// inAddress reports whether c may be in an IP address, a UUID, or a number with a sign, point or exponent.
func inAddress(c byte) bool {
	return isHex(c) || c == ':' || c == '.' || c == '-' || c == '[' || c == ']' || c == '%' || c == '+'
}

// token returns how long the address, UUID or decimal number is that s begins with, and its mask.
func token(s string) (n int, mask string) {
	if len(s) >= 36 && uuidForm.MatchString(s[:36]) && (len(s) == 36 || !isWord(s[36])) {
		return 36, maskUUID
	}
	end := 0
	for end < len(s) && inAddress(s[end]) {
		end++
	}
	if end < len(s) && isLetter(s[end]) { // more than an address
		end = strings.LastIndexAny(s[:end], ":.[]%") + 1
	}
	for try := strings.TrimRight(s[:end], ".:-+[%"); len(try) > 1; try = strings.TrimRight(try[:len(try)-1], ".:-+[%") {
		if isAddress(try) {
			return len(try), maskAddress
		}
		if try[len(try)-1] != ']' {
			break
		}
	}
	return decimal(s)
}

var (
	uuidForm  = regexp.MustCompile(`^(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	someDigit = regexp.MustCompile(`[0-9]+`)
)

// isAddress reports whether s is an IP address, maybe with a port.
func isAddress(s string) bool {
	if strings.Count(s, ".") < 3 && strings.Count(s, ":") < 2 {
		return false
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	if _, err := netip.ParseAddrPort(s); err == nil {
		return true
	}
	_, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return err == nil
}

// decimal returns how long the number with a point or an exponent is that s begins with, or one of several with separators
// as in a date: 1.5, 1e-9, 2026-11-28, 10:33:51.
func decimal(s string) (n int, mask string) {
	i := 0
	for i < len(s) && (isDigit(s[i]) || i > 0 && i+1 < len(s) && strings.IndexByte(".:-T", s[i]) >= 0 && isDigit(s[i-1]) && isDigit(s[i+1])) {
		i++
	}
	if i == 0 || !strings.ContainsAny(s[:i], ".:-") {
		return 0, ""
	}
	if i < len(s) && s[i]|0x20 == 'e' { // an exponent
		k := i + 1
		if k < len(s) && (s[k] == '-' || s[k] == '+') {
			k++
		}
		from := k
		for k < len(s) && isDigit(s[k]) {
			k++
		}
		if k > from {
			i = k
		}
	}
	return i, maskNumber
}

// word masks a word of letters and digits.
func word(s string) string {
	digits, hex, turns := 0, len(s) >= 8, 0
	for i := range len(s) {
		if isDigit(s[i]) {
			digits++
		} else if !isHex(s[i]) {
			hex = false
		}
		if i > 0 && isDigit(s[i]) != isDigit(s[i-1]) {
			turns++
		}
	}
	switch {
	case digits == 0:
		return s
	case digits == len(s):
		return maskNumber
	case len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' && strings.IndexFunc(s[2:], func(r rune) bool { return r >= utf8.RuneSelf || !isHex(byte(r)) }) < 0:
		return maskHex
	case hex:
		return maskHex
	case turns > 1 && len(s) >= 8 && !isTime(s):
		return maskID
	}
	return someDigit.ReplaceAllString(s, maskNumber)
}

// isTime reports whether a word is numbers with units of time, as 1h30m10s.
func isTime(s string) bool {
	return isDigit(s[0]) && strings.Trim(s, "0123456789hmsnuµ") == ""
}
