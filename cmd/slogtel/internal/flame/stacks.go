package flame

import (
	"slices"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/tree"
)

const maxFrames = 128 // of a stack; what is above is cut

// A node is a scope in its place.
type node struct {
	*tree.Node
	sums
}

// frames returns the scopes from the root down to n.
func (n *node) frames() []*tree.Node {
	var list []*tree.Node
	for up := n.Node; up != nil && len(list) < maxFrames; up = up.Up {
		list = append(list, up)
	}
	slices.Reverse(list)
	return list
}

// stacks puts the scopes of c in their places and returns them in a fixed order, those that were
// never timed left out.
func stacks(c *collection, parallel func(path string) bool) []*node {
	keys := c.keys()
	scopes := make([]tree.Scope, len(keys))
	for i, k := range keys {
		s := c.scopes.All[k]
		scopes[i] = tree.Scope{Path: k.scope, Parent: k.parent, Depth: k.depth, Total: s.Total.Value(), Times: s.times}
	}
	nodes := make([]*node, len(keys))
	for i, n := range tree.Build(scopes, parallel)[:len(keys)] {
		nodes[i] = &node{n, *c.scopes.All[keys[i]]}
	}
	return nodes
}

// roughly returns how many scopes have a time of their own that is estimated, and how many one
// that is not known.
func roughly(nodes []*node) (estimated, unknown int) {
	for _, n := range nodes {
		switch n.Self {
		case tree.Estimated:
			estimated++
		case tree.Unknown:
			unknown++
		}
	}
	return estimated, unknown
}
