// Package tailsampling holds reporters/tailsample beside the Collector's tail sampling processor
// (github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor,
// Apache-2.0), which runs in the test's own process. Both are given the traces of one Telemetry:
// tailsample as its events, the processor as the spans that slogtel/oteltel makes of them. The
// tests say what each keeps, what each loses, and whether it says so.
//
//	go test ./tailsampling                                                # from the folder interop
//	go test ./tailsampling -run '^$' -bench . -benchtime 5x               # what a trace of five scopes costs
//
// It has no code of its own.
package tailsampling
