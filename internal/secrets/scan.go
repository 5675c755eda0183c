package secrets

import "math/bits"

// Match is one secret found in a text: s[Start:End].
type Match struct {
	Start, End int
	Rule       *Rule
}

// Find returns the first secret of the given kinds in s that ends behind from, which must be between 0
// and len(s), or the part of it behind from. One that follows another without a gap may be the rest of it.
func Find(s string, from int, kinds Kind) (Match, bool) {
	i, hits := scanTable.anchor(s, max(0, from-overlap))
	if hits == 0 {
		return Match{}, false
	}
	sc := scanner{source: source{s, kinds}, last: Match{Start: i}}
	return sc.next(from)
}

// scanner finds the secrets of one text from left to right.
type scanner struct {
	source
	// quiet holds, by finder, the offset before which it need not be asked again. It keeps the
	// whole run linear: a text of many half secrets would be read anew from each of them. The first
	// stands for all finders that never say so.
	quiet [maxQuiet]int
	// last is the last match. What stands before it is done with.
	last Match
	// grid has the rest of a table whose head was met. Cell is its next secret.
	grid  grid
	cell  struct{ start, end int }
	rules *table // nil: scanTable
}

// source is what a rule sees. It is passed by value, so that a scanner stays on its caller's stack.
type source struct {
	s     string
	kinds Kind
}

// maxQuiet is one more than the number of rules whose finder says how far it has looked.
const maxQuiet = 2

// finder looks for a secret that the anchor s[i], s[i+1] gives away. Where there is none, end is 0, and
// start the offset before which this finder has nothing to find.
type finder func(src source, i int) (start, end int)

// probe is what to ask when the scan meets an anchor: a finder, or the tokens whose anchor has such a
// second byte.
type probe struct {
	find finder
	kind Kind
	id   uint8 // place in scanner.quiet
	near []near
	rule *Rule

	lists *[256]uint8 // by slot: index into of
	of    [][]tokenRef
}

type tokenRef struct {
	rule   *Rule
	before byte // the byte of the prefix before the anchor, or 0
	after  byte // the byte of the prefix behind it, or 0
	*token
}

// table is the rules as the scan uses them. A probe k is asked at i where bit k is set both in first of
// s[i], in second of s[i+1] and in third of s[i+2]: nearly all of a text is passed over by three loads and two ANDs
// a byte.
type table struct {
	first, second, third [256]uint64

	probes []probe
	number uint64 // the probe of findNumber
}

var scanTable = compile(rules)

func compile(rules []Rule) *table {
	t := &table{}
	bySecond := map[byte]int{}
	for i := range rules {
		for k := range rules[i].tokens {
			t.addToken(&rules[i], &rules[i].tokens[k], bySecond)
		}
	}
	quiet := 0
	for i := range rules {
		id := 0
		if rules[i].quiet {
			quiet++
			id = quiet
		}
		for _, a := range rules[i].anchors {
			t.probes = append(t.probes, probe{rule: &rules[i], kind: rules[i].Kind, find: rules[i].find, near: a.near, id: uint8(id)})
			t.set(len(t.probes)-1, chars(a.first), chars(a.second), chars(a.third))
			if rules[i].Name == "card-number" {
				t.number |= 1 << (len(t.probes) - 1)
			}
		}
	}
	if len(t.probes) > 64 || quiet >= maxQuiet {
		panic("secrets: more probes than bits")
	}
	return t
}

func (t *table) addToken(r *Rule, tok *token, bySecond map[byte]int) {
	tok.pickAnchor()
	a, b := tok.prefix[tok.anchor], tok.prefix[tok.anchor+1]
	class := b // of the rarer bytes, several share a probe
	switch {
	case isUpper(b):
		class = 'A'
	case isLower(b): // words are made of these: no two first letters together
		class = 0x80 | a
	case digit[b]:
		class = '0'
	case b != '_' && b != '-' && b != '.':
		class = '/'
	}
	n, ok := bySecond[class]
	if !ok {
		n = len(t.probes)
		bySecond[class] = n
		t.probes = append(t.probes, probe{of: [][]tokenRef{nil}, lists: new([256]uint8)})
	}
	p := &t.probes[n]
	if p.lists[slot(a, b)] == 0 {
		p.lists[slot(a, b)] = uint8(len(p.of))
		p.of = append(p.of, nil)
	}
	ref := tokenRef{rule: r, token: tok}
	if tok.anchor > 0 {
		ref.before = tok.prefix[tok.anchor-1]
	}
	third := tok.body
	if next := tok.anchor + 2; next < len(tok.prefix) {
		third = chars(tok.prefix[next : next+1])
		ref.after = tok.prefix[next]
	}
	p.of[p.lists[slot(a, b)]] = append(p.of[p.lists[slot(a, b)]], ref)
	t.set(n, chars(string(a)), chars(string(b)), third)
}

// slot makes a number below 256 of the first two bytes of an anchor.
func slot(a, b byte) byte { return a*7 + b }

