package oteltel

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
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

// details returns what few spans have.
func (s *span) details() *spanExtra {
	if s.told == nil {
		return &noDetails
	}
	return s.told
}

var noDetails spanExtra

func (s *span) Status() sdktrace.Status  { return s.details().status }
func (s *span) Events() []sdktrace.Event { return s.details().events }
func (s *span) Links() []sdktrace.Link   { return s.details().links }
func (s *span) DroppedAttributes() int   { return s.details().noAttrs }
func (s *span) DroppedEvents() int       { return s.details().noEvents }
func (s *span) DroppedLinks() int        { return s.details().noLinks }
