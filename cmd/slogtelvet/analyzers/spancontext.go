package analyzers

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

func runSpanContext(pass *analysis.Pass) (any, error) {
	for _, s := range pass.ResultOf[opened].([]*span) {
		if !reportNesting(pass, s) && !reportOverwritten(pass, s) {
			reportOuter(pass, s)
		}
	}
	for c, call := range all[*ast.CallExpr](pass) {
		if ctx, fn := runsScope(pass.TypesInfo, call); fn != nil {
			reportOuterInScope(pass, ctx, fn)
		}
		reportCaptured(pass, c, call)
	}
	return nil, nil
}

// A given is the context that a scope is opened with: a variable, or an expression such as
// r.Context() that is written the same way again.
type given struct {
	v    *types.Var
	text string
	root *types.Var // what the expression begins with: r
}

func givenBy(info *types.Info, call *ast.CallExpr) (given, bool) {
	for _, arg := range call.Args {
		if isContext(info.TypeOf(arg)) {
			return givenAs(info, arg)
		}
	}
	return given{}, false
}

func givenAs(info *types.Info, arg ast.Expr) (given, bool) {
	if v := variable(info, arg); v != nil {
		return given{v: v}, true
	}
	simple := !isBackground(info, arg)
	ast.Inspect(arg, func(n ast.Node) bool {
		switch n := n.(type) {
		case nil, *ast.Ident, *ast.SelectorExpr, *ast.ParenExpr:
		case *ast.CallExpr:
			simple = simple && len(n.Args) == 0
		default:
			simple = false
		}
		return simple
	})
	g := given{text: types.ExprString(arg), root: rootOf(info, arg)}
	return g, simple && g.root != nil
}

// rootOf returns the variable that an expression such as r.Context() begins with.
func rootOf(info *types.Info, e ast.Expr) *types.Var {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.CallExpr:
			e = x.Fun
		case *ast.SelectorExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		default:
			return variable(info, e)
		}
	}
}

func (g given) is(info *types.Info, e ast.Expr) bool {
	if g.v != nil {
		return variable(info, e) == g.v
	}
	return types.ExprString(ast.Unparen(e)) == g.text && rootOf(info, e) == g.root
}

func (g given) String() string {
	if g.v != nil {
		return g.v.Name()
	}
	return g.text
}

// ending are functions that have to work when the context of a scope is over, or that only
// read what a context says.
var ending = regexp.MustCompile(`(?i)flush|shutdown|close|stop|cancel|fromcontext`)

// passes returns the calls in n that are given the context g, without those that rightly do
// not belong to a scope that is open: what outlives it, and what has nothing to record.
func (g given) passes(info *types.Info, n ast.Node) []*ast.CallExpr {
	var found []*ast.CallExpr
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.GoStmt, *ast.DeferStmt:
			return false
		case *ast.CallExpr:
			f := callee(info, m)
			if f != nil && (ending.MatchString(f.Name()) || isFunc(f, "context", "WithoutCancel", "AfterFunc", "Cause")) {
				return false
			}
			if g.argOf(info, m) != nil {
				found = append(found, m)
			}
		}
		return true
	})
	return found
}

// records reports whether a call opens a scope or records in one.
func records(info *types.Info, call *ast.CallExpr) bool {
	f := callee(info, call)
	return f != nil && in(f, slogtelPath) || starts(info, call)
}

// reportOuter reports calls that are given the context from before while the span is open.
func reportOuter(pass *analysis.Pass, s *span) {
	info := pass.TypesInfo
	g, ok := givenBy(info, s.call)
	onPurpose := inTest(pass, s.call) && (isBlank(orBlank(s.ctxExpr)) || g.v == nil) // t.Context(), say
	if !ok || onPurpose || s.thrownAway() || s.v == nil || !s.own() || s.ctx == nil && !isBlank(s.ctxExpr) || s.ctx != nil && s.ctx == g.v {
		return
	}
	name, reads := "", 0
	if s.ctx != nil {
		name, reads = s.ctx.Name(), count(info, s.body, s.ctx)-count(info, s.ctxExpr, s.ctx)
		for n := range ast.Preorder(s.body) {
			if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == 1 && isBlank(a.Lhs[0]) {
				reads -= count(info, a, s.ctx) // _ = ctx
			}
		}
	}
	var found *ast.CallExpr
	walk(s.at, func(n ast.Node) bool {
		if n == s.stmt {
			return false
		}
		_, deferring := n.(*ast.DeferStmt)
		u := useIn(info, n, s.v)
		if !deferring && (u == ends || u == replaces) {
			return false
		}
		for _, call := range g.passes(info, n) {
			if records(info, call) && reads > 0 {
				continue // another scope beside this one
			}
			if found == nil || call.Pos() < found.Pos() {
				found = call
			}
		}
		return (deferring || u != escapes) && !assigns(info, n, g) // from there on it is another context
	}, nil)
	if found == nil {
		return
	}
	arg := g.argOf(info, found)
	var message string
	var fixes []analysis.SuggestedFix
	line := pass.Fset.Position(s.call.Pos()).Line
	switch {
	case isRequest(info.TypeOf(arg)):
		message = sprintf("%s has the context from before the scope that is opened on line %d: give it that of the scope, by WithContext", types.ExprString(arg), line)
	case name == "":
		message = sprintf("%s is the context from before the scope that is opened on line %d, which throws away its own: what is done with it is not recorded within", g, line)
		fixes = keepContext(pass, s, g)
	case s.ctx != nil && g.v != nil && name == g.v.Name():
		message = sprintf("%s is the context from before the scope: the one that is assigned on line %d shadows it in an inner block only, and the span is still open", g, line)
	default:
		message = sprintf("%s is the context from before the scope that is opened on line %d: %s is in it", g, line, name)
	}
	report(pass, arg, fixes, message, related(s.call, "the scope is opened here"))
}

