package analyzers

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/slogtel/telemetry/scope"
)

func runScopeName(pass *analysis.Pass) (any, error) {
	for c, call := range all[*ast.CallExpr](pass) {
		name := nameArg(pass.TypesInfo, call)
		if name == nil || inTest(pass, call) {
			continue
		}
		if value := pass.TypesInfo.Types[name].Value; value != nil && value.Kind() == constant.String {
			if err := scope.Validate(constant.StringVal(value)); err != nil {
				pass.ReportRangef(name, "%v; with StrictScopes it is recorded as %q", err, scope.Sanitize(constant.StringVal(value)))
			}
			continue
		}
		b := builder{info: pass.TypesInfo, pkg: pass.Pkg}
		for _, f := range pass.Files {
			b.files = append(b.files, f)
		}
		for f := range c.Enclosing((*ast.FuncDecl)(nil)) { // the whole declaration: a literal sees its variables
			b.body = f.Node()
		}
		if how := b.built(name); how != "" {
			pass.ReportRangef(name, "the name is built %s: each value of it is a series that is kept; put what varies into an attribute", how)
		}
	}
	return nil, nil
}

// nameArg returns the argument that is the name of a scope or metric, or nil.
func nameArg(info *types.Info, call *ast.CallExpr) ast.Expr {
	f := callee(info, call)
	if f == nil || !f.Exported() || !in(f, slogtelPath) && !isFunc(f, slogtelPath+"/sqltel", "WithName") {
		return nil
	}
	shift := 0
	if methodExpr(info, call) {
		shift = 1 // the receiver
	}
	params := f.Signature().Params()
	for i := range params.Len() {
		if p := params.At(i); p.Name() == "name" && types.Identical(p.Type(), types.Typ[types.String]) && i+shift < len(call.Args) {
			return call.Args[i+shift]
		}
	}
	return nil
}

// A builder tells whether a string is put together from data.
type builder struct {
	info  *types.Info
	pkg   *types.Package
	files []ast.Node
	body  ast.Node // of the function
	depth int
}

// building are the functions whose result has more values than their arguments suggest, and
// passing those that change the text of what they are given.
var (
	building = map[string][]string{
		"fmt":     {"Sprint", "Sprintf", "Sprintln", "Appendf"},
		"strings": {"Join", "Repeat"},
		"strconv": {"Itoa", "FormatInt", "FormatUint", "FormatFloat", "Quote"},
		"path":    {"Join"}, "path/filepath": {"Join"}, "net/url": {"JoinPath"},
		modulePath + "scope": {"Join"},
	}
	passing = map[string][]string{
		"strings": {"ToLower", "ToUpper", "TrimSpace", "Trim", "TrimPrefix", "TrimSuffix", "TrimLeft", "TrimRight",
			"Replace", "ReplaceAll", "Clone", "ToValidUTF8"},
		modulePath + "scope": {"Sanitize"},
	}
)

// among reports whether f is one of these functions, which are listed by package.
func among(functions map[string][]string, f *types.Func) bool {
	return f.Signature().Recv() == nil && f.Pkg() != nil && slices.Contains(functions[f.Pkg().Path()], f.Name())
}

// built returns how e is put together from data, or "" if it is not, or if that is not known.
func (b builder) built(e ast.Expr) string {
	e = ast.Unparen(e)
	if b.depth++; b.depth > 20 || b.info.Types[e].Value != nil {
		return ""
	}
	switch e := e.(type) {
	case *ast.BinaryExpr:
		if e.Op == token.ADD && !(b.bounded(e.X) && b.bounded(e.Y)) {
			return "by concatenation with " + b.culprit(e)
		}
	case *ast.CallExpr:
		if tv := b.info.Types[e.Fun]; tv.IsType() && len(e.Args) == 1 {
			return b.built(e.Args[0])
		}
		f := callee(b.info, e)
		switch {
		case f == nil:
		case isMethod(f, "strings", "Builder", "String"), isMethod(f, "bytes", "Buffer", "String"):
			return "in a " + f.Signature().Recv().Type().String()[1:]
		case among(building, f) && !b.each(e.Args):
			return "with " + f.Pkg().Name() + "." + f.Name()
		case among(passing, f) && len(e.Args) > 0:
			return b.built(e.Args[0])
		}
	case *ast.Ident:
		if v := variable(b.info, e); v != nil && b.body != nil {
			for _, value := range valuesOf(b.info, b.body, v) {
				switch {
				case value.e == nil:
				case value.added && !b.bounded(value.e):
					return "by concatenation with " + b.culprit(value.e)
				case !value.added:
					if how := b.built(value.e); how != "" {
						return how
					}
				}
			}
		}
	}
	return ""
}

