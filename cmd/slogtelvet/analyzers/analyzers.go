package analyzers

import (
	_ "embed" // doc.go
	"go/ast"
	"go/token"
	"iter"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/ctrlflow"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

const (
	modulePath  = "github.com/slogtel/telemetry/"
	slogtelPath = modulePath + "slogtel"
)

// SpanEnd reports spans that are not ended on some path.
var SpanEnd = newAnalyzer("spanend", "SpanEnd", runSpanEnd, ctrlflow.Analyzer, opened)

// SpanDefer reports an End that is deferred in a way that defeats it.
var SpanDefer = newAnalyzer("spandefer", "SpanDefer", runSpanDefer, ctrlflow.Analyzer, opened)

// SpanContext reports work that is recorded under the wrong scope.
var SpanContext = newAnalyzer("spancontext", "SpanContext", runSpanContext, ctrlflow.Analyzer, opened)

// ScopeName reports names of scopes and metrics that are invalid or unbounded.
var ScopeName = newAnalyzer("scopename", "ScopeName", runScopeName)

// SlogContext reports calls of log/slog without the context that is in reach.
var SlogContext = newAnalyzer("slogcontext", "SlogContext", runSlogContext)

// newAnalyzer returns an analyzer whose documentation is a section of that of the package.
func newAnalyzer(name, variable string, run func(*analysis.Pass) (any, error), requires ...*analysis.Analyzer) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name: name, Doc: docOf(name), URL: "https://pkg.go.dev/" + modulePath + "cmd/slogtelvet/analyzers#" + variable,
		Requires: append(requires, inspect.Analyzer), Run: run,
	}
}

//go:embed doc.go
var doc string

// docOf returns the section of the package documentation that has this title.
func docOf(title string) string {
	_, section, _ := strings.Cut(doc, "// # "+title+"\n")
	var b strings.Builder
	for line := range strings.Lines(section) {
		if !strings.HasPrefix(line, "//") || strings.HasPrefix(line, "// #") {
			break
		}
		b.WriteString(strings.TrimPrefix(strings.TrimPrefix(line, "//"), " "))
	}
	return strings.TrimSpace(b.String())
}

// All returns all analyzers.
func All() []*analysis.Analyzer {
	return []*analysis.Analyzer{SpanEnd, SpanDefer, SpanContext, ScopeName, SlogContext}
}

// all yields the nodes of a package that are of one type.
func all[N ast.Node](pass *analysis.Pass) iter.Seq2[inspector.Cursor, N] {
	return func(yield func(inspector.Cursor, N) bool) {
		var typ N
		for c := range pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root().Preorder(typ) {
			if !yield(c, c.Node().(N)) {
				return
			}
		}
	}
}

// report reports what is wrong with n, and what would mend it.
func report(pass *analysis.Pass, n ast.Node, fixes []analysis.SuggestedFix, message string, related ...analysis.RelatedInformation) {
	pass.Report(analysis.Diagnostic{Pos: n.Pos(), End: n.End(), Message: message, SuggestedFixes: fixes, Related: related})
}

// related points at another place.
func related(n ast.Node, message string) analysis.RelatedInformation {
	return analysis.RelatedInformation{Pos: n.Pos(), End: n.End(), Message: message}
}

func fix(message string, edits ...analysis.TextEdit) []analysis.SuggestedFix {
	return []analysis.SuggestedFix{{Message: message, TextEdits: edits}}
}

func replace(n ast.Node, text string) analysis.TextEdit {
	return analysis.TextEdit{Pos: n.Pos(), End: n.End(), NewText: []byte(text)}
}

func insert(at token.Pos, text string) analysis.TextEdit {
	return analysis.TextEdit{Pos: at, End: at, NewText: []byte(text)}
}
