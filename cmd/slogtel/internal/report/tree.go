package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/tree"
	"github.com/slogtel/telemetry/slogtel"
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

	calls, errors       int64
	total, own          float64 // seconds
	self                tree.Self
	mean, p50, p95, p99 float64
	max                 float64
	approximate         bool
}

func newRow(k key, s *series) *row {
	r := &row{key: k, s: s}
	if s == nil {
		return r
	}
	const second = float64(time.Second)
	r.calls, r.errors, r.total, r.mean = collect.Whole(&s.Count), collect.Whole(&s.Errors), s.seconds(), s.mean()/second
	r.p50, r.p95, r.p99, r.max = s.Quantile(.5)/second, s.Quantile(.95)/second, s.Quantile(.99)/second, s.Quantile(1)/second
	r.approximate = s.Approximate
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
func newTree(c *collector, parallel func(path string) bool) []*row {
	var keys []key
	for k, s := range c.series.All {
		if k.typ == slogtel.TypeTiming && !s.Empty() {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, key.compare)
	var scopes []tree.Scope
	for _, k := range keys {
		s := c.series.All[k]
		scopes = append(scopes, tree.Scope{Path: k.scope, Parent: k.parent, Depth: s.depth, Mixed: s.mixed, Total: s.Total.Value(), Times: s.times})
	}
	rows := make(map[*tree.Node]*row)
	var list []*row
	nodes := tree.Build(scopes, parallel)
	for _, n := range nodes {
		r := &row{key: key{scope: n.Path, typ: slogtel.TypeTiming}}
		if n.Timed() {
			r = newRow(keys[n.Index], c.series.All[keys[n.Index]])
			r.own, r.self = n.Own/float64(time.Second), n.Self
		}
		rows[n] = r
		list = append(list, r)
	}
	for _, n := range nodes {
		if n.Up != nil {
			r := rows[n]
			r.up = rows[n.Up]
			r.up.children = append(r.up.children, r)
		}
	}
	return list
}

func (k key) compare(o key) int {
	return cmp.Or(cmp.Compare(k.scope, o.scope), cmp.Compare(k.parent, o.parent))
}

func byName(a, b *row) int {
	return a.key.compare(b.key)
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
		return desc(func(r *row) float64 { return r.own }), true
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

// list returns the rows of the tree from top to bottom, siblings in order.
func list(rows []*row, less func(a, b *row) int) []*row {
	for _, r := range rows { // what was not timed is placed by what is inside
		if r.s != nil {
			for up := r.up; up != nil && up.s == nil; up = up.up {
				up.total += r.total
				up.own += r.own
			}
		}
	}
	var stack, out []*row
	push := func(rows []*row) {
		slices.SortFunc(rows, less)
		for _, r := range slices.Backward(rows) {
			stack = append(stack, r)
		}
	}
	push(slices.DeleteFunc(slices.Clone(rows), func(r *row) bool { return r.up != nil }))
	for len(stack) > 0 {
		r := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if r.up != nil {
			r.level = r.up.level + 1
		}
		out = append(out, r)
		push(r.children)
	}
	return out
}
