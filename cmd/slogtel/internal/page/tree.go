package page

import (
	"cmp"
	"slices"
	"strings"
)

// maxLevels is how far up a scope that was never timed looks for its place.
const maxLevels = 64

// A node is a scope in the tree of scopes.
type node struct {
	path     string
	stats    *scopeStats // nil: others were opened in it, but it was never timed
	up       *node       // nil at the root
	children []*node
	total    float64 // seconds; of a node without stats, what its children took
	self     float64 // seconds: total less what the children took, never negative
	index    int     // in the list; -1 before that
}

// tree returns the scopes from top to bottom, parents before their children and of
// siblings what took longest first. It does so whatever they say of their parents.
func tree(scopes []*scopeStats) []*node {
	byPath := make(map[string][]*node)
	var nodes []*node
	add := func(n *node) {
		nodes = append(nodes, n)
		byPath[n.path] = append(byPath[n.path], n)
	}
	for _, s := range scopes {
		add(&node{path: s.scope, stats: s, total: s.sum, index: -1})
	}
	for _, n := range nodes {
		if p := n.stats.parent; p != "" && byPath[p] == nil {
			add(&node{path: p, index: -1})
		}
	}
	for _, n := range nodes {
		if up := above(n, byPath); up != nil && !up.isBelow(n) {
			n.up = up
			up.children = append(up.children, n)
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

// above finds the node that n stands below. Where several scopes have the path of the
// parent, it is the one at the right depth.
func above(n *node, byPath map[string][]*node) *node {
	if n.stats == nil {
		path := n.path
		for range maxLevels {
			dot := strings.LastIndexByte(path, '.')
			if dot < 0 {
				break
			}
			path = path[:dot]
			if same := byPath[path]; same != nil {
				return same[0]
			}
		}
		return nil
	}
	if n.stats.parent == "" {
		return nil
	}
	same := byPath[n.stats.parent]
	for _, up := range same {
		if up.stats != nil && up.stats.depth == n.stats.depth-1 {
			return up
		}
	}
	return same[0]
}

// isBelow reports whether n is o, or stands below it.
func (n *node) isBelow(o *node) bool {
	for ; n != nil; n = n.up {
		if n == o {
			return true
		}
	}
	return false
}

// addUp computes the times of root and of all below it. Chains may be long, so that it
// must not recurse.
func (n *node) addUp() {
	order := []*node{n}
	for i := 0; i < len(order); i++ {
		order = append(order, order[i].children...)
	}
	for _, n := range slices.Backward(order) {
		var below float64
		for _, c := range n.children {
			below += c.total
		}
		if n.stats == nil {
			n.total = below
		}
		n.self = max(0, n.total-below)
	}
}
