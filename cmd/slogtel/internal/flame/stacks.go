package flame

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

const (
	maxFrames = 128 // of a stack; what is above is cut
	maxLevels = 32  // that are looked up for the place of a scope that was never timed
)

// A node is a scope in its place.
type node struct {
	key
	tally
	up       *node   // nil at the root
	children float64 // nanoseconds of the scopes below
	mark     uint8   // of cut
}

// self is the time that the scopes below do not account for. It is 0 where those ran
// at the same time and took longer together.
func (n *node) self() float64 { return max(n.total-n.children, 0) }

// frames returns the scopes from the root down to n.
func (n *node) frames() []*node {
	var list []*node
	for ; n != nil && len(list) < maxFrames; n = n.up {
		list = append(list, n)
	}
	slices.Reverse(list)
	return list
}

// tree puts the scopes of c in their places and returns them in a fixed order.
func tree(c *collection) []*node {
	paths := make(map[string][]*node)
	nodes := make([]*node, 0, len(c.scopes))
	for _, k := range c.keys() {
		n := &node{key: k, tally: *c.scopes[k]}
		nodes = append(nodes, n)
		paths[k.scope] = append(paths[k.scope], n)
	}
	timed := len(nodes)
	for _, n := range nodes[:timed] {
		if n.parent != "" && paths[n.parent] == nil {
			untimed := &node{key: key{scope: n.parent, depth: n.depth - 1}}
			nodes = append(nodes, untimed)
			paths[n.parent] = []*node{untimed}
		}
	}
	for _, same := range paths {
		slices.SortStableFunc(same, func(a, b *node) int { return cmp.Compare(b.total, a.total) })
	}
	for i, n := range nodes {
		if i < timed {
			n.up = above(paths, n)
		} else {
			n.up = around(paths, n)
		}
	}
	cut(nodes)
	for _, n := range nodes {
		if n.up != nil {
			n.up.children += n.total
		}
	}
	return nodes
}

// above finds the parent of n. Of several scopes with its path it is the one at the
// right depth, and of those the one that took longest.
func above(paths map[string][]*node, n *node) *node {
	if n.parent == "" {
		return nil
	}
	candidates := paths[n.parent]
	for _, c := range candidates {
		if c.depth == n.depth-1 {
			return c
		}
	}
	return candidates[0]
}

// around finds the parent of a scope that was never timed: by the path.
func around(paths map[string][]*node, n *node) *node {
	path := n.scope
	for range maxLevels {
		dot := strings.LastIndexByte(path, '.')
		if dot < 0 {
			return nil
		}
		path = path[:dot]
		if candidates := paths[path]; candidates != nil {
			return candidates[0]
		}
	}
	return nil
}

// cut makes a root of one of the scopes that are each other's parents, which a file can
// say but an app cannot do.
func cut(nodes []*node) {
	const walking, done = 1, 2
	for _, n := range nodes {
		start := n
		for n != nil && n.mark == 0 {
			n.mark = walking
			if n.up != nil && n.up.mark == walking {
				n.up = nil
			}
			n = n.up
		}
		for n = start; n != nil && n.mark == walking; n = n.up {
			n.mark = done
		}
	}
}

// whole is the nearest int64.
func whole(v float64) int64 {
	if v >= math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(math.Round(v))
}
