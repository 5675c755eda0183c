package page

import (
	"math"
	"strconv"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

// MaxSize bounds the page, in bytes.
const MaxSize = 4_500_000

// Limits bound what a [Model] keeps, and with it the memory that it takes.
type Limits struct {
	Scopes   int // scopes with a row of their own
	Series   int // scopes, and again metrics, with values over time
	Buckets  int // of time; at least half of them are in use once there was more than a few
	Earliest int // spans kept because they began first
	Slowest  int // spans kept because they took longest of all
	InBucket int // spans kept because they took longest of those that ended in a bucket of time
	Failed   int // spans kept because they failed, those that began first
	Errors   int // patterns of errors
	Metrics  int // metrics with a row of their own
	Attrs    int // of a span
	Name     int // bytes of a scope or of an attribute's key
	Text     int // bytes of a message or of an attribute's value
}

// DefaultLimits are those of the command.
var DefaultLimits = Limits{
	Scopes: 2000, Series: 150, Buckets: 120, Earliest: 1000, Slowest: 500, InBucket: 15, Failed: 1000,
	Errors: 300, Metrics: 1000, Attrs: 6, Name: 256, Text: 300,
}

// half returns the limits of a smaller page. Buckets stay: the grid is what it is.
func (l Limits) half() Limits {
	for _, n := range []*int{&l.Scopes, &l.Series, &l.Earliest, &l.Slowest, &l.InBucket, &l.Failed, &l.Errors, &l.Metrics} {
		*n = max(1, *n/2)
	}
	l.Attrs /= 2
	l.Name, l.Text = max(32, l.Name*3/4), max(32, l.Text*3/4)
	return l
}

// A num is a number of nine digits in the page's JSON.
type num float64

// MarshalJSON implements json.Marshaler. What is not finite is 0.
func (n num) MarshalJSON() ([]byte, error) {
	v := finite(float64(n))
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.AppendInt(nil, int64(v), 10), nil
	}
	return strconv.AppendFloat(nil, v, 'g', 9, 64), nil
}

// micros are nanoseconds that are microseconds in the page's JSON, exactly.
type micros int64

// MarshalJSON implements json.Marshaler.
func (m micros) MarshalJSON() ([]byte, error) {
	dst := strconv.AppendInt(nil, int64(m)/1000, 10)
	if rest := int64(m) % 1000; rest != 0 {
		if m < 0 {
			return strconv.AppendFloat(nil, float64(m)/1000, 'f', -1, 64), nil
		}
		dst = append(dst, '.', byte('0'+rest/100), byte('0'+rest/10%10), byte('0'+rest%10))
	}
	return dst, nil
}

// clean returns at most max bytes of s, as [text.Clean] makes it: nothing in it acts on
// what is around it. What is cut ends in "…".
func clean(s string, max int) string {
	return text.Clip(text.Clean(text.Clip(s, max)), max)
}

// finite returns v, and 0 for what is not a finite number.
func finite(v float64) float64 {
	if v-v != 0 {
		return 0
	}
	return v
}
