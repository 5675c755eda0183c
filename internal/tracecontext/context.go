package tracecontext

import (
	"context"
	"strings"

	"github.com/slogtel/telemetry/scope"
)

// Extract returns a context in the trace that a traceparent and the values of tracestate
// headers name: a scope that is opened in it is a child of the caller's. The path of the scope
// that ctx is in stays what it is. If the traceparent is not valid, it returns ctx itself.
func Extract(ctx context.Context, parent string, state ...string) context.Context {
	p, ok := parseTraceparent(parent)
	if !ok {
		return ctx
	}
	ids := p.TraceID + p.SpanID // a copy, not a piece of all the headers
	p.TraceID, p.SpanID, p.State = ids[:32], ids[32:], strings.Clone(State(state...))
	return &remote{ctx, p}
}

// Refuse returns a context that remembers that a caller's trace was seen, and not taken over.
func Refuse(ctx context.Context) context.Context { return &remote{Context: ctx} }

// Seen reports whether ctx comes from Extract or Refuse.
func Seen(ctx context.Context) bool { return ctx.Value(remoteKey{}) != nil }

// A Remote is the trace that a context came with from another process.
type Remote struct {
	TraceID, SpanID string
	Flags           byte
	State           string // tracestate, "" for none
}

// From returns the trace that Extract found, and false for none.
func From(ctx context.Context) (Remote, bool) {
	r, ok := ctx.Value(remoteKey{}).(*remote)
	if !ok || r.TraceID == "" {
		return Remote{}, false
	}
	return r.Remote, true
}

// Outgoing returns the headers that name the scope that ctx is in, or, where no ids are kept,
// those that Extract found. Of a trace without a tracestate state is "", and without a trace
// both are.
//
// The sampled flag is 1 in a trace that began here, and goes on as it came in one that did not.
func Outgoing(ctx context.Context) (parent, state string) {
	from, remote := From(ctx)
	info, _ := scope.FromContext(ctx)
	out := Remote{TraceID: info.TraceID, SpanID: info.SpanID, Flags: flagSampled}
	switch keeps := Valid(info); {
	case remote && !keeps:
		out = from
	case remote && from.TraceID == info.TraceID:
		out.Flags, out.State = from.Flags, from.State
	case !keeps:
		return "", ""
	}
	var scratch [55]byte
	return string(out.append(scratch[:0])), out.State
}

// Valid reports whether info has ids of a trace and a span.
func Valid(info scope.Info) bool {
	return ValidID(info.TraceID, 32) && ValidID(info.SpanID, 16)
}

// remoteKey is the context key of a *remote.
type remoteKey struct{}

// remote is a context in a trace that came from another process. One without ids
// says that the caller's trace was seen and not taken over.
type remote struct {
	context.Context
	Remote
}

var _ scope.Carrier = (*remote)(nil)

func (r *remote) Value(key any) any {
	switch key.(type) {
	case remoteKey:
		return r
	case scope.Key:
		if r.TraceID != "" {
			return r
		}
	}
	return r.Context.Value(key)
}

// ScopeInfo is the scope around r, if any, in the caller's trace.
func (r *remote) ScopeInfo() scope.Info {
	info, _ := scope.FromContext(r.Context)
	info.TraceID, info.SpanID = r.TraceID, r.SpanID
	return info
}
