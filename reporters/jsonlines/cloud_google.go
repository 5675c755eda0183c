package jsonlines

import (
	"log/slog"
	"strconv"
)

// The special members of a structured log line, which Google's logging agents move from the
// payload to fields of the LogEntry:
// https://cloud.google.com/logging/docs/structured-logging#structured_logging_special_fields.
// Their kinds are those of
// https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry; serviceContext is
// read by Error Reporting, https://cloud.google.com/error-reporting/docs/formatting-error-messages.
const (
	googleTrace  = "logging.googleapis.com/trace"
	googleSpan   = "logging.googleapis.com/spanId"
	googleSource = "logging.googleapis.com/sourceLocation"
)

// An app may set the rest itself: httpRequest, logging.googleapis.com/labels and so on.
var googleFormat = cloudFormat{
	reserved: map[string]bool{
		"time": true, "timestamp": true, "timestampSeconds": true, "timestampNanos": true,
		"severity": true, "message": true, "serviceContext": true, "environment": true, "@type": true,
		googleTrace: true, googleSpan: true, googleSource: true,
	},
	start: func(l *cloudLine, o *Options, r *slog.Record) {
		l.set("time", slog.StringValue(cloudTime(r.Time, "2006-01-02T15:04:05.000000000Z")))
		l.set("severity", slog.StringValue(googleSeverity(r.Level)))
		l.set("message", slog.StringValue(r.Message))
		if o.Service != "" {
			context := []slog.Attr{slog.String("service", o.Service)}
			if o.Version != "" {
				context = append(context, slog.String("version", o.Version))
			}
			l.set("serviceContext", slog.GroupValue(context...))
		}
		l.setText("environment", o.Environment)
		if s := r.Source(); o.AddSource && s != nil {
			l.set(googleSource, slog.GroupValue(slog.String("file", s.File),
				slog.String("line", strconv.Itoa(s.Line)), slog.String("function", s.Function)))
		}
	},
	place: func(l *cloudLine, o *Options, a slog.Attr, _ bool) bool {
		if a.Value.Kind() != slog.KindString {
			return false
		}
		switch a.Key {
		case "trace_id":
			trace := a.Value.String()
			if o.Project != "" {
				trace = "projects/" + o.Project + "/traces/" + trace
			}
			l.setText(googleTrace, trace)
		case "span_id":
			l.setText(googleSpan, a.Value.String())
		default:
			return false
		}
		return true
	},
}

// googleSeverity is the LogSeverity of a level, or of the next lower one that has a name.
func googleSeverity(l slog.Level) string {
	switch {
	case l > slog.LevelError:
		return "CRITICAL"
	case l == slog.LevelError:
		return "ERROR"
	case l >= slog.LevelWarn:
		return "WARNING"
	case l > slog.LevelInfo:
		return "NOTICE"
	case l == slog.LevelInfo:
		return "INFO"
	}
	return "DEBUG"
}
