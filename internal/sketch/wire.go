package sketch

import (
	"encoding"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math"
)

const (
	wireVersion = "1:"
	// maxWireText is longer than any text that AppendText makes.
	maxWireText = 64 << 10
	// maxWireCount is the most values that a text can tell of: float64, in which bins
	// count, has no larger ones that are all exact.
	maxWireCount = 1 << 53
)

// ErrTooMany is returned for a Sketch of more than 2⁵³ values, which has no text.
var ErrTooMany = errors.New("sketch: more than 2^53 values")

var _ encoding.TextAppender = (*Sketch)(nil)

// AppendText appends s as a text, for [Parse] and for other programs: the package
// documentation has the format. A nil s is an empty Sketch. The only error is [ErrTooMany].
func (s *Sketch) AppendText(dst []byte) ([]byte, error) {
	var room [512]byte
	b := room[:0]
	switch {
	case s == nil || s.count == 0:
		b = append(b, 0)
	case s.count > maxWireCount:
		return dst, ErrTooMany
	default:
		b = binary.AppendUvarint(b, uint64(s.count))
		b = binary.AppendUvarint(b, uint64(s.zeros))
		for _, f := range [...]float64{s.sum, s.low, s.min, s.max} {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
		}
		b = appendBins(b, s.negative)
		b = appendBins(b, s.positive)
	}
	dst = append(dst, wireVersion...)
	return base64.RawURLEncoding.AppendEncode(dst, b), nil
}

// appendBins appends the bins of one sign; from may be nil.
func appendBins(b []byte, from *bins) []byte {
	if from == nil {
		return append(b, 0)
	}
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
		b = binary.AppendUvarint(b, uint64(count))
		next = index + 1
	}
	return b
}
