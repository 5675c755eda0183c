package jsonlines_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// decodeStrict decodes a line and refuses a key that comes twice, at any depth.
func decodeStrict(line string) (map[string]any, error) {
	dec := json.NewDecoder(strings.NewReader(line))
	dec.UseNumber()
	v, err := strictValue(dec)
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok || dec.More() || strings.Count(line, "\n") != 1 {
		return nil, errors.New("it is not one object on one line")
	}
	return m, nil
}

func strictValue(dec *json.Decoder) (any, error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		m := map[string]any{}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return nil, err
			}
			if _, twice := m[key.(string)]; twice {
				return nil, fmt.Errorf("key %q comes twice", key)
			}
			if m[key.(string)], err = strictValue(dec); err != nil {
				return nil, err
			}
		}
		_, err = dec.Token()
		return m, err
	case json.Delim('['):
		all := []any{}
		for dec.More() {
			v, err := strictValue(dec)
			if err != nil {
				return nil, err
			}
			all = append(all, v)
		}
		_, err = dec.Token()
		return all, err
	}
	return token, nil
}

func texts(m map[string]any, required bool, keys ...string) error {
	for _, key := range keys {
		if v, ok := m[key]; ok || required {
			if _, text := v.(string); !text {
				return fmt.Errorf("%s is %v", key, v)
			}
		}
	}
	return nil
}

func object(m map[string]any, key string, allowed ...string) error {
	v, ok := m[key]
	if !ok {
		return nil
	}
	o, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%s is %v", key, v)
	}
	for k, v := range o {
		if _, text := v.(string); !text || !slices.Contains(allowed, k) {
			return fmt.Errorf("%s.%s is %v", key, k, v)
		}
	}
	return nil
}

// checkGoogle checks a line against Google's documents on structured logging and LogEntry.
func checkGoogle(m map[string]any) error {
	if err := texts(m, true, "time", "severity", "message"); err != nil {
		return err
	}
	if _, err := time.Parse(time.RFC3339Nano, m["time"].(string)); err != nil || !strings.HasSuffix(m["time"].(string), "Z") {
		return fmt.Errorf("time: %v", m["time"])
	}
	if !slices.Contains([]string{"DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY"}, m["severity"].(string)) {
		return fmt.Errorf("severity: %v", m["severity"])
	}
	for _, key := range []string{"timestamp", "timestampSeconds", "timestampNanos"} {
		if _, ok := m[key]; ok {
			return fmt.Errorf("%s would be taken for the time", key)
		}
	}
	if err := errors.Join(texts(m, false, "logging.googleapis.com/trace", "logging.googleapis.com/spanId"),
		object(m, "serviceContext", "service", "version"),
		object(m, "logging.googleapis.com/sourceLocation", "file", "line", "function")); err != nil {
		return err
	}
	if trace, ok := m["logging.googleapis.com/trace"]; ok && !regexp.MustCompile(`^projects/[^/]+/traces/[0-9a-f]{32}$`).MatchString(trace.(string)) {
		return fmt.Errorf("trace: %v", trace)
	}
	if span, ok := m["logging.googleapis.com/spanId"]; ok && !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(span.(string)) {
		return fmt.Errorf("span: %v", span)
	}
	if s, ok := m["logging.googleapis.com/sourceLocation"].(map[string]any); ok {
		if _, err := strconv.ParseInt(s["line"].(string), 10, 64); err != nil {
			return err
		}
	}
	return nil
}

