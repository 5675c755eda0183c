package jsonenc

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

// AppendString appends s as a JSON string, quotes included.
//
// Only what JSON demands is escaped, and U+2028 and U+2029 besides, which JavaScript takes for line
// ends; there is no HTML escaping. Bytes that are not UTF-8 become U+FFFD, one a byte, as an escape or as
// the character, whichever slog writes.
func AppendString(dst []byte, s string) []byte {
	n, end := len(dst), len(dst)+len(s)+2
	dst = slices.Grow(dst, len(s)+2)
	b := dst[n:end]
	b[0] = '"'
	if copyPlain(b[1:], s) {
		b[len(b)-1] = '"'
		return dst[:end]
	}
	return append(appendEscaped(dst[:n+1], s), '"')
}

// AppendKey appends s as the key of an object's member, the colon included.
func AppendKey(dst []byte, s string) []byte {
	n, end := len(dst), len(dst)+len(s)+3
	dst = slices.Grow(dst, len(s)+3)
	b := dst[n:end]
	b[0] = '"'
	if copyPlain(b[1:], s) {
		b[len(b)-2] = '"'
		b[len(b)-1] = ':'
		return dst[:end]
	}
	return append(appendEscaped(dst[:n+1], s), '"', ':')
}

// copyPlain copies s to the start of b when it is plain: printable ASCII without a quote or a
// backslash, which JSON takes as it is. If s is not plain, what it leaves in b means nothing.
//
// It moves eight bytes at a time, or four, and lets the last step overlap the one before: most
// strings in a log are short, and a loop over single bytes, or a pass of its own for looking at
// them, costs more than all the rest of the string.
func copyPlain(b []byte, s string) bool {
	n := len(s)
	b = b[:n]
	switch {
	case n >= 8:
		for i := 0; i < n-8; i += 8 {
			w := load8(s[i:])
			if special(w) != 0 {
				return false
			}
			binary.LittleEndian.PutUint64(b[i:], w)
		}
		w := load8(s[n-8:])
		binary.LittleEndian.PutUint64(b[n-8:], w)
		return special(w) == 0
	case n >= 4:
		first, last := load4(s), load4(s[n-4:])
		binary.LittleEndian.PutUint32(b, first)
		binary.LittleEndian.PutUint32(b[n-4:], last)
		return special(uint64(first)|uint64(last)<<32) == 0
	}
	for i := range b {
		c := s[i]
		if !plain[c] {
			return false
		}
		b[i] = c
	}
	return true
}

const (
	ones     = 0x0101010101010101
	highBits = 0x8080808080808080
)

// special is zero when all eight bytes of w are plain.
//
// Where they are, no subtraction below borrows from its neighbour, and no high bit is set. The
// lowest byte that is not plain sets its own high bit; that those above it may then be judged
// wrongly does not matter to a yes or no.
func special(w uint64) uint64 {
	control := w - ' '*ones
	quote := w ^ '"'*ones - ones
	backslash := w ^ '\\'*ones - ones
	return (w | control | quote | backslash) & highBits
}

// load8 is the word at the start of s; the compiler makes one load of it.
func load8(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func load4(s string) uint32 {
	_ = s[3]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// plain marks the bytes that JSON takes as they are.
var plain = func() (t [256]bool) {
	for c := byte(' '); c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()
