package slogtel

import (
	"context"
	"log/slog"

	"github.com/slogtel/telemetry/internal/tracecontext"
	"github.com/slogtel/telemetry/scope"
)

// KeyLinks is the key of the attribute that [Links] returns.
const KeyLinks = "links" // string; trace ids and span ids

// Inject writes the headers that carry the trace of ctx to another process, as those of a
// message of a queue or the arguments of a job: traceparent, and tracestate where the trace has
// one, in the form of the W3C trace context (https://www.w3.org/TR/trace-context/). Where ctx is
// in no trace, set is not called. Whoever receives the message calls [Extract].
//
//	slogtel.Inject(ctx, func(key, value string) { message.Headers[key] = value })
//
// The trace is that of the scope that ctx is in. In a scope without ids it is the one that
// [Extract], or a server of package httptel or grpctel, found. A nil set does nothing.
func Inject(ctx context.Context, set func(key, value string)) {
	if ctx == nil || set == nil {
		return
	}
	parent, state := tracecontext.Outgoing(ctx)
	if parent == "" {
		return
	}
	set(tracecontext.Traceparent, parent)
	if state != "" {
		set(tracecontext.Tracestate, state)
	}
}

// Extract returns a context in the trace that the headers of a message name. A scope that is
// opened in it, by a Telemetry with Options.TraceIDs, is a child of the scope that [Inject] was
// called in, in the same trace. The path of the scope that ctx is in stays what it is.
//
//	ctx = slogtel.Extract(ctx, func(key string) string { return message.Headers[key] })
//	ctx, span := tel.Start(ctx, "job.resize")
//
// Use it for a message that is worked on by itself, soon after it was sent. A scope that works on
// several messages can be the child of one at most: give it [Links] instead. Do the same for a
// job that runs much later, or again and again, since its trace would never be complete.
//
// Get is called with traceparent and tracestate, in lower case, and returns "" for a header
// that is not there. Extract returns ctx itself if the headers name no trace, or if they are not
// valid. A nil ctx counts as context.Background().
func Extract(ctx context.Context, get func(key string) string) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	if get == nil {
		return ctx
	}
	parent := get(tracecontext.Traceparent)
	if parent == "" {
		return ctx
	}
	return tracecontext.Extract(ctx, parent, get(tracecontext.Tracestate))
}

// Links returns an attribute for a scope that has to do with other scopes, but is not a child of
// them. It names the scopes that the contexts are in, mostly contexts that [Extract] returned:
//
//	for _, message := range batch {
//		from = append(from, slogtel.Extract(ctx, message.Header))
//	}
//	ctx, span := tel.Start(ctx, "job.batch", slogtel.Links(from...))
//
// The value is one string: trace id, hyphen and span id of each, with a space between two. It
// names the first 128, each once. Without any the attribute is empty, and is not written.
func Links(from ...context.Context) slog.Attr {
	const (
		most   = 128
		length = 32 + 1 + 16
	)
	var text []byte
	seen := make(map[string]bool)
	for _, ctx := range from {
		in, _ := scope.FromContext(ctx)
		if len(seen) == most || seen[in.TraceID+in.SpanID] || !tracecontext.Valid(in) {
			continue
		}
		seen[in.TraceID+in.SpanID] = true
		if text == nil {
			text = make([]byte, 0, min(len(from), most)*(length+1))
		} else {
			text = append(text, ' ')
		}
		text = append(text, in.TraceID...)
		text = append(text, '-')
		text = append(text, in.SpanID...)
	}
	if text == nil {
		return slog.Attr{}
	}
	return slog.String(KeyLinks, string(text))
}
