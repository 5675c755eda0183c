package oteltel

import (
	"context"
	"log/slog"
	"strings"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/tracecontext"
	"github.com/slogtel/telemetry/slogtel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// fill makes s what the event says.
func (h *Spans) fill(ctx context.Context, s *span, t *event.Timing) {
	s.name = valid(t.Scope)
	s.start, s.end = t.Start.UnixNano(), t.End.UnixNano()
	kind := kindOf(t)
	s.kind = uint8(kind)
	if t.ParentSpanID != "" {
		s.parent, _ = trace.SpanIDFromHex(t.ParentSpanID)
		if kind == trace.SpanKindServer || kind == trace.SpanKindConsumer {
			from, ok := tracecontext.From(ctx)
			s.far = ok && from.SpanID == t.ParentSpanID
		}
	}
	if t.Error != "" {
		s.rarely().status = sdktrace.Status{Code: codes.Error, Description: valid(t.Error)}
	}
	attrs := h.bound.Join(t.Attrs)
	if len(attrs) > cap(s.attrs) {
		s.attrs = make([]attribute.KeyValue, 0, len(attrs))
	}
	mayRepeat := false // a.b and b in the group a have one key
	for i := range attrs {
		a := &attrs[i]
		switch v := resolve(a.Value); {
		case a.Key == KeyKind && isKind(v), a.Key == slogtel.KeyLinks && s.addLinks(v):
		case v.Kind() == slog.KindGroup || a.Key == "":
			mayRepeat = true
			s.drop(flatten("", slog.Attr{Key: a.Key, Value: v}, maxDepth, func(kv attribute.KeyValue) { s.add(kv, true) }))
		default:
			s.add(attribute.KeyValue{Key: attribute.Key(valid(a.Key)), Value: valueOf(v)}, mayRepeat)
		}
	}
	if t.Canceled {
		s.add(attribute.Bool(event.KeyCanceled, true), false)
	}
	if t.SampleRate != 0 {
		s.add(attribute.Float64(event.KeySampleRate, t.SampleRate), false)
	}
}

// add adds an attribute, within the limits. Another one may have its key if mayRepeat is true.
func (s *span) add(a attribute.KeyValue, mayRepeat bool) {
	if limit := s.owner.limits.AttributeValueLengthLimit; limit >= 0 {
		a, _ = fit(a, limit)
	}
	limit := s.owner.limits.AttributeCountLimit
	switch {
	case mayRepeat:
		if !set(&s.attrs, a, limit) {
			s.drop(1)
		}
	case limit >= 0 && len(s.attrs) >= limit:
		s.drop(1)
	default:
		s.attrs = append(s.attrs, a)
	}
}

// drop counts attributes that are left out.
func (s *span) drop(n int) {
	if n > 0 {
		s.rarely().noAttrs += n
	}
}

// addLinks reports false for what is not of slogtel.Links, which is an attribute like others.
func (s *span) addLinks(v slog.Value) bool {
	if v.Kind() != slog.KindString {
		return false
	}
	texts := strings.Fields(v.String())
	if len(texts) == 0 {
		return false
	}
	links := make([]sdktrace.Link, 0, len(texts))
	for _, text := range texts {
		sc, ok := parseLink(text)
		if !ok {
			return false
		}
		links = append(links, sdktrace.Link{SpanContext: sc})
	}
	told := s.rarely()
	if limit := limits().LinkCountLimit; limit >= 0 && len(links) > limit {
		told.noLinks += len(links) - limit
		links = links[:limit]
	}
	told.links = links
	return true
}

func isKind(v slog.Value) bool {
	_, ok := kindNamed(v)
	return ok
}
