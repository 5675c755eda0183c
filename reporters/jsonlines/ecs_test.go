package jsonlines_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// ecsHandle writes r through h, made of a new ECS handler by derive, and parses the line.
func ecsHandle(t *testing.T, r slog.Record, derive func(slog.Handler) slog.Handler) map[string]any {
	t.Helper()
	var out slogteltest.Buffer
	var h slog.Handler = jsonlines.New(&out, &jsonlines.Options{Schema: jsonlines.ECS})
	if derive != nil {
		h = derive(h)
	}
	require.NoError(t, h.Handle(bg, r))
	require.NoError(t, readSpec(t).check(out.String()))
	return oneLine(t, &out)
}

func TestECSOfMiddleware(t *testing.T) {
	// handlers.Scope adds these to the app's own logs.
	added := []slog.Attr{slog.String("scope", "a.b"), slog.String("trace_id", "t"), slog.String("span_id", "s")}
	want := map[string]any{"scope": "a.b"}
	for name, m := range map[string]map[string]any{
		"in the record": ecsHandle(t, logRecord("m", added...), nil),
		"bound":         ecsHandle(t, logRecord("m"), func(h slog.Handler) slog.Handler { return h.WithAttrs(added) }),
		"bound, and a group": ecsHandle(t, logRecord("m", slog.String("trace_id", "label")), func(h slog.Handler) slog.Handler {
			return h.WithAttrs(added).WithGroup("g")
		}),
	} {
		assert.Equal(t, want, m["slogtel"], name)
		assert.Equal(t, "t", m["trace.id"], name)
		assert.Equal(t, "s", m["span.id"], name)
		if labels, ok := m["labels"]; ok {
			assert.Equal(t, map[string]any{"g_trace_id": "label"}, labels, name)
		}
	}
	// To an event, which has fields of its own, they are labels.
	m := ecsHandle(t, timingRecord(), func(h slog.Handler) slog.Handler { return h.WithAttrs(added) })
	assert.NotContains(t, m, "trace.id")
	assert.Equal(t, map[string]any{"scope": "a.b", "trace_id": "t", "span_id": "s"}, m["labels"])
	assert.Equal(t, "pipeline.plan", m["slogtel"].(map[string]any)["scope"])
}

func TestECSErrors(t *testing.T) {
	boom := errors.New("boom")
	bound := func(h slog.Handler) slog.Handler { return h.WithAttrs([]slog.Attr{slog.Any("err", boom)}) }
	for name, tc := range map[string]struct {
		m            map[string]any
		message, typ any
	}{
		"an error":        {ecsHandle(t, logRecord("m", slog.Any("error", boom)), nil), "boom", "*errors.errorString"},
		"err":             {ecsHandle(t, logRecord("m", slog.Any("err", boom)), nil), "boom", "*errors.errorString"},
		"text":            {ecsHandle(t, logRecord("m", slog.String("error", "text")), nil), "text", nil},
		"bound":           {ecsHandle(t, logRecord("m"), bound), "boom", "*errors.errorString"},
		"bound and text":  {ecsHandle(t, logRecord("m", slog.String("err", "text")), bound), "text", nil},
		"error then text": {ecsHandle(t, logRecord("m", slog.Any("err", boom), slog.String("error", "text")), nil), "text", nil},
		"panicking":       {ecsHandle(t, logRecord("m", slog.Any("err", panicking{})), nil), nil, nil},
	} {
		if name == "panicking" { // its LogValue comes first
			assert.Contains(t, tc.m["error.message"], "LogValue panicked")
			continue
		}
		assert.Equal(t, tc.message, tc.m["error.message"], name)
		assert.Equal(t, tc.typ, tc.m["error.type"], name)
		assert.NotContains(t, tc.m, "labels", name)
	}
	m := ecsHandle(t, logRecord("m", slog.Int("error", 5)), nil)
	assert.Equal(t, map[string]any{"error": "5"}, m["labels"], "a number is no error")
	m = ecsHandle(t, timingRecord(), bound)
	assert.Equal(t, map[string]any{"err": "boom"}, m["labels"])
	assert.Equal(t, "success", m["event.outcome"])
}