// checkDatadog checks a line against Datadog's documents on preprocessing of JSON logs and
// on the correlation with traces.
func checkDatadog(m map[string]any) error {
	if err := errors.Join(texts(m, true, "timestamp", "status", "message"),
		texts(m, false, "service", "host", "ddsource", "ddtags", "dd.env", "dd.version", "dd.trace_id", "dd.span_id"),
		object(m, "error", "message", "kind", "stack"), object(m, "logger", "name", "method_name", "thread_name")); err != nil {
		return err
	}
	if _, err := time.Parse("2006-01-02T15:04:05.000Z", m["timestamp"].(string)); err != nil {
		return err
	}
	if !slices.Contains([]string{"emergency", "alert", "critical", "error", "warn", "notice", "info", "debug", "ok"}, m["status"].(string)) {
		return fmt.Errorf("status: %v", m["status"])
	}
	for _, key := range []string{"date", "_timestamp", "severity", "level", "msg", "log"} {
		if _, ok := m[key]; ok {
			return fmt.Errorf("%s would be taken for another attribute", key)
		}
	}
	for _, key := range []string{"dd.trace_id", "dd.span_id"} {
		if id, ok := m[key]; ok {
			if _, err := strconv.ParseUint(id.(string), 10, 64); err != nil {
				return err
			}
		}
	}
	if d, ok := m["duration"]; ok {
		if _, err := strconv.ParseInt(string(d.(json.Number)), 10, 64); err != nil {
			return fmt.Errorf("duration: %w", err)
		}
	}
	return nil
}

var emfUnits = strings.Fields("Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes " +
	"Bits Kilobits Megabits Gigabits Terabits Percent Count Bytes/Second Kilobytes/Second Megabytes/Second Gigabytes/Second " +
	"Terabytes/Second Bits/Second Kilobits/Second Megabits/Second Gigabits/Second Terabits/Second Count/Second None")

// checkEMF checks a line against the specification of the embedded metric format.
func checkEMF(m map[string]any) error {
	aws, ok := m["_aws"]
	if !ok {
		return nil // a line like any other
	}
	text, _ := json.Marshal(aws)
	var header struct {
		Timestamp         *int64
		CloudWatchMetrics []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []struct {
				Name, Unit        string
				StorageResolution int
			}
		}
	}
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&header); err != nil {
		return err
	}
	if header.Timestamp == nil || *header.Timestamp < 0 || len(header.CloudWatchMetrics) == 0 {
		return errors.New("Timestamp and CloudWatchMetrics are required")
	}
	for _, d := range header.CloudWatchMetrics {
		if !regexp.MustCompile(`^[^:][0-9A-Za-z.\-_/#:\s]*$`).MatchString(d.Namespace) || len(d.Namespace) > 255 || strings.TrimSpace(d.Namespace) == "" {
			return fmt.Errorf("namespace %q", d.Namespace)
		}
		if len(d.Dimensions) == 0 || len(d.Metrics) == 0 || len(d.Metrics) > 100 {
			return errors.New("there must be dimension sets, and 1 to 100 metrics")
		}
		for _, set := range d.Dimensions {
			if len(set) > 30 {
				return errors.New("more than 30 dimensions")
			}
			for _, key := range set {
				v, ok := m[key].(string)
				if n := utf8.RuneCountInString(v); !ok || n < 1 || n > 1024 {
					return fmt.Errorf("dimension %s is %v", key, m[key])
				}
			}
		}
		for _, metric := range d.Metrics {
			n, ok := m[metric.Name].(json.Number)
			if !ok {
				return fmt.Errorf("metric %s is %v", metric.Name, m[metric.Name])
			}
			f, err := n.Float64()
			if err != nil || math.Abs(f) > math.Ldexp(1, 360) {
				return fmt.Errorf("metric %s is %v", metric.Name, n)
			}
			if !slices.Contains(emfUnits, metric.Unit) {
				return fmt.Errorf("unit %s", metric.Unit)
			}
		}
	}
	return nil
}

var cloudSchemas = map[string]struct {
	schema jsonlines.Schema
	check  func(map[string]any) error
}{
	"google": {jsonlines.GoogleCloud, checkGoogle}, "datadog": {jsonlines.Datadog, checkDatadog}, "emf": {jsonlines.EMF, checkEMF},
}

