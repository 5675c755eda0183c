package httptel

import (
	"context"
	"net/http"

	"github.com/slogtel/telemetry/internal/tracecontext"
)

// Header names as net/http spells them.
const (
	traceparentHeader = "Traceparent"
	tracestateHeader  = "Tracestate"
)

// Extract returns a context that carries on the trace that h's traceparent and
// tracestate name: the next scope opened with it, by a Telemetry that keeps ids,
// is a child of the caller's. The scope path that ctx is in stays what it is. ctx
// itself is returned when h has no traceparent, more than one, or one that is not valid.
//
// The middleware does this by itself. The keys of h are in the canonical form of
// [http.CanonicalHeaderKey]. For headers of another kind, as those of a queue's messages,
// there is slogtel.Extract.
func Extract(ctx context.Context, h http.Header) context.Context {
	v := h[traceparentHeader]
	if len(v) != 1 {
		return ctx
	}
	return tracecontext.Extract(ctx, v[0], h[tracestateHeader]...)
}

// Inject sets the traceparent of h to the scope that ctx is in, and its tracestate
// to that of the trace, in place of any others. Where no ids are kept it passes on
// those that [Extract] found, and where there are none of these either it leaves h
// as it is. The transport does this by itself. h must not be nil.
//
// The sampled flag is 1 in a trace that began here, and goes on as it came in one
// that did not: whether others record a trace is not for us to turn over.
func Inject(ctx context.Context, h http.Header) {
	parent, state := tracecontext.Outgoing(ctx)
	if parent == "" {
		return
	}
	delete(h, tracecontext.Traceparent) // as some write them: two of a kind, and the receiver ignores both
	delete(h, tracecontext.Tracestate)
	h[traceparentHeader] = []string{parent}
	if state != "" {
		h[tracestateHeader] = []string{state}
	} else {
		delete(h, tracestateHeader)
	}
}