func (t *table) set(n int, first, second, third *charset) {
	for c := range 256 {
		if first[c] {
			t.first[c] |= 1 << n
		}
		if second[c] {
			t.second[c] |= 1 << n
		}
		if third[c] || *third == (charset{}) {
			t.third[c] |= 1 << n
		}
	}
}

// overlap is how many bytes before an offset are looked through for the beginning of something that goes
// on behind it: the value in quotes that was just found may hold a header, and its last quote be the
// header's.
const overlap = 256

// anchor returns the first anchor at s[i] or behind it, and the probes that it stands for, or none.
func (t *table) anchor(s string, i int) (int, uint64) {
	first, second, third := &t.first, &t.second, &t.third
	for ; i+6 <= len(s); i += 4 {
		w := s[i : i+6]
		h0 := first[w[0]] & second[w[1]] & third[w[2]]
		h1 := first[w[1]] & second[w[2]] & third[w[3]]
		h2 := first[w[2]] & second[w[3]] & third[w[4]]
		h3 := first[w[3]] & second[w[4]] & third[w[5]]
		switch {
		case h0|h1|h2|h3 == 0:
		case h0 != 0:
			return i, h0
		case h1 != 0:
			return i + 1, h1
		case h2 != 0:
			return i + 2, h2
		default:
			return i + 3, h3
		}
	}
	for ; i+1 < len(s); i++ {
		hits := first[s[i]] & second[s[i+1]]
		if hits != 0 && i+2 < len(s) {
			hits &= third[s[i+2]]
		}
		if hits != 0 {
			return i, hits
		}
	}
	return i, 0
}

// next returns the first secret that ends behind from, or what of it lies there.
func (sc *scanner) next(from int) (Match, bool) {
	s, t := sc.s, sc.rules
	if t == nil {
		t = scanTable
	}
	i := max(sc.last.Start, from-overlap)
	if i >= len(s) {
		return Match{}, false
	}
	stop := len(s)
	if sc.grid.row > 0 {
		stop = sc.nextCell(from)
	}
	for {
		var hits uint64
		if i, hits = t.anchor(s, i); hits == 0 || i >= stop {
			break
		}
		if sc.ask(t, hits, from, i) {
			return sc.last, true
		}
		if hits == t.number && (i == 0 || !alnum[s[i-1]] && s[i-1] != '%') {
			i = digit.run(s, i) - 1 // no other number begins in this one, and of the rest only what begins with its last digit
			continue
		}
		i++
	}
	if stop < len(s) && sc.found(sc.cell.start, sc.cell.end, from, gridRule) {
		return sc.last, true
	}
	return Match{}, false
}

// nextCell returns where the next cell of the grid begins, or the end of the text.
func (sc *scanner) nextCell(from int) int {
	if sc.cell.end <= from {
		sc.cell.start, sc.cell.end = sc.grid.next(sc.s, from)
	}
	if sc.cell.end == 0 {
		return len(sc.s)
	}
	return sc.cell.start
}

// gridRule stands for the cells of a table below its first row.
var gridRule = &Rule{Name: "grid", Kind: Secret}

// ask tries the probes of an anchor at s[i], and reports whether one of them matches. What begins before from is clipped to the rest.
func (sc *scanner) ask(t *table, hits uint64, from, i int) bool {
	for ; hits != 0; hits &= hits - 1 {
		n := bits.TrailingZeros64(hits)
		p := &t.probes[n]
		if p.find == nil {
			if sc.kinds&Secret == 0 || i+2 >= len(sc.s) {
				continue
			}
			list := p.of[p.lists[slot(sc.s[i], sc.s[i+1])]]
			for k := range list {
				tok := &list[k]
				if tok.before != 0 && (i == 0 || sc.s[i-1] != tok.before) || tok.after != 0 && sc.s[i+2] != tok.after {
					continue
				}
				if start, end := tok.match(sc.s, i); end > max(start, from) {
					return sc.found(start, end, from, tok.rule)
				}
			}
			continue
		}
		if p.kind&sc.kinds == 0 || !p.maybe(sc.s, i) || i < sc.quiet[p.id] {
			continue
		}
		start, end := p.find(sc.source, i)
		if end > max(start, from) {
			if p.rule.grid && sc.grid.row == 0 {
				sc.grid = sc.gridAt(i)
			}
			return sc.found(start, end, from, p.rule)
		}
		if end == 0 && p.id != 0 {
			sc.quiet[p.id] = start
		}
	}
	return false
}

// maybe reports whether the bytes around an anchor at s[i] are those that the finder needs.
func (p *probe) maybe(s string, i int) bool {
	for k := range p.near {
		at := i + p.near[k].off
		if uint(at) >= uint(len(s)) || !p.near[k].set[s[at]] {
			return false
		}
	}
	return true
}

func (sc *scanner) found(start, end, from int, r *Rule) bool {
	sc.last = Match{max(start, from), end, r}
	return true
}
