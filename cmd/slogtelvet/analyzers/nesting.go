package analyzers

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
)

// reportNesting reports a loop whose rounds nest: each opens its scope in that of the round
// before.
func reportNesting(pass *analysis.Pass, s *span) bool {
	g, nested := nests(pass.TypesInfo, s)
	if nested && !inTest(pass, s.call) { // a test of deep scopes does so on purpose
		pass.ReportRangef(s.call, "the loop hands the context of this round on to the next, whose scope is opened in it: do not assign it to %s", g)
	}
	return nested
}

// nests returns the context that goes from one round of a loop to the next, if one does.
func nests(info *types.Info, s *span) (g given, nested bool) {
	g, ok := givenInside(info, s)
	if !ok || s.ctxExpr == nil || isBlank(s.ctxExpr) || !reaches(s.at, s.at) || perRound(info, s, g) {
		return g, false
	}
	var from []place
	if g.is(info, s.ctxExpr) {
		from = append(from, s.at)
	} else if s.ctx != nil {
		walk(s.at, func(n ast.Node) bool { // ctx = scoped
			if a, ok := n.(*ast.AssignStmt); ok && n != s.stmt {
				for i, l := range a.Lhs {
					if g.is(info, l) && len(a.Lhs) == len(a.Rhs) && mentions(info, a.Rhs[i], s.ctx) {
						if at, live := placeOf(s.flow, a); live {
							from = append(from, at)
						}
					}
				}
			}
			return n != s.stmt
		}, nil)
	}
	for _, p := range from {
		walk(p, func(n ast.Node) bool {
			nested = nested || n == s.stmt
			return n != s.stmt && !assigns(info, n, g)
		}, nil)
	}
	return g, nested
}

// givenInside is the context that is given, also where another is derived from it in the call.
func givenInside(info *types.Info, s *span) (given, bool) {
	if s.ctx != nil {
		for _, arg := range s.call.Args {
			if isContext(info.TypeOf(arg)) && mentions(info, arg, s.ctx) {
				return given{v: s.ctx}, true
			}
		}
	}
	return givenBy(info, s.call)
}

// assigns reports whether n gives the variable another value, or declares it anew.
func assigns(info *types.Info, n ast.Node, g given) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for _, l := range n.Lhs {
			if g.is(info, l) || g.root != nil && (variable(info, l) == g.root || is[*ast.StarExpr](l) && rootOf(info, l) == g.root) {
				return true // r = r.WithContext(ctx)
			}
		}
	case *ast.ValueSpec:
		for _, id := range n.Names {
			if g.is(info, id) {
				return true
			}
		}
	}
	return false
}

// perRound reports whether the range statement of the loop gives the variable its value.
func perRound(info *types.Info, s *span, g given) bool {
	for n := range ast.Preorder(s.body) {
		if r, ok := n.(*ast.RangeStmt); ok && within(s.stmt.Pos(), r.Body) && (g.is(info, orBlank(r.Key)) || g.is(info, orBlank(r.Value))) {
			return true
		}
	}
	return false
}

// reportOverwritten reports that the variable with the context of a scope is given another
// context, while the span is open and before anything has used it.
func reportOverwritten(pass *analysis.Pass, s *span) bool {
	info := pass.TypesInfo
	if s.ctx == nil || !s.own() || inTest(pass, s.call) || sharedBefore(info, s) {
		return false
	}
	var found *ast.AssignStmt
	walk(s.at, func(n ast.Node) bool {
		if n == s.stmt {
			return false
		}
		a, assigning := n.(*ast.AssignStmt)
		assigning = assigning && assigns(info, a, given{v: s.ctx})
		if reads(info, n, s.ctx) {
			return false
		}
		u := useIn(info, n, s.v)
		if u == escapes || u == replaces || u == ends && !is[*ast.DeferStmt](n) {
			return false
		}
		if assigning && len(a.Rhs) > 0 {
			if call, ok := ast.Unparen(a.Rhs[0]).(*ast.CallExpr); (!ok || !starts(info, call)) && (found == nil || a.Pos() < found.Pos()) {
				found = a
			}
		}
		return !assigning
	}, nil)
	if found == nil {
		return false
	}
	report(pass, found, nil, sprintf("%s is given another context before that of the scope, from line %d, is used: what follows is not recorded within",
		s.ctx.Name(), pass.Fset.Position(s.call.Pos()).Line), related(s.call, "the scope is opened here"))
	return true
}

// reads reports whether n uses the value of v: assigning to it is no use.
func reads(info *types.Info, n ast.Node, v *types.Var) bool {
	assigned := map[ast.Expr]bool{}
	for m := range ast.Preorder(n) {
		switch m := m.(type) {
		case *ast.AssignStmt:
			for _, l := range m.Lhs {
				assigned[l] = true
			}
		case *ast.Ident:
			if info.Uses[m] == v && !assigned[m] {
				return true
			}
		}
	}
	return false
}
