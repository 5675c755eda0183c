// Package slogteltest helps to test telemetry: an app's own events, and the
// handlers that receive them.
//
// # An app's events
//
// A [Recorder] is a reporter that keeps what it is told, for a test to ask:
//
//	func TestPlan(t *testing.T) {
//		tel, rec := slogteltest.New(t)
//
//		plan(t.Context(), tel, files)
//
//		if n := len(rec.Timings("pipeline.plan")); n != 1 {
//			t.Errorf("pipeline.plan ran %d times, want once", n)
//		}
//		if sum := rec.Sum("pipeline.plan.api.requests"); sum != 3 {
//			t.Errorf("%d requests, want 3", sum)
//		}
//		rec.CheckNoOpenScopes(t)
//	}
//
// A path is the full path, as in the scope attribute: that of a metric is the scope it was
// recorded in, a dot, and its name. When the test fails, its log lists what was recorded, which
// shows a path that was misspelled. A query that finds no event returns a zero result; it does
// not fail the test.
//
// Attributes given to a query choose among the events of a path. One whose key is a
// key of telemetry itself, such as error, is recorded as user_error.
//
// # Handlers
//
// [TestHandler] puts a slog.Handler through the contracts that every handler and reporter of
// this module keeps. It takes one line, and a [Buffer] for a handler whose output is to be
// checked:
//
//	func TestContract(t *testing.T) {
//		var out slogteltest.Buffer
//		slogteltest.TestHandler(t, func(*testing.T) slog.Handler {
//			out.Reset()
//			return myjson.NewHandler(&out)
//		}, &slogteltest.Options{Results: out.JSON})
//	}
//
// The contracts, each a subtest of its name:
//
//   - slogtest: what testing/slogtest checks. Needs Options.Results.
//   - forks: handlers derived from one parent by WithAttrs and WithGroup show their
//     own attributes and groups, not their siblings', and the parent shows neither;
//     inside a scope and outside.
//   - empty_with: WithAttrs without attributes and WithGroup("") change nothing.
//   - record_unchanged: Handle leaves the record alone, its groups, what its values
//     point to, and the spare room behind its attributes.
//   - enabled: a level above an enabled one is enabled; derived handlers agree.
//   - canceled_context: Handle works as usual when its context is done.
//   - concurrent: many goroutines log through a handler, and derive from it, and
//     every record arrives once, with its own attributes.
//   - hostile: values and names of every bad kind neither panic nor block, and the
//     handler works afterwards.
//   - telemetry: events of every kind, at several depths of WithGroup, with their
//     types resolved or not, are handled without an error; handlers derived from a
//     slogtel.ScopeWatcher are one too.
//   - retains: a handler that says it retains no records (see slogtel.RetainsRecords),
//     and what is derived from it, writes failed timings and plain metrics as they were
//     when it handled them. Needs Options.Results.
//   - lifecycle: Flush and Shutdown, where there are such methods, return in time;
//     nothing handled before is lost; Shutdown may be called twice; handlers may be
//     used afterwards; derived handlers have the same methods.
//   - goroutines: after Shutdown, or Close, no goroutine is left.
//
// Each call into the handler has 20 seconds; one that takes longer ends its
// contract, with a message that says which it was. Data races are found when the
// test runs with -race. A map that holds itself is not among the hostile values:
// package fmt does not survive printing one, and so neither does slog's own
// TextHandler.
package slogteltest
