package reporters_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
)

// kindsOf returns the kind of JSON value of each key of an object, at every depth, and
// fails where a key comes twice.
func kindsOf(t *testing.T, line string) map[string]string {
	t.Helper()
	kinds := make(map[string]string)
	dec := json.NewDecoder(strings.NewReader(line))
	dec.UseNumber()
	var object func(path string)
	var value func(path string)
	value = func(path string) {
		token, err := dec.Token()
		require.NoError(t, err, line)
		switch v := token.(type) {
		case json.Delim:
			if v == '{' {
				kinds[path] = "object"
				object(path + "/")
				return
			}
			kinds[path] = "array"
			for dec.More() {
				value(path + "[]")
			}
			_, err := dec.Token()
			require.NoError(t, err)
		case string:
			kinds[path] = "string"
		case json.Number:
			kinds[path] = "number"
		case bool:
			kinds[path] = "bool"
		case nil:
			kinds[path] = "null"
		}
	}
	object = func(path string) {
		for dec.More() {
			key, err := dec.Token()
			require.NoError(t, err, line)
			_, twice := kinds[path+key.(string)]
			require.False(t, twice && !strings.Contains(path, "[]"), "%s comes twice: %s", key, line)
			value(path + key.(string))
		}
		_, err := dec.Token()
		require.NoError(t, err)
	}
	value("")
	return kinds
}

// ways are all the ways in which an attribute can get on a line of telemetry.
var ways = map[string]func(h slog.Handler, a slog.Attr) (tel *slogtel.Telemetry, attrs []slog.Attr){
	"call": func(h slog.Handler, a slog.Attr) (*slogtel.Telemetry, []slog.Attr) {
		return telemetryTo(h, nil), []slog.Attr{a}
	},
	"call, twice": func(h slog.Handler, a slog.Attr) (*slogtel.Telemetry, []slog.Attr) {
		return telemetryTo(h, nil), []slog.Attr{a, slog.Int("n", 1), a, slog.String("user_"+a.Key, "too")}
	},
	"call, in a group without a key": func(h slog.Handler, a slog.Attr) (*slogtel.Telemetry, []slog.Attr) {
		return telemetryTo(h, nil), []slog.Attr{{Value: slog.GroupValue(a)}}
	},
	"ContextAttrs": func(h slog.Handler, a slog.Attr) (*slogtel.Telemetry, []slog.Attr) {
		return telemetryTo(h, func(context.Context) []slog.Attr { return []slog.Attr{a} }), nil
	},
	"With": func(h slog.Handler, a slog.Attr) (*slogtel.Telemetry, []slog.Attr) {
		return telemetryTo(h.WithAttrs([]slog.Attr{a}), nil), nil
	},
	"With, twice, and the call": func(h slog.Handler, a slog.Attr) (*slogtel.Telemetry, []slog.Attr) {
		return telemetryTo(h.WithAttrs([]slog.Attr{a}).WithAttrs([]slog.Attr{a, slog.String("user_"+a.Key, "too")}), nil), []slog.Attr{a}
	},
	"With, before a group": func(h slog.Handler, a slog.Attr) (*slogtel.Telemetry, []slog.Attr) {
		return telemetryTo(h.WithAttrs([]slog.Attr{a}).WithGroup("g").WithAttrs([]slog.Attr{a}), nil), nil
	},
	"With, in a group without a key": func(h slog.Handler, a slog.Attr) (*slogtel.Telemetry, []slog.Attr) {
		return telemetryTo(h.WithAttrs([]slog.Attr{{Value: slog.GroupValue(a)}}), nil), []slog.Attr{a}
	},
	"With, of the group of another attribute": func(h slog.Handler, a slog.Attr) (*slogtel.Telemetry, []slog.Attr) {
		return telemetryTo(h.WithAttrs([]slog.Attr{slog.Group("outer", a)}), nil), []slog.Attr{slog.Group("outer", a)}
	},
	"middleware behind": func(h slog.Handler, a slog.Attr) (*slogtel.Telemetry, []slog.Attr) {
		return telemetryTo(adding{h, []slog.Attr{a}}, nil), nil
	},
	"middleware behind, in a group without a key": func(h slog.Handler, a slog.Attr) (*slogtel.Telemetry, []slog.Attr) {
		return telemetryTo(adding{h, []slog.Attr{{Value: slog.GroupValue(a)}, a}}, nil), []slog.Attr{a}
	},
	"middleware that groups": func(h slog.Handler, a slog.Attr) (*slogtel.Telemetry, []slog.Attr) {
		return telemetryTo(handlers.Scope()(nesting{h, a}), nil), []slog.Attr{a}
	},
}

func telemetryTo(h slog.Handler, more func(context.Context) []slog.Attr) *slogtel.Telemetry {
	return slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true, ContextAttrs: more, OnError: func(context.Context, error) {}}, h)
}

// adding is a middleware that adds attributes to each record.
type adding struct {
	slog.Handler
	attrs []slog.Attr
}

func (a adding) Handle(ctx context.Context, r slog.Record) error {
	r = r.Clone()
	r.AddAttrs(a.attrs...)
	return a.Handler.Handle(ctx, r)
}

