package httptel

import (
	"context"
	"net/http"
	"strings"

	"github.com/slogtel/telemetry/internal/remotetrace"
	"github.com/slogtel/telemetry/scope"
)

// Extract returns a context that carries on the trace that h's traceparent and
// tracestate name: the next scope opened with it, by a Telemetry that keeps ids,
// is a child of the caller's. The scope path that ctx is in stays what it is. ctx
// itself is returned when h has no traceparent, more than one, or one that is not valid.
//
// The middleware does this by itself. Extract is for servers other than those of net/http,
// such as a queue whose messages have headers; the keys of h are in the canonical
// form of [http.CanonicalHeaderKey].
func Extract(ctx context.Context, h http.Header) context.Context {
	p, ok := readTraceparent(h)
	if !ok {
		return ctx
	}
	r := &remote{Context: ctx, traceparent: traceparent{flags: p.flags}, state: strings.Clone(readTracestate(h))}
	ids := p.traceID + p.spanID // a copy, not a piece of all the header fields
	r.traceID, r.spanID = ids[:32], ids[32:]
	return r
}

// Inject sets the traceparent of h to the scope that ctx is in, and its tracestate
// to that of the trace, in place of any others. Where no ids are kept it passes on
// those that [Extract] found, and where there are none of these either it leaves h
// as it is. The transport does this by itself. h must not be nil.
//
// The sampled flag is 1 in a trace that began here, and goes on as it came in one
// that did not: whether others record a trace is not for us to turn over.
func Inject(ctx context.Context, h http.Header) {
	from, _ := ctx.Value(remoteKey{}).(*remote)
	info, _ := scope.FromContext(ctx)
	out := traceparent{traceID: info.TraceID, spanID: info.SpanID, flags: flagSampled}
	state := ""
	switch keeps := len(info.TraceID) == 32 && len(info.SpanID) == 16 && validID(info.TraceID) && validID(info.SpanID); {
	case from != nil && from.traceID != "" && (!keeps || from.traceID == info.TraceID):
		out.flags, state = from.flags, from.state
		if !keeps {
			out = from.traceparent
		}
	case !keeps:
		return
	}
	delete(h, "traceparent") // as some write them: two of a kind, and the receiver ignores both
	delete(h, "tracestate")
	var scratch [55]byte
	h[traceparentHeader] = []string{string(out.append(scratch[:0]))}
	if state != "" {
		h[tracestateHeader] = []string{state}
	} else {
		delete(h, tracestateHeader)
	}
}

// remoteKey is the context key of a *remote.
type remoteKey struct{}

// remote is a context in a trace that came from another process. One without ids
// says that the caller's trace was seen and not taken over.
type remote struct {
	context.Context
	traceparent
	state string
}

var _ scope.Carrier = (*remote)(nil)

func (r *remote) Value(key any) any {
	switch key.(type) {
	case remoteKey:
		return r
	case remotetrace.Key:
		return &remotetrace.Trace{TraceID: r.traceID, SpanID: r.spanID, Flags: r.flags, State: r.state}
	case scope.Key:
		if r.traceID != "" {
			return r
		}
	}
	return r.Context.Value(key)
}

// ScopeInfo is the scope around r, if any, in the caller's trace.
func (r *remote) ScopeInfo() scope.Info {
	info, _ := scope.FromContext(r.Context)
	info.TraceID, info.SpanID = r.traceID, r.spanID
	return info
}
