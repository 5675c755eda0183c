package analyzers

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A function is what is known of the variables of a function, for the search of a context.
type function struct {
	node     ast.Node
	typ      *ast.FuncType
	recv     *ast.FieldList
	body     *ast.BlockStmt
	literals []*ast.FuncLit            // those directly or indirectly within
	loops    []ast.Node                // and what may run again: bodies of loops, and all where there is a label
	assigned map[*types.Var][]ast.Node // assignments after the declaration
	ranged   map[*types.Var]bool       // declared by a range statement
	unsafe   map[*types.Var]bool       // may be nil: declared with no value, or with one that an error or a flag goes with
	scoped   map[*types.Var]bool       // given by Start
	checks   map[*types.Var][]*ast.IfStmt
	compared map[*types.Var][]token.Pos
	derefs   map[*types.Var][]token.Pos // selectors on it
}

func (r *reach) function(n ast.Node) *function {
	if fn := r.fns[n]; fn != nil {
		return fn
	}
	info := r.pass.TypesInfo
	fn := &function{
		node: n, assigned: map[*types.Var][]ast.Node{}, ranged: map[*types.Var]bool{}, unsafe: map[*types.Var]bool{}, scoped: map[*types.Var]bool{},
		checks: map[*types.Var][]*ast.IfStmt{}, compared: map[*types.Var][]token.Pos{}, derefs: map[*types.Var][]token.Pos{},
	}
	switch n := n.(type) {
	case *ast.FuncDecl:
		fn.typ, fn.recv, fn.body = n.Type, n.Recv, n.Body
	case *ast.FuncLit:
		fn.typ, fn.body = n.Type, n.Body
	}
	for n := range ast.Preorder(fn.body) {
		switch n := n.(type) {
		case *ast.FuncLit:
			fn.literals = append(fn.literals, n)
		case *ast.AssignStmt:
			fn.assignment(info, n)
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if v := variable(info, id); v != nil {
					fn.unsafe[v] = len(n.Values) == 0 || mayBeNil(info, n.Values, i)
					fn.scoped[v] = isStart(info, n.Values)
				}
			}
		case *ast.ForStmt:
			fn.loops = append(fn.loops, n)
		case *ast.LabeledStmt:
			fn.loops = append(fn.loops, fn.body)
		case *ast.RangeStmt:
			fn.loops = append(fn.loops, n)
			for _, e := range []ast.Expr{orBlank(n.Key), orBlank(n.Value)} {
				if v := variable(info, e); v != nil {
					fn.ranged[v] = true
					if n.Tok == token.ASSIGN {
						fn.assigned[v] = append(fn.assigned[v], n)
					}
				}
			}
		case *ast.UnaryExpr:
			if v := variable(info, n.X); v != nil && n.Op == token.AND {
				fn.unsafe[v] = true
				fn.assigned[v] = append(fn.assigned[v], n)
			}
		case *ast.IfStmt:
			if of, whenNil := nilCheck(info, n.Cond); of != nil && whenNil {
				if v := variable(info, of); v != nil {
					fn.checks[v] = append(fn.checks[v], n)
				}
			}
		case *ast.BinaryExpr:
			if of, _ := nilCheck(info, n); of != nil {
				if v := variable(info, of); v != nil {
					fn.compared[v] = append(fn.compared[v], n.Pos())
				}
			}
		case *ast.SelectorExpr:
			if v := variable(info, n.X); v != nil {
				fn.derefs[v] = append(fn.derefs[v], n.Pos())
			}
		}
	}
	r.fns[n] = fn
	return fn
}

func (fn *function) assignment(info *types.Info, n *ast.AssignStmt) {
	for i, l := range n.Lhs {
		v := variable(info, l)
		if v == nil {
			continue
		}
		if id, ok := ast.Unparen(l).(*ast.Ident); !ok || info.Defs[id] == nil {
			fn.assigned[v] = append(fn.assigned[v], n)
		}
		if mayBeNil(info, n.Rhs, i) {
			fn.unsafe[v] = true
		}
		if isStart(info, n.Rhs) {
			fn.scoped[v] = true
		}
	}
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
	for _, a := range fn.assigned[v] {
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
	if fn.unsafe[v] || v.Name() == "_" || fn.typ.Results != nil && within(v.Pos(), fn.typ.Results) {
		return false
	}
	if len(fn.compared[v]) == 0 {
		return true
	}
	for _, check := range fn.checks[v] { // if ctx == nil { ctx = … }
		if check.Pos() < fn.compared[v][0] && check.End() <= pos && check.Else == nil && len(check.Body.List) > 0 && blockAt(fn.body, check.Pos()) == ast.Node(fn.body) {
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
	if len(fn.compared[v]) > 0 || fn.unsafe[v] {
		return false
	}
	for _, field := range fn.typ.Params.List {
		if isNamed(info.TypeOf(field.Type), "net/http", "ResponseWriter") {
			return true
		}
	}
	for _, p := range fn.derefs[v] {
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
