// Package tree puts scopes in their places, each below the one that it was opened in, and
// says how much of a scope's time was its own.
package tree

import (
	"cmp"
	"slices"
	"strings"
)

// A Scope is what was read of one. The same path can have been opened in different scopes.
type Scope struct {
	Path, Parent string
	Depth        int     // the least
	Mixed        bool    // there were several depths
	Total        float64 // nanoseconds times weights
	Times        Times
}

// Self says how well the time of its own is known that a scope has.
type Self uint8

const (
	// Exact: all is known by span ids, or nothing was opened in the scope, or what was opened in
	// it ran one after the other.
	Exact Self = iota
	// Estimated: scopes inside overlapped in time, or it is not known whether they did, and no span
	// ids say which of them ran in which call. It is right if in no call two of them ran at once.
	Estimated
	// Unknown: the scopes inside took longer together than the scope.
	Unknown
)

// A Node is a scope in its place.
type Node struct {
	Scope
	Index    int   // in what Build was given; -1 for a scope that was never timed
	Up       *Node // nil at the root
	Children []*Node
	Own      float64 // its own time, in nanoseconds times weights; 0 when Unknown
	Self     Self
	Level    int // in what List returned

	around bool    // spans say that they are inside of one of this path
	below  float64 // what the scopes right below took that do not say in which span
	mark   uint8   // of cut
}

// Timed reports whether there were timings of n itself. The Total and Own of one that was not are those of what is inside.
func (n *Node) Timed() bool { return n.Index >= 0 }

// Name is the path as it reads below the node above.
func (n *Node) Name() string {
	if n.Up != nil {
		if rest, ok := strings.CutPrefix(n.Path, n.Up.Path+"."); ok {
			return rest
		}
	}
	return n.Path
}

// maxLevels is how many levels up the place is looked for of a scope that was never timed.
const maxLevels = 64

// Build returns the scopes in their order, and after them those that others were opened in
// but that were never timed. Parallel is Meters.Parallel. No scope gets lost, whatever scopes say of
// their parents: of those that are each other's, one is at the root.
func Build(scopes []Scope, parallel func(path string) bool) []*Node {
	paths := make(map[string][]*Node)
	nodes := make([]*Node, 0, len(scopes))
	for i, s := range scopes {
		n := &Node{Scope: s, Index: i}
		nodes = append(nodes, n)
		paths[s.Path] = append(paths[s.Path], n)
	}
	for _, n := range nodes[:len(scopes)] {
		if n.Parent != "" && paths[n.Parent] == nil {
			untimed := &Node{Scope: Scope{Path: n.Parent, Depth: n.Depth - 1}, Index: -1}
			nodes = append(nodes, untimed)
			paths[n.Parent] = []*Node{untimed}
		}
	}
	for _, same := range paths { // what took longest comes first
		slices.SortStableFunc(same, func(a, b *Node) int { return cmp.Compare(b.Total, a.Total) })
	}
	for _, n := range nodes {
		if n.Timed() {
			n.Up = above(paths[n.Parent], n)
		} else {
			n.Up = around(paths, n)
		}
	}
	cut(nodes)
	for _, n := range nodes {
		if n.Up != nil {
			n.Up.Children = append(n.Up.Children, n)
		}
	}
	for _, n := range nodes[:len(scopes)] {
		if n.Times.placed > 0 {
			for _, up := range paths[n.Parent] {
				up.around = true
			}
		}
	}
	shareOut(nodes, paths)
	for _, n := range nodes {
		n.setOwn(parallel)
	}
	for _, n := range nodes[:len(scopes)] {
		for up := n.Up; up != nil && !up.Timed(); up = up.Up {
			up.Total += n.Total
			up.Own += n.Own
		}
	}
	return nodes
}

// List returns nodes of Build from top to bottom, siblings in order, and sets their levels.
func List(nodes []*Node, order func(a, b *Node) int) []*Node {
	var stack []*Node // chains may be long: it must not recurse
	push := func(siblings []*Node) {
		slices.SortStableFunc(siblings, order)
		for _, n := range slices.Backward(siblings) {
			stack = append(stack, n)
		}
	}
	push(slices.DeleteFunc(slices.Clone(nodes), func(n *Node) bool { return n.Up != nil }))
	list := make([]*Node, 0, len(nodes))
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if n.Up != nil {
			n.Level = n.Up.Level + 1
		}
		list = append(list, n)
		push(n.Children)
	}
	return list
}

// above finds the node that n stands below, of those with the path of its parent: the first at the
// right depth or, failing that, the first.
func above(candidates []*Node, n *Node) *Node {
	if n.Parent == "" {
		return nil
	}
	var up *Node
	for _, c := range candidates {
		switch {
		case c == n:
		case c.Timed() && c.Depth == n.Depth-1:
			return c
		case up == nil:
			up = c
		}
	}
	return up
}

// around finds the node for a scope that was never timed to stand below: by its path.
func around(paths map[string][]*Node, n *Node) *Node {
	path := n.Path
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

// cut makes a root of one of the nodes that are each other's parents, which a file can
// say but an app cannot do.
func cut(nodes []*Node) {
	const walking, done = 1, 2
	for _, n := range nodes {
		start := n
		for n != nil && n.mark == 0 {
			n.mark = walking
			if n.Up != nil && n.Up.mark == walking {
				n.Up = nil
			}
			n = n.Up
		}
		for n = start; n != nil && n.mark == walking; n = n.Up {
			n.mark = done
		}
	}
}

// shareOut finds out what ran inside of each scope of that which does not say in which span.
// It knows the path of its parent only: where several nodes have that, it is inside the one at
// the right depth, and if that does not tell either, inside each in proportion.
func shareOut(nodes []*Node, paths map[string][]*Node) {
	shared := make(map[string]float64)
	for _, n := range nodes {
		if !n.Timed() || n.Up == nil {
			continue
		}
		rest := max(0, n.Total-n.Times.placed)
		if rest <= 1e-9*n.Total { // rounding
			continue
		}
		if up := only(paths[n.Parent], n); up != nil {
			up.below += rest
		} else {
			shared[n.Parent] += rest
		}
	}
	for path, rest := range shared {
		total := 0.0
		for _, n := range paths[path] {
			total += n.Total
		}
		for _, n := range paths[path] {
			if total > 0 {
				n.below += rest * (n.Total / total)
			}
		}
	}
}

// only returns the only one of the nodes with a path that n can have been in, or nil.
func only(candidates []*Node, n *Node) (one *Node) {
	if len(candidates) == 1 {
		return candidates[0]
	}
	for _, c := range candidates {
		switch {
		case !c.Timed() || c.Mixed || n.Mixed:
			return nil
		case c.Depth != n.Depth-1:
		case one != nil:
			return nil
		default:
			one = c
		}
	}
	return one
}

// setOwn takes from the time of n what ran inside.
func (n *Node) setOwn(parallel func(path string) bool) {
	if !n.Timed() {
		return
	}
	exact := max(0, n.Times.spans-n.Times.inside)
	rest := max(0, n.Total-n.Times.spans)
	switch {
	case n.below > rest+1e-9*n.Total:
		n.Self = Unknown
		return
	case parallel(n.Path) && (n.below > 0 || n.around):
		n.Self = Estimated
	}
	n.Own = exact + max(0, rest-n.below)
	if n.Own <= 1e-12*n.Total { // rounding
		n.Own = 0
	}
}
