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
// # Hostile text
//
// Whatever is in a record, a line stays one line, and nothing reaches the terminal that it
// could act on: C0 and C1 control characters, DEL, bidirectional overrides and bytes that are
// not UTF-8 are written as Go escapes. An escape sequence in an attribute is shown, not removed
// as tint does without colors.
//
// # Writes
//
// Each record is one Write, whose error Handle returns. Writes are serialized among a handler
// and those derived from it.
package console
