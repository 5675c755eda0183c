package tail

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/slogtel"
)

// eventRecord returns the record that an event was.
func eventRecord(e *events.Event) (r slog.Record) {
	switch e.Kind {
	case events.Timing:
		r = newRecord(e, slogtel.MessageTiming,
			slog.Int64(slogtel.KeyCallCount, e.CallCount),
			slog.Float64(slogtel.KeyDuration, e.Duration.Seconds()))
		switch {
		case e.Error != "":
			r.AddAttrs(slog.String(slogtel.KeyError, e.Error))
		case e.Canceled:
			r.AddAttrs(slog.Bool(slogtel.KeyCanceled, true))
		}
	case events.Metric:
		r = newRecord(e, slogtel.MessageMetric, slog.Attr{Key: slogtel.KeyValue, Value: eventValue(e)})
	case events.Summary:
		t := e.Totals
		s := slogtel.Summary{
			Scope: e.Scope, ParentScope: e.Parent, Depth: e.Depth, Type: e.Type, Interval: t.Interval, Count: t.Count, Errors: t.Errors,
			Sum: t.Sum, Min: t.Min, Max: t.Max, Mean: t.Mean, P50: t.P50, P90: t.P90, P95: t.P95, P99: t.P99, Last: t.Last,
		}
		r = s.Record(e.Level)
	}
	if r.Time = e.Time; !e.Time.IsZero() {
		r.Time = e.Time.Local()
	}
	if e.Unit != "" {
		r.AddAttrs(slog.String(slogtel.KeyUnit, e.Unit))
	}
	for _, a := range e.Attrs {
		r.AddAttrs(slog.String(a.Key, a.Value))
	}
	return r
}

// newRecord returns the record of a timing or a metric.
func newRecord(e *events.Event, message string, attrs ...slog.Attr) slog.Record {
	r := slog.Record{Level: e.Level, Message: message}
	r.AddAttrs(
		slog.String(slogtel.KeyScope, e.Scope),
		slog.Int(slogtel.KeyDepth, e.Depth),
		slog.String(slogtel.KeyParentScope, e.Parent))
	if e.Type != slogtel.TypePlain {
		r.AddAttrs(slog.String(slogtel.KeyMetricType, string(e.Type)))
	}
	r.AddAttrs(attrs...)
	return r
}

func eventValue(e *events.Event) slog.Value {
	switch {
	case !e.Numeric:
		return jsonValue([]byte(e.Text), 0)
	case e.Whole && (e.Type == slogtel.TypeCounter || e.Type == slogtel.TypePlain):
		return slog.Int64Value(e.Int)
	}
	return slog.Float64Value(e.Value)
}

// maxGroups is how deep groups go.
const maxGroups = 16

// logRecord returns the record that an ordinary log line in JSON was, in slog's form or
// in that of ECS, and false for another line.
func logRecord(line []byte) (slog.Record, bool) {
	all, ok := members(line)
	if !ok {
		return slog.Record{}, false
	}
	r := slog.Record{}
	message := false
	for _, a := range all {
		raw := a.Value.Any().(json.RawMessage)
		v := jsonValue(raw, maxGroups)
		switch a.Key {
		case "time", "@timestamp", "timestamp", "ts":
			if t, err := time.Parse(time.RFC3339, v.String()); err == nil && v.Kind() == slog.KindString && r.Time.IsZero() {
				r.Time = t.Local()
				continue
			}
		case "level", "log.level", "severity":
			if v.Kind() == slog.KindString && r.Level.UnmarshalText([]byte(v.String())) == nil {
				continue
			}
		case "msg", "message":
			if v.Kind() == slog.KindString && !message {
				r.Message, message = v.String(), true
				continue
			}
		case "ecs.version":
			continue
		case "labels":
			if v.Kind() == slog.KindGroup {
				r.AddAttrs(v.Group()...)
				continue
			}
		}
		r.AddAttrs(slog.Attr{Key: a.Key, Value: v})
	}
	return r, true
}

// members takes apart a JSON object; the values are json.RawMessage.
func members(raw []byte) (all []slog.Attr, ok bool) {
	list, ok := events.Members(raw, nil)
	for _, m := range list {
		all = append(all, slog.Any(string(m.Key), json.RawMessage(bytes.Clone(m.Value))))
	}
	return all, ok
}

// jsonValue returns JSON as a value: a whole number as an int, an object as a group as
// deep as said, an array as its text.
func jsonValue(raw []byte, depth int) slog.Value {
	text := string(raw)
	switch {
	case text == "null":
		return slog.AnyValue(nil)
	case text == "true", text == "false":
		return slog.BoolValue(text == "true")
	case strings.HasPrefix(text, `"`):
		var s string
		json.Unmarshal(raw, &s)
		return slog.StringValue(s)
	case strings.HasPrefix(text, "{") && depth > 0:
		all, ok := members(raw)
		if !ok {
			break
		}
		for i := range all {
			all[i].Value = jsonValue(all[i].Value.Any().(json.RawMessage), depth-1)
		}
		return slog.GroupValue(all...)
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return slog.Int64Value(n)
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return slog.Float64Value(f)
	}
	return slog.StringValue(text)
}