// Every line of every kind, with everything around it, is one that the service documents.
func TestCloudLines(t *testing.T) {
	records := allRecords()
	for i, v := range hostileJSONValues() {
		records[fmt.Sprint("timing ", i)] = timingRecord(slog.Attr{Key: "a", Value: v})
		records[fmt.Sprint("metric ", i)] = metricRecord(slogtel.TypePlain, v)
		records[fmt.Sprint("log ", i)] = logRecord("m", slog.Attr{Key: "a", Value: v}, slog.Attr{Key: "error", Value: v})
	}
	ids := []slog.Attr{slog.String("trace_id", strings.Repeat("f", 32)), slog.String("span_id", "00000000000000ff")}
	records["log in a scope"] = logRecord("m", ids...)
	records["huge"] = metricRecord(slogtel.TypeGauge, slog.Float64Value(1e300))
	records["deep scope"] = metricRecord(slogtel.TypeCounter, slog.Int64Value(1), slog.String("x", strings.Repeat("y", 5000)))
	var clashes []slog.Attr
	for _, key := range []string{"time", "timestamp", "level", "severity", "status", "msg", "message", "log", "service", "version",
		"environment", "_aws", "duration", "errors", "logger", "date", "dd.trace_id", "logging.googleapis.com/trace",
		"logging.googleapis.com/sourceLocation", "serviceContext", "@type", "host", "source", "value_x"} {
		clashes = append(clashes, slog.Int(key, 1), slog.String(key, "2"))
	}
	records["clashes"], records["log with clashes"] = timingRecord(clashes...), logRecord("m", clashes...)
	records["ancient"] = slog.NewRecord(time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC), slog.LevelError+1, "m", 0)
	records["timeless"] = slog.NewRecord(time.Time{}, slog.LevelDebug-3, "m", 0)

	for name, s := range cloudSchemas {
		t.Run(name, func(t *testing.T) {
			for _, o := range []jsonlines.Options{
				{Project: "p"},
				{Project: "p", Service: ":ünter / x", Version: "1", Environment: "e", AddSource: true, Namespace: "My/App", MaxLine: 1024},
				{Project: "p", Service: strings.Repeat("s", 2000)},
			} {
				o.Schema, o.Level = s.schema, slog.LevelDebug-10
				var out slogteltest.Buffer
				plain := jsonlines.New(&out, &o)
				for _, h := range []slog.Handler{plain, withMore(plain), plain.WithAttrs(clashes), plain.WithGroup("g").WithAttrs(clashes).WithGroup("h"),
					plain.WithAttrs(append(ids, slog.String("scope", "mine"), slog.Group("", clashes[0])))} {
					for record, r := range records {
						out.Reset()
						require.NoError(t, h.Handle(bg, r))
						m, err := decodeStrict(out.String())
						require.NoError(t, err, "%s: %.500s", record, out.String())
						require.NoError(t, s.check(m), "%s: %.500s", record, out.String())
						if slogtel.IsTelemetry(r) {
							assert.Contains(t, fmt.Sprint(m["scope"]), "pipeline.plan")
						}
					}
				}
			}
		})
	}
}

func TestCloudContract(t *testing.T) {
	for name, s := range cloudSchemas {
		t.Run(name, func(t *testing.T) {
			var out slogteltest.Buffer
			slogteltest.TestHandler(t, func(*testing.T) slog.Handler {
				out.Reset()
				return jsonlines.New(&out, &jsonlines.Options{Schema: s.schema, Service: "svc"})
			}, &slogteltest.Options{Output: func() string {
				for _, m := range out.JSON() {
					require.NotContains(t, m, "!BADLINE", "a line that is no JSON object")
				}
				return out.String()
			}})
		})
	}
}

