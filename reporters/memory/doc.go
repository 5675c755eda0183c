// Package memory keeps telemetry in memory, added up by scope and metric: for a report at
// the end of a program, for a debug page, for tests.
//
//	mem := memory.New(nil)
//	tel := slogtel.New(nil, mem)
//	defer func() { fmt.Print(mem.Report()) }()
//
// # What is kept
//
// Of an event nothing is kept but its numbers, the text of the last error, and the last
// value of a plain metric. Attributes and ordinary log records are ignored.
//
// A scope is known by its path and its parent: "a.b" opened at the root and "b" opened
// inside "a" have the same path, but are added up separately.
//
// Summaries, as package aggregate sends them, are added to the rest; events that a summary
// counts are not counted again. A summary without a sketch says nothing of quantiles: see
// [ScopeStats].NoQuantiles.
//
// A sampled event counts for as many as it stands for, which need not be a whole number:
// what is shown is the whole number nearest to their sum. An event whose sample rate is not
// possible counts once, and in [Forgotten].Rates.
//
// # What it takes
//
// Memory is bounded. Events of scopes and metrics that are new when [Options].MaxSeries of
// them are known, or whose path is longer than 2048 bytes, are forgotten, but counted: see
// [Forgotten].
//
// An event waits only for another event of the same series, or for a reader of that series.
// No Flush and no Shutdown is needed, and a [Handler] can be read after the Shutdown of its
// Telemetry.
package memory
