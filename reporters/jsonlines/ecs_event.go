package jsonlines

import (
	"log/slog"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/jsonenc"
	"github.com/slogtel/telemetry/slogtel"
)

func (l *ecsLine) writeTiming(h *ecsHandler, r *slog.Record) {
	t := &l.timing
	outcome := `,"event.kind":"event","event.outcome":"success","event.duration":`
	switch {
	case t.Canceled:
		outcome = `,"event.kind":"event","event.outcome":"unknown","event.duration":`
	case t.Error != "":
		outcome = `,"event.kind":"event","event.outcome":"failure","event.duration":`
	}
	b := append(l.buf, outcome...)
	b = jsonenc.AppendInt(b, int64(t.Duration))
	b = append(b, `,"event.start":`...)
	b = appendECSTime(b, &l.startClock, t.Start)
	b = append(b, `,"event.end":`...)
	if t.End.Equal(r.Time) {
		b = append(b, b[l.stamp[0]:l.stamp[1]]...)
	} else {
		b = appendECSTime(b, &l.clock, t.End)
	}
	if t.Error != "" {
		b = append(b, `,"error.message":`...)
		b = jsonenc.AppendString(b, t.Error)
	}
	l.buf = b
	l.ids(t.TraceID, t.SpanID)
	l.openNamespace()
	l.scope(t.Scope, t.Depth, t.ParentScope, slogtel.TypeTiming)
	l.int(slogtel.KeyCallCount, t.CallCount)
	l.float(slogtel.KeyStartMonotonic, float64(t.StartMonotonic)/1e9)
	l.float(slogtel.KeyEndMonotonic, float64(t.EndMonotonic)/1e9)
	if t.ParentSpanID != "" {
		l.text(slogtel.KeyParentSpanID, t.ParentSpanID)
	}
	if t.Canceled {
		l.buf = append(l.key(slogtel.KeyCanceled), "true"...)
	}
	l.weight(t.SampleRate, t.InSummary)
	preview, inside := false, false // of two of a key the last one counts
	for i := len(t.Attrs) - 1; i >= 0; i-- {
		a := &t.Attrs[i]
		switch {
		case a.Value.Kind() != slog.KindGroup:
			continue
		case a.Key == slogtel.KeyRawPreview && !preview:
			preview = true
			l.buf = appendECSText(l.key(slogtel.KeyRawPreview), a.Value)
		case a.Key == event.KeyInside && !inside:
			inside = true
			l.object(a.Key, a.Value.Group())
		default:
			continue
		}
		*a = slog.Attr{} // written
	}
	l.finish(h, r.Level, t.Attrs)
}

func (l *ecsLine) writeMetric(h *ecsHandler, r *slog.Record) {
	m := &l.metric
	l.buf = append(l.buf, `,"event.kind":"metric"`...)
	l.ids(m.TraceID, m.SpanID)
	l.openNamespace()
	l.scope(m.Scope, m.Depth, m.ParentScope, m.Type)
	if v := m.Value.Resolve(); !l.number(slogtel.KeyValue, v) {
		l.buf = appendECSText(l.key(ecsValueText), v)
	}
	if m.Unit != "" {
		l.text(slogtel.KeyUnit, m.Unit)
	}
	l.weight(m.SampleRate, m.InSummary)
	l.finish(h, r.Level, m.Attrs)
}

// weight writes what readers that count must know of an event.
func (l *ecsLine) weight(rate float64, inSummary bool) {
	if rate > 0 {
		l.float(slogtel.KeySampleRate, rate)
	}
	if inSummary {
		l.buf = append(l.key(slogtel.KeyInSummary), "true"...)
	}
}

// number writes v as a float, and reports whether it is a number that can be.
func (l *ecsLine) number(key string, v slog.Value) bool {
	switch v.Kind() {
	case slog.KindFloat64:
		if f := v.Float64(); f-f == 0 { // not so for NaN and Inf
			l.float(key, f)
			return true
		}
	case slog.KindInt64, slog.KindUint64, slog.KindDuration:
		l.buf = append(jsonenc.AppendValue(l.key(key), v), ".0"...)
		return true
	case slog.KindAny:
		// A named type may be a number too, and its JSON tells.
		before := l.buf
		b := l.key(key)
		n := len(b)
		b = jsonenc.AppendAny(b, v.Any())
		if b[n] == '-' || '0' <= b[n] && b[n] <= '9' {
			l.buf = appendPoint(b, n)
			return true
		}
		l.buf = before
	}
	return false
}

