package oteltel

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/scope"
)

var instrumentationScope = instrumentation.Scope{Name: scopeName}

// SpanOptions configure [NewSpans].
type SpanOptions struct {
	// Resource is what the spans are from. Nil is resource.Default(), which reads
	// OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES.
	Resource *resource.Resource

	// Logs makes events of the app's own log records of this level and above, where the
	// records come to the handler, too: it is one of the app's handlers then. An event is on
	// the OpenTelemetry span that is active in the record's context; the scope is, with
	// [WithContext]. A span keeps the last 128 events, or OTEL_SPAN_EVENT_COUNT_LIMIT. Nil
	// is no events.
	Logs slog.Leveler

	// OnError is told of [ErrNoIDs], once. It is called on the goroutine of the event and must not
	// block. Nil logs it through slog.Default().
	OnError func(error)
}

// SpanStats counts what became of the scopes that [Spans] was told of.
type SpanStats struct {
	Spans     int64 // handed to the processor
	Unsampled int64 // not handed over: the trace is not sampled
	NoIDs     int64 // lost: Options.TraceIDs is not set, see [ErrNoIDs]
	LostLogs  int64 // the app's logs in a scope whose context has no span: WithContext is not set
}

// ErrNoIDs says that a scope has no trace and span id, so that no span can be made of it.
var ErrNoIDs = errors.New("oteltel: a scope without ids is no span: set Options.TraceIDs")

// Spans is a handler that makes spans of scopes. It is safe for concurrent use, as far as the
// processor is.
type Spans struct {
	*spansConfig
	bound event.Bound
	open  string // names of the open groups, each with a dot behind it
}

type spansConfig struct {
	processor sdktrace.SpanProcessor
	resource  *resource.Resource
	limits    *sdktrace.SpanLimits
	logs      slog.Leveler
	onError   reportOnce

	spans, unsampled, noIDs, lostLogs atomic.Int64
}

var _ slog.Handler = (*Spans)(nil)

// NewSpans returns a reporter that hands each scope to processor as a span, when it has ended:
// with the ids, the parent and the times of the scope. The Telemetry needs Options.TraceIDs;
// with [TraceParent] and [WithContext] the spans are in one trace with those that OpenTelemetry
// itself makes. A nil processor makes a handler that does nothing, nil opts are the defaults.
//
// The name of a span is the path of its scope. Its kind is server or client for the scopes of
// httptel and grpctel, client for those of sqltel and llmtel, and internal for others, see
// [KeyKind]. Its status is Error, with the text, if the scope has failed, and unset otherwise;
// one that was canceled has the attribute canceled. The other attributes are the caller's own,
// those of a group as group.key. The limits are those of the SDK, as its variables
// OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT and so on say. See slogtel.Links for links.
//
// A scope whose trace is not sampled, by the OpenTelemetry span around it or by the caller in
// another process, is only counted. The processor's OnStart is called when the scope has
// ended, before OnEnd: what it sets on the span is kept, but it cannot see a scope begin.
func NewSpans(processor sdktrace.SpanProcessor, opts *SpanOptions) *Spans {
	var o SpanOptions
	if opts != nil {
		o = *opts
	}
	if o.Resource == nil {
		o.Resource = resource.Default()
	}
	return &Spans{spansConfig: &spansConfig{processor: processor, resource: o.Resource, limits: limits(), logs: o.Logs, onError: reportOnce{call: o.OnError}}}
}

// Enabled reports whether there is a processor.
func (h *Spans) Enabled(context.Context, slog.Level) bool { return h.processor != nil }

// RetainsRecords returns false, see slogtel.RetainsRecords.
func (*Spans) RetainsRecords() bool { return false }

// Handle makes a span of a scope, and an event of an app's own log record if it is asked to.
// It returns no error: [Spans.Stats] and Options.OnError tell what was lost.
func (h *Spans) Handle(ctx context.Context, r slog.Record) error {
	if h.processor == nil {
		return nil
	}
	ctx = orBackground(ctx)
	if r.Message == event.MessageTiming {
		scratch := attrScratches.Get().(*attrScratch)
		t := event.Timing{Attrs: scratch[:0]} // on the stack
		ok := t.DecodeFrom(&r)
		if ok {
			h.end(ctx, &t)
		}
		clear(scratch[:min(len(t.Attrs), len(scratch))])
		attrScratches.Put(scratch)
		if ok {
			return nil
		}
	}
	if h.logs != nil && r.Level >= h.logs.Level() && !event.Is(&r) {
		h.log(ctx, &r)
	}
	return nil
}

