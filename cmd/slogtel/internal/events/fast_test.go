package events

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/wide"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/preview"
)

// written returns lines of the library itself, in a schema.
func written(t testing.TB, schema jsonlines.Schema) []string {
	var out bytes.Buffer
	h := jsonlines.New(&out, &jsonlines.Options{Schema: schema, Service: "svc"})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, h)
	ctx, span := tel.Start(t.Context(), "pipeline", slog.String("model", "m \"1\"\n\x00 é 😀"))
	ctx, in := tel.Start(ctx, "call", slog.Group("http", slog.Int("status", 503), slog.Any("list", []int{1, 2})))
	in.Fail(assert.AnError)
	in.SetAttrs(preview.New(&preview.Options{Mode: preview.On}).Attr(map[string]any{"model": "m", "text": "x"}))
	in.End()
	tel.Count(ctx, "tokens", 1234, slog.Bool("cached", true))
	tel.Gauge(ctx, "load", 0.1+0.2)
	tel.Histogram(ctx, "size", 1e300)
	tel.Histogram(ctx, "whole", 12)
	tel.Metric(ctx, "name", "plain <text>")
	tel.Metric(ctx, "any", map[string]any{"a": []int{1}})
	tel.Metric(ctx, "yes", true)
	tel.Timing(ctx, "elsewhere", 3*time.Second)
	span.End()
	whole := slogtel.New(&slogtel.Options{Mode: slogtel.On}, wide.New(h, nil))
	request, root := whole.Start(t.Context(), "request")
	whole.Count(request, "articles", 3)
	root.End()
	log := slog.New(h)
	log.Info("ordinary", "scope", "x", "value", 1)
	log.Warn(slogtel.MessageTiming, "not", "really")
	log.WithGroup("g").With("count", 3).Info("in a group", "x", 1)
	r := slog.NewRecord(time.Unix(1e9, 5), slog.LevelInfo, slogtel.MessageSummary, 0)
	r.AddAttrs(slog.String("scope", "a.b"), slog.String("parent_scope", "a"), slog.String("metric_type", "timing"),
		slog.Float64("interval_s", 10), slog.Int("count", 7), slog.Int("errors", 1), slog.Float64("sum", 1.5), slog.Float64("p50", 0.25))
	require.NoError(t, h.Handle(t.Context(), r))
	return strings.Split(strings.TrimSpace(out.String()), "\n")
}

// The fast way is taken for all that the library writes, and has the results of the slow one.
func TestFastIsTaken(t *testing.T) {
	for name, schema := range map[string]jsonlines.Schema{"flat": jsonlines.Flat, "ecs": jsonlines.ECS} {
		t.Run(name, func(t *testing.T) {
			for _, line := range written(t, schema) {
				d := newTestDecoder()
				v, ok := d.decodeFast([]byte(line))
				if strings.Contains(line, `"really"`) {
					continue // an ordinary log with a message of ours
				}
				assert.True(t, ok, line)
				if strings.Contains(line, "telemetry.") {
					assert.Equal(t, IsEvent, v, line)
				}
				compare(t, []byte(line))
			}
		})
	}
}

func newTestDecoder() *decoder {
	always := func(s string) bool { return !strings.HasSuffix(s, "x") }
	return &decoder{attrs: true, scopes: newInterner(always), words: newInterner(always)}
}

// compare requires that the fast way, if it is ok with a line, agrees with the slow one.
func compare(t *testing.T, line []byte) {
	t.Helper()
	fast, slow := newTestDecoder(), newTestDecoder()
	v, ok := fast.decodeFast(line)
	if !ok {
		return
	}
	want, err := slow.decodeSlow(line)
	require.NoError(t, err, "%q", line)
	require.Equal(t, want, v, "%q", line)
	if v != IsEvent {
		return
	}
	if len(fast.event.Attrs) == 0 {
		fast.event.Attrs = slow.event.Attrs[:0:0]
		slow.event.Attrs = fast.event.Attrs
	}
	require.Equal(t, slow.event, fast.event, "%q", line)
	require.Equal(t, slow.matches, fast.matches, "%q", line)
}

func FuzzFastAgrees(f *testing.F) {
	for _, schema := range []jsonlines.Schema{jsonlines.Flat, jsonlines.ECS} {
		for _, line := range written(f, schema) {
			f.Add([]byte(line))
		}
	}
	for _, line := range []string{
		`{"time":"2026-01-01T00:00:00Z","msg":"telemetry.timing","scope":"a","duration_s":1}`,
		`{"time":"2026-01-01T00:00:00.5+02:00","level":"INFO","msg":"telemetry.metric","scope":"a\ud83d\ude00","value":1e400,"x":"\ud800"}`,
		`{"time":"2026-01-01T00:00:00Z","msg":"telemetry.metric","scope":"a","value":null,"value":-0,"a":{"b":[{"c":1}]},"a":2}`,
		`{"@timestamp":"2026-01-01T00:00:00Z","message":"telemetry.metric","slogtel":{"scope":"a","value_text":"x"},"labels":{}}`,
		`{"time":"x","msg":"y"{"z":1}`,
		`{"time": "2026-01-01T00:00:00Z", "msg": "telemetry.metric", "scope": "a", "value": [1, 2], "g": { "a": {} }, "e": [ ]}`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) { compare(t, line) })
}
