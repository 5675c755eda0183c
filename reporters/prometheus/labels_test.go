package prometheus_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/prometheus"
	"github.com/slogtel/telemetry/slogtel"
)

type logFunc func(slog.Record)

func (logFunc) Enabled(context.Context, slog.Level) bool        { return true }
func (f logFunc) Handle(_ context.Context, r slog.Record) error { f(r); return nil }
func (f logFunc) WithAttrs([]slog.Attr) slog.Handler            { return f }
func (f logFunc) WithGroup(string) slog.Handler                 { return f }

type lazy struct{ v slog.Value }

func (l lazy) LogValue() slog.Value { return l.v }

type panics struct{}

func (panics) LogValue() slog.Value { panic("oh") }

func TestLabels(t *testing.T) {
	keys := []string{"model", "http.status", "http.deep.er", "ok", "le", "__name__", "9", "ümlaut", "a.b"}
	none := map[string]string{"model": "", "http_status": "", "http_deep_er": "", "ok": "", "exported_le": "", "_name__": "", "_9": "", "_mlaut": "", "a_b": ""}
	with := func(pairs ...string) map[string]string {
		m := make(map[string]string)
		for k, v := range none {
			m[k] = v
		}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	group := func(v slog.Value, names ...string) slog.Attr {
		a := slog.Attr{Key: names[len(names)-1], Value: v}
		for i := len(names) - 2; i >= 0; i-- {
			a = slog.Attr{Key: names[i], Value: slog.GroupValue(a)}
		}
		return a
	}
	for name, c := range map[string]struct {
		derive func(slog.Handler) slog.Handler
		attrs  []slog.Attr
		want   map[string]string
	}{
		"none":            {nil, []slog.Attr{slog.String("other", "x"), slog.String("status", "x")}, none},
		"kinds":           {nil, []slog.Attr{slog.String("model", "m"), slog.Int("a.b", -3), slog.Bool("ok", true), slog.Float64("9", 2.5)}, with("model", "m", "a_b", "-3", "ok", "true", "_9", "2.5")},
		"uint":            {nil, []slog.Attr{slog.Uint64("9", 1<<63)}, with("_9", "9223372036854775808")},
		"nil":             {nil, []slog.Attr{slog.Any("9", nil)}, with("_9", "<nil>")},
		"group":           {nil, []slog.Attr{slog.Group("http", slog.Int("status", 200), slog.Group("deep", slog.String("er", "e")))}, with("http_status", "200", "http_deep_er", "e")},
		"dotted":          {nil, []slog.Attr{slog.Int("http.status", 404)}, with("http_status", "404")},
		"no key":          {nil, []slog.Attr{slog.Group("", slog.String("model", "in"))}, with("model", "in")},
		"group is no tag": {nil, []slog.Attr{slog.Group("model", slog.Int("x", 1))}, none},
		"last counts":     {nil, []slog.Attr{slog.String("9", "a"), slog.String("9", "b")}, with("_9", "b")},
		"lazy":            {nil, []slog.Attr{slog.Any("model", lazy{slog.StringValue("l")}), slog.Any("http", lazy{slog.GroupValue(slog.Any("status", lazy{slog.IntValue(1)}))})}, with("model", "l", "http_status", "1")},
		"sanitized names": {nil, []slog.Attr{slog.String("le", "x"), slog.String("__name__", "y"), slog.String("ümlaut", "z")}, with("exported_le", "x", "_name__", "y", "_mlaut", "z")},
		"not UTF-8":       {nil, []slog.Attr{slog.String("model", "a\xffb\n\"\\\x00")}, with("model", "a\uFFFDb\n\"\\\x00")},
		"cut":             {nil, []slog.Attr{slog.String("model", strings.Repeat("€", 100))}, with("model", strings.Repeat("€", 66))},
		"bound": {func(h slog.Handler) slog.Handler {
			return h.WithAttrs([]slog.Attr{slog.String("model", "w"), slog.String("x", "y")})
		}, nil, with("model", "w")},
		"record wins": {func(h slog.Handler) slog.Handler { return h.WithAttrs([]slog.Attr{slog.String("model", "w")}) }, []slog.Attr{slog.String("model", "r")}, with("model", "r")},
		"bound in groups": {func(h slog.Handler) slog.Handler {
			h = h.WithGroup("http").WithAttrs([]slog.Attr{slog.Int("status", 1), slog.String("model", "no")})
			return h.WithGroup("deep").WithAttrs([]slog.Attr{slog.Int("er", 2)}).WithGroup("more")
		}, []slog.Attr{slog.String("model", "r")}, with("http_status", "1", "http_deep_er", "2", "model", "r")},
		"too deep": {nil, []slog.Attr{group(slog.IntValue(1), strings.Split(strings.Repeat(".", 40)+"model", ".")...)}, none},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, prometheus.Options{LabelKeys: keys})
			h := slog.Handler(b.handler)
			if c.derive != nil {
				h = c.derive(h)
			}
			for _, r := range []slog.Record{
				metricRecord("g", slogtel.TypeGauge, slog.Float64Value(1), c.attrs...), timingRecord("t", 1, c.attrs...)} {
				require.NoError(t, h.Handle(t.Context(), r))
			}
			assert.Equal(t, c.want, labels(b.one("g")))
			assert.Equal(t, c.want, labels(b.one("t_seconds")))
			assert.Equal(t, c.want, labels(b.one("t_seconds_errors_total")))
			assert.Equal(t, name == "cut", b.handler.Stats().Truncated == 2)
			// As decoded after some middleware has put all into a group.
			r := metricRecord("g2", slogtel.TypeGauge, slog.Float64Value(1), c.attrs...)
			var all []slog.Attr
			r.Attrs(func(a slog.Attr) bool { all = append(all, a); return true })
			r = slog.NewRecord(r.Time, r.Level, r.Message, 0)
			r.AddAttrs(slog.Attr{Key: "outer", Value: slog.GroupValue(all...)})
			require.NoError(t, h.Handle(t.Context(), r))
			assert.Equal(t, c.want, labels(b.one("g2")))
		})
	}
}

