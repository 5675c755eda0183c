package jsonenc

import (
	"slices"
	"time"
)

// AppendTime appends t in its own zone as a JSON string in RFC 3339 form, with as many digits of
// the second as it has, up to nanoseconds.
//
// RFC 3339 has four digits for the year. For a time outside of the years 0 to 9999 slog writes an
// error string, up to Go 1.26 with the time behind it and nothing between the two. Such a line is not
// JSON; this function writes it all the same, for what it promises is slog's output.
func AppendTime(dst []byte, t time.Time) []byte {
	if y := t.Year(); y < 0 || y > 9999 {
		dst = append(dst, standard.yearError...)
		if !standard.timeFollows {
			return dst
		}
	}
	dst = append(dst, '"')
	dst = t.AppendFormat(dst, time.RFC3339Nano)
	return append(dst, '"')
}

// Clock appends times as [AppendTime] does, and remembers the last second: the times of a log
// hardly move from one record to the next. The zero Clock is ready; it is not safe for concurrent use.
type Clock struct {
	Fixed bool // all times have nine digits after the second

	second int64                             // since the year 0, in the zone of the time
	text   [len(`"2006-01-02T15:04:05`)]byte // of that second, when text[0] is set
}

const (
	firstSecond = -62167219200               // 0000-01-01T00:00:00Z in Unix time
	seconds     = 253402300800 - firstSecond // in the years 0 to 9999
	maxOffset   = 100 * 3600                 // from UTC; it would take a third digit of hours
)

// AppendTime appends t.
func (c *Clock) AppendTime(dst []byte, t time.Time) []byte {
	_, offset := t.Zone()
	second := t.Unix() + int64(offset) - firstSecond
	if uint64(second) >= seconds || offset <= -maxOffset || offset >= maxOffset {
		return AppendTime(dst, t)
	}
	if second != c.second || c.text[0] == 0 {
		c.second = second
		t.AppendFormat(c.text[:0], `"2006-01-02T15:04:05`)
	}
	const most = 48
	start := len(dst)
	dst = slices.Grow(dst, most)
	b := (*[most]byte)(dst[start : start+most])
	*(*[len(c.text)]byte)(b[:]) = c.text
	i := len(c.text)

	if nanos := uint64(t.Nanosecond()); nanos != 0 || c.Fixed {
		n := putFraction(b[i:], nanos)
		if c.Fixed {
			n = len(".000000000")
		}
		i += n
	}
	if offset == 0 {
		b[i], b[i+1] = 'Z', '"'
		return dst[:start+i+2]
	}
	b[i] = '+'
	minutes := offset / 60
	if minutes < 0 {
		b[i] = '-'
		minutes = -minutes
	}
	put2(b[i+1:], uint32(minutes)/60)
	b[i+3] = ':'
	put2(b[i+4:], uint32(minutes)%60)
	b[i+6] = '"'
	return dst[:start+i+7]
}

func put2(b []byte, v uint32) {
	_ = b[1]
	b[0], b[1] = pairs[2*v], pairs[2*v+1]
}
