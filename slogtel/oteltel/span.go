package oteltel

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// A span is a scope as OpenTelemetry sees it: what is active in the scope's context while it
// is open, and what a processor gets when it has ended.
//
// The SDK wants its own spans, and may ask them for more in later releases. What is not
// answered here is answered by the two that are embedded: the SDK's stand-in for a span, and
// the API's span that does nothing.
type span struct {
	*laterMethods

	sc trace.SpanContext

	mu    sync.Mutex // guards what follows, until ended is true: then it is not changed any more
	ended bool
	kind  uint8
	far   bool       // the parent is in another process
	extra *spanExtra // what was set on the active span
	told  *spanExtra // what the event says, and, of a span that has ended, all

	owner      *spansConfig // nil until a processor gets the span
	parent     trace.SpanID
	name       string
	start, end int64 // Unix nanoseconds
	attrs      []attribute.KeyValue
}

// An activeSpan is that of a scope with [WithContext].
type activeSpan struct {
	span
	traceID, spanID string // of sc
	provider        trace.TracerProvider
	first           [1]attribute.KeyValue
}

var _, _ sdktrace.ReadWriteSpan = (*span)(nil), (*activeSpan)(nil)

// spanExtra holds what few spans have, within the limits of the SDK. Nil is nothing.
type spanExtra struct {
	name                       string
	status                     sdktrace.Status
	attrs                      []attribute.KeyValue
	events                     []sdktrace.Event
	links                      []sdktrace.Link
	noAttrs, noEvents, noLinks int // dropped
}

// laterMethods has the methods that later releases may add to the interfaces of spans.
type laterMethods struct {
	sdktrace.ReadOnlySpan
	noop.Span
}

var later = &laterMethods{ReadOnlySpan: tracetest.SpanStub{}.Snapshot()}

// limits are those that the SDK reads from the environment.
var limits = sync.OnceValue(func() *sdktrace.SpanLimits {
	l := sdktrace.NewSpanLimits()
	return &l
})

// A span and the memory for its first attributes are allocated together.
type (
	spanWith1 struct {
		span
		first [1]attribute.KeyValue
	}
	spanWith2 struct {
		span
		first [2]attribute.KeyValue
	}
)

func newSpan(owner *spansConfig, sc trace.SpanContext, attrs int) *span {
	switch attrs {
	case 1:
		s := &spanWith1{span: span{laterMethods: later, sc: sc, owner: owner}}
		s.attrs = s.first[:0]
		return &s.span
	case 2:
		s := &spanWith2{span: span{laterMethods: later, sc: sc, owner: owner}}
		s.attrs = s.first[:0]
		return &s.span
	}
	return &span{laterMethods: later, sc: sc, owner: owner}
}

// rarely returns s.told, made if need be.
func (s *span) rarely() *spanExtra {
	if s.told == nil {
		s.told = new(spanExtra)
	}
	return s.told
}

// What instrumentations and the app call while the scope is open, from any goroutine.

func (s *span) SpanContext() trace.SpanContext { return s.sc }

// TracerProvider is for instrumentations, which make the spans inside the scope with it.
func (s *activeSpan) TracerProvider() trace.TracerProvider { return s.provider }

// IsRecording reports whether what is set on s has an effect.
func (s *span) IsRecording() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.ended && s.sc.IsSampled()
}

// End does nothing: it is the scope that ends.
func (s *span) End(...trace.SpanEndOption) {}

// change calls f with s.extra, unless s is not recorded.
func (s *span) change(f func(*spanExtra)) {
	if !s.sc.IsSampled() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	if s.extra == nil {
		s.extra = new(spanExtra)
	}
	f(s.extra)
}

func (s *span) SetName(name string) { s.change(func(e *spanExtra) { e.name = valid(name) }) }

// SetStatus is as that of the SDK: Ok is final, and a status is never replaced by a lesser one.
func (s *span) SetStatus(code codes.Code, description string) {
	s.change(func(e *spanExtra) {
		if code < e.status.Code {
			return
		}
		e.status = sdktrace.Status{Code: code}
		if code == codes.Error {
			e.status.Description = valid(description)
		}
	})
}