// summaryFloats and summaryCounts are the attributes of a summary that are ours, besides
// the scope and the type.
var (
	summaryFloats = map[string]bool{
		slogtel.KeyInterval: true, slogtel.KeySum: true, slogtel.KeyMin: true, slogtel.KeyMax: true, slogtel.KeyMean: true,
		slogtel.KeyP50: true, slogtel.KeyP90: true, slogtel.KeyP95: true, slogtel.KeyP99: true, slogtel.KeyLast: true,
		slogtel.KeyRate: true, slogtel.KeyQuantileError: true,
	}
	summaryCounts = map[string]bool{slogtel.KeyDepth: true, slogtel.KeyCount: true, slogtel.KeyErrors: true}
	summaryTexts  = map[string]bool{slogtel.KeyScope: true, slogtel.KeyParentScope: true, slogtel.KeyMetricType: true, slogtel.KeySketch: true}
)

func (l *ecsLine) writeSummary(h *ecsHandler, r *slog.Record) {
	l.buf = append(l.buf, `,"event.kind":"metric"`...)
	l.openNamespace()
	var others []slog.Attr
	flat := unwrapped(*r)
	for _, a := range event.Tidy(&flat, nil) {
		a.Value = a.Value.Resolve()
		switch {
		case a.Value.Kind() == slog.KindString && summaryTexts[a.Key]:
			l.text(a.Key, a.Value.String())
		case a.Value.Kind() == slog.KindInt64 && summaryCounts[a.Key]:
			l.int(a.Key, a.Value.Int64())
		case summaryFloats[a.Key] && l.number(a.Key, a.Value):
		default:
			others = append(others, a)
		}
	}
	l.finish(h, r.Level, others)
}

// writeLog writes an ordinary record.
func (l *ecsLine) writeLog(h *ecsHandler, r *slog.Record) {
	l.attrs.taking = takeFields
	l.attrs.prefix = append(l.attrs.prefix, h.prefix...)
	r.Attrs(l.visit)
	f := l.attrs.fields.or(h.bound.fields)
	l.token("error.message", f.err)
	l.token("error.type", f.errType)
	l.token("trace.id", f.traceID)
	l.token("span.id", f.spanID)
	if h.addSource {
		l.source(r)
	}
	if f.scope != nil || !named(r.Level) {
		l.openNamespace()
		if f.scope != nil {
			l.buf = append(l.key(slogtel.KeyScope), f.scope...)
		}
		l.closeNamespace(r.Level)
	}
	l.writeLabels(h, false)
}

func (l *ecsLine) source(r *slog.Record) {
	s := r.Source()
	if s == nil {
		return
	}
	b := jsonenc.AppendString(append(l.buf, `,"log.origin.file.name":`...), s.File)
	b = jsonenc.AppendInt(append(b, `,"log.origin.file.line":`...), int64(s.Line))
	l.buf = jsonenc.AppendString(append(b, `,"log.origin.function":`...), s.Function)
}

func (l *ecsLine) ids(trace, span string) {
	if trace != "" {
		l.buf = jsonenc.AppendString(append(l.buf, `,"trace.id":`...), trace)
	}
	if span != "" {
		l.buf = jsonenc.AppendString(append(l.buf, `,"span.id":`...), span)
	}
}

func (l *ecsLine) scope(path string, depth int, parent string, typ slogtel.MetricType) {
	l.text(slogtel.KeyScope, path)
	l.int(slogtel.KeyDepth, int64(depth))
	l.text(slogtel.KeyParentScope, parent)
	if typ != slogtel.TypePlain {
		l.text(slogtel.KeyMetricType, string(typ))
	}
}

// finish ends the line of an event, with the attributes that are not ours.
func (l *ecsLine) finish(h *ecsHandler, level slog.Level, others []slog.Attr) {
	l.closeNamespace(level)
	l.attrs.taking = takeLabels
	for _, a := range others {
		l.attrs.add(a)
	}
	l.writeLabels(h, true)
}
