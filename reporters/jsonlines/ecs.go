package jsonlines

import (
	"context"
	"log/slog"
	"slices"
	"time"

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

// ecsHandler writes lines of the Elastic Common Schema. It is never modified once it
// has been handed out.
type ecsHandler struct {
	out       *output
	level     slog.Leveler
	addSource bool
	replace   func([]string, slog.Attr) slog.Attr

	program []byte   // what follows the message in every line, with a comma before
	groups  []string // that are open
	prefix  []byte   // the same as it stands before the names of labels
	bound   ecsAttrs // from WithAttrs
}

var _ slog.Handler = (*ecsHandler)(nil)

func newECS(out *output, o *Options) *ecsHandler {
	h := &ecsHandler{out: out, level: o.Level, addSource: o.AddSource, replace: o.ReplaceAttr}
	h.program = []byte(`,"ecs.version":"` + ecsVersion + `"`)
	for _, f := range []struct{ name, value string }{
		{"service.name", o.Service},
		{"service.version", o.Version},
		{"service.environment", o.Environment},
		{"event.dataset", o.Service},
	} {
		if f.value != "" {
			h.program = jsonenc.AppendKey(append(h.program, ','), f.name)
			h.program = jsonenc.AppendString(h.program, f.value)
		}
	}
	return h
}

func (h *ecsHandler) Enabled(_ context.Context, l slog.Level) bool {
	if h.level == nil {
		return l >= slog.LevelInfo
	}
	return l >= h.level.Level()
}

func (h *ecsHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	h2 := *h
	h2.groups = append(slices.Clip(h.groups), name)
	h2.prefix = append(appendLabelName(slices.Clip(h.prefix), name), '_')
	return &h2
}

func (h *ecsHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	h2 := *h
	h2.bound = h.bound.clone()
	h2.bound.prefix = append(h2.bound.prefix, h.prefix...)
	h2.bound.taking = takeBoth
	for _, a := range replaceAttrs(attrs, h.groups, h.replace) {
		h2.bound.add(a)
	}
	h2.bound.prefix = nil
	distinctLabels(h2.bound.labels)
	return &h2
}

func (h *ecsHandler) Handle(_ context.Context, r slog.Record) error {
	if h.replace != nil {
		r = replaceRecord(r, h.groups, h.replace)
	}
	l := ecsLines.Get().(*ecsLine)
	defer l.release()
	l.start(h, &r)
	switch r.Message {
	case slogtel.MessageTiming:
		if l.timing.Decode(r) {
			l.writeTiming(h, &r)
			return h.out.writeLine(l.buf)
		}
	case slogtel.MessageMetric:
		if l.metric.Decode(r) {
			l.writeMetric(h, &r)
			return h.out.writeLine(l.buf)
		}
	case slogtel.MessageSummary:
		if slogtel.IsTelemetry(r) {
			l.writeSummary(h, &r)
			return h.out.writeLine(l.buf)
		}
	}
	l.writeLog(h, &r)
	return h.out.writeLine(l.buf)
}

// ecsLevel is the name of a level, or of the next lower one that has a name.
func ecsLevel(l slog.Level) string {
	switch {
	case l >= slog.LevelError:
		return "error"
	case l >= slog.LevelWarn:
		return "warn"
	case l >= slog.LevelInfo:
		return "info"
	}
	return "debug"
}

// named reports whether a level is just the one whose name ecsLevel returns.
func named(l slog.Level) bool {
	switch l {
	case slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError:
		return true
	}
	return false
}

// utc returns t in UTC. A year that RFC 3339 cannot write, and no index takes, becomes the
// nearest one that it can.
func utc(t time.Time) time.Time {
	t = t.UTC()
	switch y := t.Year(); {
	case y < 0:
		return time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	case y > 9999:
		return time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)
	}
	return t
}

// appendECSTime appends t in UTC with nine digits of the second, as a JSON string.
func appendECSTime(dst []byte, clock *jsonenc.Clock, t time.Time) []byte {
	start := len(dst)
	dst = clock.AppendTime(dst, utc(t))
	have := len(dst) - start - len(`"2006-01-02T15:04:05Z"`)
	return append(appendFraction(dst[:len(dst)-2], have), 'Z', '"')
}
