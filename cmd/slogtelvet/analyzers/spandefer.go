package analyzers

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
)

var sprintf = fmt.Sprintf

func runSpanDefer(pass *analysis.Pass) (any, error) {
	inLoop := deferredInLoops(pass)
	for c, d := range all[*ast.DeferStmt](pass) {
		if inLoop[d] {
			pass.ReportRangef(d, "a deferred End runs when the function returns: the spans of all rounds of the loop stay open until then; "+
				"put the round into a function of its own")
			continue
		}
		fn, body, _ := enclosing(pass, c)
		if fn == nil {
			continue
		}
		lit := deferred(pass.TypesInfo, body, d.Call)
		if lit == nil || count(pass.TypesInfo, lit, types.Universe.Lookup("recover")) > 0 {
			continue
		}
		for _, end := range endsIn(pass.TypesInfo, lit.Body) {
			if seesPanicLater(pass.TypesInfo, body, d, end.on) {
				continue
			}
			name := "span"
			if id, ok := ast.Unparen(end.on).(*ast.Ident); ok {
				name = id.Name
			}
			report(pass, end.call, deferItself(pass, body, d, lit, end),
				"this End sees no panic: only an End that is deferred itself does, as in defer "+name+".End()")
		}
	}
	return nil, nil
}

// deferredInLoops returns the defer statements that end a span of the same round of a loop.
func deferredInLoops(pass *analysis.Pass) map[*ast.DeferStmt]bool {
	found := map[*ast.DeferStmt]bool{}
	for _, s := range pass.ResultOf[opened].([]*span) {
		if s.v == nil || !reaches(s.at, s.at) {
			continue
		}
		walk(s.at, func(n ast.Node) bool {
			if n == s.stmt {
				return false
			}
			d, ok := n.(*ast.DeferStmt)
			if ok && endsDeferred(pass.TypesInfo, d, s.v) {
				if at, live := placeOf(s.flow, d); live && reaches(at, s.at) {
					found[d] = true
				}
			}
			return true
		}, nil)
	}
	return found
}

// endsDeferred reports whether a deferred call ends v, itself or in a function literal.
func endsDeferred(info *types.Info, d *ast.DeferStmt, v *types.Var) bool {
	for n := range ast.Preorder(d.Call) {
		if call, ok := n.(*ast.CallExpr); ok && variable(info, endOf(info, call)) == v {
			return true
		}
	}
	return false
}

// deferred returns the function literal that a deferred call runs: the one that stands there,
// or the only one that a local variable is given.
func deferred(info *types.Info, body *ast.BlockStmt, call *ast.CallExpr) *ast.FuncLit {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.FuncLit:
		return fun
	case *ast.Ident:
		if v := variable(info, fun); v != nil {
			lit, _ := onlyValue(info, body, v).(*ast.FuncLit)
			return lit
		}
	}
	return nil
}

type end struct {
	call *ast.CallExpr
	on   ast.Expr
}

// endsIn returns the calls of End in a function's body, not those in functions within it.
// A deferred End among them sees no panic of the outer function either.
func endsIn(info *types.Info, body *ast.BlockStmt) []end {
	var found []end
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			// A span that is opened here is this function's, and its panics are seen or not here.
			if on := endOf(info, n); on != nil {
				if v := variable(info, on); v == nil || !within(v.Pos(), body) {
					found = append(found, end{n, on})
				}
			}
		}
		return true
	})
	return found
}

// seesPanicLater reports whether the End of the same span is deferred itself after d, and so
// runs before it.
func seesPanicLater(info *types.Info, body *ast.BlockStmt, d *ast.DeferStmt, on ast.Expr) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		if is[*ast.FuncLit](n) {
			return false
		}
		if other, ok := n.(*ast.DeferStmt); ok && other.Pos() > d.End() {
			if e := endOf(info, other.Call); e != nil && types.ExprString(e) == types.ExprString(on) {
				found = true
			}
		}
		return !found
	})
	return found
}

// deferItself moves the End that is the last statement of a deferred literal out of it. What
// the literal does besides stays deferred, and runs first. Attributes that End was given are
// set there.
func deferItself(pass *analysis.Pass, body *ast.BlockStmt, d *ast.DeferStmt, lit *ast.FuncLit, e end) []analysis.SuggestedFix {
	last := len(lit.Body.List) - 1
	if ast.Unparen(d.Call.Fun) != lit || len(d.Call.Args) > 0 || last < 0 || e.call.Ellipsis.IsValid() {
		return nil
	}
	stmt, ok := lit.Body.List[last].(*ast.ExprStmt)
	v := variable(pass.TypesInfo, e.on)
	if !ok || stmt.X != e.call || v == nil || leaves(lit.Body) || assignedAfter(pass.TypesInfo, body, v, d.Pos()) {
		return nil
	}
	const message = "Defer End itself"
	direct := "defer " + v.Name() + ".End()"
	if last == 0 && len(e.call.Args) == 0 {
		if commentBetween(pass, d.Pos(), d.End()) {
			return nil
		}
		return fix(message, replace(d, direct))
	}
	first := insert(d.Pos(), direct+"\n")
	if len(e.call.Args) > 0 {
		sel, ok := ast.Unparen(e.call.Fun).(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		return fix(message, first, replace(sel.Sel, "SetAttrs"))
	}
	from := lit.Body.List[last-1].End()
	if commentBetween(pass, from, stmt.Pos()) {
		from = stmt.Pos()
	}
	return fix(message, first, analysis.TextEdit{Pos: from, End: stmt.End()})
}

// leaves reports whether a body has a return that may come before its last statement.
func leaves(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			found = true
		case *ast.BranchStmt:
			found = found || n.Tok == token.GOTO
		}
		return !found
	})
	return found
}

// assignedAfter reports whether the value of a variable at pos may not be that at the end of the
// function.
func assignedAfter(info *types.Info, body *ast.BlockStmt, v *types.Var, pos token.Pos) bool {
	isIt := func(e ast.Expr) bool { return variable(info, e) == v }
	for n := range ast.Preorder(body) {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Pos() > pos && slices.ContainsFunc(n.Lhs, isIt) {
				return true
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND && isIt(n.X) {
				return true
			}
		}
	}
	return false
}

func commentBetween(pass *analysis.Pass, from, to token.Pos) bool {
	for _, f := range pass.Files {
		for _, c := range f.Comments {
			if from <= c.Pos() && c.Pos() < to {
				return true
			}
		}
	}
	return false
}
