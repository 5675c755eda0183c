package jsonlines

import (
	"log/slog"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/jsonenc"
	"github.com/slogtel/telemetry/slogtel"
)

func (l *ecsLine) writeTiming(r *slog.Record) {
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
	b = l.startClock.AppendTime(b, utc(t.Start))
	b = append(b, `,"event.end":`...)
	if t.End.Equal(r.Time) {
		b = append(b, b[l.stamp[0]:l.stamp[1]]...)
	} else {
		b = l.clock.AppendTime(b, utc(t.End))
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
		l.truth(slogtel.KeyCanceled)
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
			l.buf = appendObject(l.key(a.Key), resolved(a.Value.Group(), nil, nil), appendInside)
		default:
			continue
		}
		*a = slog.Attr{} // written
	}
}

func (l *ecsLine) writeMetric() {
	m := &l.metric
	l.buf = append(l.buf, `,"event.kind":"metric"`...)
	l.ids(m.TraceID, m.SpanID)
	l.openNamespace()
	l.scope(m.Scope, m.Depth, m.ParentScope, m.Type)
	v := m.Value.Resolve()
	if b, ok := appendNumber(l.key(slogtel.KeyValue), v); ok {
		l.buf = b
	} else {
		l.buf = appendECSText(l.key(ecsValueText), v)
	}
	if m.Unit != "" {
		l.text(slogtel.KeyUnit, m.Unit)
	}
	l.weight(m.SampleRate, m.InSummary)
}

// weight writes what readers that count must know of an event.
func (l *ecsLine) weight(rate float64, inSummary bool) {
	if rate > 0 {
		l.float(slogtel.KeySampleRate, rate)
	}
	if inSummary {
		l.truth(slogtel.KeyInSummary)
	}
}

// appendInside appends a value of what happened inside a root scope: numbers stay numbers.
func appendInside(dst []byte, v slog.Value) []byte {
	if v.Kind() == slog.KindInt64 {
		return jsonenc.AppendInt(dst, v.Int64())
	}
	dst, ok := appendNumber(dst, v)
	if !ok {
		dst = appendECSText(dst, v)
	}
	return dst
}

// writeSummary returns the attributes that are not ours.
func (l *ecsLine) writeSummary(r slog.Record) (others []slog.Attr) {
	l.buf = append(l.buf, `,"event.kind":"metric"`...)
	l.openNamespace()
	r = unwrapped(r)
	for _, a := range event.Tidy(&r, nil) {
		a.Value = a.Value.Resolve()
		switch {
		case !event.Reserved(a.Key):
			others = append(others, a)
		case a.Value.Kind() == slog.KindString:
			l.text(a.Key, a.Value.String())
		case a.Key == slogtel.KeyDepth || a.Key == slogtel.KeyCount || a.Key == slogtel.KeyErrors:
			l.buf = jsonenc.AppendValue(l.key(a.Key), a.Value)
		default:
			if b, ok := appendNumber(l.key(a.Key), a.Value); ok {
				l.buf = b
			}
		}
	}
	return others
}

// writeLog writes an ordinary record.
func (l *ecsLine) writeLog(o *other, r *slog.Record) {
	l.attrs.takesFields = true
	for _, a := range o.bound.Attrs() {
		l.attrs.add(a)
	}
	for _, name := range o.groups {
		l.attrs.enter(name)
	}
	r.Attrs(l.visit)
	f := &l.attrs.fields
	l.token("error.message", f.err)
	l.token("error.type", f.errType)
	l.token("trace.id", f.traceID)
	l.token("span.id", f.spanID)
	if o.opts.AddSource {
		l.source(r)
	}
	if f.scope != nil || !named(r.Level) {
		l.openNamespace()
		if f.scope != nil {
			l.buf = append(l.key(slogtel.KeyScope), f.scope...)
		}
		l.closeNamespace(r.Level)
	}
	l.writeLabels()
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