// What the service is to see of an event.
func TestCloudTimings(t *testing.T) {
	r := timingRecord(slog.String("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736"), slog.String("span_id", "00f067aa0ba902b7"),
		slog.String("error", "it failed"), slog.String("model", "m"))
	line := func(s jsonlines.Schema, r slog.Record) map[string]any {
		var out slogteltest.Buffer
		require.NoError(t, jsonlines.New(&out, &jsonlines.Options{Schema: s, Service: "svc", Project: "p1"}).Handle(bg, r))
		m, err := decodeStrict(out.String())
		require.NoError(t, err)
		return m
	}
	google := line(jsonlines.GoogleCloud, r)
	assert.Equal(t, "projects/p1/traces/4bf92f3577b34da6a3ce929d0e0e4736", google["logging.googleapis.com/trace"])
	assert.Equal(t, "00f067aa0ba902b7", google["logging.googleapis.com/spanId"])
	assert.Equal(t, json.Number("0.001234567"), google["duration_s"])
	assert.Equal(t, map[string]any{"service": "svc"}, google["serviceContext"])
	assert.Equal(t, "m", google["model"])

	datadog := line(jsonlines.Datadog, r)
	assert.Equal(t, "11803532876627986230", datadog["dd.trace_id"], "the example of Datadog's documents")
	assert.Equal(t, "67667974448284343", datadog["dd.span_id"])
	assert.Equal(t, json.Number("1234567"), datadog["duration"])
	assert.Equal(t, map[string]any{"message": "it failed"}, datadog["error"])
	kind := line(jsonlines.Datadog, logRecord("m", slog.Any("err", errors.New("boom"))))["error"]
	assert.Equal(t, map[string]any{"message": "boom", "kind": "*errors.errorString"}, kind)

	metrics := func(m map[string]any) string {
		text, _ := json.Marshal(m["_aws"])
		return string(text)
	}
	const start = `{"CloudWatchMetrics":[{"Dimensions":[["service","scope"]],"Metrics":[`
	const end = `],"Namespace":"svc"}],"Timestamp":1770084306120}`
	emf := line(jsonlines.EMF, r)
	assert.Equal(t, start+`{"Name":"duration_s","Unit":"Seconds"},{"Name":"errors","Unit":"Count"}`+end, metrics(emf))
	assert.Equal(t, json.Number("1"), emf["errors"])
	assert.Equal(t, start+`{"Name":"value","Unit":"Count"}`+end, metrics(line(jsonlines.EMF, metricRecord(slogtel.TypeCounter, slog.Int64Value(3)))))
	assert.Contains(t, metrics(line(jsonlines.EMF, summaryRecord())), `{"Name":"p95","Unit":"Seconds"}`)
	sized := metricRecord(slogtel.TypeHistogram, slog.Float64Value(3), slog.String(slogtel.KeyUnit, "By"))
	assert.Contains(t, metrics(line(jsonlines.EMF, sized)), `"Unit":"Bytes"`)
	for name, r := range map[string]slog.Record{
		"text":       metricRecord(slogtel.TypePlain, slog.StringValue("text")),
		"too large":  metricRecord(slogtel.TypeGauge, slog.Float64Value(1e300)),
		"in summary": timingRecord(slog.Bool(slogtel.KeyInSummary, true)),
		"log":        logRecord("m"),
	} {
		assert.NotContains(t, line(jsonlines.EMF, r), "_aws", name)
	}
}

// What an instrument and a canceled scope have beside other events is in the lines of all
// schemas, and a canceled scope is no failure.
func TestUnitAndCanceled(t *testing.T) {
	for _, schema := range []jsonlines.Schema{jsonlines.Flat, jsonlines.ECS, jsonlines.GoogleCloud, jsonlines.Datadog, jsonlines.EMF} {
		var out slogteltest.Buffer
		h := jsonlines.New(&out, &jsonlines.Options{Schema: schema})
		require.NoError(t, h.Handle(bg, metricRecord(slogtel.TypeHistogram, slog.Float64Value(512), slog.String("unit", "By"))))
		line := oneLine(t, &out)
		of := line
		if schema == jsonlines.ECS {
			of = line["slogtel"].(map[string]any)
		}
		assert.Equal(t, "By", of["unit"], "schema %d", schema)
		if schema == jsonlines.EMF {
			metric := line["_aws"].(map[string]any)["CloudWatchMetrics"].([]any)[0].(map[string]any)["Metrics"].([]any)[0]
			assert.Equal(t, map[string]any{"Name": "value", "Unit": "Bytes"}, metric)
		}

		require.NoError(t, h.Handle(bg, timingRecord(slog.Bool("canceled", true))))
		line = oneLine(t, &out)
		of = line
		if schema == jsonlines.ECS {
			of = line["slogtel"].(map[string]any)
			assert.Equal(t, "unknown", line["event.outcome"])
		}
		assert.Equal(t, true, of["canceled"], "schema %d", schema)
		for _, key := range []string{"error", "error.message"} {
			assert.NotContains(t, line, key)
		}
		if schema == jsonlines.EMF {
			assert.EqualValues(t, 0, line["errors"])
		}
	}
}
