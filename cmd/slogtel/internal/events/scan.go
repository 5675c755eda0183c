package events

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// The scanners below read JSON that has no white space but spaces after colons, commas and
// opening brackets, and return -1 for all that they do not understand, be it valid or not.

func skipSpaces(b []byte, i int) int {
	for i < len(b) && b[i] == ' ' {
		i++
	}
	return i
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// A jsonString is the inside of a string in a line.
type jsonString struct {
	start, end int
	escaped    bool
	wide       bool // it has bytes beyond ASCII
}

// scanString reads the string whose first quote is at b[i] and returns where it ends.
func scanString(b []byte, i int, s *jsonString) int {
	i++
	s.start, s.escaped, s.wide = i, false, false
	for {
		// Eight bytes at once: a quote, a backslash, a control character or a byte beyond
		// ASCII sets the high bit of its place (Hacker's Delight, 6-1). Only the lowest
		// bit that is set is certain.
		for i+8 <= len(b) {
			x := binary.LittleEndian.Uint64(b[i:])
			quote, slash := x^'"'*ones, x^'\\'*ones
			special := ((quote-ones)&^quote | (slash-ones)&^slash | (x-' '*ones)&^x | x) & highs
			if special != 0 {
				i += bits.TrailingZeros64(special) / 8
				break
			}
			i += 8
		}
		if i >= len(b) {
			return -1
		}
		switch c := b[i]; {
		case c == '"':
			s.end = i
			return i + 1
		case c == '\\':
			s.escaped = true
			n := escapeLen(b[i:])
			if n < 0 {
				return -1
			}
			i += n
		case c < ' ':
			return -1
		case c >= utf8.RuneSelf:
			s.wide = true
			for i++; i < len(b) && b[i] >= utf8.RuneSelf; i++ {
			}
		default: // at the end of the line
			i++
		}
	}
}

func escapeLen(b []byte) int {
	if len(b) < 2 {
		return -1
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) < 6 || hex4(b[2:6]) < 0 {
			return -1
		}
		return 6
	}
	return -1
}

func hex4(b []byte) (r rune) {
	for _, c := range b[:4] {
		r <<= 4
		switch {
		case '0' <= c && c <= '9':
			r |= rune(c - '0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r |= rune(c|0x20-'a') + 10
		default:
			return -1
		}
	}
	return r
}

// appendUnescaped appends the inside of a string that scanString has accepted.
func appendUnescaped(dst, s []byte) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c != '\\' {
			dst = append(dst, c)
			i++
			continue
		}
		i += 2
		switch c = s[i-1]; c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r := hex4(s[i:])
			i += 4
			if 0xd800 <= r && r < 0xe000 { // half of a character, alone or with the other half
				low := rune(-1)
				if r < 0xdc00 && i+6 <= len(s) && s[i] == '\\' && s[i+1] == 'u' {
					low = hex4(s[i+2:])
				}
				if 0xdc00 <= low && low < 0xe000 {
					r = (r-0xd800)<<10 + (low - 0xdc00) + 0x10000
					i += 6
				} else {
					r = utf8.RuneError
				}
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// maxSkip is how deep skipValue goes.
const maxSkip = 64

// skipValue returns where the value at b[i] ends.
func skipValue(b []byte, i, depth int) int {
	if i >= len(b) {
		return -1
	}
	switch c := b[i]; c {
	case '"':
		var s jsonString
		return scanString(b, i, &s)
	case '{', '[':
		return skipNested(b, i, depth)
	case 't':
		return literal(b, i, "true")
	case 'f':
		return literal(b, i, "false")
	case 'n':
		return literal(b, i, "null")
	}
	return skipNumber(b, i)
}

func literal(b []byte, i int, word string) int {
	if len(b)-i < len(word) || string(b[i:i+len(word)]) != word {
		return -1
	}
	return i + len(word)
}

func skipNumber(b []byte, i int) int {
	if i < len(b) && b[i] == '-' {
		i++
	}
	first := i
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	if i == first || i > first+1 && b[first] == '0' {
		return -1
	}
	if i < len(b) && b[i] == '.' {
		i++
		point := i
		for i < len(b) && b[i]-'0' <= 9 {
			i++
		}
		if i == point {
			return -1
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '-' || b[i] == '+') {
			i++
		}
		from := i
		for i < len(b) && b[i]-'0' <= 9 {
			i++
		}
		if i == from {
			return -1
		}
	}
	return i
}

func skipNested(b []byte, i, depth int) int {
	open := b[i]
	end := open + 2 // ] after [, } after {
	if i = skipSpaces(b, i+1); depth == 0 || i >= len(b) {
		return -1
	}
	if b[i] == end {
		return i + 1
	}
	for {
		if open == '{' {
			var key jsonString
			if i >= len(b) || b[i] != '"' {
				return -1
			}
			if i = scanString(b, i, &key); i < 0 || i >= len(b) || b[i] != ':' {
				return -1
			}
			i = skipSpaces(b, i+1)
		}
		if i = skipValue(b, i, depth-1); i < 0 || i >= len(b) {
			return -1
		}
		switch b[i] {
		case end:
			return i + 1
		case ',':
			i = skipSpaces(b, i+1)
		default:
			return -1
		}
	}
}
