package jsonlines_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/jsonlines"
)

const specFile = "../../testdata/ecs-logging-spec.json"

// ecsSpec is Elastic's specification for ECS loggers.
type ecsSpec struct {
	Fields map[string]struct {
		Type         string
		Required     bool
		Index        *int
		TopLevel     bool `json:"top_level_field"`
		Sanitization struct {
			Key struct {
				Replacements []string
				Substitute   string
			}
		}
	}
}

func readSpec(t testing.TB) (spec ecsSpec) {
	text, err := os.ReadFile(specFile)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &spec))
	require.Len(t, spec.Fields, 20)
	return spec
}

func TestSpecIsTheSharedOne(t *testing.T) {
	shared, err := os.ReadFile("../../../shared/data/ecs-logging-spec.json")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("there is no ../shared here")
	}
	require.NoError(t, err)
	ours, err := os.ReadFile(specFile)
	require.NoError(t, err)
	assert.Equal(t, string(shared), string(ours))
}

// check returns what is wrong with a line.
func (s ecsSpec) check(line string) error {
	dec := json.NewDecoder(strings.NewReader(line))
	dec.UseNumber()
	var doc map[string]any
	if err := dec.Decode(&doc); err != nil {
		return err
	}
	if dec.More() || strings.Count(line, "\n") != 1 || !strings.HasSuffix(line, "}\n") {
		return errors.New("it is not one line")
	}
	keys, err := objectKeys(line)
	if err != nil {
		return err
	}
	flat := map[string]any{}
	if err := flatten(flat, "", doc); err != nil {
		return err
	}
	for name, f := range s.Fields {
		v, ok := flat[name]
		if name == "labels" {
			v, ok = doc[name]
		}
		switch {
		case !ok && f.Required:
			return fmt.Errorf("%s is missing", name)
		case !ok:
			continue
		case f.TopLevel && doc[name] == nil:
			return fmt.Errorf("%s is not at the top level", name)
		case f.Index != nil && keys[*f.Index] != name:
			return fmt.Errorf("%s is not at place %d of %v", name, *f.Index, keys)
		}
		if err := s.checkType(f.Type, v); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	labels, _ := doc["labels"].(map[string]any)
	sanitize := s.Fields["labels"].Sanitization.Key
	for key, v := range labels {
		if _, ok := v.(string); !ok {
			return fmt.Errorf("label %q is no keyword: %v", key, v)
		}
		for _, bad := range sanitize.Replacements {
			if strings.Contains(key, bad) {
				return fmt.Errorf("label %q has %q in its key", key, bad)
			}
		}
		if strings.TrimSpace(key) == "" {
			return fmt.Errorf("label %q has no name", key)
		}
	}
	return nil
}

func (s ecsSpec) checkType(typ string, v any) error {
	ok := false
	switch typ {
	case "string":
		_, ok = v.(string)
	case "integer":
		n, isNumber := v.(json.Number)
		_, err := n.Int64()
		ok = isNumber && err == nil
	case "object":
		_, ok = v.(map[string]any)
	case "datetime":
		text, isText := v.(string)
		_, err := time.Parse("2006-01-02T15:04:05.000000000Z", text)
		ok = isText && err == nil
	}
	if !ok {
		return fmt.Errorf("%v is no %s", v, typ)
	}
	return nil
}

// objectKeys returns the keys at the root in their order, and an error if any object in
// the line has a key twice: Elasticsearch refuses such a document.
func objectKeys(line string) (keys []string, err error) {
	dec := json.NewDecoder(strings.NewReader(line))
	type object struct {
		isArray bool
		keys    map[string]bool
		value   bool // the next token is one
	}
	var open []*object
	for {
		token, err := dec.Token()
		if err != nil {
			break
		}
		if token == json.Delim('}') || token == json.Delim(']') {
			open = open[:len(open)-1]
			continue
		}
		if len(open) > 0 {
			in := open[len(open)-1]
			if !in.isArray && !in.value {
				key := token.(string)
				if in.keys[key] {
					return nil, fmt.Errorf("key %q comes twice", key)
				}
				in.keys[key], in.value = true, true
				if len(open) == 1 {
					keys = append(keys, key)
				}
				continue
			}
			in.value = false
		}
		if token == json.Delim('{') || token == json.Delim('[') {
			open = append(open, &object{isArray: token == json.Delim('['), keys: map[string]bool{}})
		}
	}
	return keys, nil
}

// flatten finds the fields of a document as an index does: a.b is the same field whether
// it is written with a dot or as an object.
func flatten(into map[string]any, prefix string, doc map[string]any) error {
	for key, v := range doc {
		name := strings.TrimPrefix(prefix+"."+key, ".")
		if inner, ok := v.(map[string]any); ok {
			if err := flatten(into, name, inner); err != nil {
				return err
			}
			continue
		}
		if _, ok := into[name]; ok {
			return fmt.Errorf("field %q comes twice", name)
		}
		into[name] = v
	}
	return nil
}

// ecsMapping is how an index that maps a field by its first value maps it.
func ecsMapping(v any) string {
	switch v := v.(type) {
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return "float"
		}
		return "long"
	case nil:
		return "none"
	default:
		return fmt.Sprintf("%T", v)
	}
}

