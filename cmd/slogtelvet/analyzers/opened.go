package analyzers

import (
	"go/ast"
	"go/types"
	"reflect"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/ctrlflow"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/cfg"
)

// A span is a call of Start whose results are assigned, or thrown away, by a statement.
type span struct {
	fn   ast.Node // *ast.FuncDecl or *ast.FuncLit
	body *ast.BlockStmt
	flow *cfg.CFG
	at   place

	call    *ast.CallExpr
	stmt    ast.Node // in the graph
	inList  bool     // stmt is one of the statements of a block or a case
	ctxExpr ast.Expr // what the context is assigned to, nil if to nothing
	ctx     *types.Var
	varExpr ast.Expr // what the span is assigned to, nil if to nothing
	v       *types.Var
}

// opened finds the spans of a package.
var opened = &analysis.Analyzer{
	Name:       "slogtelspans",
	Doc:        "find the spans that are opened, for the other analyzers",
	Requires:   []*analysis.Analyzer{inspect.Analyzer, ctrlflow.Analyzer},
	ResultType: reflect.TypeFor[[]*span](),
	Run: func(pass *analysis.Pass) (any, error) {
		var found []*span
		for c, call := range all[*ast.CallExpr](pass) {
			if starts(pass.TypesInfo, call) {
				if s := spanOf(pass, c, call); s != nil {
					found = append(found, s)
				}
			}
		}
		return found, nil
	},
}

// spanOf is nil where the results go on to other code: in a return statement, say.
func spanOf(pass *analysis.Pass, c inspector.Cursor, call *ast.CallExpr) *span {
	s := &span{call: call}
	parent := c.Parent()
	for is[*ast.ParenExpr](parent.Node()) {
		parent = parent.Parent()
	}
	switch stmt := parent.Node().(type) {
	case *ast.AssignStmt:
		if len(stmt.Lhs) != 2 {
			return nil
		}
		s.stmt, s.ctxExpr, s.varExpr = stmt, stmt.Lhs[0], stmt.Lhs[1]
	case *ast.ValueSpec:
		if len(stmt.Names) != 2 {
			return nil
		}
		s.stmt, s.ctxExpr, s.varExpr = stmt, stmt.Names[0], stmt.Names[1]
	case *ast.ExprStmt, *ast.GoStmt, *ast.DeferStmt:
		s.stmt = stmt
	default:
		return nil
	}
	switch parent.ParentEdgeKind() {
	case edge.BlockStmt_List, edge.CaseClause_Body, edge.CommClause_Body:
		s.inList = true
	}
	if s.fn, s.body, s.flow = enclosing(pass, parent); s.flow == nil {
		return nil
	}
	var live bool
	if s.at, live = placeOf(s.flow, s.stmt); !live {
		return nil
	}
	if s.ctxExpr != nil {
		s.ctx = variable(pass.TypesInfo, s.ctxExpr)
		s.v = variable(pass.TypesInfo, s.varExpr)
	}
	return s
}

// enclosing returns the innermost function around a node, its body and its graph.
func enclosing(pass *analysis.Pass, c inspector.Cursor) (ast.Node, *ast.BlockStmt, *cfg.CFG) {
	flows := pass.ResultOf[ctrlflow.Analyzer].(*ctrlflow.CFGs)
	for f := range c.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		switch fn := f.Node().(type) {
		case *ast.FuncDecl:
			return fn, fn.Body, flows.FuncDecl(fn)
		case *ast.FuncLit:
			return fn, fn.Body, flows.FuncLit(fn)
		}
	}
	return nil, nil, nil
}

// funcType returns the type of a *ast.FuncDecl or *ast.FuncLit.
func funcType(fn ast.Node) *ast.FuncType {
	if decl, ok := fn.(*ast.FuncDecl); ok {
		return decl.Type
	}
	return fn.(*ast.FuncLit).Type
}

// thrownAway reports whether the span is assigned to nothing.
func (s *span) thrownAway() bool { return s.varExpr == nil || isBlank(s.varExpr) }

// own reports whether the span is held by a variable of the function that opens it, so that all
// that can end it is seen.
func (s *span) own() bool {
	if s.v == nil || !within(s.v.Pos(), s.fn) {
		return false
	}
	results := funcType(s.fn).Results
	return results == nil || !within(s.v.Pos(), results)
}

// A use is what a piece of code does with the variable that holds a span.
type use uint8

const (
	unused   use = iota // or used without an effect on whether it ends
	ends                // calls End
	escapes             // hands it to other code, or lets a closure have it, which may end it
	replaces            // assigns to the variable
)

// useIn returns what n does with v. Of several uses the first in this order counts: it ends,
// it escapes, it is replaced.
func useIn(info *types.Info, n ast.Node, v *types.Var) use {
	var found [replaces + 1]bool
	ast.PreorderStack(n, nil, func(m ast.Node, around []ast.Node) bool {
		if id, ok := m.(*ast.Ident); ok && info.Uses[id] == v {
			u := useOf(info, id, around)
			if u == ends && slices.ContainsFunc(around, func(n ast.Node) bool { return is[*ast.FuncLit](n) }) {
				u = escapes
			}
			found[u] = u != unused
		}
		return true
	})
	return use(max(0, slices.Index(found[:], true)))
}

// useOf returns what the nodes around an identifier, the outermost first, do with it.
func useOf(info *types.Info, id *ast.Ident, around []ast.Node) use {
	around = slices.DeleteFunc(slices.Concat([]ast.Node{nil, nil}, around), func(n ast.Node) bool { return is[*ast.ParenExpr](n) })
	parent, above := around[len(around)-1], around[len(around)-2]
	switch p := parent.(type) {
	case *ast.SelectorExpr:
		switch f, _ := info.Uses[p.Sel].(*types.Func); {
		case isMethod(f, slogtelPath, "Span", "SetAttrs", "Fail"):
			return unused
		case isMethod(f, slogtelPath, "Span", "End"):
			if call, ok := above.(*ast.CallExpr); ok && ast.Unparen(call.Fun) == p {
				return ends
			}
		}
	case *ast.BinaryExpr:
		if of, _ := nilCheck(info, p); of != nil {
			return unused
		}
	case *ast.AssignStmt:
		for i, l := range p.Lhs {
			if ast.Unparen(l) == id {
				return replaces
			}
			if len(p.Lhs) == len(p.Rhs) && ast.Unparen(p.Rhs[i]) == id && isBlank(l) {
				return unused
			}
		}
	case *ast.ValueSpec:
		for i, name := range p.Names {
			if i < len(p.Values) && ast.Unparen(p.Values[i]) == id && name.Name == "_" {
				return unused
			}
		}
	}
	return escapes
}