func TestECSLevels(t *testing.T) {
	for level, want := range map[slog.Level]string{
		-8: "debug", -4: "debug", -1: "debug", 0: "info", 2: "info", 4: "warn", 7: "warn", 8: "error", 100: "error",
	} {
		r := logRecord("m")
		r.Level = level
		m := ecsHandle(t, r, nil)
		assert.Equal(t, want, m["log.level"])
		if level%4 == 0 && level >= -4 && level <= 8 {
			assert.NotContains(t, m, "slogtel")
		} else {
			assert.Equal(t, map[string]any{"level": float64(level)}, m["slogtel"])
		}
		r = timingRecord()
		r.Level = level
		m = ecsHandle(t, r, nil)
		assert.Equal(t, want, m["log.level"])
	}
}

func TestECSLabels(t *testing.T) {
	// The last of a key wins, wherever it was added, and whatever makes the keys the same.
	m := ecsHandle(t, logRecord("m", slog.Int("a.b", 3), slog.Group("a", slog.Int("b", 4)), slog.Int("own", 1), slog.Int("own", 2)),
		func(h slog.Handler) slog.Handler {
			return h.WithAttrs([]slog.Attr{slog.Int("a_b", 1), slog.Int("bound", 1)}).WithAttrs([]slog.Attr{slog.Int("bound", 2)})
		})
	assert.Equal(t, map[string]any{"a_b": "4", "bound": "2", "own": "2"}, m["labels"])

	for _, n := range []int{31, 32, 33, 5000} {
		var attrs []slog.Attr
		for i := range n {
			attrs = append(attrs, slog.Int(fmt.Sprint("k", i), 0))
		}
		for i := range n {
			attrs = append(attrs, slog.Int(fmt.Sprint("k", i), i))
		}
		m := ecsHandle(t, logRecord("m", attrs...), func(h slog.Handler) slog.Handler { return h.WithAttrs(attrs[:n+n/2]) })
		labels := m["labels"].(map[string]any)
		require.Len(t, labels, n)
		for i := range n {
			require.Equal(t, fmt.Sprint(i), labels[fmt.Sprint("k", i)])
		}
	}
}

func TestECSForksKeepTheirOwn(t *testing.T) {
	var out slogteltest.Buffer
	h := jsonlines.New(&out, &jsonlines.Options{Schema: jsonlines.ECS}).WithAttrs([]slog.Attr{slog.Int("p", 0), slog.String("trace_id", "t")})
	h = h.WithGroup("g")
	var forks []slog.Handler
	for i := range 10 {
		forks = append(forks, h.WithAttrs([]slog.Attr{slog.Int("n", i)}).WithGroup(fmt.Sprint("f", i)))
	}
	for i, f := range forks {
		require.NoError(t, f.Handle(bg, logRecord("m", slog.Int("x", i))))
		m := oneLine(t, &out)
		assert.Equal(t, map[string]any{"p": "0", "g_n": fmt.Sprint(i), fmt.Sprintf("g_f%d_x", i): fmt.Sprint(i)}, m["labels"])
		assert.Equal(t, "t", m["trace.id"])
	}
}

func TestECSSource(t *testing.T) {
	var out slogteltest.Buffer
	logger := slog.New(jsonlines.New(&out, &jsonlines.Options{Schema: jsonlines.ECS, AddSource: true}))
	logger.Info("m")
	require.NoError(t, readSpec(t).check(out.String()))
	m := oneLine(t, &out)
	assert.Contains(t, m["log.origin.file.name"], "ecs_test.go")
	assert.Contains(t, m["log.origin.function"], "TestECSSource")
	assert.Greater(t, m["log.origin.file.line"], 10.0)
}

func TestECSReplaceAttr(t *testing.T) {
	var out bytes.Buffer
	var shown []string
	var h slog.Handler = jsonlines.New(&out, &jsonlines.Options{Schema: jsonlines.ECS, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		shown = append(shown, strings.Join(append(groups, a.Key), "."))
		if strings.Contains(a.Value.String(), "secret") {
			return slog.String(a.Key, "[gone]")
		}
		if a.Key == "drop" {
			return slog.Attr{}
		}
		return a
	}})
	h = h.WithAttrs([]slog.Attr{slog.String("bound", "secret")}).WithGroup("g")
	require.NoError(t, h.Handle(bg, logRecord("secret", slog.String("a", "secret"), slog.Int("drop", 1),
		slog.Group("in", slog.String("b", "secret")), slog.Group("", slog.String("c", "secret")))))
	require.NoError(t, h.Handle(bg, timingRecord(slog.String("error", "secret"), slog.Group("raw_preview", slog.String("text", "secret")))))
	require.NoError(t, h.Handle(bg, metricRecord("", slog.StringValue("secret"))))
	assert.NotContains(t, out.String(), "secret")
	lines := testkit.JSONLines(t, out.String())
	assert.Equal(t, "[gone]", lines[0]["message"])
	assert.Equal(t, map[string]any{"bound": "[gone]", "g_a": "[gone]", "g_in_b": "[gone]", "g_c": "[gone]"}, lines[0]["labels"])
	assert.Equal(t, "[gone]", lines[1]["error.message"])
	assert.Equal(t, "[gone]", lines[2]["slogtel"].(map[string]any)["value_text"])
	for _, key := range []string{"bound", "msg", "g.a", "g.drop", "g.in.b", "g.c", "g.raw_preview.text", "g.scope"} {
		assert.Contains(t, shown, key)
	}
	for _, key := range []string{"time", "level", "g.in", "g."} {
		assert.NotContains(t, shown, key)
	}
}

