package analyzers

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A function is what is known of a function and its variables, for the search of a context.
type function struct {
	node     ast.Node
	typ      *ast.FuncType
	recv     *ast.FieldList
	body     *ast.BlockStmt
	literals []*ast.FuncLit // those directly or indirectly within
	loops    []ast.Node     // and what may run again: bodies of loops, and all where there is a label
	vars     map[*types.Var]*facts
}

// facts are what is known of a variable.
type facts struct {
	assigned []ast.Node // assignments after the declaration
	ranged   bool       // declared by a range statement
	unsafe   bool       // may be nil: declared with no value, or with one that an error or a flag goes with
	scoped   bool       // given by Start
	checks   []*ast.IfStmt
	compared []token.Pos
	derefs   []token.Pos // selectors on it
}

// of returns what is known of a variable. What is not one has facts that nobody reads.
func (fn *function) of(v *types.Var) *facts {
	if fn.vars[v] == nil {
		fn.vars[v] = &facts{}
	}
	return fn.vars[v]
}

func (r *reach) function(n ast.Node) *function {
	if fn := r.fns[n]; fn != nil {
		return fn
	}
	info := r.pass.TypesInfo
	fn := &function{node: n, vars: map[*types.Var]*facts{}}
	switch n := n.(type) {
	case *ast.FuncDecl:
		fn.typ, fn.recv, fn.body = n.Type, n.Recv, n.Body
	case *ast.FuncLit:
		fn.typ, fn.body = n.Type, n.Body
	}
	of := func(e ast.Expr) *facts { return fn.of(variable(info, e)) }
	for n := range ast.Preorder(fn.body) {
		switch n := n.(type) {
		case *ast.FuncLit:
			fn.literals = append(fn.literals, n)
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				v := of(l)
				if id, ok := ast.Unparen(l).(*ast.Ident); !ok || info.Defs[id] == nil {
					v.assigned = append(v.assigned, n)
				}
				v.unsafe = v.unsafe || mayBeNil(info, n.Rhs, i)
				v.scoped = v.scoped || isStart(info, n.Rhs)
			}
		case *ast.ValueSpec:
			for i, id := range n.Names {
				of(id).unsafe = len(n.Values) == 0 || mayBeNil(info, n.Values, i)
				of(id).scoped = isStart(info, n.Values)
			}
		case *ast.ForStmt:
			fn.loops = append(fn.loops, n)
		case *ast.LabeledStmt:
			fn.loops = append(fn.loops, fn.body)
		case *ast.RangeStmt:
			fn.loops = append(fn.loops, n)
			for _, e := range []ast.Expr{orBlank(n.Key), orBlank(n.Value)} {
				v := of(e)
				v.ranged = true
				if n.Tok == token.ASSIGN {
					v.assigned = append(v.assigned, n)
				}
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				v := of(n.X)
				v.unsafe, v.assigned = true, append(v.assigned, n)
			}
		case *ast.IfStmt:
			if e, whenNil := nilCheck(info, n.Cond); e != nil && whenNil {
				of(e).checks = append(of(e).checks, n)
			}
		case *ast.BinaryExpr:
			if e, _ := nilCheck(info, n); e != nil {
				of(e).compared = append(of(e).compared, n.Pos())
			}
		case *ast.SelectorExpr:
			of(n.X).derefs = append(of(n.X).derefs, n.Pos())
		}
	}
	r.fns[n] = fn
	return fn
}

func isStart(info *types.Info, values []ast.Expr) bool {
	if len(values) != 1 {
		return false
	}
	call, ok := ast.Unparen(values[0]).(*ast.CallExpr)
	return ok && starts(info, call)
}

// mayBeNil reports whether the value that the i-th variable is given may be nil: nil itself,
// what goes with an error or a flag, and what is read from a map or a channel or asserted.
func mayBeNil(info *types.Info, values []ast.Expr, i int) bool {
	e := ast.Unparen(values[min(i, len(values)-1)])
	if isNil(info, e) {
		return true
	}
	switch e := e.(type) {
	case *ast.CallExpr:
		results, _ := info.TypeOf(e).(*types.Tuple)
		for result := range results.Variables() {
			t := result.Type()
			if basic, ok := t.Underlying().(*types.Basic); types.Identical(t, types.Universe.Lookup("error").Type()) || ok && basic.Kind() == types.Bool {
				return true
			}
		}
	case *ast.TypeAssertExpr:
		return is[*types.Tuple](info.TypeOf(e)) // with the flag that tells whether it holds
	case *ast.IndexExpr, *ast.UnaryExpr:
		return true
	}
	return false
}

// assignedBefore reports whether a variable has got its last value before a literal is reached.
func (fn *function) assignedBefore(v *types.Var, lit ast.Node) bool {
	for _, a := range fn.of(v).assigned {
		if a.End() > lit.Pos() {
			return false
		}
		for _, loop := range fn.loops { // the next round assigns it again, unless it is another variable then
			if within(a.Pos(), loop) && within(lit.Pos(), loop) && (loop == ast.Node(fn.body) || !within(v.Pos(), loop)) {
				return false
			}
		}
	}
	return true
}

func (fn *function) isParam(v *types.Var) bool {
	return within(v.Pos(), fn.typ.Params) || fn.recv != nil && within(v.Pos(), fn.recv)
}

// holds reports whether v is sure to be a context at pos.
func (fn *function) holds(info *types.Info, v *types.Var, pos token.Pos) bool {
	if fn.of(v).unsafe || v.Name() == "_" || fn.typ.Results != nil && within(v.Pos(), fn.typ.Results) {
		return false
	}
	if len(fn.of(v).compared) == 0 {
		return true
	}
	for _, check := range fn.of(v).checks { // if ctx == nil { ctx = … }
		if check.Pos() < fn.of(v).compared[0] && check.End() <= pos && check.Else == nil && len(check.Body.List) > 0 && blockAt(fn.body, check.Pos()) == ast.Node(fn.body) {
			last := check.Body.List[len(check.Body.List)-1]
			if a, ok := last.(*ast.AssignStmt); ok && len(a.Lhs) == 1 && variable(info, a.Lhs[0]) == v || is[*ast.ReturnStmt](last) {
				return true
			}
		}
	}
	return false
}

// uses reports whether a request is sure not to be nil at pos: it is that of a handler, or the
// function has selected one of its fields or methods before.
func (fn *function) uses(info *types.Info, v *types.Var, pos token.Pos) bool {
	if len(fn.of(v).compared) > 0 || fn.of(v).unsafe {
		return false
	}
	for _, field := range fn.typ.Params.List {
		if isNamed(info.TypeOf(field.Type), "net/http", "ResponseWriter") {
			return true
		}
	}
	for _, p := range fn.of(v).derefs {
		if p < pos && blockAt(fn.body, p) == ast.Node(fn.body) {
			return true
		}
	}
	return false
}

// ignores reports whether the function is given a context, or a thing with one, that it does
// not name: the context of the function around it is not meant for it.
func (fn *function) ignores(info *types.Info) bool {
	for _, field := range fn.typ.Params.List {
		if len(field.Names) > 0 && field.Names[0].Name != "_" {
			continue
		}
		if t := info.TypeOf(field.Type); isContext(t) || isRequest(t) || hasContext(t) {
			return true
		}
	}
	return false
}
