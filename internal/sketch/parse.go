package sketch

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strings"

	"github.com/slogtel/telemetry/internal/tally"
)

var (
	errForm    = errors.New("not in the form of a sketch")
	errVersion = errors.New("of a version that is not known")
	errLong    = errors.New("longer than any sketch")
	errBins    = errors.New("bins that no sketch has")
	errCounts  = errors.New("counts that do not add up")
	errNumbers = errors.New("sum, minimum or maximum that its bins cannot have")
)

// Parse returns the Sketch that [Sketch.AppendText] made text of: it merges, and answers for
// quantiles, as that one does. It is meant for texts of unknown origin: what it returns is
// consistent in itself, and takes no more memory than any Sketch; anything else is an error.
func Parse(text string) (*Sketch, error) {
	s, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("sketch: a text that is %w", err)
	}
	return s, nil
}

func parse(text string) (*Sketch, error) {
	if len(text) > maxWireText {
		return nil, errLong
	}
	body, ok := strings.CutPrefix(text, wholeVersion)
	floats := false
	if !ok {
		body, ok = strings.CutPrefix(text, floatVersion)
		floats = ok
	}
	switch {
	case !ok && strings.Contains(text, ":"):
		return nil, errVersion
	case !ok || strings.ContainsAny(body, "\r\n"): // which the decoder would skip
		return nil, errForm
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(body)
	if err != nil {
		return nil, errForm
	}
	in := wire{data: data, floats: floats}
	s := new(Sketch)
	if count := in.count(); count > 0 {
		s.count.Add(count, 1)
		s.zeros = in.count()
		s.sum = tally.SumOf(in.float(), in.float())
		s.min, s.max = in.float(), in.float()
		s.negative = in.bins()
		s.positive = in.bins()
	}
	switch {
	case in.err != nil:
		return nil, in.err
	case len(in.data) > 0:
		return nil, errForm
	}
	return s, s.check(floats)
}

// wire reads the bytes of a text. After the first error all that it reads is zero.
type wire struct {
	data   []byte
	floats bool // counts are floats
	err    error
}

func (w *wire) fail(err error) {
	if w.err == nil {
		w.data, w.err = nil, err
	}
}

// take goes on by n bytes, as told by package binary: none or less is an error.
func (w *wire) take(n int) {
	if n <= 0 {
		w.fail(errForm)
		return
	}
	w.data = w.data[n:]
}

// count reads a number of values.
func (w *wire) count() float64 {
	if !w.floats {
		return float64(w.whole())
	}
	v, n := binary.Uvarint(w.data)
	f := math.Float64frombits(bits.ReverseBytes64(v))
	if !(f >= 0 && f <= maxWireWeight) { // NaN neither
		w.fail(errCounts)
		return 0
	}
	w.take(n)
	return f
}

// maxWireWeight is more than the weights of any events add up to, and so little that
// sums of such stay finite.
const maxWireWeight = 1e30

func (w *wire) whole() int64 {
	v, n := binary.Uvarint(w.data)
	if v > maxWireCount {
		w.fail(errCounts)
		return 0
	}
	w.take(n)
	return int64(v)
}

func (w *wire) float() float64 {
	if len(w.data) < 8 {
		w.fail(errForm)
		return 0
	}
	f := math.Float64frombits(binary.LittleEndian.Uint64(w.data))
	if f-f != 0 {
		w.fail(errNumbers)
		return 0
	}
	w.take(8)
	return f
}

// bins reads the bins of one sign, and returns nil where there are none.
func (w *wire) bins() *bins {
	n := w.whole()
	if n == 0 {
		return nil
	}
	first, used := binary.Varint(w.data)
	w.take(used)
	if n > maxBins || first < lowestBin || first > highestBin {
		w.fail(errBins)
		return nil
	}
	b := new(bins)
	index := first
	for i := range n {
		count := w.count()
		if count == 0 && i > 0 { // a gap
			gap := w.whole()
			if gap == 0 {
				w.fail(errBins)
			}
			index += gap
			count = w.count()
		}
		if count == 0 || index-first >= maxBins || index > highestBin {
			w.fail(errBins)
		}
		if w.err != nil {
			return nil
		}
		b.add(int(index), count)
		index++
	}
	return b
}

// lowestBin and highestBin are the first and the last bin that a magnitude has.
var (
	lowestBin  = int64(binIndex(smallest)) - 1
	highestBin = int64(binIndex(math.MaxFloat64)) + 1
)

// check reports what cannot be so in a Sketch. A bin may be one beside its place: where
// processors round differently, a value at the border of two bins has another one.
func (s *Sketch) check(floats bool) error {
	negative, positive := total(s.negative), total(s.positive)
	count := s.Count()
	if all := s.zeros + negative + positive; all != count && !(floats && math.Abs(all-count) <= 1e-9*count) {
		return errCounts
	}
	if s.empty() {
		return nil
	}
	ok := s.min <= s.max && s.reaches(s.negative, s.positive, -s.min) && s.reaches(s.positive, s.negative, s.max)
	least, most := s.min*count, s.max*count
	slack := 1e-6 * max(math.Abs(least), math.Abs(most))
	if sum := s.Sum(); !ok || sum < finite(least-slack) || sum > finite(most+slack) {
		return errNumbers
	}
	return nil
}

// reaches reports whether v can be the value that reaches farthest to the side of one sign, whose
// bins are mine. A v below zero is among theirs.
func (s *Sketch) reaches(mine, theirs *bins, v float64) bool {
	switch {
	case total(mine) > 0:
		return v > 0 && near(binIndex(v), mine.high)
	case s.zeros > 0:
		return math.Abs(v) < smallest
	}
	return v < 0 && binIndex(-v) <= theirs.low+1 // less: the lowest bins collapse
}

// finite returns the number nearest to f, and NaN for NaN.
func finite(f float64) float64 { return min(max(f, -math.MaxFloat64), math.MaxFloat64) }

func near(a, b int) bool { return a-b <= 1 && b-a <= 1 }
