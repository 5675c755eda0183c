package jsonenc

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// AppendInt appends v in decimal.
func AppendInt(dst []byte, v int64) []byte {
	if v < 0 {
		return AppendUint(append(dst, '-'), -uint64(v))
	}
	return AppendUint(dst, uint64(v))
}

// AppendUint appends v in decimal.
func AppendUint(dst []byte, v uint64) []byte {
	if v < 10 {
		return append(dst, '0'+byte(v))
	}
	if v < 100 {
		return append(dst, pairs[2*v], pairs[2*v+1])
	}
	digits := countDigits(v)
	n := len(dst)
	dst = slices.Grow(dst, 28)
	putDigits(dst[n:n+28], v, digits)
	return dst[:n+digits]
}

// putDigits writes v at the start of b with just so many digits, at most 20, with zeros in front
// where v has fewer. It needs digits+8 bytes of space: what it writes behind the digits is to be ignored.
func putDigits(b []byte, v uint64, digits int) {
	// Eight digits make a word. The highest word is written first, shifted down by the digits that
	// it lacks, and those that follow overwrite the scrap behind it.
	switch {
	case digits <= 8:
		binary.LittleEndian.PutUint64(b, eightDigits(v)>>((64-8*digits)&63))
	case digits <= 16:
		high := v / 1e8
		binary.LittleEndian.PutUint64(b, eightDigits(high)>>((128-8*digits)&63))
		binary.LittleEndian.PutUint64(b[digits-8:], eightDigits(v-high*1e8))
	default:
		high := v / 1e16
		low := v - high*1e16
		middle := low / 1e8
		binary.LittleEndian.PutUint64(b, eightDigits(high)>>((192-8*digits)&63))
		binary.LittleEndian.PutUint64(b[digits-16:], eightDigits(middle))
		binary.LittleEndian.PutUint64(b[digits-8:], eightDigits(low-middle*1e8))
	}
}

// eightDigits is the text of v, below 10^8, as eight digits, the first in the lowest byte.
//
// It halves all numbers at once, the quotient below the remainder: one of eight digits becomes two
// of four, then four of two, then eight of one. A multiplication and a shift stand for each
// division; they are exact in the range where they are used, and stay within their part of the word.
func eightDigits(v uint64) uint64 {
	q := v / 10000
	v = q | (v-q*10000)<<32
	q = v * 10486 >> 20 & 0x7f_0000007f // /100, below 10^4
	v = q | (v-q*100)<<16
	q = v * 103 >> 10 & 0x000f_000f_000f_000f // /10, below 100
	v = q | (v-q*10)<<8
	return v | '0'*ones
}

// pairs holds the two digits of every number below 100.
const pairs = "00010203040506070809" +
	"10111213141516171819" +
	"20212223242526272829" +
	"30313233343536373839" +
	"40414243444546474849" +
	"50515253545556575859" +
	"60616263646566676869" +
	"70717273747576777879" +
	"80818283848586878889" +
	"90919293949596979899"

// countDigits is the number of decimal digits of v, 1 for zero.
func countDigits(v uint64) int {
	// 1233/4096 is a little over log10(2): the bit length gives the number of digits, or one less.
	n := bits.Len64(v|1) * 1233 >> 12
	if v >= powersOf10[n] {
		n++
	}
	return max(n, 1)
}

// powersOf10 holds those that fit a uint64.
var powersOf10 = func() (t [20]uint64) {
	t[0] = 1
	for i := 1; i < len(t); i++ {
		t[i] = 10 * t[i-1]
	}
	return t
}()
