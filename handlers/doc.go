// Package handlers is plumbing for any slog record. It and the packages below it format
// records or move them, and do not know what a counter is.
//
//	sink := slogjson.New(os.Stdout, nil)
//	pipe := slogmulti.Pipe(handlers.Scope(), redact.New(nil))
//	queue := async.New(pipe.Handler(sink), nil)
//	defer queue.Shutdown(ctx)
//	logger := slog.New(queue)
//	logger.InfoContext(ctx, "ready", "port", 8080)
//
// # The packages
//
//   - [Scope], here, adds the scope of the context to an app's own logs; [Filter] drops what
//     is not wanted
//   - [github.com/slogtel/telemetry/handlers/sample] keeps a share of what happens in scopes
//   - [github.com/slogtel/telemetry/handlers/redact] takes secrets out
//   - [github.com/slogtel/telemetry/handlers/async] is a bounded queue with a worker
//   - [github.com/slogtel/telemetry/handlers/slogjson] writes JSON, in place of slog's own
//     handler
//   - [github.com/slogtel/telemetry/handlers/logfile] is a file of lines for any handler that
//     writes to an io.Writer: it rotates, and loses nothing
//
// A [Middleware] puts a handler in front of another. All work on an app's records as on
// telemetry, alone or in any order. Where the order is free:
//
//   - sample comes first: what it drops costs the others nothing
//   - async comes next: all behind it runs off the app's goroutine
//   - Scope comes behind the queue, which passes the values of the context on
//   - redact comes last: nothing gets past it
//
// # Contracts
//
// Each handler is safe for concurrent use, and so are those that WithAttrs and WithGroup
// derive from it. Derived handlers share their parent's mutex and destination, and never its
// memory: what one adds is not seen by its siblings.
//
// Flush, Shutdown and the other optional methods of the next handler are passed on by all.
//
// Options are a struct. Nil means the defaults, and what is given is copied.
//
// Data never makes a handler panic. A panic in a function of the app, such as ReplaceAttr,
// or in a writer goes through to the caller and leaves the handler usable.
package handlers
