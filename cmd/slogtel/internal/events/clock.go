package events

import "time"

// A clock reads times in RFC 3339 form and remembers the last second, which the next
// line mostly has too. The zero clock is ready.
type clock struct {
	text [len("2006-01-02T15:04:05")]byte
	unix int64 // of text, taken for UTC
	ok   bool
}

// parse reads a time as encoding/json does. What is not RFC 3339 has no time.
func (c *clock) parse(b []byte) (time.Time, bool) {
	const n = len(c.text)
	if len(b) < n+1 || b[n] != '.' && b[n] != 'Z' && b[n] != '+' && b[n] != '-' {
		return parseTime(b)
	}
	if !c.ok || string(b[:n]) != string(c.text[:]) {
		t, ok := parseTime(append(append(make([]byte, 0, n+1), b[:n]...), 'Z'))
		if !ok {
			return time.Time{}, false
		}
		copy(c.text[:], b)
		c.unix, c.ok = t.Unix(), true
	}
	i, nanos := n, int64(0)
	if b[i] == '.' {
		scale := int64(1e9)
		for i++; i < len(b) && '0' <= b[i] && b[i] <= '9'; i++ {
			if scale > 1 {
				scale /= 10
				nanos += int64(b[i]-'0') * scale
			}
		}
		if b[i-1] == '.' || i >= len(b) {
			return time.Time{}, false
		}
	}
	if b[i] == 'Z' && i+1 == len(b) {
		return time.Unix(c.unix, nanos).UTC(), true
	}
	return parseTime(b) // another zone
}

func parseTime(b []byte) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, string(b))
	return t.UTC(), err == nil
}
