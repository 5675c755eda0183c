package secrets

import (
	"iter"
	"strings"
)

// Text returns s with every secret and every piece of personal data replaced by [Mask], and how many
// there were. Where there are none it returns s itself and allocates nothing.
func Text(s string) (redacted string, n int) {
	i, hits := scanTable.anchor(s, 0)
	if hits == 0 {
		return s, 0
	}
	sc := scanner{source: source{s, All}, last: Match{Start: i}}
	m, ok := sc.next(0)
	if !ok {
		return s, 0
	}
	dst, n := sc.replace(make([]byte, 0, len(s)+len(Mask)), m, Mask)
	return string(dst), n
}

// AppendText appends s to dst as [Text] would return it.
func AppendText(dst []byte, s string) []byte {
	dst, _ = Append(dst, s, All, Mask)
	return dst
}

// Append appends s to dst with everything of the given kinds replaced by mask, and returns how many
// times it did so. Where mask stands in place of a secret already, it stays.
func Append(dst []byte, s string, kinds Kind, mask string) ([]byte, int) {
	sc := scanner{source: source{s, kinds}}
	m, ok := sc.next(0)
	if !ok {
		return append(dst, s...), 0
	}
	return sc.replace(dst, m, mask)
}

// Matches yields what [Append] would replace, from left to right and in linear time. One that follows
// another without a gap may be the rest of it.
func Matches(s string, kinds Kind, mask string) iter.Seq[Match] {
	return func(yield func(Match) bool) {
		sc := scanner{source: source{s, kinds}}
		for pos := 0; ; {
			m, ok := sc.next(pos)
			if !ok {
				return
			}
			if pos = sc.maskEnd(m, mask); pos > 0 {
				continue
			}
			if pos = m.End; !yield(m) {
				return
			}
		}
	}
}

// maskEnd returns where the mask ends that stands at m, or 0 where there is more than a mask.
func (sc *scanner) maskEnd(m Match, mask string) int {
	end := m.Start + len(mask)
	if mask == "" || m.End > end || !strings.HasPrefix(sc.s[m.Start:], mask) {
		return 0
	}
	return end
}

// replace appends the whole text, of which m is the first match.
func (sc *scanner) replace(dst []byte, m Match, mask string) ([]byte, int) {
	pos, n := 0, 0
	masked := false // right before pos
	for ok := true; ok; m, ok = sc.next(pos) {
		if end := sc.maskEnd(m, mask); end > 0 {
			dst = append(dst, sc.s[pos:end]...)
			pos, masked = end, true
			continue
		}
		if !masked || m.Start > pos { // else it is the rest of the last one
			dst = append(dst, sc.s[pos:m.Start]...)
			dst = append(dst, mask...)
			n++
		}
		pos, masked = m.End, true
	}
	return append(dst, sc.s[pos:]...), n
}
