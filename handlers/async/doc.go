// Package async is a bounded queue in front of a slog handler. Handle puts a record into
// the queue and returns; one worker goroutine hands the records to the next handler. The
// app goes on whatever the next handler does: be slow, block, fail, panic or log itself.
//
//	queue := async.New(next, &async.Options{Size: 10_000})
//	defer queue.Shutdown(ctx)
//	logger := slog.New(queue)
//
// A [Handler] is safe for concurrent use. The handlers that WithAttrs and WithGroup derive
// from it share its queue.
//
// # Order
//
// Records are handed on one at a time, in the order in which Handle was called, through
// whichever of the derived handlers. The worker may leave them for a millisecond, which
// spares the app the cost of waking it for each record; Flush does not wait for that. What
// is queued is lost when the process ends without Shutdown.
//
// # What is kept of a record
//
// On the caller's goroutine, before Handle returns:
//
//   - Each [slog.LogValuer], in groups too, is resolved. Only metric_type is kept if it is
//     a string by kind, so that telemetry's own type remains what it is.
//   - Maps and slices of any type behind slog.Any are copied, and the maps and slices in
//     them, to a depth of 16 and 16384 elements in all.
//   - Everything else behind slog.Any is kept as it is: pointers, structs, errors, and what
//     they point to. The app must not change it later; it can pass a LogValuer instead.
//     (A map in there that the app changes while it is written ends the process, as any map
//     does that two goroutines use.)
//
// The context is passed on with its values, and without its cancellation and deadline: most
// often it has ended when the record is handled.
//
// Enabled, WithAttrs and WithGroup call the next handler at once. If the next handler is
// told of scopes that start (slogtel.ScopeWatcher), this news goes through the queue too: it
// takes a place in it and is counted like a record.
//
// # Losses
//
// A record that is dropped is counted, by its reason, in [Handler.Stats]. Handle returns an
// error for it, which a slog.Logger ignores, a Telemetry reports to its OnError, and
// failover can use. Where there were losses, the worker hands the next handler a record that
// tells of them, see [MessageDropped].
//
// # A next handler that logs
//
// A record that the next handler makes while it handles another, through slog.Default for
// example, is queued like any. A handler that makes one for each would never finish: this is
// noticed after some hundred records, and from then on those records are dropped as
// Reentrant. To tell them from the app's, Handle then looks at its call stack (a microsecond
// or more) whenever the worker is busy. Records made on goroutines that the next handler has
// started are not recognized.
package async
