package page

import (
	"math"
	"strconv"
)

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
