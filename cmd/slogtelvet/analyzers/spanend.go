package analyzers

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/cfg"
)

func runSpanEnd(pass *analysis.Pass) (any, error) {
	for _, s := range pass.ResultOf[opened].([]*span) {
		switch {
		case s.thrownAway():
			if inTest(pass, s.call) {
				continue // on purpose: it needs the context only
			}
			pass.Report(analysis.Diagnostic{
				Pos: s.call.Pos(), End: s.call.End(),
				Message:        "the span is thrown away and never ended: its scope emits no event",
				SuggestedFixes: addEnd(pass, s),
			})
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
		cond, ok := condition(from).(ast.Expr)
		if !ok {
			return true
		}
		if is, known := evaluate(cond, holds); known && is != (successor == 0) {
			return false
		}
		for e, is := range implied(cond, successor == 0) {
			if of, whenNil := nilCheck(info, e); of != nil && variable(info, of) == s.v && is == whenNil {
				return false // a nil span need not be ended
			}
		}
		return true
	})
	if leak == nil || ended && endedUnderCondition(info, s) {
		return
	}
	if inTest(pass, s.call) {
		if _, nested := nests(info, s); nested || !ended {
			return // on purpose
		}
	}
	d := analysis.Diagnostic{Pos: s.call.Pos(), End: s.call.End()}
	line := pass.Fset.Position(leak.Pos()).Line
	switch {
	case leak != s.stmt && !is[*ast.ReturnStmt](leak):
		d.Message = sprintf("the span %s is not ended on a path to line %d, where the variable is assigned", s.v.Name(), line)
	case !ended:
		d.Message = "the span " + s.v.Name() + " is never ended: its scope emits no event"
		d.SuggestedFixes = addEnd(pass, s)
	case leak == s.stmt:
		d.Message = sprintf("the span %s is not ended on a path to the next round of the loop", s.v.Name())
	default:
		d.Message = sprintf("the span %s is not ended on a path to the return on line %d: defer %[1]s.End() where it is started", s.v.Name(), line)
	}
	d.Related = []analysis.RelatedInformation{{Pos: leak.Pos(), End: leak.End(), Message: "the span may still be open here"}}
	pass.Report(d)
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
	switch {
	case b.Kind == cfg.KindForLoop:
		body = b.Stmt.(*ast.ForStmt).Body
	case b.Kind == cfg.KindRangeLoop:
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

// inTest reports whether n is in a file of tests.
func inTest(pass *analysis.Pass, n ast.Node) bool {
	return strings.HasSuffix(pass.Fset.Position(n.Pos()).Filename, "_test.go")
}

// sharedBefore reports whether code from before the span is opened has the variable and may
// end what it holds: a closure, or a pointer to it.
func sharedBefore(info *types.Info, s *span) bool {
	shared := false
	ast.Inspect(s.body, func(n ast.Node) bool {
		if n != nil && n.Pos() >= s.stmt.Pos() {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			shared = shared || n.End() <= s.stmt.Pos() && mentions(info, n, s.v)
		case *ast.UnaryExpr:
			shared = shared || n.Op == token.AND && variable(info, n.X) == s.v
		}
		return !shared
	})
	return shared
}

// mentions reports whether n uses v.
func mentions(info *types.Info, n ast.Node, v *types.Var) bool {
	found := false
	if n == nil || v == nil {
		return false
	}
	ast.Inspect(n, func(m ast.Node) bool {
		if id, ok := m.(*ast.Ident); ok && info.Uses[id] == v {
			found = true
		}
		return !found
	})
	return found
}

// heldConditions returns the conditions of the if statements around the span, as text, and
// whether they held. Where one is asked again, it is taken to have the same result, since a span
// that is opened under a condition is ended under it.
func heldConditions(s *span) map[string]bool {
	held := map[string]bool{}
	note := func(cond ast.Expr, is bool) {
		for e, is := range implied(cond, is) {
			held[types.ExprString(e)] = is
		}
	}
	ast.Inspect(s.body, func(n ast.Node) bool {
		if n == nil || !within(s.stmt.Pos(), n) {
			return false
		}
		if n, ok := n.(*ast.IfStmt); ok && !within(s.v.Pos(), n) {
			if within(s.stmt.Pos(), n.Body) {
				note(n.Cond, true)
			} else if n.Else != nil && within(s.stmt.Pos(), n.Else) {
				note(n.Cond, false)
			}
		}
		return true
	})
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
	level := false
	ast.Inspect(s.body, func(n ast.Node) bool {
		if n == nil || n.End() <= s.stmt.End() {
			return false
		}
		if stmt, ok := n.(ast.Stmt); ok && stmt.Pos() >= s.stmt.End() {
			switch stmt.(type) {
			case *ast.ExprStmt, *ast.DeferStmt, *ast.GoStmt, *ast.AssignStmt, *ast.ReturnStmt:
				if u := useIn(info, stmt, s.v); (u == ends || u == escapes) && blockAt(s.body, stmt.Pos()) == outer {
					level = true
				}
				return false
			}
		}
		return true
	})
	return !level
}
