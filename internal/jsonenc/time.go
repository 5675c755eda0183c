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
	var c Clock
	return c.AppendTime(dst, t)
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
		return appendRareTime(dst, t)
	}
	if second != c.second || c.text[0] == 0 {
		c.set(second)
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

// set writes the text for a second counted from the year 0.
func (c *Clock) set(second int64) {
	days := uint32(second / 86400)
	ofDay := uint32(second - int64(days)*86400)
	year, month, day := civil(days)
	b := c.text[:]
	b[0] = '"'
	put2(b[1:], year/100)
	put2(b[3:], year%100)
	b[5] = '-'
	put2(b[6:], month)
	b[8] = '-'
	put2(b[9:], day)
	b[11] = 'T'
	put2(b[12:], ofDay/3600)
	b[14] = ':'
	put2(b[15:], ofDay/60%60)
	b[17] = ':'
	put2(b[18:], ofDay%60)
	c.second = second
}

func put2(b []byte, v uint32) {
	_ = b[1]
	b[0], b[1] = pairs[2*v], pairs[2*v+1]
}

// civil is the date that lies the given number of days after 1 January of the year 0, in the
// Gregorian calendar carried backwards.
func civil(days uint32) (year, month, day uint32) {
	// Count from 1 March, and from a cycle of 400 years earlier: with the leap day at the end of
	// its year, the lengths of the months follow a straight line of 153 days to five of them.
	const daysIn400Years = 146097
	days += daysIn400Years - 60
	quarters := 4*days + 3
	century := quarters / daysIn400Years
	quarters = quarters%daysIn400Years | 3
	year = 100*century + quarters/1461 - 400
	fifths := quarters%1461/4*5 + 2
	month = fifths / 153
	day = fifths%153/5 + 1
	if month >= 10 {
		return year + 1, month - 9, day
	}
	return year, month + 3, day
}

// appendRareTime writes what AppendTime does not reckon with.
func appendRareTime(dst []byte, t time.Time) []byte {
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
