package report

import (
	"cmp"
	"slices"
	"strings"
)

// maxLevels is how many levels are indented.
const maxLevels = 32

// A row is a line of the scope tree.
type row struct {
	key
	s        *series // nil: others were opened in it, but it was not timed itself
	up       *row
	children []*row
	level    int
	listed   bool

	calls, errors       int64
	total, self         float64 // seconds
	mean, p50, p95, p99 float64
	max                 float64
	overlap             bool // its children took longer than itself: they ran at the same time
	approximate         bool
}

func newRow(k key, s *series) *row {
	r := &row{key: k, s: s}
	if s == nil {
		return r
	}
	d := s.sketch
	r.calls, r.errors, r.total = s.count, s.errors, s.seconds()
	if r.calls > 0 {
		r.mean = r.total / float64(r.calls)
	}
	r.p50, r.p95, r.p99, r.max = quantile(d, .5)/1e9, quantile(d, .95)/1e9, quantile(d, .99)/1e9, quantile(d, 1)/1e9
	r.self, r.approximate = r.total, s.approximate
	return r
}

// name is the path as it reads below the row above.
func (r *row) name() string {
	if r.up != nil {
		if rest, ok := strings.CutPrefix(r.scope, r.up.scope+"."); ok {
			return rest
		}
	}
	return r.scope
}

// newTree makes rows of all timings and links them.
func newTree(c *collector) []*row {
	byPath := make(map[string][]*row)
	var rows []*row
	add := func(k key, s *series) {
		r := newRow(k, s)
		rows = append(rows, r)
		byPath[k.scope] = append(byPath[k.scope], r)
	}
	for k, s := range c.all {
		if k.typ == "timing" && s.count > 0 {
			add(k, s)
		}
	}
	slices.SortFunc(rows, byName)
	for _, r := range rows[:len(rows):len(rows)] {
		for p := r.parent; p != "" && byPath[p] == nil; {
			dot := strings.LastIndexByte(p, '.')
			add(key{scope: p, parent: p[:max(0, dot)]}, nil)
			p = p[:max(0, dot)]
		}
	}
	for _, r := range rows {
		if r.up = above(byPath[r.parent], r); r.up != nil {
			r.up.children = append(r.up.children, r)
		}
	}
	setSelf(rows, byPath)
	return rows
}

// above finds the row that r stands below, the one at the right depth if there are several.
func above(candidates []*row, r *row) *row {
	var up *row
	for _, c := range candidates {
		if c == r {
			continue
		}
		if c.s != nil && r.s != nil && c.s.depth == r.s.depth-1 {
			return c
		}
		if up == nil {
			up = c
		}
	}
	return up
}

// setSelf takes from each row what was spent in its children. Children know the path of
// their parent only: where several rows have one, it is taken from the one at the right
// depth, and if that does not tell either, from each in proportion.
func setSelf(rows []*row, byPath map[string][]*row) {
	inside, shared := make(map[*row]float64), make(map[string]float64)
	for _, r := range rows {
		switch {
		case r.s == nil || r.parent == "":
		case parent(byPath[r.parent], r) != nil:
			inside[parent(byPath[r.parent], r)] += r.total
		default:
			shared[r.parent] += r.total
		}
	}
	for path, children := range shared {
		total := 0.0
		for _, r := range byPath[path] {
			total += r.total
		}
		for _, r := range byPath[path] {
			if total > 0 {
				inside[r] += children * (r.total / total)
			}
		}
	}
	for r, children := range inside {
		if r.s == nil {
			continue
		}
		r.self = max(0, r.total-children)
		if children > r.total*(1+1e-9) {
			r.self, r.overlap = 0, true
		}
	}
}

// parent returns the only one of the rows with a path that r can have been in, or nil.
func parent(candidates []*row, r *row) (only *row) {
	if len(candidates) == 1 {
		return candidates[0]
	}
	for _, c := range candidates {
		switch {
		case c.s == nil || c.s.mixed || r.s.mixed:
			return nil
		case c.s.depth != r.s.depth-1:
		case only != nil:
			return nil
		default:
			only = c
		}
	}
	return only
}

func byName(a, b *row) int {
	return cmp.Or(cmp.Compare(a.scope, b.scope), cmp.Compare(a.parent, b.parent))
}

// order returns how rows are compared for a flag --sort, and whether there is such an order.
func order(name string) (func(a, b *row) int, bool) {
	desc := func(value func(*row) float64) func(a, b *row) int {
		return func(a, b *row) int { return cmp.Or(cmp.Compare(value(b), value(a)), byName(a, b)) }
	}
	switch name {
	case "name":
		return byName, true
	case "total":
		return desc(func(r *row) float64 { return r.total }), true
	case "self":
		return desc(func(r *row) float64 { return r.self }), true
	case "calls":
		return desc(func(r *row) float64 { return float64(r.calls) }), true
	case "errors":
		return desc(func(r *row) float64 { return float64(r.errors) }), true
	case "mean":
		return desc(func(r *row) float64 { return r.mean }), true
	case "p50":
		return desc(func(r *row) float64 { return r.p50 }), true
	case "p95":
		return desc(func(r *row) float64 { return r.p95 }), true
	case "p99":
		return desc(func(r *row) float64 { return r.p99 }), true
	case "max":
		return desc(func(r *row) float64 { return r.max }), true
	}
	return nil, false
}

// sortNames are what --sort takes.
const sortNames = "total, self, calls, errors, mean, p50, p95, p99, max, name"

// list returns the rows of the tree from top to bottom, siblings in order. Nothing gets
// lost, whatever scopes say of their parents.
func list(rows []*row, less func(a, b *row) int) []*row {
	sorted := slices.Clone(rows)
	for _, r := range rows { // what was not timed is placed by what is inside
		if r.s != nil {
			for up, n := r.up, 0; up != nil && up.s == nil && n < len(rows); up, n = up.up, n+1 {
				up.total += r.total
				up.self += r.self
			}
		}
	}
	slices.SortFunc(sorted, less)
	var out []*row
	var visit func(r *row, level int)
	visit = func(r *row, level int) {
		if r.listed {
			return
		}
		r.listed, r.level = true, level
		out = append(out, r)
		slices.SortFunc(r.children, less)
		for _, c := range r.children {
			visit(c, level+1)
		}
	}
	for _, r := range sorted {
		if r.up == nil {
			visit(r, 0)
		}
	}
	for _, r := range sorted { // scopes that are each other's parents
		visit(r, 0)
	}
	return out
}
