package analyzers

import (
	"go/ast"
	"go/token"

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
		if lookup(pass, name, s.stmt.Pos(), token.NoPos) != nil || named(s.body, name) {
			return nil
		}
		edits = append(edits, replace(s.varExpr, name))
	default:
		return nil
	}
	file := pass.Fset.File(s.stmt.Pos())
	line := file.Line(s.stmt.End())
	if line >= file.LineCount() || sharesLine(file, blockAt(s.body, s.stmt.Pos()), s.stmt) {
		edits = append(edits, insert(s.stmt.End(), "; defer "+name+".End()"))
	} else { // on a line of its own, so that a comment at the end of the line stays there
		edits = append(edits, insert(file.LineStart(line+1), "defer "+name+".End()\n"))
	}
	return fix("Defer "+name+".End()", edits...)
}

// named reports whether an identifier of n has the name.
func named(n ast.Node, name string) bool {
	for m := range ast.Preorder(n) {
		if id, ok := m.(*ast.Ident); ok && id.Name == name {
			return true
		}
	}
	return false
}

// sharesLine reports whether something of the block around stmt follows it on its last line.
func sharesLine(file *token.File, block, stmt ast.Node) bool {
	line := file.Line(stmt.End())
	for n := range ast.Preorder(block) {
		if s, ok := n.(ast.Stmt); ok && s.Pos() >= stmt.End() && file.Line(s.Pos()) == line {
			return true
		}
	}
	return is[*ast.BlockStmt](block) && file.Line(block.End()) == line
}
