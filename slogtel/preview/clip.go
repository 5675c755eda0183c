package preview

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"github.com/slogtel/telemetry/internal/secrets"
)

// clip is the head of a text, or all of it.
type clip struct {
	s    string
	more int // bytes that follow s, or unknown
}

// unknown says that more follows, but not how much.
const unknown = -1

// window is how many bytes of a text are kept in view to show limit characters of it, secrets hidden.
func window(limit int) int { return limit*utf8.UTFMax + spare }

// spare is how much further than what is shown a secret is followed to its end, so that what comes behind
// it can be shown. Private keys are that long.
const spare = 4 * secrets.Lookahead

// cut returns the first limit characters of a text with its secrets hidden and a mark where it was cut.
//
// The secrets are hidden first. No more of the text is read for that than what can be shown and
// secrets.Lookahead bytes behind it: whether a secret begins at some byte is known from that many bytes
// from it on, so only bytes that have them in view are shown, and a secret that runs out of view is
// hidden to its end and beyond. What is shown is therefore always the beginning of what would be shown
// of the whole.
func (c clip) cut(limit int) string {
	var buf [640]byte
	dst := buf[:0]
	left, pos, reach, masked := limit, 0, secrets.Lookahead, false
	for {
		end := min(len(c.s), skipChars(c.s, pos, left)+reach)
		whole := end == len(c.s) && c.more == 0
		safe := end
		if !whole {
			safe = end - secrets.Lookahead
			for safe > pos && !utf8.RuneStart(c.s[safe]) {
				safe--
			}
		}
		m, found := secrets.Find(c.s[:end], pos, secrets.All)
		found = found && m.Start < safe
		if found && m.End == end && end < len(c.s) && reach < spare {
			reach = spare // look for its end
			continue
		}
		stop := safe
		if found {
			stop = m.Start
		}
		if !masked || !found || stop > pos { // else it is the rest of the last secret
			stop = max(pos, stop)
			shown := min(stop, skipChars(c.s, pos, left))
			if shown < stop || !found && !whole {
				shown = boundary(c.s, pos, shown)
			}
			dst, left = appendChars(dst, c.s[pos:shown], left)
			pos = shown
			switch {
			case pos < stop, !found && !whole, found && left < len(secrets.Mask):
				return c.mark(dst, pos)
			case !found:
				return string(dst)
			}
			dst = append(dst, secrets.Mask...)
			left -= len(secrets.Mask)
		}
		reach, masked = secrets.Lookahead, true
		if pos = m.End; m.End == end && !whole {
			return c.mark(dst, pos)
		}
	}
}

// skipChars returns the place limit characters behind s[i].
func skipChars(s string, i, limit int) int {
	for ; i < len(s) && limit > 0; limit-- {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return i
}

// maxCluster is how far back a place is looked for that is certainly between two
// characters as readers see them.
const maxCluster = 1 << 10

// boundary returns the last place between from and to where s can be cut without
// taking apart a character as readers see it: a letter and its accents, a flag, a family.
func boundary(s string, from, to int) int {
	plain := func(i int) bool { // between two bytes that are never part of a larger character
		return s[i-1] < utf8.RuneSelf && s[i] < utf8.RuneSelf && (s[i-1] != '\r' || s[i] != '\n')
	}
	if to <= from || to >= len(s) || plain(to) {
		return to
	}
	start, end := to, min(len(s), to+maxCluster)
	for start > from && (start == to || !plain(start)) && (to-start < maxCluster || !utf8.RuneStart(s[start])) {
		start--
	}
	for rest, state := s[start:end], -1; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if start+len(cluster) > to {
			break
		}
		start += len(cluster)
	}
	return start
}

// mark appends the sign that something is left out from pos on.
func (c clip) mark(dst []byte, pos int) string {
	dst = append(dst, "…[+"...)
	if c.more == unknown {
		dst = append(dst, "more"...)
	} else {
		dst = strconv.AppendInt(dst, int64(len(c.s)-pos+c.more), 10)
		dst = append(dst, " bytes"...)
	}
	return string(append(dst, ']'))
}

// appendChars appends s and returns what is left of a limit. Bytes that are no UTF-8,
// control characters and those that reorder a line of text are replaced, never dropped:
// dropping one could join the halves of a secret.
func appendChars(dst []byte, s string, limit int) (out []byte, left int) {
	for n := 0; n < len(s); limit-- {
		c := s[n]
		if c < utf8.RuneSelf {
			if c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f {
				dst = utf8.AppendRune(dst, utf8.RuneError)
			} else {
				dst = append(dst, c)
			}
			n++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[n:])
		if r < 0xa0 || '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069' {
			r = utf8.RuneError
		}
		dst = utf8.AppendRune(dst, r)
		n += size
	}
	return dst, limit
}

// pieces joins the parts of a text. Beyond max bytes it only counts.
type pieces struct {
	max   int
	one   clip // the only part so far
	parts int
	join  strings.Builder
	more  int
}

func (p *pieces) add(c clip) {
	if c.s == "" && c.more == 0 {
		return
	}
	if p.parts++; p.parts == 1 {
		p.one = c
		return
	}
	if p.parts == 2 {
		p.write(p.one)
	}
	p.write(c)
}

func (p *pieces) write(c clip) {
	if room := p.max - p.join.Len(); p.more == 0 && room > 0 {
		n := min(len(c.s), room)
		p.join.WriteString(c.s[:n])
		p.more = len(c.s) - n + c.more
		return
	}
	p.more += len(c.s) + c.more
}

// clip returns what was added.
func (p *pieces) clip() clip {
	if p.parts < 2 {
		return p.one
	}
	return clip{s: p.join.String(), more: p.more}
}
