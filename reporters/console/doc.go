// Package console writes telemetry and logs for the eye of a developer.
//
//	h := console.New(os.Stderr, nil)
//	slog.SetDefault(slog.New(h))  // the app's own logs
//	tel := slogtel.New(nil, h)    // and its telemetry
//
// Each record is a line of its own. Ordinary log records look as package tint
// (github.com/lmittmann/tint) writes them. A line of telemetry says what happened, followed by
// the caller's attributes (here with the TimeFormat "15:04:05.000"):
//
//	12:30:01.204 INF     tokenize 1.24ms files=3
//	12:30:01.204 INF     tokens +12.3k
//	12:30:01.207 INF   plan 4.1ms
//	12:30:01.331 INF     latency ~ 0.118
//	12:30:01.332 INF   call 124ms error="status 503" attempt=1
//	12:30:01.340 INF   budget = 0.82
//	12:30:01.341 INF pipeline 1.31s
//
// A scope is indented by its depth and named relative to the scope around it. It is written
// when it ends, so it stands below what happened inside it. Durations and numbers are rounded
// to three digits. A counter shows what was added, a gauge its value after "=", a histogram
// one value after "~".
//
// A summary, as package aggregate sends it, has the full path of its scope, the count after
// "×", the interval and the distribution:
//
//	12:30:10.000 INF pipeline.call ×1204 in 10s mean 118ms p50 96ms p95 310ms p99 1.1s max 1.31s errors 3
//
// Failed scopes are red, slow ones yellow. An event that was sampled has its sample_rate among
// the attributes. The mark in_summary is for programs that add up events, and is only shown with
// [Options].Provenance.
//
// # Trees
//
// With [Options].Tree the lines of a root scope are kept until it ends, and then written in
// one piece: parents first, in the order in which things began, and concurrent requests apart.
// Ordinary records that are logged with the context of a scope stand at their place in time.
//
//	12:30:01.341 INF order 5.55ms customer=ann
//	INF ▒▒▒▒▒▒▒▒·· ├─ reserve 4.1ms 74% article=pen
//	INF |········· ├─ looking for a card at 68µs
//	ERR ·█████████ └─ pay 4.9ms 88% error="card declined"
//	INF ····██████    └─ call 3ms 54%
//
// The bar shows when in the time of the root a scope ran. It is solid for the scopes that the
// end of the root waited for, the critical path. A scope's share of the root's time follows its duration.
// Scopes of one path that run at the same time are told apart by their ids, see
// slogtel.Options.TraceIDs; without ids, what happens in one of them may stand under another.
//
// On a terminal the root that runs for the longest time is shown meanwhile, in a line that
// later output replaces. Of a root 10,000 lines or 4 MiB are kept; what is more is written at
// once, and so is what comes after the root has ended. Of more than 1000 roots that are open the
// oldest is written as far as it is known, and so are all at [Handler.Shutdown]. Of one whose own event
// a handler in front has dropped, what came is written ten seconds after its end, as others open.
//
// # Hostile text
//
// Whatever is in a record, a line stays one line, and nothing reaches the terminal that it
// could act on: C0 and C1 control characters, DEL, bidirectional overrides and bytes that are
// not UTF-8 are written as Go escapes. An escape sequence in an attribute is shown, not removed
// as tint does without colors.
//
// # Writes
//
// Each record, or each tree, is one Write, whose error Handle returns. Writes are serialized among a handler
// and those derived from it.
package console