func (s *span) SetAttributes(attrs ...attribute.KeyValue) {
	if len(attrs) == 0 {
		return
	}
	s.change(func(e *spanExtra) {
		for _, a := range attrs {
			a, ok := fit(a, limits().AttributeValueLengthLimit)
			if !ok || !set(&e.attrs, a, limits().AttributeCountLimit) {
				e.noAttrs++
			}
		}
	})
}

// set adds a to attrs, in place of one with the same key, and reports false if there is no room.
func set(attrs *[]attribute.KeyValue, a attribute.KeyValue, limit int) bool {
	if i := slices.IndexFunc(*attrs, func(b attribute.KeyValue) bool { return a.Key == b.Key }); i >= 0 {
		(*attrs)[i] = a
		return true
	}
	if limit >= 0 && len(*attrs) >= limit {
		return false
	}
	*attrs = append(*attrs, a)
	return true
}

func (s *span) AddEvent(name string, options ...trace.EventOption) {
	c := trace.NewEventConfig(options...)
	s.addEvent(valid(name), c.Timestamp(), c.Attributes())
}

func (s *span) RecordError(err error, options ...trace.EventOption) {
	if err == nil {
		return
	}
	text := "an error whose method panics"
	_, _ = try(func() error { text = err.Error(); return nil })
	options = append(options, trace.WithAttributes(
		attribute.String("exception.type", fmt.Sprintf("%T", err)), attribute.String("exception.message", text)))
	s.AddEvent("exception", options...)
}

func (s *span) addEvent(name string, at time.Time, attrs []attribute.KeyValue) {
	s.change(func(e *spanExtra) {
		limit := limits().EventCountLimit
		if limit == 0 {
			e.noEvents++
			return
		}
		if limit > 0 && len(e.events) >= limit { // the oldest goes, as in the SDK
			e.events = slices.Delete(e.events, 0, 1)
			e.noEvents++
		}
		ev := sdktrace.Event{Name: name, Time: at}
		ev.Attributes, ev.DroppedAttributeCount = fitAll(attrs, limits().AttributePerEventCountLimit)
		e.events = append(e.events, ev)
	})
}

func (s *span) AddLink(link trace.Link) {
	s.change(func(e *spanExtra) {
		limit := limits().LinkCountLimit
		if !link.SpanContext.IsValid() || limit >= 0 && len(e.links) >= limit {
			e.noLinks++
			return
		}
		l := sdktrace.Link{SpanContext: link.SpanContext}
		l.Attributes, l.DroppedAttributeCount = fitAll(link.Attributes, limits().AttributePerLinkCountLimit)
		e.links = append(e.links, l)
	})
}

// fitAll returns as many of attrs as limit allows, and how many it does not.
func fitAll(attrs []attribute.KeyValue, limit int) (fitting []attribute.KeyValue, dropped int) {
	for _, a := range attrs {
		if a, ok := fit(a, limits().AttributeValueLengthLimit); ok && (limit < 0 || len(fitting) < limit) {
			fitting = append(fitting, a)
		} else {
			dropped++
		}
	}
	return fitting, dropped
}

// seal puts what was set on the active span beside what the event says, and ends s.
func (s *span) seal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	e := s.extra
	if e == nil {
		return
	}
	told := s.rarely()
	for _, a := range e.attrs {
		if slices.ContainsFunc(s.attrs, func(b attribute.KeyValue) bool { return a.Key == b.Key }) {
			continue // the scope's own
		}
		if !set(&s.attrs, a, limits().AttributeCountLimit) {
			told.noAttrs++
		}
	}
	told.noAttrs, told.noEvents, told.noLinks = told.noAttrs+e.noAttrs, e.noEvents, told.noLinks+e.noLinks
	told.events, told.links = e.events, append(told.links, e.links...)
	if told.status.Code != codes.Error {
		told.status = e.status
	}
	if e.name != "" {
		s.name = e.name
	}
}
