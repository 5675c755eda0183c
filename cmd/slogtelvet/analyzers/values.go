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
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.AssignStmt:
			for i, l := range m.Lhs {
				if len(m.Lhs) == len(m.Rhs) {
					note(l, m.Rhs[i], m.Tok)
				} else {
					note(l, nil, m.Tok)
				}
			}
		case *ast.ValueSpec:
			for i, id := range m.Names {
				if len(m.Names) == len(m.Values) {
					note(id, m.Values[i], 0)
				} else if len(m.Values) > 0 {
					note(id, nil, 0)
				}
			}
		case *ast.RangeStmt:
			if m.Key != nil {
				switch info.TypeOf(m.X).Underlying().(type) {
				case *types.Map, *types.Basic:
					note(m.Key, m.X, 0)
				default:
					note(m.Key, nil, 0)
				}
			}
			if m.Value != nil {
				note(m.Value, m.X, 0)
			}
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
		return true
	})
	return values
}

// arguments returns all that a parameter is given, if that is known: the function is called
// from this package only, and never used as a value.
func (b builder) arguments(v *types.Var) (args []ast.Expr, known bool) {
	fn, index := b.parameter(v)
	if fn == nil || len(valuesOf(b.info, b.body, v)) > 1 { // the parameter itself is one
		return nil, false
	}
	calls, uses := 0, 0
	for _, f := range b.files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if b.info.Uses[n] == fn {
					uses++
				}
			case *ast.CallExpr:
				var id *ast.Ident
				switch fun := ast.Unparen(n.Fun).(type) {
				case *ast.Ident:
					id = fun
				case *ast.SelectorExpr:
					id = fun.Sel
					if s := b.info.Selections[fun]; s != nil && s.Kind() != types.MethodVal {
						id = nil
					}
				}
				if id != nil && b.info.Uses[id] == fn && index < len(n.Args) && !n.Ellipsis.IsValid() {
					calls++
					args = append(args, n.Args[index])
				}
			}
			return true
		})
	}
	return args, calls > 0 && calls == uses
}

// parameter returns the function that v is a parameter of, a declared one or the variable that
// holds a literal, and which of its parameters.
func (b builder) parameter(v *types.Var) (fn types.Object, index int) {
	ast.Inspect(b.body, func(n ast.Node) bool {
		var typ *ast.FuncType
		var of types.Object
		switch n := n.(type) {
		case *ast.FuncDecl:
			typ, of = n.Type, b.info.Defs[n.Name]
			if n.Name.IsExported() && b.pkg.Name() != "main" {
				of = nil
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
			return true
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
		return true
	})
	return fn, index
}
