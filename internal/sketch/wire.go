package sketch

import (
	"encoding"
	"encoding/base64"
	"encoding/binary"
	"math"
	"math/bits"
)

const (
	wholeVersion = "1:" // all numbers of values are whole
	floatVersion = "2:"
	// maxWireText is longer than any text that AppendText makes.
	maxWireText = 64 << 10
	// maxWireCount is the largest whole number up to which float64, in which bins count,
	// has them all.
	maxWireCount = 1 << 53
)

var _ encoding.TextAppender = (*Sketch)(nil)

// AppendText appends s as a text, for [Parse] and for other programs: the package
// documentation has the format. A nil s is an empty Sketch. The error is always nil.
func (s *Sketch) AppendText(dst []byte) ([]byte, error) {
	var scratch [512]byte
	b := scratch[:0]
	version := wholeVersion
	if s == nil || s.empty() {
		b = append(b, 0)
	} else {
		appendCount := appendWhole
		if !s.isWhole() {
			version, appendCount = floatVersion, appendFloat
		}
		b = appendCount(b, s.Count())
		b = appendCount(b, s.zeros)
		sum, low := s.sum.Parts()
		for _, f := range [...]float64{sum, low, s.min, s.max} {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
		}
		b = appendBins(b, s.negative, appendCount)
		b = appendBins(b, s.positive, appendCount)
	}
	dst = append(dst, version...)
	return base64.RawURLEncoding.AppendEncode(dst, b), nil
}

// isWhole reports whether all weights add up to whole numbers, of no more than maxWireCount.
func (s *Sketch) isWhole() bool {
	n := s.Count()
	ok := n <= maxWireCount && n == math.Trunc(n) && s.zeros == math.Trunc(s.zeros)
	for _, from := range [...]*bins{s.negative, s.positive} {
		for _, count := range from.all {
			ok = ok && count == math.Trunc(count)
		}
	}
	return ok
}

func appendWhole(b []byte, v float64) []byte { return binary.AppendUvarint(b, uint64(v)) }

func appendFloat(b []byte, v float64) []byte {
	return binary.AppendUvarint(b, bits.ReverseBytes64(math.Float64bits(v)))
}

// appendBins appends the bins of one sign; from may be nil.
func appendBins(b []byte, from *bins, appendCount func([]byte, float64) []byte) []byte {
	n := uint64(0)
	for range from.all {
		n++
	}
	b = binary.AppendUvarint(b, n)
	first, next := true, 0
	for index, count := range from.all {
		switch {
		case first:
			b = binary.AppendVarint(b, int64(index))
			first = false
		case index > next:
			b = binary.AppendUvarint(append(b, 0), uint64(index-next))
		}
		b = appendCount(b, count)
		next = index + 1
	}
	return b
}
