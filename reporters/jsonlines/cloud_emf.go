package jsonlines

import (
	"encoding/json"
	"log/slog"
	"math"
	"time"
	"unicode/utf8"

	"github.com/slogtel/telemetry/slogtel"
)

// The embedded metric format of Amazon CloudWatch, of which the specification is
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html,
// and the bounds of values and names are those of MetricDatum and Dimension in
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/.
const (
	emfKey       = "_aws"
	emfNamespace = "slogtel" // where neither Namespace nor Service is given
	emfMaxText   = 1024      // characters of a name and of the value of a dimension
	emfMaxExp    = 360       // values lie between -2^360 and 2^360
)

var emfFormat = cloudFormat{
	reserved: map[string]bool{
		emfKey: true, slog.TimeKey: true, slog.LevelKey: true, slog.MessageKey: true, slog.SourceKey: true,
		keyService: true, keyEnvironment: true, keyVersion: true, slogtel.KeyErrors: true,
	},
	start: func(l *cloudLine, o *Options, r *slog.Record) {
		l.set(slog.TimeKey, slog.StringValue(cloudTime(r.Time, "2006-01-02T15:04:05.000000000Z")))
		l.set(slog.LevelKey, slog.StringValue(r.Level.String()))
		l.set(slog.MessageKey, slog.StringValue(r.Message))
		l.setText(keyService, o.Service)
		l.setText(keyEnvironment, o.Environment)
		l.setText(keyVersion, o.Version)
		if s := r.Source(); o.AddSource && s != nil {
			l.set(slog.SourceKey, slog.AnyValue(s))
		}
	},
	place: func(*cloudLine, *Options, slog.Attr, bool) bool { return false },
	finish: func(l *cloudLine, o *Options, r *slog.Record) {
		if in := l.get(slogtel.KeyInSummary); in.Kind() == slog.KindBool && in.Bool() {
			return // the summary's line has it
		}
		dimensions := []string{}
		for _, key := range []string{keyService, slogtel.KeyScope} {
			v := l.get(key)
			if v.Kind() != slog.KindString || v.String() == "" {
				continue
			}
			if utf8.RuneCountInString(v.String()) > emfMaxText {
				return // no dimension, and without it the metric would be another
			}
			dimensions = append(dimensions, key)
		}
		if metrics := l.emfMetrics(r.Message); len(metrics) > 0 {
			namespace := o.Namespace
			if namespace == "" {
				namespace = o.Service
			}
			l.set(emfKey, slog.AnyValue(emfHeader(r.Time, emfName(namespace), dimensions, metrics)))
		}
	},
}

// emfUnits are the units of CloudWatch for those of UCUM.
var emfUnits = map[string]string{
	"s": "Seconds", "ms": "Milliseconds", "us": "Microseconds", "%": "Percent",
	"By": "Bytes", "kBy": "Kilobytes", "MBy": "Megabytes", "GBy": "Gigabytes", "TBy": "Terabytes",
	"bit": "Bits", "By/s": "Bytes/Second", "bit/s": "Bits/Second", "1/s": "Count/Second",
}

type emfMetric struct {
	Name string
	Unit string
}

// emfMetrics returns the metrics that an event brings, each a number at the root.
func (l *cloudLine) emfMetrics(message string) (metrics []emfMetric) {
	add := func(key, unit string) {
		if isEMFValue(l.get(key)) {
			metrics = append(metrics, emfMetric{key, unit})
		}
	}
	unit := "None"
	if u, ok := emfUnits[l.get(slogtel.KeyUnit).String()]; ok {
		unit = u
	}
	typ := l.get(slogtel.KeyMetricType)
	isTiming := typ.String() == string(slogtel.TypeTiming)
	switch {
	case isTiming:
		unit = "Seconds"
	case typ.String() == string(slogtel.TypeCounter):
		if unit == "None" {
			unit = "Count"
		}
	}
	switch message {
	case slogtel.MessageTiming:
		failed := int64(0)
		if !l.get(slogtel.KeyError).Equal(slog.Value{}) {
			failed = 1
		}
		l.set(slogtel.KeyErrors, slog.Int64Value(failed))
		add(slogtel.KeyDuration, unit)
		add(slogtel.KeyErrors, "Count")
	case slogtel.MessageMetric:
		add(slogtel.KeyValue, unit)
	case slogtel.MessageSummary:
		add(slogtel.KeyCount, "Count")
		if isTiming {
			add(slogtel.KeyErrors, "Count")
		}
		for _, key := range []string{slogtel.KeySum, slogtel.KeyMin, slogtel.KeyMax, slogtel.KeyMean, slogtel.KeyP50,
			slogtel.KeyP90, slogtel.KeyP95, slogtel.KeyP99, slogtel.KeyLast} {
			add(key, unit)
		}
	}
	return metrics
}

// isEMFValue reports whether v is a number that CloudWatch takes.
func isEMFValue(v slog.Value) bool {
	var f float64
	switch v.Kind() {
	case slog.KindInt64:
		f = float64(v.Int64())
	case slog.KindUint64:
		f = float64(v.Uint64())
	case slog.KindDuration:
		f = float64(v.Duration())
	case slog.KindFloat64:
		f = v.Float64()
	default:
		return false
	}
	return f-f == 0 && math.Abs(f) <= math.Ldexp(1, emfMaxExp)
}

// emfHeader is the metadata that makes metrics of members of a line.
func emfHeader(at time.Time, namespace string, dimensions []string, metrics []emfMetric) json.RawMessage {
	type directive struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []emfMetric
	}
	text, _ := json.Marshal(struct {
		Timestamp         int64
		CloudWatchMetrics []directive
	}{max(0, at.UnixMilli()), []directive{{namespace, [][]string{dimensions}, metrics}}})
	return text
}

// emfName makes a namespace of a text: ASCII letters, digits and . - _ / # : and space.
func emfName(text string) string {
	name := make([]byte, 0, len(text))
	for _, c := range text {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '.', c == '-', c == '_', c == '/', c == '#', c == ':', c == ' ' && len(name) > 0:
			name = append(name, byte(c))
		default:
			name = append(name, '_')
		}
		if len(name) == 255 {
			break
		}
	}
	if len(name) == 0 || name[0] == ':' {
		return emfNamespace + string(name)
	}
	return string(name)
}

// cloudTime writes a time in UTC.
func cloudTime(t time.Time, layout string) string { return utc(t).Format(layout) }
