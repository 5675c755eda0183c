package jsonlines

import (
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/slogtel/telemetry/slogtel"
)

// Attributes that Datadog's pipeline for JSON logs knows without being told: timestamp,
// status, message, service and the ids, of
// https://docs.datadoghq.com/logs/log_configuration/pipelines/ (preprocessing) and
// https://docs.datadoghq.com/tracing/other_telemetry/connect_logs_and_traces/opentelemetry/,
// which has W3C ids become the decimal digits of their last 64 bits; duration (in
// nanoseconds) and error.* of https://docs.datadoghq.com/standard-attributes/; dd.env and
// dd.version of https://docs.datadoghq.com/getting_started/tagging/unified_service_tagging/.
const (
	datadogTrace    = "dd.trace_id"
	datadogSpan     = "dd.span_id"
	datadogEnv      = "dd.env"
	datadogVersion  = "dd.version"
	datadogDuration = "duration"
)

var datadogFormat = cloudFormat{
	reserved: map[string]bool{
		"timestamp": true, "date": true, "_timestamp": true, "status": true, "severity": true, "level": true,
		"message": true, "msg": true, "log": true, "service": true, "host": true, "hostname": true, "source": true,
		"ddsource": true, "ddtags": true, "dd": true, datadogTrace: true, datadogSpan: true, datadogEnv: true,
		datadogVersion: true, "dd.service": true, datadogDuration: true, "error": true, "logger": true,
	},
	start: func(l *cloudLine, o *Options, r *slog.Record) {
		l.set("timestamp", slog.StringValue(cloudTime(r.Time, "2006-01-02T15:04:05.000Z")))
		l.set("status", slog.StringValue(levelName(r.Level)))
		l.set("message", slog.StringValue(r.Message))
		l.setText("service", o.Service)
		l.setText(datadogEnv, o.Environment)
		l.setText(datadogVersion, o.Version)
		if s := r.Source(); o.AddSource && s != nil {
			l.set("logger", slog.GroupValue(slog.String("name", s.Function),
				slog.String("method_name", s.File+":"+strconv.Itoa(s.Line))))
		}
	},
	place: func(l *cloudLine, _ *Options, a slog.Attr, telemetry bool) bool {
		switch a.Key {
		case slogtel.KeyTraceID:
			return l.datadogID(datadogTrace, a.Value)
		case slogtel.KeySpanID:
			return l.datadogID(datadogSpan, a.Value)
		case slogtel.KeyDuration:
			if telemetry && a.Value.Kind() == slog.KindFloat64 {
				l.set(datadogDuration, slog.Int64Value(int64(a.Value.Float64()*float64(time.Second)+0.5)))
				l.set(a.Key, a.Value)
				return true
			}
		case slogtel.KeyError, "err":
			parts := []slog.Attr{{Key: "message", Value: a.Value}}
			if err, ok := a.Value.Any().(error); ok {
				parts = append(parts, slog.String("kind", fmt.Sprintf("%T", err)))
			} else if a.Value.Kind() != slog.KindString {
				return false
			}
			l.set("error", slog.GroupValue(parts...))
			return true
		}
		return false
	},
}

// datadogID adds the id that v is in hexadecimal digits, if it is one.
func (l *cloudLine) datadogID(key string, v slog.Value) bool {
	if v.Kind() != slog.KindString {
		return false
	}
	hex := v.String()
	id, err := strconv.ParseUint(hex[max(0, len(hex)-16):], 16, 64)
	if err != nil {
		return false
	}
	l.set(key, slog.StringValue(strconv.FormatUint(id, 10)))
	return true
}
