package analyzers

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/cfg"
)

func runSpanEnd(pass *analysis.Pass) (any, error) {
	for _, s := range pass.ResultOf[opened].([]*span) {
		switch {
		case s.thrownAway():
			if !inTest(pass, s.call) { // on purpose: it needs the context only
				report(pass, s.call, addEnd(pass, s), "the span is thrown away and never ended: its scope emits no event")
			}
		case s.own():
			reportLeak(pass, s)
		}
	}
	return nil, nil
}

func reportLeak(pass *analysis.Pass, s *span) {
	info := pass.TypesInfo
	if sharedBefore(info, s) {
		return
	}
	holds := heldConditions(s)
	var leak ast.Node // where a path leaves the span open
	ended := false    // on some path
	walk(s.at, func(n ast.Node) bool {
		switch useIn(info, n, s.v) {
		case ends, escapes:
			ended = true
			return false
		case replaces:
			leak = first(leak, n)
			return false
		}
		if n == s.stmt { // again, in a loop: a new variable of the same name
			leak = first(leak, n)
			return false
		}
		if is[*ast.ReturnStmt](n) {
			leak = first(leak, n)
		}
		return true
	}, func(from *cfg.Block, successor int) bool {
		if successor == 1 && runsOnce(info, from, s) {
			return false
		}
		if len(from.Succs) != 2 || len(from.Nodes) == 0 {
			return true
		}
		cond, ok := from.Nodes[len(from.Nodes)-1].(ast.Expr) // true on the way to the first successor
		if !ok {
			return true
		}
		is, known := evaluate(cond, holds)
		possible := !known || is == (successor == 0)
		imply(cond, successor == 0, func(e ast.Expr, is bool) {
			if of, whenNil := nilCheck(info, e); of != nil && variable(info, of) == s.v && is == whenNil {
				possible = false // a nil span need not be ended
			}
		})
		return possible
	})
	if leak == nil || ended && endedUnderCondition(info, s) {
		return
	}
	if inTest(pass, s.call) {
		if _, nested := nests(info, s); nested || !ended {
			return // on purpose
		}
	}
	var message string
	var fixes []analysis.SuggestedFix
	line := pass.Fset.Position(leak.Pos()).Line
	switch {
	case leak != s.stmt && !is[*ast.ReturnStmt](leak):
		message = sprintf("the span %s is not ended on a path to line %d, where the variable is assigned", s.v.Name(), line)
	case !ended:
		message = "the span " + s.v.Name() + " is never ended: its scope emits no event"
		fixes = addEnd(pass, s)
	case leak == s.stmt:
		message = sprintf("the span %s is not ended on a path to the next round of the loop", s.v.Name())
	default:
		message = sprintf("the span %s is not ended on a path to the return on line %d: defer %[1]s.End() where it is started", s.v.Name(), line)
	}
	report(pass, s.call, fixes, message, related(leak, "the span may still be open here"))
}

// first is the node that comes first in the file, so that a finding does not depend on the
// order in which paths are walked.
func first(a, b ast.Node) ast.Node {
	if a == nil || b.Pos() < a.Pos() {
		return b
	}
	return a
}

// runsOnce reports whether b is the head of a loop that ends the span in each round, or hands
// it on. It is taken to have a round: a span that its workers end is not open where there are
// none.
func runsOnce(info *types.Info, b *cfg.Block, s *span) bool {
	var body *ast.BlockStmt
	switch b.Kind {
	case cfg.KindForLoop:
		body = b.Stmt.(*ast.ForStmt).Body
	case cfg.KindRangeLoop:
		body = b.Stmt.(*ast.RangeStmt).Body
	}
	if body == nil || within(s.stmt.Pos(), body) {
		return false
	}
	for _, stmt := range body.List {
		switch stmt.(type) {
		case *ast.ExprStmt, *ast.AssignStmt, *ast.GoStmt, *ast.DeferStmt, *ast.SendStmt:
			if u := useIn(info, stmt, s.v); u == ends || u == escapes {
				return true
			}
		}
	}
	return false
}

// sharedBefore reports whether code from before the span is opened has the variable and may
// end what it holds: a closure, or a pointer to it.
func sharedBefore(info *types.Info, s *span) bool {
	for n := range ast.Preorder(s.body) {
		shared := false
		switch n := n.(type) {
		case *ast.FuncLit:
			shared = mentions(info, n, s.v)
		case *ast.UnaryExpr:
			shared = n.Op == token.AND && variable(info, n.X) == s.v
		}
		if shared && n.End() <= s.stmt.Pos() {
			return true
		}
	}
	return false
}

// heldConditions returns the conditions of the if statements around the span, as text, and
// whether they held. Where one is asked again, it is taken to have the same result, since a span
// that is opened under a condition is ended under it.
func heldConditions(s *span) map[string]bool {
	held := map[string]bool{}
	for n := range ast.Preorder(s.body) {
		if n, ok := n.(*ast.IfStmt); ok && !within(s.v.Pos(), n) {
			then := within(s.stmt.Pos(), n.Body)
			if then || n.Else != nil && within(s.stmt.Pos(), n.Else) {
				imply(n.Cond, then, func(e ast.Expr, is bool) { held[types.ExprString(e)] = is })
			}
		}
	}
	return held
}

// endedUnderCondition reports whether a span that is opened in an inner block, in a variable
// from further out, is only ended in inner blocks: whether it is open there, and only there,
// may depend on what the graph does not show.
func endedUnderCondition(info *types.Info, s *span) bool {
	outer := blockAt(s.body, s.v.Pos())
	if blockAt(s.body, s.stmt.Pos()) == outer {
		return false
	}
	for n := range ast.Preorder(s.body) {
		switch n.(type) {
		case *ast.ExprStmt, *ast.DeferStmt, *ast.GoStmt, *ast.AssignStmt, *ast.ReturnStmt:
			if u := useIn(info, n, s.v); n.Pos() >= s.stmt.End() && (u == ends || u == escapes) && blockAt(s.body, n.Pos()) == outer {
				return false
			}
		}
	}
	return true
}