// culprit is the part of a concatenation that varies.
func (b builder) culprit(e ast.Expr) string {
	if sum, ok := ast.Unparen(e).(*ast.BinaryExpr); ok && sum.Op == token.ADD {
		if !b.bounded(sum.X) {
			return b.culprit(sum.X)
		}
		return b.culprit(sum.Y)
	}
	return types.ExprString(e)
}

// bounded reports whether e is sure to have few values: those of constants.
func (b builder) bounded(e ast.Expr) bool {
	e = ast.Unparen(e)
	tv := b.info.Types[e]
	if b.depth++; b.depth > 20 {
		return true
	}
	if tv.Value != nil || tv.IsNil() || b.enum(tv.Type) {
		return true
	}
	switch e := e.(type) {
	case *ast.BinaryExpr:
		return b.bounded(e.X) && b.bounded(e.Y)
	case *ast.CompositeLit:
		return b.boundedElements(e)
	case *ast.IndexExpr: // of a table of constants
		return b.bounded(e.X)
	case *ast.SelectorExpr: // a field of an element of such a table
		if s := b.info.Selections[e]; s != nil && s.Kind() == types.FieldVal {
			return b.bounded(e.X)
		}
		return is[*types.Const](b.info.Uses[e.Sel])
	case *ast.CallExpr:
		if b.info.Types[e.Fun].IsType() && len(e.Args) == 1 {
			return b.bounded(e.Args[0])
		}
		f := callee(b.info, e)
		switch {
		case f == nil:
		case f.Signature().Recv() != nil:
			sel, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr)
			return ok && len(e.Args) == 0 && b.info.Types[sel.X].Type != nil && b.enum(b.info.TypeOf(sel.X)) // kind.String()
		case among(building, f), among(passing, f):
			return b.each(e.Args)
		}
	case *ast.Ident:
		if basic, ok := tv.Type.Underlying().(*types.Basic); ok && basic.Kind() == types.Bool {
			return true
		}
		v, _ := b.info.ObjectOf(e).(*types.Var)
		if v == nil {
			return false
		}
		if v.Parent() == b.pkg.Scope() && !v.Exported() {
			return b.allBounded(v, b.files...)
		}
		if variable(b.info, e) != nil && b.body != nil {
			if args, ok := b.arguments(v); ok {
				return b.each(args)
			}
			return b.allBounded(v, b.body)
		}
	}
	return false
}

// boundedElements looks at the strings of a literal: the names are among them.
func (b builder) boundedElements(lit *ast.CompositeLit) bool {
	var parts []ast.Expr
	for _, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			elt = kv.Value
			if is[*types.Map](b.info.TypeOf(lit).Underlying()) {
				parts = append(parts, kv.Key)
			}
		}
		parts = append(parts, elt)
	}
	for _, part := range parts {
		if inner, ok := ast.Unparen(part).(*ast.CompositeLit); ok {
			if !b.boundedElements(inner) {
				return false
			}
			continue
		}
		basic, ok := b.info.TypeOf(part).Underlying().(*types.Basic)
		if ok && basic.Info()&(types.IsString|types.IsInteger) != 0 && !b.bounded(part) {
			return false
		}
	}
	return true
}

// allBounded reports whether a variable is given values, and only bounded ones.
func (b builder) allBounded(v *types.Var, in ...ast.Node) bool {
	var given []ast.Expr
	for _, n := range in {
		for _, value := range valuesOf(b.info, n, v) {
			given = append(given, value.e)
		}
	}
	return len(given) > 0 && b.each(given)
}

func (b builder) each(all []ast.Expr) bool {
	return !slices.ContainsFunc(all, func(e ast.Expr) bool { return e == nil || !b.bounded(e) })
}

// enum reports whether t is a named string or integer type with declared constants.
func (b builder) enum(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil || isNamed(named, "time", "Duration") {
		return false
	}
	if basic, ok := named.Underlying().(*types.Basic); !ok || basic.Info()&(types.IsString|types.IsInteger) == 0 {
		return false
	}
	scope := named.Obj().Pkg().Scope()
	return slices.ContainsFunc(scope.Names(), func(name string) bool {
		c, ok := scope.Lookup(name).(*types.Const)
		return ok && types.Identical(c.Type(), named)
	})
}
