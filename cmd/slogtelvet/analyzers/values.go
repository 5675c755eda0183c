package analyzers

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A value is what a variable is given: an expression, or nil for what is not known.
type value struct {
	e     ast.Expr
	added bool // by +=
}

// valuesOf returns what a variable is given in n. For the variables of a range it is what they
// range over.
func valuesOf(info *types.Info, n ast.Node, v *types.Var) []value {
	var values []value
	note := func(name, e ast.Expr, tok token.Token) {
		if id, ok := ast.Unparen(name).(*ast.Ident); ok && info.ObjectOf(id) == v {
			values = append(values, value{e, tok == token.ADD_ASSIGN})
		}
	}
	for m := range ast.Preorder(n) {
		switch m := m.(type) {
		case *ast.AssignStmt:
			for i, l := range m.Lhs {
				note(l, valueAt(m.Rhs, i, len(m.Lhs)), m.Tok)
			}
		case *ast.ValueSpec:
			for i, id := range m.Names {
				if len(m.Values) > 0 {
					note(id, valueAt(m.Values, i, len(m.Names)), 0)
				}
			}
		case *ast.RangeStmt:
			switch info.TypeOf(m.X).Underlying().(type) {
			case *types.Map, *types.Basic:
				note(orBlank(m.Key), m.X, 0)
			default:
				note(orBlank(m.Key), nil, 0)
			}
			note(orBlank(m.Value), m.X, 0)
		case *ast.IncDecStmt:
			note(m.X, nil, 0)
		case *ast.Field:
			for _, id := range m.Names {
				note(id, nil, 0)
			}
		case *ast.UnaryExpr:
			if m.Op == token.AND {
				note(m.X, nil, 0)
			}
		}
	}
	return values
}

// valueAt returns the i-th of as many values as there are variables, or nil if one call gives all.
func valueAt(values []ast.Expr, i, variables int) ast.Expr {
	if len(values) != variables {
		return nil
	}
	return values[i]
}

// onlyValue returns the expression that a local variable is given, or nil if it is none, or not the
// only one.
func onlyValue(info *types.Info, body ast.Node, v *types.Var) ast.Expr {
	if all := valuesOf(info, body, v); len(all) == 1 && all[0].e != nil {
		return ast.Unparen(all[0].e)
	}
	return nil
}

func orBlank(e ast.Expr) ast.Expr {
	if e == nil {
		return ast.NewIdent("_")
	}
	return e
}

// arguments returns all that a parameter is given, if that is known: the function is called
// from this package only, and never used as a value.
func (b builder) arguments(v *types.Var) (args []ast.Expr, known bool) {
	fn, index := b.parameter(v)
	if fn == nil || len(valuesOf(b.info, b.body, v)) > 1 { // the parameter itself is one
		return nil, false
	}
	uses := 0
	for _, f := range b.files {
		uses += count(b.info, f, fn)
		for n := range ast.Preorder(f) {
			call, ok := n.(*ast.CallExpr)
			if !ok || index >= len(call.Args) || call.Ellipsis.IsValid() || methodExpr(b.info, call) {
				continue
			}
			var id *ast.Ident
			switch fun := ast.Unparen(call.Fun).(type) {
			case *ast.Ident:
				id = fun
			case *ast.SelectorExpr:
				id = fun.Sel
			}
			if b.info.Uses[id] == fn {
				args = append(args, call.Args[index])
			}
		}
	}
	return args, uses > 0 && len(args) == uses
}

// parameter returns the function that v is a parameter of, a declared one or the variable that
// holds a literal, and which of its parameters.
func (b builder) parameter(v *types.Var) (fn types.Object, index int) {
	for n := range ast.Preorder(b.body) {
		var typ *ast.FuncType
		var of types.Object
		switch n := n.(type) {
		case *ast.FuncDecl:
			typ, of = n.Type, b.info.Defs[n.Name]
			if n.Name.IsExported() && b.pkg.Name() != "main" {
				continue
			}
		case *ast.AssignStmt:
			if len(n.Lhs) == 1 && len(n.Rhs) == 1 && n.Tok == token.DEFINE {
				if lit, ok := ast.Unparen(n.Rhs[0]).(*ast.FuncLit); ok {
					local := variable(b.info, n.Lhs[0])
					if local != nil && onlyValue(b.info, b.body, local) != nil {
						typ, of = lit.Type, local
					}
				}
			}
		}
		if typ == nil || of == nil {
			continue
		}
		i := 0
		for _, field := range typ.Params.List {
			for _, name := range field.Names {
				if b.info.Defs[name] == v && !is[*ast.Ellipsis](field.Type) {
					fn, index = of, i
				}
				i++
			}
		}
	}
	return fn, index
}