// Every line of every kind keeps to the specification, and no two lines map a field to
// different types.
func TestECSKeepsToTheSpecification(t *testing.T) {
	spec := readSpec(t)
	records := allRecords()
	for i, v := range hostileJSONValues() {
		attr := slog.Attr{Key: "k", Value: v}
		add := func(name string, r slog.Record) { records[fmt.Sprint(name, " ", i)] = r }
		add("timing", timingRecord(attr, slog.Attr{Key: "raw_preview", Value: v}))
		add("metric", metricRecord("", v, attr))
		add("summary", summaryRecord(attr))
		add("log", logRecord("m", attr, slog.Attr{Key: "error", Value: v}, slog.Attr{Key: "err", Value: v},
			slog.Attr{Key: "trace_id", Value: v}, slog.Attr{Key: "span_id", Value: v}, slog.Attr{Key: "scope", Value: v}))
	}
	for i, name := range []string{"", " ", ".", "a.b", "a*b", `a\b`, `\`, "a\xff", "a\n\"b", "labels", "\u2028", "@timestamp", "slogtel", "a.b"} {
		attr := slog.String(name, name)
		r := logRecord(name, attr, slog.Attr{Key: name, Value: slog.GroupValue(attr)}, attr)
		r.Level = slog.Level(i - 7)
		r.Time = time.Time{}
		records[fmt.Sprint("name ", i)] = r
		records[fmt.Sprint("event ", i)] = timingRecord(attr, slog.Attr{Key: name, Value: slog.GroupValue(attr)})
	}
	mapped := map[string]string{}
	for name, r := range records {
		for _, o := range []jsonlines.Options{
			{}, {Service: "s", Version: "v", Environment: "e", AddSource: true},
			{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return a }},
		} {
			o.Schema = jsonlines.ECS
			var out bytes.Buffer
			h := jsonlines.New(&out, &o)
			require.NoError(t, h.Handle(bg, r))
			bound := testkit.Attrs(r)
			if slices.Contains([]string{"timing", "metric", "summary"}, strings.Fields(name)[0]) {
				bound = bound[len(bound)-1:]
			}
			require.NoError(t, h.WithAttrs(bound).Handle(bg, r))
			require.NoError(t, h.WithGroup(".*\\").WithAttrs(bound).WithAttrs(bound).Handle(bg, r))
			for line := range strings.Lines(out.String()) {
				require.NoError(t, spec.check(line), "%s: %s", name, line)
				checkMapping(t, mapped, line)
			}
		}
	}
	assert.Equal(t, "float", mapped["slogtel.value"])
	assert.Equal(t, "string", mapped["slogtel.value_text"])
	assert.Equal(t, "long", mapped["event.duration"])
	assert.Equal(t, "float", mapped["slogtel.start_monotonic_s"])
	assert.Equal(t, "float", mapped["slogtel.sum"])
	assert.Equal(t, "long", mapped["slogtel.count"])
	for field := range mapped {
		_, known := spec.Fields[field]
		root, _, _ := strings.Cut(field, ".")
		assert.True(t, known || slices.Contains([]string{"labels", "slogtel", "event"}, root) ||
			field == "span.id" || field == "truncated", field)
	}
}

func checkMapping(t *testing.T, mapped map[string]string, line string) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(line))
	dec.UseNumber()
	var doc map[string]any
	require.NoError(t, dec.Decode(&doc))
	flat := map[string]any{}
	require.NoError(t, flatten(flat, "", doc))
	for field, v := range flat {
		kind := ecsMapping(v)
		if before, ok := mapped[field]; ok {
			require.Equal(t, before, kind, "%s in %s", field, line)
		}
		mapped[field] = kind
	}
}

type (
	celsius   float64
	panicking struct{}
	cyclic    struct{}
)

func (panicking) Error() string { panic("at the disco") }
func (cyclic) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("a", cyclic{}), slog.Any("b", cyclic{}))
}
func (c celsius) String() string       { return "warm" }
func (panicking) LogValue() slog.Value { panic("in LogValue") }

func hostileJSONValues() []slog.Value {
	return []slog.Value{
		slog.StringValue("text\xff\x00\n\u2028\""), slog.IntValue(-1), slog.Uint64Value(math.MaxUint64), slog.Int64Value(math.MinInt64),
		slog.Float64Value(1), slog.Float64Value(1e300), slog.Float64Value(math.Copysign(0, -1)), slog.Float64Value(1e-9),
		slog.Float64Value(math.NaN()), slog.Float64Value(math.Inf(-1)), slog.BoolValue(true), slog.DurationValue(time.Second),
		slog.TimeValue(when), slog.TimeValue(time.Time{}), slog.TimeValue(time.Date(1e6, 1, 1, 0, 0, 0, 0, time.UTC)),
		slog.TimeValue(time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC)),
		slog.AnyValue(nil), slog.AnyValue(errors.New("boom")), slog.AnyValue((*fs.PathError)(nil)), slog.AnyValue(panicking{}),
		slog.AnyValue(cyclic{}), slog.AnyValue(celsius(20)), slog.AnyValue(json.Number("12")), slog.AnyValue(json.RawMessage(`{"a":[1]}`)),
		slog.AnyValue(json.RawMessage(`no JSON`)), slog.AnyValue(make(chan int)), slog.AnyValue(map[string]any{"a": math.NaN()}),
		slog.AnyValue([]string{"a", "b\n"}), slog.GroupValue(), slog.GroupValue(slog.Group("x"), slog.Int("", 1), slog.Int("n", 1), slog.Int("n", 2)),
	}
}

// The check itself must be able to fail.
func TestSpecCheckFails(t *testing.T) {
	spec := readSpec(t)
	const good = `{"@timestamp":"2026-02-03T02:05:06.120000000Z","log.level":"info","message":"m","ecs.version":"1.6.0","labels":{"a":"b"}}` + "\n"
	require.NoError(t, spec.check(good))
	for old, bad := range map[string]string{
		`"log.level":"info"`:     `"log":{"level":"info"}`,
		`"log.level":"info",`:    ``,
		`"ecs.version":"1.6.0",`: ``,
		`"message":"m"`:          `"message":1`,
		`.120000000Z`:            `.12Z`,
		`{"a":"b"}`:              `{"a":1}`,
		`"a":"b"`:                `"a.b":"c"`,
		`"a":"b"}`:               `"a":"b","a":"c"}`,
		`"labels":{"a":"b"}`:     `"labels":"x"`,
		`"labels"`:               `"message"`,
		"}}\n":                   "}}",
		"}\n":                    "\n}\n",
		`{"@timestamp"`:          `{"first":1,"@timestamp"`,
		`"message":"m",`:         `"message":"m","log.origin.file.line":1.5,`,
	} {
		require.Contains(t, good, old)
		assert.Error(t, spec.check(strings.Replace(good, old, bad, 1)), bad)
	}
}

func TestECSGolden(t *testing.T) {
	var out bytes.Buffer
	h := jsonlines.New(&out, &jsonlines.Options{Schema: jsonlines.ECS, Service: "svc", Version: "1.2", Environment: "test"})
	records := allRecords()
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range records {
			if !yield(name) {
				return
			}
		}
	})
	for _, name := range names {
		require.NoError(t, h.Handle(bg, records[name]))
	}
	require.NoError(t, withMore(h).Handle(bg, records["timing"]))
	require.NoError(t, withMore(h).Handle(bg, records["log"]))
	golden := path.Join("testdata", "ecs.golden.jsonl")
	if os.Getenv("SLOGTEL_UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(golden, out.Bytes(), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), out.String(), "SLOGTEL_UPDATE_GOLDEN=1 writes the file anew")
}
