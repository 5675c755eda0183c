package analyzers

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"
)

// callee returns the function or method that is called, that of a generic one's declaration,
// or nil.
func callee(info *types.Info, call *ast.CallExpr) *types.Func {
	if f, ok := typeutil.Callee(info, call).(*types.Func); ok {
		return f.Origin()
	}
	return nil
}

// isFunc reports whether f is a function of a package with one of the names.
func isFunc(f *types.Func, pkg string, names ...string) bool {
	return f != nil && f.Signature().Recv() == nil && in(f, pkg) && slices.Contains(names, f.Name())
}

// isMethod reports whether f is a method, with one of the names, of a type of a package.
func isMethod(f *types.Func, pkg, typ string, names ...string) bool {
	if f == nil || f.Signature().Recv() == nil {
		return false
	}
	return isNamed(deref(f.Signature().Recv().Type()), pkg, typ) && slices.Contains(names, f.Name())
}

func in(obj types.Object, pkg string) bool { return obj.Pkg() != nil && obj.Pkg().Path() == pkg }

func deref(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

func isNamed(t types.Type, pkg, name string) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == name && in(named.Obj(), pkg)
}

func isPointerTo(t types.Type, pkg, name string) bool {
	return is[*types.Pointer](types.Unalias(t)) && isNamed(deref(t), pkg, name)
}

func isSpan(t types.Type) bool    { return isPointerTo(t, slogtelPath, "Span") }
func isContext(t types.Type) bool { return isNamed(t, "context", "Context") }
func isRequest(t types.Type) bool { return isPointerTo(t, "net/http", "Request") }

// starts reports whether call opens a span that its caller has to end: it calls Start, or a
// function whose name begins so and whose results are those of Start.
func starts(info *types.Info, call *ast.CallExpr) bool {
	results, ok := info.TypeOf(call).(*types.Tuple)
	if !ok || results.Len() != 2 || !isContext(results.At(0).Type()) || !isSpan(results.At(1).Type()) {
		return false
	}
	name := ""
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		name = fun.Name
	case *ast.SelectorExpr:
		name = fun.Sel.Name
	case *ast.IndexExpr, *ast.IndexListExpr:
		if f := callee(info, call); f != nil {
			name = f.Name()
		}
	}
	return strings.HasPrefix(strings.ToLower(name), "start")
}

// endOf returns what End is called on, or nil if call is no call of End.
func endOf(info *types.Info, call *ast.CallExpr) ast.Expr {
	if !isMethod(callee(info, call), slogtelPath, "Span", "End") {
		return nil
	}
	if methodExpr(info, call) {
		return call.Args[0]
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	return sel.X
}

// methodExpr reports whether a method is called as a function, with the receiver as the first
// argument.
func methodExpr(info *types.Info, call *ast.CallExpr) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	return ok && info.Selections[sel] != nil && info.Selections[sel].Kind() == types.MethodExpr
}

// runsScope returns the function that a call of Time or Do runs in a scope, and the context
// that the scope is opened with.
func runsScope(info *types.Info, call *ast.CallExpr) (ctx ast.Expr, fn *ast.FuncLit) {
	at := 0
	switch f := callee(info, call); {
	case isMethod(f, slogtelPath, "Telemetry", "Time") && len(call.Args) >= 3:
		at = 2
	case isFunc(f, slogtelPath, "Do") && len(call.Args) >= 4:
		at = 3
	default:
		return nil, nil
	}
	fn, _ = ast.Unparen(call.Args[at]).(*ast.FuncLit)
	return call.Args[0], fn
}

// variable returns the local variable or parameter that e names, or nil.
func variable(info *types.Info, e ast.Expr) *types.Var {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v, _ := info.ObjectOf(id).(*types.Var)
	if v == nil || v.IsField() || v.Parent() == nil || v.Pkg() == nil || v.Parent() == v.Pkg().Scope() {
		return nil
	}
	return v
}

func isBlank(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && id.Name == "_"
}

func isNil(info *types.Info, e ast.Expr) bool { return info.Types[e].IsNil() }

// nilCheck returns the expression that cond compares with nil, and whether cond holds for nil.
func nilCheck(info *types.Info, cond ast.Node) (of ast.Expr, whenNil bool) {
	e, ok := cond.(ast.Expr)
	if !ok {
		return nil, false
	}
	b, ok := ast.Unparen(e).(*ast.BinaryExpr)
	if !ok || b.Op != token.EQL && b.Op != token.NEQ {
		return nil, false
	}
	switch {
	case isNil(info, b.Y):
		of = ast.Unparen(b.X)
	case isNil(info, b.X):
		of = ast.Unparen(b.Y)
	default:
		return nil, false
	}
	return of, b.Op == token.EQL
}

// isBackground reports whether e is context.Background() or context.TODO().
func isBackground(info *types.Info, e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok && isFunc(callee(info, call), "context", "Background", "TODO")
}

// mentions reports whether n uses v.
func mentions(info *types.Info, n ast.Node, v *types.Var) bool {
	return n != nil && count(info, n, v) > 0
}

// count returns how often n uses a variable or function.
func count(info *types.Info, n ast.Node, v types.Object) (times int) {
	for m := range ast.Preorder(n) {
		if id, ok := m.(*ast.Ident); ok && info.Uses[id] == v {
			times++
		}
	}
	return times
}

// inTest reports whether n is in a file of tests.
func inTest(pass *analysis.Pass, n ast.Node) bool {
	return strings.HasSuffix(pass.Fset.Position(n.Pos()).Filename, "_test.go")
}

// lookup returns what a name means to the code at pos, of what is declared before a place, or nil.
func lookup(pass *analysis.Pass, name string, pos, before token.Pos) types.Object {
	_, obj := pass.Pkg.Scope().Innermost(pos).LookupParent(name, before)
	return obj
}

func is[T any](v any) bool {
	_, ok := v.(T)
	return ok
}

// within reports whether pos is in n.
func within(pos token.Pos, n ast.Node) bool { return n.Pos() <= pos && pos < n.End() }