// An attrScratch is where the attributes of an event are decoded to.
type attrScratch [16]slog.Attr

var attrScratches = sync.Pool{New: func() any { return new(attrScratch) }}

// end hands the span of a scope to the processor.
func (h *Spans) end(ctx context.Context, t *event.Timing) {
	s := h.spanOf(ctx, t)
	switch {
	case s == nil:
		h.noIDs.Add(1)
		h.onError.report(ErrNoIDs)
		return
	case !s.sc.IsSampled():
		h.unsampled.Add(1)
		return
	}
	h.fill(ctx, s, t)
	h.processor.OnStart(ctx, s)
	s.seal()
	h.spans.Add(1)
	h.processor.OnEnd(s)
}

// spanOf returns the span that is active in the scope, if it is the scope's own and nobody else
// has it already, or a new one. It returns nil where there are no ids.
func (h *Spans) spanOf(ctx context.Context, t *event.Timing) *span {
	active := trace.SpanFromContext(ctx)
	own, ok := active.(*activeSpan)
	if !ok || own.spanID != t.SpanID || own.traceID != t.TraceID || t.SpanID == "" {
		if sc := spanContextIn(ctx, active, t.TraceID, t.SpanID); sc.IsValid() {
			return newSpan(h.spansConfig, sc, len(t.Attrs))
		}
		return nil
	}
	own.mu.Lock()
	defer own.mu.Unlock()
	if own.owner == nil {
		own.owner = h.spansConfig
		return &own.span
	}
	s := newSpan(h.spansConfig, own.sc, len(t.Attrs)) // for another processor
	if own.extra != nil {
		e := *own.extra
		e.attrs, e.events, e.links = slices.Clone(e.attrs), slices.Clone(e.events), slices.Clip(e.links)
		s.extra = &e
	}
	return s
}

// log makes an event of a log record.
func (h *Spans) log(ctx context.Context, r *slog.Record) {
	active := trace.SpanFromContext(ctx)
	if !active.IsRecording() {
		if in, ok := scope.FromContext(ctx); ok && (!active.SpanContext().IsValid() || in.TraceID == "") {
			h.lostLogs.Add(1)
		}
		return
	}
	attrs := make([]attribute.KeyValue, 0, r.NumAttrs()+1)
	attrs = append(attrs, attribute.String("level", r.Level.String()))
	add := func(kv attribute.KeyValue) { set(&attrs, kv, -1) }
	for _, a := range h.bound.Attrs() {
		flatten("", a, maxDepth, add)
	}
	r.Attrs(func(a slog.Attr) bool {
		flatten(h.open, a, maxDepth, add)
		return true
	})
	active.AddEvent(valid(r.Message), trace.WithTimestamp(r.Time), trace.WithAttributes(attrs...))
}

// WithAttrs returns a handler that adds attrs to each span and event.
func (h *Spans) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	return &Spans{h.spansConfig, h.bound.WithAttrs(attrs), h.open}
}

// WithGroup returns a handler for which the attributes of later calls of WithAttrs, and those
// of log records, are in the group name. Those of a scope are not.
func (h *Spans) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &Spans{h.spansConfig, h.bound.WithGroup(name), h.open + name + "."}
}

// Flush has the processor export what it holds, and returns its error.
func (h *Spans) Flush(ctx context.Context) error {
	if h.processor == nil {
		return nil
	}
	return h.processor.ForceFlush(orBackground(ctx))
}

// Shutdown is Flush. The processor stays open, as a TracerProvider may be using it, too:
// whoever made it shuts it down.
func (h *Spans) Shutdown(ctx context.Context) error { return h.Flush(ctx) }

// Stats returns the counts so far, of h and all handlers derived from the same NewSpans.
func (h *Spans) Stats() SpanStats {
	return SpanStats{h.spans.Load(), h.unsampled.Load(), h.noIDs.Load(), h.lostLogs.Load()}
}
