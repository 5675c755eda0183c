package jsonlines

import (
	"log/slog"

	"github.com/slogtel/telemetry/internal/jsonenc"
	"github.com/slogtel/telemetry/slogtel"
)

// Names in a line of the Elastic Common Schema. The layout is that of Elastic's
// specification for ECS loggers (spec.json of its repository ecs-logging, a copy of
// which is testdata/ecs-logging-spec.json), the other fields are those of
// https://www.elastic.co/guide/en/ecs/current/ecs-field-reference.html. Version 1.6.0
// is the one that Elastic's own loggers for Go declare; span.id came with it.
const (
	ecsVersion   = "1.6.0"
	ecsNamespace = "slogtel"
	ecsLabels    = "labels"
	ecsValueText = "value_text"
)

// ecs makes lines of the Elastic Common Schema.
type ecs struct {
	program []byte // what follows the message in every line, with a comma before
}

func newECS(o *Options) *ecs {
	e := &ecs{[]byte(`,"ecs.version":"` + ecsVersion + `"`)}
	for _, f := range []struct{ name, value string }{
		{"service.name", o.Service},
		{"service.version", o.Version},
		{"service.environment", o.Environment},
		{"event.dataset", o.Service},
	} {
		if f.value != "" {
			e.program = jsonenc.AppendKey(append(e.program, ','), f.name)
			e.program = jsonenc.AppendString(e.program, f.value)
		}
	}
	return e
}

func (e *ecs) line(o *other, r slog.Record) error {
	l := ecsLines.Get().(*ecsLine)
	defer l.release()
	l.start(e, &r)
	switch r.Message {
	case slogtel.MessageTiming:
		if l.timing.DecodeFrom(&r) {
			l.writeTiming(&r)
			l.finish(o, r.Level, l.timing.Attrs)
			return o.out.writeLine(l.buf)
		}
	case slogtel.MessageMetric:
		if l.metric.DecodeFrom(&r) {
			l.writeMetric()
			l.finish(o, r.Level, l.metric.Attrs)
			return o.out.writeLine(l.buf)
		}
	case slogtel.MessageSummary:
		if slogtel.IsTelemetry(r) {
			l.finish(o, r.Level, l.writeSummary(r))
			return o.out.writeLine(l.buf)
		}
	}
	l.writeLog(o, &r)
	return o.out.writeLine(l.buf)
}

// named reports whether a level is just the one whose name levelName returns.
func named(l slog.Level) bool {
	switch l {
	case slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError:
		return true
	}
	return false
}
