// Package handlers is plumbing for any slog record: it formats records or moves them, and does not
// know what a counter is.
//
// A handler of this package fits wherever a [log/slog.Handler] does, below any logger or middleware:
//
//	logger := slog.New(handlers.NewJSON(os.Stdout, nil))
//	logger.Info("ready", "port", 8080)
//
// # Middleware
//
// [Scope], [Filter] and [Sample], and package redact, make a middleware of slog-multi: a function that puts a
// handler in front of another. [NewAsync] is a handler in front of another, with a queue. They work on
// an app's records as on telemetry, alone or in any order:
//
//	pipe := slogmulti.Pipe(handlers.Scope(), redact.New(nil))
//	queue := handlers.NewAsync(pipe.Handler(sink), nil)
//	defer queue.Shutdown(ctx)
//	logger := slog.New(queue)
//
// Where the order is free, put Sample first, as what it drops costs the others nothing, then Async,
// since all behind it is off the app's goroutine, then Scope, and Redact last, so that nothing
// gets past it. Flush and Shutdown go through all of them.
//
// Package logfile is a file for lines to end in, of any handler that writes to an io.Writer: it
// rotates, and loses nothing.
//
// # Contracts
//
// Each handler is safe for concurrent use, and so are those derived from it with WithAttrs and
// WithGroup. Derived handlers share their parent's mutex and destination, never its memory: what one
// child adds is not seen by its siblings.
//
// Options are a struct; nil means the defaults, and what is given is copied.
//
// Data never makes a handler panic. What the app's own functions do is theirs: a panic in a
// ReplaceAttr function or in a writer goes through to the caller, and leaves the handler usable.
package handlers
