package secrets

// Text returns s with every secret and every piece of personal data replaced by [Mask], and how many
// there were. Where there are none it returns s itself and allocates nothing.
func Text(s string) (redacted string, n int) {
	sc := scanner{source: source{s, All}}
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
// times it did so.
func Append(dst []byte, s string, kinds Kind, mask string) ([]byte, int) {
	sc := scanner{source: source{s, kinds}}
	m, ok := sc.next(0)
	if !ok {
		return append(dst, s...), 0
	}
	return sc.replace(dst, m, mask)
}

// replace appends the whole text, of which m is the first match.
func (sc *scanner) replace(dst []byte, m Match, mask string) ([]byte, int) {
	pos, n := 0, 0
	for ok := true; ok; m, ok = sc.next(pos) {
		if n == 0 || m.Start > pos { // else it is the rest of the last one
			dst = append(dst, sc.s[pos:m.Start]...)
			dst = append(dst, mask...)
			n++
		}
		pos = m.End
	}
	return append(dst, sc.s[pos:]...), n
}