func TestECSWithoutTime(t *testing.T) {
	r := logRecord("m")
	r.Time = time.Time{}
	before := time.Now()
	m := ecsHandle(t, r, nil)
	at, err := time.Parse(time.RFC3339Nano, m["@timestamp"].(string))
	require.NoError(t, err)
	assert.False(t, at.Before(before.Round(0)) || at.After(time.Now()))

	event := timingRecord()
	event.Time = time.Time{}
	m = ecsHandle(t, event, nil)
	assert.Equal(t, when.UTC().Format("2006-01-02T15:04:05"), m["event.end"].(string)[:19], "from end_wall_time_s")
}

// Events that middleware has put into groups or resolved are events still.
func TestECSOfResolvedAndGroupedEvents(t *testing.T) {
	resolved := slog.NewRecord(when, slog.LevelInfo, slogtel.MessageTiming, 0)
	for _, a := range testkit.Attrs(timingRecord(slog.Int("n", 1))) {
		resolved.AddAttrs(slog.Attr{Key: a.Key, Value: a.Value.Resolve()})
	}
	grouped := slog.NewRecord(when, slog.LevelInfo, slogtel.MessageTiming, 0)
	grouped.AddAttrs(slog.Attr{Key: "outer", Value: slog.GroupValue(testkit.Attrs(resolved)...)})
	want := ecsHandle(t, timingRecord(slog.Int("n", 1)), nil)
	assert.Equal(t, want, ecsHandle(t, resolved, nil))
	assert.Equal(t, want, ecsHandle(t, grouped, nil))

	summary := slog.NewRecord(when, slog.LevelInfo, slogtel.MessageSummary, 0)
	summary.AddAttrs(slog.Attr{Key: "outer", Value: slog.GroupValue(testkit.Attrs(summaryRecord(slog.Int("n", 1)))...)})
	assert.Equal(t, ecsHandle(t, summaryRecord(slog.Int("n", 1)), nil), ecsHandle(t, summary, nil))
}

// The pool gives a line to whoever comes: nothing of the one before may show.
func TestECSConcurrent(t *testing.T) {
	var out slogteltest.Buffer
	h := jsonlines.New(&out, &jsonlines.Options{Schema: jsonlines.ECS})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 200 {
				id := fmt.Sprintf("%d-%d", g, i)
				_ = h.WithAttrs([]slog.Attr{slog.String("bound", id)}).Handle(bg, timingRecord(slog.String("own", id), slog.String("error", id)))
				_ = h.Handle(bg, metricRecord("", slog.StringValue(id), slog.String("own", id)))
				_ = h.Handle(bg, logRecord(id, slog.String("trace_id", id), slog.String("own", id)))
			}
		})
	}
	wg.Wait()
	lines := testkit.JSONLines(t, out.String())
	require.Len(t, lines, 8*200*3)
	for _, m := range lines {
		labels := m["labels"].(map[string]any)
		own := labels["own"]
		switch m["message"] {
		case slogtel.MessageTiming:
			require.Equal(t, own, labels["bound"])
			require.Equal(t, own, m["error.message"])
		case slogtel.MessageMetric:
			require.Equal(t, own, m["slogtel"].(map[string]any)["value_text"])
			require.Len(t, labels, 1)
		default:
			require.Equal(t, own, m["message"])
			require.Equal(t, own, m["trace.id"])
			require.Len(t, labels, 1)
			require.NotContains(t, m, "slogtel")
		}
	}
}