func TestLabelValueThatPanics(t *testing.T) {
	b := newBench(t, prometheus.Options{LabelKeys: []string{"x"}})
	b.Gauge(t.Context(), "g", 1, slog.Any("x", panics{}))
	_ = b.handler.Handle(t.Context(), metricRecord("g", slogtel.TypeGauge, slog.Float64Value(1), slog.Any("x", (*lazy)(nil))))
	assert.NotEmpty(t, b.gather()["g"].GetMetric())
}

func TestErrorAsLabel(t *testing.T) {
	b := newBench(t, prometheus.Options{LabelKeys: []string{"error"}})
	ctx := t.Context()
	_ = b.handler.WithAttrs([]slog.Attr{slog.String("error", "bound")}).Handle(ctx, timingRecord("a", 1))
	_ = b.handler.Handle(ctx, timingRecord("a", 1, slog.String("error", "it failed")))
	_ = b.handler.Handle(ctx, metricRecord("n", slogtel.TypeCounter, slog.Int64Value(1)))
	found := b.gather()
	require.Len(t, found["a_seconds"].GetMetric(), 2)
	assert.Equal(t, map[string]string{"error": "false"}, labels(found["a_seconds"].GetMetric()[0]))
	assert.Equal(t, map[string]string{"error": "true"}, labels(found["a_seconds"].GetMetric()[1]))
	assert.Equal(t, map[string]string{"error": ""}, labels(b.one("n_total")))
	assert.NotContains(t, found, "a_seconds_errors_total")
}

func TestForksKeepTheirLabels(t *testing.T) {
	b := newBench(t, prometheus.Options{LabelKeys: []string{"a", "b"}})
	parent := b.handler.WithAttrs([]slog.Attr{slog.String("a", "1")})
	left := parent.WithAttrs([]slog.Attr{slog.String("b", "left")})
	right := parent.WithAttrs([]slog.Attr{slog.String("b", "right")})
	for path, h := range map[string]slog.Handler{"p": parent, "l": left, "r": right} {
		_ = h.Handle(t.Context(), metricRecord(path, slogtel.TypeGauge, slog.Float64Value(1)))
	}
	assert.Equal(t, map[string]string{"a": "1", "b": ""}, labels(b.one("p")))
	assert.Equal(t, map[string]string{"a": "1", "b": "left"}, labels(b.one("l")))
	assert.Equal(t, map[string]string{"a": "1", "b": "right"}, labels(b.one("r")))
}
