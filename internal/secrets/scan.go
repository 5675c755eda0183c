package secrets

// Match is one secret found in a text: s[Start:End].
type Match struct {
	Start, End int
	Rule       *Rule
}

// Find returns the first secret of the given kinds in s that ends behind from, which must be between 0
// and len(s), or the part of it behind from. One that follows another without a gap may be the rest of it.
func Find(s string, from int, kinds Kind) (Match, bool) {
	sc := scanner{source: source{s, kinds}}
	return sc.next(from)
}

// scanner finds the secrets of one text from left to right.
type scanner struct {
	source
	// quiet holds, by rule, the offset before which the rule need not be asked again. It keeps the
	// whole run linear: a text of many half secrets would be read anew from each of them.
	quiet [maxFinders]int
	// again is where the last match begins; what stands before it is done with.
	again int
}

// source is what a rule sees. It is passed by value, so that a scanner stays on its caller's stack.
type source struct {
	s     string
	kinds Kind
}

// finder looks for a secret that the anchor s[i] gives away. Where there is none, end is 0, and start
// the offset before which this finder has nothing to find.
type finder func(src source, i int) (start, end int)

// maxFinders is the number of rules with a finder that the table has room for.
const maxFinders = 10

// group is what to ask when the scan meets an anchor byte.
type group struct {
	tokens [256]uint8 // by the byte before the anchor: index into lists
	lists  [][]tokenRef
	finds  []findRef
}

type tokenRef struct {
	rule *Rule
	*token
}

type findRef struct {
	rule *Rule
	id   int // place in scanner.quiet
}

// groupOf maps a byte to its place in groups; 0 means that no rule cares about it.
var groupOf, groups = compile(rules)

func compile(rules []Rule) (*[256]uint8, []*group) {
	index, groups := new([256]uint8), []*group{nil}
	at := func(b byte) *group {
		if index[b] == 0 {
			index[b] = uint8(len(groups))
			groups = append(groups, &group{lists: [][]tokenRef{nil}})
		}
		return groups[index[b]]
	}
	finders := 0
	for i := range rules {
		r := &rules[i]
		for k := range r.tokens {
			t := &r.tokens[k]
			g, before := at(t.prefix[t.anchor]), t.prefix[t.anchor-1]
			if g.tokens[before] == 0 {
				g.tokens[before] = uint8(len(g.lists))
				g.lists = append(g.lists, nil)
			}
			list := &g.lists[g.tokens[before]]
			*list = append(*list, tokenRef{r, t})
		}
		for k := range len(r.anchors) {
			g := at(r.anchors[k])
			g.finds = append(g.finds, findRef{r, finders})
		}
		if r.find != nil {
			finders++
		}
	}
	return index, groups
}

// overlap is how many bytes before an offset are looked through for the beginning of something that goes
// on behind it: the value in quotes that was just found may hold a header, and its last quote be the
// header's.
const overlap = 256

// next returns the first secret that ends behind from, or what of it lies there.
func (sc *scanner) next(from int) (Match, bool) {
	s, index := sc.s, groupOf
	for i := max(sc.again, from-overlap); i < len(s); i++ {
		k := index[s[i]]
		if k == 0 {
			continue
		}
		if m, ok := sc.ask(groups[k], from, i); ok {
			sc.again = m.Start
			return m, true
		}
	}
	return Match{}, false
}

// ask tries the rules of one group at the anchor s[i]. What begins before from is clipped to the rest.
func (sc *scanner) ask(g *group, from, i int) (Match, bool) {
	if i > 0 && len(g.lists) > 1 {
		for _, t := range g.lists[g.tokens[sc.s[i-1]]] {
			if t.rule.Kind&sc.kinds == 0 {
				continue
			}
			if start, end := t.match(sc.s, i); end > max(start, from) {
				return Match{max(start, from), end, t.rule}, true
			}
		}
	}
	for _, f := range g.finds {
		if i < sc.quiet[f.id] || f.rule.Kind&sc.kinds == 0 {
			continue
		}
		start, end := f.rule.find(sc.source, i)
		if end > max(start, from) {
			return Match{max(start, from), end, f.rule}, true
		}
		if end == 0 {
			sc.quiet[f.id] = start
		}
	}
	return Match{}, false
}
