package analyzers

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/cfg"
)

// A place is a node of a control-flow graph.
type place struct {
	block *cfg.Block
	at    int // index in block.Nodes
}

// placeOf finds the node of the graph that is n, or contains it.
func placeOf(g *cfg.CFG, n ast.Node) (place, bool) {
	for _, b := range g.Blocks {
		if !b.Live {
			continue
		}
		for i, node := range b.Nodes {
			if node.Pos() <= n.Pos() && n.End() <= node.End() {
				return place{b, i}, true
			}
		}
	}
	return place{}, false
}

// walk visits the nodes that can be reached from those after p, each block once, until visit
// returns false, which ends that path. A node that is in a loop with p is visited though it is
// before p, and so is that of p. Edge, if it is not nil, tells whether the way from a block to
// one of its successors can be taken.
func walk(p place, visit func(ast.Node) bool, edge func(from *cfg.Block, successor int) bool) {
	seen := map[*cfg.Block]bool{}
	var follow func(b *cfg.Block, from int)
	follow = func(b *cfg.Block, from int) {
		for _, n := range b.Nodes[from:] {
			if !visit(n) {
				return
			}
		}
		for i, next := range b.Succs {
			if !seen[next] && (edge == nil || edge(b, i)) {
				seen[next] = true
				follow(next, 0)
			}
		}
	}
	follow(p.block, p.at+1)
}

// reaches reports whether there is a way from one place to another, which may be the same.
func reaches(from, to place) bool {
	target, found := to.block.Nodes[to.at], false
	walk(from, func(n ast.Node) bool {
		found = found || n == target
		return !found
	}, nil)
	return found
}

// imply calls f with what must hold, or not hold, for cond to have a result.
func imply(cond ast.Expr, result bool, f func(e ast.Expr, holds bool)) {
	cond = ast.Unparen(cond)
	not, _ := cond.(*ast.UnaryExpr)
	both, _ := cond.(*ast.BinaryExpr)
	switch {
	case not != nil && not.Op == token.NOT:
		imply(not.X, !result, f)
	case both != nil && (both.Op == token.LAND && result || both.Op == token.LOR && !result):
		imply(both.X, result, f)
		imply(both.Y, result, f)
	default:
		f(cond, result)
	}
}

// evaluate returns the result of cond, if what is known decides it.
func evaluate(cond ast.Expr, known map[string]bool) (result, ok bool) {
	cond = ast.Unparen(cond)
	if result, ok := known[types.ExprString(cond)]; ok {
		return result, true
	}
	switch e := cond.(type) {
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			result, ok = evaluate(e.X, known)
			return !result, ok
		}
	case *ast.BinaryExpr:
		if e.Op == token.LAND || e.Op == token.LOR {
			x, okX := evaluate(e.X, known)
			y, okY := evaluate(e.Y, known)
			decides := e.Op == token.LOR // the result that one side alone decides
			if okX && x == decides || okY && y == decides {
				return decides, true
			}
			return !decides, okX && okY
		}
	}
	return false, false
}
