package aggregate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"regexp"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/slogtel/telemetry/reporters/console"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

func TestContract(t *testing.T) {
	var out slogteltest.Buffer
	// The suite knows its records by an attribute, which is a dimension here.
	byID := &aggregate.Options{Keys: []string{"contract_id"}, Sketch: true, SlowerThan: time.Hour}
	// The time of a summary, the length of its interval and what is computed from that are
	// never the same twice.
	steady := func(_ []string, a slog.Attr) slog.Attr {
		switch a.Key {
		case slog.TimeKey:
			a.Value = slog.StringValue("now")
		case slogtel.KeyInterval, slogtel.KeyRate:
			a = slog.Attr{}
		}
		return a
	}
	shown := func() string {
		return regexp.MustCompile(`\S*:\d\d\.\d+ | in \S+| \S+/s`).ReplaceAllString(out.String(), "")
	}
	for _, c := range []struct {
		name string
		next func() slog.Handler
		opts *aggregate.Options
		see  *slogteltest.Options
	}{
		{"JSON", func() slog.Handler { return jsonlines.New(&out, &jsonlines.Options{ReplaceAttr: steady}) }, byID,
			&slogteltest.Options{Results: out.JSON, StandardQuirks: true}},
		{"slogjson", func() slog.Handler { return slogjson.New(&out, &slog.HandlerOptions{ReplaceAttr: steady}) }, byID,
			&slogteltest.Options{Results: out.JSON, StandardQuirks: true}},
		{"console", func() slog.Handler { return console.New(&out, nil) }, byID,
			&slogteltest.Options{Output: shown}},
		{"all pass", func() slog.Handler { return console.New(&out, nil) },
			&aggregate.Options{SlowerThan: 1}, nil},
		{"every millisecond", func() slog.Handler { return slogjson.New(&out, nil) },
			&aggregate.Options{Interval: time.Millisecond, MaxSeries: 3}, nil},
		{"aggregate of an aggregate", func() slog.Handler { return aggregate.New(memory.New(nil), byID) }, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			slogteltest.TestHandler(t, func(*testing.T) slog.Handler {
				out.Reset()
				return aggregate.New(c.next(), c.opts)
			}, c.see)
		})
	}
}

func TestSlogtest(t *testing.T) {
	var buf bytes.Buffer
	slogtest.Run(t, func(*testing.T) slog.Handler {
		buf.Reset()
		agg := aggregate.New(slog.NewJSONHandler(&buf, nil), nil)
		t.Cleanup(func() { _ = agg.Shutdown(context.Background()) })
		return agg
	}, func(t *testing.T) map[string]any {
		var m map[string]any
		require.NoError(t, json.Unmarshal(buf.Bytes(), &m))
		return m
	})
}

// What was given by With is on the summaries of what came through it, and on nothing else.
func TestDerived(t *testing.T) {
	var out slogteltest.Buffer
	agg := aggregate.New(slog.NewJSONHandler(&out, nil), &aggregate.Options{Interval: time.Hour})
	a := agg.WithAttrs([]slog.Attr{slog.String("service", "a")})
	b := agg.WithAttrs([]slog.Attr{slog.String("service", "b")}).WithGroup("g").WithAttrs([]slog.Attr{slog.Int("n", 1)})
	for _, h := range []slog.Handler{agg, a, b, a} {
		testkit.Handle(t, h, testkit.Metric("c", slogtel.TypeCounter, slog.Int64Value(1)))
	}
	assert.Same(t, agg, agg.WithAttrs(nil))
	assert.Same(t, agg, agg.WithGroup(""))
	require.NoError(t, b.(*aggregate.Handler).Shutdown(t.Context()))
	counts := map[any]any{}
	for _, m := range out.JSON() {
		inner := m
		if g, ok := m["g"].(map[string]any); ok {
			inner = g
			assert.Equal(t, 1.0, g["n"])
		}
		counts[m["service"]] = inner["count"]
	}
	assert.Equal(t, map[any]any{nil: 1.0, "a": 2.0, "b": 1.0}, counts)
}