// nesting is a middleware that puts all attributes into a group, beside another one.
type nesting struct {
	slog.Handler
	beside slog.Attr
}

func (n nesting) Handle(ctx context.Context, r slog.Record) error {
	out := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	var all []slog.Attr
	r.Attrs(func(a slog.Attr) bool { all = append(all, a); return true })
	out.AddAttrs(n.beside, slog.Attr{Key: "inside", Value: slog.GroupValue(all...)}, n.beside)
	return n.Handler.Handle(ctx, out)
}

// No line has a key twice and ours keep their kinds, whatever key of ours or of the
// program a caller's attribute has, and in whatever way it got there.
func TestReservedKeysOnEveryWay(t *testing.T) {
	values := []slog.Value{slog.StringValue("theirs"), slog.IntValue(4), slog.BoolValue(true), slog.Float64Value(0.5), slog.GroupValue(slog.Int("in", 1))}
	if testing.Short() {
		values = values[:1]
	}
	keys := append(event.ReservedKeys(), "service", "environment", "version", "user_scope", "model", "msg", "message", "@timestamp", "labels", "slogtel")
	for _, schema := range []jsonlines.Schema{jsonlines.Flat, jsonlines.ECS} {
		want := make(map[string]string) // the kinds of the lines without such attributes
		for _, line := range linesOf(t, schema, "", func(h slog.Handler, _ slog.Attr) (*slogtel.Telemetry, []slog.Attr) { return telemetryTo(h, nil), nil }, slog.Attr{}) {
			for key, kind := range kindsOf(t, line) {
				want[key] = kind
			}
		}
		for name, way := range ways {
			for _, key := range keys {
				for _, v := range values {
					for _, line := range linesOf(t, schema, key, way, slog.Attr{Key: key, Value: v}) {
						for key, kind := range kindsOf(t, line) {
							if w, ours := want[key]; ours && key != "" && !strings.HasPrefix(key, "labels/") {
								require.Equal(t, w, kind, "%s by %s: %s", key, name, line)
							}
						}
					}
				}
			}
		}
	}
}

// linesOf returns the lines of events of all kinds, of a summary and of an ordinary record.
func linesOf(t *testing.T, schema jsonlines.Schema, _ string, way func(slog.Handler, slog.Attr) (*slogtel.Telemetry, []slog.Attr), a slog.Attr) []string {
	t.Helper()
	var out bytes.Buffer
	h := jsonlines.New(&out, &jsonlines.Options{Schema: schema, Service: "s", Environment: "e", Version: "v"})
	agg := aggregate.New(h, &aggregate.Options{Keys: []string{a.Key, "user_" + a.Key}, Sketch: true, Interval: time.Hour})
	for _, to := range []slog.Handler{h, agg} {
		tel, attrs := way(to, a)
		ctx, span := tel.Start(t.Context(), "a.b", attrs...)
		span.Fail(io.EOF)
		if len(attrs) > 0 {
			span.SetAttrs(attrs...)
		}
		tel.Count(ctx, "n", 3, attrs...)
		tel.Gauge(ctx, "load", 0.5, attrs...)
		tel.Histogram(ctx, "size", 1.5, attrs...)
		tel.Metric(ctx, "state", 0.5, attrs...)
		tel.NewCounter("made", &slogtel.InstrumentOptions{Unit: "By", Attrs: attrs}).Add(ctx, 1, attrs...)
		span.End(attrs...)
		require.NoError(t, tel.Flush(t.Context()))
		if agg, ok := to.(*aggregate.Handler); ok {
			require.NoError(t, agg.Shutdown(t.Context()))
		}
	}
	// Log records share the keys of the program only.
	if a.Key == "service" || a.Key == "environment" || a.Key == "version" {
		logger := slog.New(h)
		logger.LogAttrs(t.Context(), slog.LevelInfo, "m", a)
		logger.With(a).Info("m")
		logger.LogAttrs(t.Context(), slog.LevelInfo, "m", slog.Attr{Value: slog.GroupValue(a)})
		logger.WithGroup("g").LogAttrs(t.Context(), slog.LevelInfo, "m", a)
	}
	return strings.Split(strings.TrimSpace(out.String()), "\n")
}

// What was given stays, under another key.
func TestReservedKeysAreKept(t *testing.T) {
	var out bytes.Buffer
	h := jsonlines.New(&out, &jsonlines.Options{Version: "1.2"})
	tel := telemetryTo(h.WithAttrs([]slog.Attr{slog.String("scope", "bound"), slog.String("model", "bound"), slog.Int("count", 1)}), nil)
	tel.Count(t.Context(), "n", 1, slog.String("version", "theirs"), slog.String("model", "m"), slog.Bool("sum", true))
	var got map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &got), out.String())
	kindsOf(t, out.String())
	for key, want := range map[string]any{
		"version": "1.2", "user_version": "theirs", "scope": "n", "user_scope": "bound", "model": "m", "user_count": 1.0, "user_sum": true,
	} {
		assert.Equal(t, want, got[key], key)
	}
	out.Reset()
	slog.New(h).Info("m", "version", "theirs")
	assert.Contains(t, out.String(), `"version":"1.2","user_version":"theirs"}`)
}
