package analyzers

import (
	"go/ast"
	"go/token"
	"go/types"
	"iter"

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
			if node == n {
				return place{b, i}, true
			}
		}
	}
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

// condition returns the expression on which the way out of b depends, or nil. It is true on the
// way to the first successor.
func condition(b *cfg.Block) ast.Node {
	if len(b.Succs) != 2 || len(b.Nodes) == 0 {
		return nil
	}
	return b.Nodes[len(b.Nodes)-1]
}

// implied yields what must hold, or not hold, for cond to have a result.
func implied(cond ast.Expr, result bool) iter.Seq2[ast.Expr, bool] {
	return func(yield func(ast.Expr, bool) bool) { imply(cond, result, yield) }
}

func imply(cond ast.Expr, result bool, yield func(ast.Expr, bool) bool) bool {
	switch e := ast.Unparen(cond).(type) {
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			return imply(e.X, !result, yield)
		}
	case *ast.BinaryExpr:
		if e.Op == token.LAND && result || e.Op == token.LOR && !result {
			return imply(e.X, result, yield) && imply(e.Y, result, yield)
		}
	}
	return yield(ast.Unparen(cond), result)
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
