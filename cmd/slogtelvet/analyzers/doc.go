// Package analyzers finds telemetry that records less than it seems to. Each analyzer is one of
// golang.org/x/tools/go/analysis and can be given to any of its drivers: command slogtelvet runs
// all, also within go vet, and package plugin is for golangci-lint.
//
// They follow a span through the paths of the function that opens it, and report what they are
// sure of. Where a span goes on to other code, nothing is reported on that path: where it is
// returned, stored, sent, captured by a closure that ends it, or given to a function. Paths that
// end in a panic, os.Exit, log.Fatal or t.Fatal need not end the span. Functions of an app whose
// name begins with start and that return (context.Context, *slogtel.Span) count as Start.
//
// In files of tests, what a test does on purpose is not reported: a span that nothing ends, a
// context that is assigned to _, scopes that nest in a loop, and names.
//
// # spanend
//
// Report spans that are not ended on some path.
//
// Such a span emits no event: its scope is missing from the telemetry. Where no path ends it, the fix
// adds the defer.
//
//	ctx, span := tel.Start(ctx, "order") // not ended on a path to the return
//	if err := check(ctx); err != nil {
//		return err
//	}
//	span.End()
//
// # spandefer
//
// Report a deferred End that sees no panic, or that is deferred in a loop.
//
// End sees a panic only where it is deferred itself, since recover works in the deferred function
// alone. The fix defers it itself and leaves the rest deferred, which then runs before it.
//
//	defer func() { span.Fail(err); span.End() }() // becomes
//
//	defer span.End()
//	defer func() { span.Fail(err) }()
//
// A deferred call runs when the function returns, not when a round of a loop ends:
//
//	for _, item := range items {
//		ctx, span := tel.Start(ctx, "item")
//		defer span.End() // all are open until the function returns
//	}
//
// # spancontext
//
// Report work that is given another context than that of its scope.
//
// The scope is in the context that Start returns. What is given another one is recorded elsewhere.
//
//	_, span := tel.Start(ctx, "order")
//	defer span.End()
//	return charge(ctx) // from before the scope: charge is recorded beside order, not within
//
//	tel.Time(ctx, "order", func(inner context.Context) error {
//		return charge(ctx) // the same; the fix gives it inner
//	})
//
//	for _, item := range items {
//		ctx, span = tel.Start(ctx, "item") // each round within that before: order.item.item.item
//		span.End()
//	}
//
// Also reported are a request that a middleware passes on with the context from before, a variable
// that is given another context before that of the scope is used, a context that is shadowed in an
// inner block while the span stays open, and a handler or callback that records with a context that
// it captured, though it has its own. Not reported are methods of the context, goroutines, deferred calls, functions whose name says that
// they flush, close or stop something, and a second scope beside one whose context is used.
//
// # scopename
//
// Report names of scopes and metrics that are invalid, or built from data.
//
// A constant name must match scope.Pattern. A name that is built from data makes a series for each
// of its values; what varies is an attribute.
//
//	tel.Count(ctx, "Order Total", 1)            // invalid
//	tel.Count(ctx, fmt.Sprintf("order.%s", id)) // unbounded
//	tel.Count(ctx, "user."+name, 1)             // unbounded
//
// Parts with few values are fine: constants, variables that only constants are assigned to,
// elements of literals, types with declared constants, and parameters of functions that the
// package calls with such parts only.
//
// # slogcontext
//
// Report calls of log/slog without the context that is in reach.
//
// This is the migration of an app that logs with slog: without a context a log line has no scope and no
// trace. The fix adds the context that is in reach, or puts it in place of context.Background().
//
//	slog.Info("charged", "amount", 12) // becomes
//	slog.InfoContext(ctx, "charged", "amount", 12)
//
// The context is that of the innermost function that has one: a variable or parameter of type
// context.Context, or r.Context() of an *http.Request. Of several it is that of a scope, or the one
// called ctx. There is no finding where the context may be nil (declared with no value, given with
// an error, read from a map, compared with nil), where a goroutine would read a variable that is
// assigned, where a function has a context that is not known here, such as that of a router, and in
// generated files. Nothing else about the program changes.
package analyzers
