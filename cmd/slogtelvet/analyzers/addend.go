package analyzers

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
)

// blockAt returns the innermost block or case of body around pos.
func blockAt(body *ast.BlockStmt, pos token.Pos) ast.Node {
	var found ast.Node = body
	ast.Inspect(body, func(n ast.Node) bool {
		if n == nil || !within(pos, n) {
			return false
		}
		switch n.(type) {
		case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
			found = n
		}
		return true
	})
	return found
}

// addEnd defers the End of a span that nothing ends, where that is sure to mean the same: not
// in a loop, nor where the name of the variable would be that of another.
func addEnd(pass *analysis.Pass, s *span) []analysis.SuggestedFix {
	assign, ok := s.stmt.(*ast.AssignStmt)
	if !ok || !s.inList || reaches(s.at, s.at) {
		return nil
	}
	var edits []analysis.TextEdit
	name := ""
	switch {
	case s.v != nil:
		name = s.v.Name()
	case assign.Tok == token.DEFINE:
		name = "span"
		if scope := pass.Pkg.Scope().Innermost(s.stmt.Pos()); scope == nil || visible(scope, name) || named(s.body, name) {
			return nil
		}
		edits = append(edits, analysis.TextEdit{Pos: s.varExpr.Pos(), End: s.varExpr.End(), NewText: []byte(name)})
	default:
		return nil
	}
	file := pass.Fset.File(s.stmt.Pos())
	line := file.Line(s.stmt.End())
	if line >= file.LineCount() || sharesLine(file, blockAt(s.body, s.stmt.Pos()), s.stmt) {
		edits = append(edits, analysis.TextEdit{Pos: s.stmt.End(), End: s.stmt.End(), NewText: []byte("; defer " + name + ".End()")})
	} else { // on a line of its own, so that a comment at the end of the line stays there
		at := file.LineStart(line + 1)
		edits = append(edits, analysis.TextEdit{Pos: at, End: at, NewText: []byte("defer " + name + ".End()\n")})
	}
	return []analysis.SuggestedFix{{Message: "Defer " + name + ".End()", TextEdits: edits}}
}

// visible reports whether a name means something in a scope.
func visible(scope *types.Scope, name string) bool {
	_, obj := scope.LookupParent(name, token.NoPos)
	return obj != nil
}

// named reports whether an identifier of n has the name.
func named(n ast.Node, name string) bool {
	found := false
	ast.Inspect(n, func(m ast.Node) bool {
		id, ok := m.(*ast.Ident)
		found = found || ok && id.Name == name
		return !found
	})
	return found
}

// sharesLine reports whether something of the block around stmt follows it on its last line.
func sharesLine(file *token.File, block, stmt ast.Node) bool {
	line := file.Line(stmt.End())
	shares := is[*ast.BlockStmt](block) && file.Line(block.End()) == line
	ast.Inspect(block, func(n ast.Node) bool {
		if s, ok := n.(ast.Stmt); ok && s.Pos() >= stmt.End() && file.Line(s.Pos()) == line {
			shares = true
		}
		return !shares
	})
	return shares
}
