package jsonlines

import (
	"bytes"
	"encoding/json"
	"slices"
	"unicode/utf8"

	"github.com/slogtel/telemetry/internal/jsonenc"
)

const (
	truncatedKey  = "truncated"
	truncatedMark = `,"` + truncatedKey + `":true}`
	cutMark       = "…"

	// shortString is the length below which strings are left alone as long as there
	// are other ways to shorten a line: they name things.
	shortString = 32

	// maxNulls is how many values become null before many small members go at once.
	maxNulls = 8
)

// cut returns a copy of line, which ends with a newline, that has at most limit bytes and
// says that it was cut. It is valid JSON.
func (l cutLayout) cut(line []byte, limit int) []byte {
	body := bytes.TrimSuffix(line, []byte("\n"))
	// The mark takes the place of the last brace, and the newline is to come.
	c := cutter{layout: l, line: body, limit: limit - len(truncatedMark)}
	if !c.shorten() {
		return unreadable(body, limit)
	}
	out := append(slices.Clip(c.line[:len(c.line)-1]), truncatedMark...)
	if len(c.line) == len("{}") {
		out = append([]byte("{"), truncatedMark[1:]...)
	}
	if !json.Valid(out) {
		return unreadable(body, limit)
	}
	return append(out, '\n')
}

// unreadable returns a line that holds the beginning of one that is not valid JSON.
func unreadable(line []byte, limit int) []byte {
	const start = `{"line":`
	text := jsonenc.AppendString(nil, string(line[:min(len(line), limit)]))
	inside := text[1 : len(text)-1]
	most := limit - len(start) - len(`""`) - len(cutMark) - len(truncatedMark) - len("\n")
	if len(inside) > most {
		inside = append(inside[:wholeChars(inside, most)], cutMark...)
	}
	out := append([]byte(start), '"')
	out = append(out, inside...)
	out = append(out, '"')
	return append(append(out, truncatedMark...), '\n')
}

// cutter shortens one line, step by step, each on what the one before has left.
type cutter struct {
	scanner
	layout cutLayout
	line   []byte
	limit  int // of line
	edits  []cutEdit
}

// A cutEdit puts text in the place of line[from:to].
type cutEdit struct {
	from, to int
	text     []byte
	member   bool // it is a whole member that goes: with the comma
}

// over is by how much the line is too long.
func (c *cutter) over() int { return len(c.line) - c.limit }

// look reads the line as it is now.
func (c *cutter) look(least int) bool {
	if !c.scan(c.line, least) {
		return false
	}
	c.rank(c.layout)
	return true
}

// shorten reports whether it could.
func (c *cutter) shorten() bool {
	if !c.look(shortString) {
		return false
	}
	c.dropMembers(func(m *memberSpan) bool { return m.parent < 0 && c.key(m) == truncatedKey })
	for range maxNulls {
		if !c.look(shortString) {
			return false
		}
		if c.cutStrings(rankContent, shortString) {
			return true
		}
		if !c.nullLargest() {
			break
		}
	}
	if c.dropSmall(); !c.look(shortString) {
		return false
	}
	if c.cutStrings(rankContent, shortString) {
		return true
	}
	c.dropMembers(func(m *memberSpan) bool {
		return m.parent < 0 && (m.rank == rankUser || m.rank == rankContent && c.line[m.start] != '"')
	})
	return c.look(0) && c.cutStrings(rankOwn, 0)
}

// cutStrings cuts the longest strings of the given rank, and of those that are cut more
// readily, none below the given length, and reports whether that does it.
func (c *cutter) cutStrings(least cutRank, shortest int) bool {
	over := c.over()
	if over <= 0 {
		return true
	}
	limit, ok := cutLength(c.lengths(least), over, shortest)
	if !ok {
		return false
	}
	for _, s := range c.strings {
		if c.members[s.member].rank < least || s.end-s.start <= limit {
			continue
		}
		n := wholeChars(c.line[s.start:s.end], max(0, limit-len(cutMark)))
		mark := cutMark
		if limit < len(cutMark) {
			mark = ""
		}
		c.edits = append(c.edits, cutEdit{from: s.start + n, to: s.end, text: []byte(mark)})
	}
	c.apply()
	return true
}

