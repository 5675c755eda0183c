package analyzers

import (
	"go/ast"
	"go/token"
	"iter"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/ctrlflow"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

const (
	modulePath  = "github.com/slogtel/telemetry/"
	slogtelPath = modulePath + "slogtel"
	url         = "https://pkg.go.dev/" + modulePath + "cmd/slogtelvet/analyzers#"
)

// SpanEnd reports spans that are not ended on some path.
var SpanEnd = &analysis.Analyzer{
	Name: "spanend",
	Doc: `report spans that are not ended on some path

A span that is not ended emits no event: its scope is missing from the telemetry.
A span that is returned, stored, captured or given to another function is that
code's to end, and nothing is reported on the paths that come there. Where no path
ends the span, the fix adds defer span.End().`,
	URL:      url + "SpanEnd",
	Requires: []*analysis.Analyzer{inspect.Analyzer, ctrlflow.Analyzer, opened},
	Run:      runSpanEnd,
}

// SpanDefer reports an End that is deferred in a way that defeats it.
var SpanDefer = &analysis.Analyzer{
	Name: "spandefer",
	Doc: `report a deferred End that sees no panic, or that is deferred in a loop

End sees a panic only where End itself is deferred, as in defer span.End(): the
builtin recover works in the deferred function alone. In defer func() { span.End() }()
the scope of a panic looks like one that went well. The fix defers End itself, and
leaves the rest of the function where it is.

A deferred call runs when the function returns. In a loop the spans of all rounds
stay open until then.`,
	URL:      url + "SpanDefer",
	Requires: []*analysis.Analyzer{inspect.Analyzer, ctrlflow.Analyzer, opened},
	Run:      runSpanDefer,
}

// SpanContext reports work that is recorded under the wrong scope.
var SpanContext = &analysis.Analyzer{
	Name: "spancontext",
	Doc: `report work that is given another context than that of its scope

The scope travels in the context that Start returns. Work that is given the context
from before is recorded as a sibling of its scope, not within it. Reported are the
context from before where the span is open, also when that of the span is thrown away
or shadowed; the outer context within a function given to Time or Do; a context
captured from an enclosing function where the function has one of its own; and a loop
that assigns the context of each round to the one that the next round starts from.`,
	URL:      url + "SpanContext",
	Requires: []*analysis.Analyzer{inspect.Analyzer, ctrlflow.Analyzer, opened},
	Run:      runSpanContext,
}

// ScopeName reports names of scopes and metrics that are invalid or unbounded.
var ScopeName = &analysis.Analyzer{
	Name: "scopename",
	Doc: `report names of scopes and metrics that are invalid, or built from data

A constant name must match scope.Pattern. A name that is built with fmt.Sprintf, by
concatenation with a variable and the like has as many values as the data, and each is
a series that is kept for ever: the varying part belongs into an attribute.`,
	URL:      url + "ScopeName",
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      runScopeName,
}

// SlogContext reports calls of log/slog without the context that is in reach.
var SlogContext = &analysis.Analyzer{
	Name: "slogcontext",
	Doc: `report calls of log/slog without the context that is in reach

A handler learns the scope, the trace and all else that belongs to a request from the
context of the call. slog.Info and the like have none. The fix makes slog.InfoContext(ctx, …)
of slog.Info(…), on loggers as well, and replaces context.Background() and context.TODO().
The context is a variable of type context.Context or the Context of an *http.Request.`,
	URL:      url + "SlogContext",
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      runSlogContext,
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
