package page

import (
	"cmp"
	"slices"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/tree"
)

// A node is a scope in the tree of scopes.
type node struct {
	path     string
	stats    *scopeStats // nil: others were opened in it, but it was never timed
	up       *node       // nil at the root
	children []*node
	total    float64 // seconds; of a node without stats, what its children took
	index    int     // in the list; -1 before that
}

// setOwn finds out how much of their time was the scopes' own.
func setOwn(all []*scopeStats, parallel func(path string) bool) {
	for i, n := range link(all, parallel)[:len(all)] {
		all[i].own, all[i].self = n.Own/float64(time.Second), n.Self
	}
}

func link(list []*scopeStats, parallel func(path string) bool) []*tree.Node {
	scopes := make([]tree.Scope, len(list))
	for i, s := range list {
		scopes[i] = tree.Scope{Path: s.scope, Parent: s.parent, Depth: s.depth, Mixed: s.mixed, Total: s.sum.Value() * float64(time.Second), Times: s.times}
	}
	return tree.Build(scopes, parallel)
}

// places returns the scopes from top to bottom, parents before their children and of
// siblings what took longest first. It does so whatever they say of their parents.
func places(scopes []*scopeStats) []*node {
	of := make(map[*tree.Node]*node)
	var nodes []*node
	linked := link(scopes, func(string) bool { return false })
	for _, l := range linked {
		n := &node{path: l.Path, index: -1}
		if l.Timed() {
			n.stats = scopes[l.Index]
			n.total = n.stats.sum.Value()
		}
		of[l] = n
		nodes = append(nodes, n)
	}
	for _, l := range linked {
		if l.Up != nil {
			n := of[l]
			n.up = of[l.Up]
			n.up.children = append(n.up.children, n)
		}
	}
	for _, n := range nodes {
		if n.up == nil {
			n.addUp()
		}
	}
	order := func(a, b *node) int { return cmp.Or(cmp.Compare(b.total, a.total), cmp.Compare(a.path, b.path)) }
	slices.SortStableFunc(nodes, order)
	list := make([]*node, 0, len(nodes))
	for _, root := range nodes {
		if root.up != nil {
			continue
		}
		for stack := []*node{root}; len(stack) > 0; {
			n := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			n.index = len(list)
			list = append(list, n)
			slices.SortStableFunc(n.children, order)
			for _, c := range slices.Backward(n.children) {
				stack = append(stack, c)
			}
		}
	}
	return list
}

// addUp computes the times of those below n that were not timed. Chains may be long, so that it
// must not recurse.
func (n *node) addUp() {
	order := []*node{n}
	for i := 0; i < len(order); i++ {
		order = append(order, order[i].children...)
	}
	for _, n := range slices.Backward(order) {
		if n.stats != nil {
			continue
		}
		for _, c := range n.children {
			n.total += c.total
		}
	}
}
