package report

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/tree"
	"github.com/slogtel/telemetry/slogtel"
)

// maxLevels is how many levels are indented.
const maxLevels = 32

// sortNames are what --sort takes: the keys of orders.
const sortNames = "total, self, calls, errors, mean, p50, p95, p99, max, name"

// orders are what scopes can be sorted by, the largest first; those that are equal are sorted by name.
var orders = map[string]func(*Scope) float64{
	"name":  func(*Scope) float64 { return 0 },
	"total": func(s *Scope) float64 { return s.Total },
	"self": func(s *Scope) float64 {
		if s.Self == nil {
			return 0
		}
		return *s.Self
	},
	"calls":  func(s *Scope) float64 { return float64(s.Calls) },
	"errors": func(s *Scope) float64 { return float64(s.Errors) },
	"mean":   func(s *Scope) float64 { return s.Mean },
	"p50":    func(s *Scope) float64 { return s.P50 },
	"p95":    func(s *Scope) float64 { return s.P95 },
	"p99":    func(s *Scope) float64 { return s.P99 },
	"max":    func(s *Scope) float64 { return s.Max },
}

func (k key) compare(o key) int {
	return cmp.Or(cmp.Compare(k.scope, o.scope), cmp.Compare(k.parent, o.parent))
}

// keys are those of timings, or of all others, in order.
func (c *collector) keys(timings bool) []key {
	return slices.SortedFunc(func(yield func(key) bool) {
		for k, s := range c.series.All {
			if (k.typ == slogtel.TypeTiming) == timings && !s.Empty() && !yield(k) {
				return
			}
		}
	}, key.compare)
}

// addScopes adds the scopes of a view, with their groups.
func (r *Report) addScopes(c *collector, v view, parallel func(path string) bool) {
	keys := c.keys(true)
	var scopes []tree.Scope
	for _, k := range keys {
		s := c.series.All[k]
		scopes = append(scopes, tree.Scope{Path: k.scope, Parent: k.parent, Depth: s.depth, Mixed: s.mixed, Total: s.Total.Value(), Times: s.times})
	}
	nodes := tree.Build(scopes, parallel)
	rows := make(map[*tree.Node]*Scope)
	for _, n := range nodes {
		row := &Scope{Scope: n.Path, Total: n.Total / float64(time.Second)}
		if n.Timed() {
			*row = scopeOf(keys[n.Index], c.series.All[keys[n.Index]])
		}
		if own := n.Own / float64(time.Second); n.Self != tree.Unknown {
			row.Self = &own
		}
		row.Estimated, row.Overlap, row.name = n.Self == tree.Estimated, n.Self == tree.Unknown, n.Name()
		rows[n] = row
	}
	order := func(a, b *tree.Node) int {
		value, x, y := orders[v.sort], rows[a], rows[b]
		return cmp.Or(cmp.Compare(value(y), value(x)), cmp.Compare(x.Scope, y.Scope), cmp.Compare(x.ParentScope, y.ParentScope))
	}
	nodes = tree.List(nodes, order)
	if v.depth > 0 {
		nodes = slices.DeleteFunc(nodes, func(n *tree.Node) bool { return n.Level >= v.depth })
		r.hidden = len(nodes) < len(rows)
	}
	if v.top > 0 {
		nodes = slices.DeleteFunc(nodes, func(n *tree.Node) bool { return !n.Timed() })
		slices.SortFunc(nodes, order)
		nodes = nodes[:min(v.top, len(nodes))]
	}
	for _, n := range nodes {
		row := *rows[n]
		if row.level = n.Level; v.top > 0 {
			row.level, row.name = 0, n.Path
		}
		if !n.Timed() { // these were for its place
			row.Total, row.Self = 0, nil
		}
		r.Scopes = append(r.Scopes, row)
		if n.Timed() {
			r.addGroups(keys[n.Index], c.series.All[keys[n.Index]], row.level+1)
		}
	}
}

// addGroups adds the groups of a scope.
func (r *Report) addGroups(k key, s *series, level int) {
	for _, value := range groupNames(s) {
		g := scopeOf(k, s.by.All[value])
		g.Group, g.level = &value, level
		r.Scopes = append(r.Scopes, g)
	}
}

// scopeOf is what a series of timings says.
func scopeOf(k key, s *series) Scope {
	const second = float64(time.Second)
	return Scope{
		Scope: k.scope, ParentScope: k.parent, Timed: true,
		Calls: collect.Whole(&s.Count), Errors: collect.Whole(&s.Errors), Canceled: collect.Whole(&s.Canceled),
		Total: s.seconds(), Mean: s.mean() / second, Min: s.Quantile(0) / second,
		P50: s.Quantile(.5) / second, P95: s.Quantile(.95) / second, P99: s.Quantile(.99) / second, Max: s.Quantile(1) / second,
		Approximate: s.Approximate, LastError: s.text, spark: spark(s.Sketch),
	}
}

// groupNames are the groups of a series, those with the greatest totals first.
func groupNames(s *series) []string {
	return slices.SortedFunc(maps.Keys(s.by.All), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.by.All[b].Total.Value(), s.by.All[a].Total.Value()), cmp.Compare(a, b))
	})
}