// lengths are those of the strings that may be cut.
func (c *cutter) lengths(least cutRank) (all []int) {
	for _, s := range c.strings {
		if c.members[s.member].rank >= least {
			all = append(all, s.end-s.start)
		}
	}
	return all
}

// cutLength returns the greatest length, not less than shortest, such that what is longer
// can be cut to it and the whole becomes shorter by over.
func cutLength(lengths []int, over, shortest int) (int, bool) {
	slices.SortFunc(lengths, func(a, b int) int { return b - a })
	sum := -over
	for i, n := range lengths {
		sum += n
		limit := sum / (i + 1)
		if sum < 0 || limit < shortest {
			continue
		}
		if i+1 == len(lengths) || limit >= lengths[i+1] {
			return limit, true
		}
	}
	return 0, false
}

// wholeChars returns the greatest length, not above n, at which s, the inside of a JSON
// string, can be cut without leaving part of an escape or of a character behind.
func wholeChars(s []byte, n int) int {
	i := 0
	for i < n {
		step := 1
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && s[i+1] == 'u':
			step = len(`\u0000`)
			// The two escapes of one character beyond U+FFFF belong together.
			if next := i + step; next+1 < len(s) && s[i+2]|0x20 == 'd' && s[i+3] >= '8' && s[next] == '\\' && s[next+1] == 'u' {
				step *= 2
			}
		case c == '\\':
			step = 2
		case c >= utf8.RuneSelf:
			_, step = utf8.DecodeRune(s[i:])
		}
		if i+step > n {
			break
		}
		i += step
	}
	return i
}

// nullLargest puts null in the place of the largest value that is no string, so that
// its key keeps its kind in an index.
func (c *cutter) nullLargest() bool {
	best := -1
	for i := range c.members {
		m := &c.members[i]
		if m.leaf && m.rank > rankOwn && c.line[m.start] != '"' && m.size() > shortString &&
			(best < 0 || m.size() > c.members[best].size()) {
			best = i
		}
	}
	if best < 0 {
		return false
	}
	m := c.members[best]
	c.edits = append(c.edits, cutEdit{from: m.start, to: m.end, text: []byte("null")})
	c.apply()
	return true
}

// dropSmall leaves out the caller's members that could not be shortened otherwise, the
// longest first, as many as it takes.
func (c *cutter) dropSmall() {
	if !c.look(shortString) {
		return
	}
	over := c.over()
	for _, n := range c.lengths(rankContent) {
		over -= n - shortString
	}
	var small []int
	for i := range c.members {
		m := &c.members[i]
		if m.leaf && m.rank == rankUser && (c.line[m.start] != '"' || m.size() <= shortString || m.start-m.from > shortString) {
			small = append(small, i)
		}
	}
	slices.SortStableFunc(small, func(a, b int) int {
		x, y := &c.members[a], &c.members[b]
		return (y.end - y.from) - (x.end - x.from)
	})
	goes := make(map[int]bool)
	for _, i := range small {
		if over <= 0 {
			break
		}
		over -= c.members[i].end - c.members[i].from
		goes[c.members[i].from] = true
	}
	c.dropMembers(func(m *memberSpan) bool { return goes[m.from] })
}

func (c *cutter) dropMembers(goes func(*memberSpan) bool) {
	for i := range c.members {
		if m := &c.members[i]; goes(m) {
			c.edits = append(c.edits, cutEdit{from: m.from, to: m.end, member: true})
		}
	}
	c.apply()
}

// apply makes the edits, which are in order and do not overlap.
func (c *cutter) apply() {
	if len(c.edits) == 0 {
		return
	}
	out := make([]byte, 0, len(c.line))
	done := 0
	for _, e := range c.edits {
		out = append(append(out, c.line[done:e.from]...), e.text...)
		done = e.to
		if !e.member {
			continue
		}
		if c.line[done] == ',' {
			done++
		} else {
			out = bytes.TrimSuffix(out, []byte(","))
		}
	}
	c.line = append(out, c.line[done:]...)
	c.edits = c.edits[:0]
}