// argOf returns the argument of a call that is the context, or the request that has it where
// the call hands the request on to a handler, or nil.
func (g given) argOf(info *types.Info, call *ast.CallExpr) ast.Expr {
	for _, arg := range call.Args {
		if isContext(info.TypeOf(arg)) && g.is(info, arg) || g.root != nil && isRequest(g.root.Type()) && variable(info, arg) == g.root && handsOn(info, call) {
			return arg
		}
	}
	return nil
}

// handsOn reports whether a call has a handler or a transport take over a request.
func handsOn(info *types.Info, call *ast.CallExpr) bool {
	f := callee(info, call)
	if f != nil {
		return f.Signature().Recv() != nil && (f.Name() == "ServeHTTP" || f.Name() == "RoundTrip")
	}
	sig, ok := info.TypeOf(call.Fun).Underlying().(*types.Signature) // next(w, r)
	return ok && sig.Params().Len() == 2 && isNamed(sig.Params().At(0).Type(), "net/http", "ResponseWriter") && isRequest(sig.Params().At(1).Type())
}

// keepContext assigns the context of a scope to the variable that the scope is opened with,
// where all that follows in the block is within the scope and no other code has the variable.
func keepContext(pass *analysis.Pass, s *span, g given) []analysis.SuggestedFix {
	assign, ok := s.stmt.(*ast.AssignStmt)
	if !ok || assign.Tok != token.DEFINE || g.v == nil || !s.inList || !isBlank(s.ctxExpr) {
		return nil
	}
	deferred := false
	for n := range ast.Preorder(s.body) {
		switch n := n.(type) {
		case *ast.FuncLit:
			if mentions(pass.TypesInfo, n, g.v) {
				return nil
			}
		case *ast.DeferStmt:
			deferred = deferred || variable(pass.TypesInfo, endOf(pass.TypesInfo, n.Call)) == s.v && blockAt(s.body, n.Pos()) == blockAt(s.body, s.stmt.Pos())
		}
	}
	if !deferred || !within(g.v.Pos(), s.fn) {
		return nil
	}
	return fix("Keep the context of the scope", replace(s.ctxExpr, g.v.Name()))
}

// reportOuterInScope reports calls within a function given to Time or Do that are given the
// context from before.
func reportOuterInScope(pass *analysis.Pass, ctx ast.Expr, fn *ast.FuncLit) {
	info := pass.TypesInfo
	g, ok := givenAs(info, ctx)
	params := fn.Type.Params
	if !ok || params.NumFields() != 1 {
		return
	}
	calls := g.passes(info, fn.Body)
	if len(calls) == 0 {
		return
	}
	field := params.List[0]
	if len(field.Names) == 1 && field.Names[0].Name != "_" {
		own := info.Defs[field.Names[0]]
		for _, call := range calls {
			arg := g.argOf(info, call)
			var fixes []analysis.SuggestedFix
			if lookup(pass, own.Name(), arg.Pos(), arg.Pos()) == own {
				fixes = fix("Use "+own.Name(), replace(arg, own.Name()))
			}
			report(pass, arg, fixes, sprintf("%s is the context from before the scope: %s is in it", g, own.Name()))
		}
		return
	}
	var fixes []analysis.SuggestedFix
	if g.v != nil && count(info, fn.Body, g.v) == len(calls) { // and so to nothing else
		edit := insert(field.Type.Pos(), g.v.Name()+" ")
		if len(field.Names) == 1 {
			edit = replace(field.Names[0], g.v.Name())
		}
		fixes = fix("Take the context of the scope", edit)
	}
	report(pass, g.argOf(info, calls[0]), fixes, sprintf("%s is the context from before the scope: the function throws away its own", g))
}

// reportCaptured reports telemetry that a function with a context of its own records with one
// that it captured.
func reportCaptured(pass *analysis.Pass, c inspector.Cursor, call *ast.CallExpr) {
	info := pass.TypesInfo
	if f := callee(info, call); !records(info, call) || f != nil && ending.MatchString(f.Name()) {
		return
	}
	g, ok := givenBy(info, call)
	if !ok || g.v == nil {
		return
	}
	for f := range c.Enclosing((*ast.FuncLit)(nil)) {
		fn := f.Node().(*ast.FuncLit)
		if within(g.v.Pos(), fn) {
			return
		}
		own := ownContext(info, fn)
		if own == "" {
			continue
		}
		if f.ParentEdgeKind() == edge.CallExpr_Args {
			if _, scoped := runsScope(info, f.Parent().Node().(*ast.CallExpr)); scoped != nil {
				return // reportOuterInScope has it
			}
		}
		pass.ReportRangef(g.argOf(info, call), "%s is the context of another function: this one has %s", g, own)
		return
	}
}

// ownContext returns the context that a function is called with, or "".
func ownContext(info *types.Info, fn *ast.FuncLit) string {
	for _, field := range fn.Type.Params.List {
		for _, name := range field.Names {
			switch t := info.TypeOf(field.Type); {
			case name.Name == "_":
			case isContext(t):
				return name.Name
			case isRequest(t):
				return name.Name + ".Context()"
			}
		}
	}
	return ""
}
