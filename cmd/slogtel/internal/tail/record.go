package tail

import (
	"encoding/json"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/slogtel"
)

// Record returns the record that an event was.
func Record(e *events.Event) slog.Record {
	message := slogtel.MessageTiming
	switch e.Kind {
	case events.Metric:
		message = slogtel.MessageMetric
	case events.Summary:
		message = slogtel.MessageSummary
	}
	r := slog.NewRecord(e.Time.Local(), e.Level, message, 0)
	if e.Time.IsZero() {
		r.Time = time.Time{}
	}
	r.AddAttrs(
		slog.String(slogtel.KeyScope, e.Scope),
		slog.Int(slogtel.KeyDepth, e.Depth),
		slog.String(slogtel.KeyParentScope, e.Parent))
	if e.Type != slogtel.TypePlain {
		r.AddAttrs(slog.String(slogtel.KeyMetricType, string(e.Type)))
	}
	switch e.Kind {
	case events.Timing:
		r.AddAttrs(
			slog.Int64(slogtel.KeyCallCount, e.CallCount),
			slog.Float64(slogtel.KeyDuration, e.Duration.Seconds()))
		switch {
		case e.Error != "":
			r.AddAttrs(slog.String(slogtel.KeyError, e.Error))
		case e.Canceled:
			r.AddAttrs(slog.Bool(slogtel.KeyCanceled, true))
		}
	case events.Metric:
		r.AddAttrs(slog.Attr{Key: slogtel.KeyValue, Value: eventValue(e)})
	case events.Summary:
		addTotals(&r, e)
	}
	if e.Unit != "" {
		r.AddAttrs(slog.String(slogtel.KeyUnit, e.Unit))
	}
	for _, a := range e.Attrs {
		r.AddAttrs(slog.String(a.Key, a.Value))
	}
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

func addTotals(r *slog.Record, e *events.Event) {
	t := e.Totals
	r.AddAttrs(slog.Float64(slogtel.KeyInterval, t.Interval.Seconds()), slog.Int64(slogtel.KeyCount, t.Count))
	float := func(key string, v float64) { r.AddAttrs(slog.Float64(key, v)) }
	switch e.Type {
	case slogtel.TypeCounter:
		float(slogtel.KeySum, t.Sum)
	case slogtel.TypeGauge:
		float(slogtel.KeyMin, t.Min)
		float(slogtel.KeyMax, t.Max)
		float(slogtel.KeyLast, t.Last)
	default:
		if e.Type == slogtel.TypeTiming {
			r.AddAttrs(slog.Int64(slogtel.KeyErrors, t.Errors))
		}
		for key, v := range map[string]float64{slogtel.KeySum: t.Sum, slogtel.KeyMin: t.Min, slogtel.KeyMax: t.Max, slogtel.KeyMean: t.Mean,
			slogtel.KeyP50: t.P50, slogtel.KeyP90: t.P90, slogtel.KeyP95: t.P95, slogtel.KeyP99: t.P99} {
			float(key, v)
		}
	}
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
	ok = events.Members(raw, func(key string, value []byte) { all = append(all, slog.Any(key, json.RawMessage(value))) })
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
