package oteltel

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// What processors and exporters read, of a span that has ended.

func (s *span) Name() string                     { return s.name }
func (s *span) SpanKind() trace.SpanKind         { return trace.SpanKind(s.kind) }
func (s *span) StartTime() time.Time             { return time.Unix(0, s.start) }
func (s *span) EndTime() time.Time               { return time.Unix(0, s.end) }
func (s *span) Attributes() []attribute.KeyValue { return s.attrs }
func (s *span) Resource() *resource.Resource     { return s.owner.resource }
func (s *span) ChildSpanCount() int              { return 0 }

func (s *span) InstrumentationScope() instrumentation.Scope   { return instrumentationScope }
func (s *span) InstrumentationLibrary() instrumentation.Scope { return instrumentationScope }

func (s *span) Parent() trace.SpanContext {
	if !s.parent.IsValid() {
		return trace.SpanContext{}
	}
	return s.sc.WithSpanID(s.parent).WithRemote(s.far)
}

func (s *span) Status() sdktrace.Status {
	switch {
	case s.fails:
		return sdktrace.Status{Code: codes.Error, Description: s.told.failure}
	case s.extra != nil:
		return s.extra.status
	}
	return sdktrace.Status{}
}

func (s *span) Events() []sdktrace.Event {
	if s.extra == nil {
		return nil
	}
	return s.extra.events
}

func (s *span) Links() []sdktrace.Link {
	switch {
	case s.told != nil && len(s.told.links) > 0:
		return s.told.links
	case s.extra != nil:
		return s.extra.links
	}
	return nil
}

func (s *span) DroppedAttributes() (n int) {
	if s.told != nil {
		n += s.told.noAttrs
	}
	if s.extra != nil {
		n += s.extra.noAttrs
	}
	return n
}

func (s *span) DroppedEvents() int {
	if s.extra == nil {
		return 0
	}
	return s.extra.noEvents
}

func (s *span) DroppedLinks() (n int) {
	if s.told != nil {
		n += s.told.noLinks
	}
	if s.extra != nil {
		n += s.extra.noLinks
	}
	return n
}
