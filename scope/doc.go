// Package scope names the places in a program where telemetry is recorded, and
// carries the current one in a [context.Context].
//
// A scope is a dotted path such as "pipeline.plan.tokenize". Its segments say
// what is being done, never to whom: an id, a file name or a URL in a scope
// makes a new time series for each value. Those belong in attributes.
//
//	if err := scope.Validate("pipeline.plan"); err != nil {
//		return err // names the segment and the byte that is wrong
//	}
//	child := scope.Join("pipeline.plan", "tokenize") // pipeline.plan.tokenize
//
// Whoever opens scopes (package slogtel, usually) puts them into the context;
// whoever writes logs can read the current one with [FromContext]. The scope is
// only ever found through the context: nothing here is global or tied to a
// goroutine, so a goroutine started with a context belongs to that context's scope.
//
// All functions are pure and safe for concurrent use. The package depends on the
// standard library alone.
package scope
