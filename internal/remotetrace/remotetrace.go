// Package remotetrace lets a context say what a caller in another process told of its trace,
// to packages that do not import the one that read it.
package remotetrace

import "context"

// Key is the context key of a *Trace.
type Key struct{}

// A Trace is the trace context that came with a request or a message
// (https://www.w3.org/TR/trace-context/).
type Trace struct {
	TraceID, SpanID string // hex; empty if the caller's trace is not taken over
	Flags           byte
	State           string // tracestate, "" for none
}

// From returns the trace that ctx came with, and nil for none.
func From(ctx context.Context) *Trace {
	if t, ok := ctx.Value(Key{}).(*Trace); ok && t.TraceID != "" {
		return t
	}
	return nil
}
