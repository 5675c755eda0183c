package analyzers

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

func runSlogContext(pass *analysis.Pass) (any, error) {
	if pass.Pkg.Path() == "log/slog" {
		return nil, nil
	}
	info := pass.TypesInfo
	r := &reach{pass: pass, fns: map[ast.Node]*function{}}
	for c, call := range all[*ast.CallExpr](pass) {
		f := callee(info, call)
		without := isSlog(f, "Debug", "Info", "Warn", "Error")
		background := isSlog(f, "Log", "LogAttrs", "DebugContext", "InfoContext", "WarnContext", "ErrorContext") && len(call.Args) > 0 && isBackground(info, call.Args[0])
		if !without && !background || methodExpr(info, call) {
			continue
		}
		ctx := r.at(c, call.Pos())
		switch {
		case ctx == "" || generated(c):
		case without:
			report(pass, call, withContext(pass, call, f, ctx), sprintf("%s is in reach: call %sContext with it, so that the log line has its scope", ctx, f.Name()))
		default:
			arg := call.Args[0]
			report(pass, arg, fix("Log with "+ctx, replace(arg, ctx)),
				sprintf("%s is in reach: log with it instead of %s, so that the log line has its scope", ctx, types.ExprString(arg)))
		}
	}
	return nil, nil
}

func isSlog(f *types.Func, names ...string) bool {
	return isFunc(f, "log/slog", names...) || isMethod(f, "log/slog", "Logger", names...)
}

// withContext calls the variant of f that takes a context, where that is sure to be the method
// or function of log/slog.
func withContext(pass *analysis.Pass, call *ast.CallExpr, f *types.Func, ctx string) []analysis.SuggestedFix {
	info, name := pass.TypesInfo, f.Name()+"Context"
	if len(call.Args) == 0 || is[*types.Tuple](info.TypeOf(call.Args[0])) { // slog.Info(f()), f with several results
		return nil
	}
	var at *ast.Ident
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.SelectorExpr:
		at = fun.Sel
		if s := info.Selections[fun]; s != nil {
			obj, _, _ := types.LookupFieldOrMethod(s.Recv(), true, pass.Pkg, name)
			if m, _ := obj.(*types.Func); !isMethod(m, "log/slog", "Logger", name) {
				return nil // the logger is embedded, and what embeds it has a method of that name
			}
		}
	case *ast.Ident: // import . "log/slog"
		at = fun
		if m, _ := lookup(pass, name, call.Pos(), call.Pos()).(*types.Func); !isFunc(m, "log/slog", name) {
			return nil
		}
	default:
		return nil
	}
	return fix("Call "+name, insert(at.End(), "Context"), insert(call.Lparen+1, ctx+", "))
}

// A reach finds the contexts that a call may use.
type reach struct {
	pass *analysis.Pass
	fns  map[ast.Node]*function
}

func generated(c inspector.Cursor) bool {
	for f := range c.Enclosing((*ast.File)(nil)) {
		return ast.IsGenerated(f.Node().(*ast.File))
	}
	return false
}

// at returns the expression that is the context of the code at pos, or "" if there is none, or
// none that is sure to be right. The innermost function that has one decides; a function that
// is given another thing with a context, such as that of a router, has none that is known.
func (r *reach) at(c inspector.Cursor, pos token.Pos) string {
	scope := r.pass.Pkg.Scope().Innermost(pos)
	if scope == nil {
		return ""
	}
	crossed := []inspector.Cursor{} // function literals between the call and the function that is looked at
	for f := range c.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		fn := r.function(f.Node())
		ctx, sure := r.in(fn, scope, pos, crossed)
		if ctx != "" || !sure {
			return ctx
		}
		crossed = append(crossed, f)
	}
	return ""
}

// in returns the context that a function declares, and false if none further out will do.
func (r *reach) in(fn *function, scope *types.Scope, pos token.Pos, crossed []inspector.Cursor) (ctx string, sure bool) {
	var contexts, requests []*types.Var
	blocked := false
	for s := scope; s != nil && s != r.pass.Pkg.Scope(); s = s.Parent() {
		for _, name := range s.Names() {
			v, ok := s.Lookup(name).(*types.Var)
			inLiteral := func(lit *ast.FuncLit) bool { return within(v.Pos(), lit) } // which is looked at by itself
			if !ok || !within(v.Pos(), fn.node) || slices.ContainsFunc(fn.literals, inLiteral) {
				continue
			}
			if _, seen := scope.LookupParent(name, pos); seen != v { // shadowed, or declared later
				continue
			}
			switch {
			case isContext(v.Type()):
				if fn.holds(r.pass.TypesInfo, v, pos) && r.unchanged(fn, v, crossed) {
					contexts = append(contexts, v)
				} else if fn.isParam(v) {
					blocked = true
				}
			case isRequest(v.Type()) && fn.isParam(v):
				if fn.uses(r.pass.TypesInfo, v, pos) && r.unchanged(fn, v, crossed) {
					requests = append(requests, v)
				} else {
					blocked = true
				}
			case fn.isParam(v) && hasContext(v.Type()):
				blocked = true
			}
		}
	}
	if v := choose(r.pass.TypesInfo, fn, contexts); v != nil {
		return v.Name(), true
	}
	if len(contexts) > 0 {
		return "", false
	}
	if len(requests) == 1 {
		return requests[0].Name() + ".Context()", true
	}
	return "", !blocked && len(requests) == 0 && !fn.ignores(r.pass.TypesInfo)
}

// choose returns the context among several: that of a scope, the one that is called ctx, or the
// only parameter.
func choose(info *types.Info, fn *function, all []*types.Var) *types.Var {
	if len(all) == 1 {
		return all[0]
	}
	var scoped, named, param *types.Var
	params := 0
	for _, v := range all {
		if fn.of(v).scoped && (scoped == nil || v.Pos() > scoped.Pos()) {
			scoped = v
		}
		if v.Name() == "ctx" {
			named = v
		}
		if fn.isParam(v) {
			param = v
			params++
		}
	}
	switch {
	case scoped != nil:
		return scoped
	case named != nil:
		return named
	case params == 1:
		return param
	}
	return nil
}

// unchanged reports whether v has one value while the functions that were crossed may run: one
// that runs at once, or when the function around it ends, may read a variable that changes;
// another one would read it while it is written.
func (r *reach) unchanged(fn *function, v *types.Var, crossed []inspector.Cursor) bool {
	for _, c := range crossed {
		if c.ParentEdgeKind() == edge.CallExpr_Fun && !is[*ast.GoStmt](c.Parent().Parent().Node()) {
			continue
		}
		return !fn.of(v).ranged && fn.assignedBefore(v, crossed[len(crossed)-1].Node())
	}
	return true
}

// hasContext reports whether a value of type t brings a context of its own: it is one, has a
// method Context or Request, or a field Request.
func hasContext(t types.Type) bool {
	for _, name := range []string{"Context", "Request", "Done", "UserContext"} {
		obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
		switch obj := obj.(type) {
		case *types.Func:
			res := obj.Signature().Results()
			deadline, _, _ := types.LookupFieldOrMethod(t, true, nil, "Deadline") // with Done: a context by another name
			if obj.Signature().Params().Len() == 0 && res.Len() == 1 && (name == "Done" && is[*types.Func](deadline) || isContext(res.At(0).Type()) || isRequest(res.At(0).Type())) {
				return true
			}
		case *types.Var:
			if isRequest(obj.Type()) || isContext(obj.Type()) {
				return true
			}
		}
	}
	return false
}
