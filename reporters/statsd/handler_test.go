package statsd

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel"
)

// exercise makes one event of each kind.
func exercise(t *slogtel.Telemetry) {
	ctx := context.Background()
	model := slog.String("model", "m 1")
	status := slog.Group("http", slog.Int("status", 200))
	t.Timing(ctx, "plan", 1500*time.Microsecond, model, status)
	t.Count(ctx, "tokens", 3, model)
	t.Gauge(ctx, "load", -0.5, model)
	t.Histogram(ctx, "size", 12.25, model)
	t.Metric(ctx, "left", uint64(7))
}

func TestDialects(t *testing.T) {
	for _, c := range []struct {
		opts Options
		want string
	}{
		{Options{Dialect: Plain}, `
app.plan:1.5|ms
app.size:12.25|ms
app.tokens:3|c
app.load:0|g
app.load:-0.5|g
app.left:7|g`},
		{Options{Dialect: Plain, FoldTags: true}, `
app.plan.env.test.model.m_1.http_status.200:1.5|ms
app.size.env.test.model.m_1:12.25|ms
app.tokens.env.test.model.m_1:3|c
app.load.env.test.model.m_1:0|g
app.load.env.test.model.m_1:-0.5|g
app.left.env.test:7|g`},
		{Options{Dialect: DogStatsD}, `
app.plan:1.5|ms|#env:test,model:m_1,http.status:200
app.size:12.25|h|#env:test,model:m_1
app.tokens:3|c|#env:test,model:m_1
app.load:0|g|#env:test,model:m_1
app.load:-0.5|g|#env:test,model:m_1
app.left:7|g|#env:test`},
		{Options{Dialect: DogStatsD, HistogramType: "d", AbsoluteGauges: true}, `
app.plan:1.5|ms|#env:test,model:m_1,http.status:200
app.size:12.25|d|#env:test,model:m_1
app.tokens:3|c|#env:test,model:m_1
app.load:-0.5|g|#env:test,model:m_1
app.left:7|g|#env:test`},
		{Options{Dialect: InfluxDB}, `
app.plan,env=test,model=m_1,http.status=200:1.5|ms
app.size,env=test,model=m_1:12.25|h
app.tokens,env=test,model=m_1:3|c
app.load,env=test,model=m_1:0|g
app.load,env=test,model=m_1:-0.5|g
app.left,env=test:7|g`},
		{Options{Dialect: Graphite}, `
app.plan;env=test;model=m_1;http.status=200:1.5|ms
app.size;env=test;model=m_1:12.25|ms
app.tokens;env=test;model=m_1:3|c
app.load;env=test;model=m_1:0|g
app.load;env=test;model=m_1:-0.5|g
app.left;env=test:7|g`},
		{Options{Dialect: SignalFX}, `
app.plan[env=test,model=m_1,http.status=200]:1.5|ms
app.size[env=test,model=m_1]:12.25|ms
app.tokens[env=test,model=m_1]:3|c
app.load[env=test,model=m_1]:0|g
app.load[env=test,model=m_1]:-0.5|g
app.left[env=test]:7|g`},
	} {
		t.Run(c.opts.Dialect.String(), func(t *testing.T) {
			c.opts.Prefix = "app"
			c.opts.Tags = []slog.Attr{slog.String("env", "test")}
			c.opts.TagKeys = []string{"model", "http.status"}
			var n network
			h := open(t, &n, "127.0.0.1:8125", &c.opts)
			exercise(telemetry(h))
			packets := sent(t, h, &n)
			require.Len(t, packets, 1)
			assert.ElementsMatch(t, strings.Split(strings.TrimSpace(c.want), "\n"), strings.Split(packets[0], "\n"))
			s := h.Stats()
			assert.EqualValues(t, 5, s.Sent)
			assert.EqualValues(t, 5, s.Events())
			assert.EqualValues(t, 5, s.Series)
			assert.EqualValues(t, len(packets[0]), s.Bytes)
			if c.opts.Dialect == Plain && !c.opts.FoldTags {
				assert.EqualValues(t, 5+5, s.DroppedTags)
			} else {
				assert.Zero(t, s.DroppedTags)
			}
		})
	}
}

func TestNegativeGaugeIsInOnePacket(t *testing.T) {
	var n network
	h := open(t, &n, "127.0.0.1:8125", &Options{MaxPacketSize: minPacket})
	name := strings.Repeat("n", 30)
	for i := range 20 {
		handle(t, h, gaugeRecord(name+string(rune('a'+i)), -1))
	}
	packets := sent(t, h, &n)
	for _, p := range packets {
		lines := strings.Split(p, "\n")
		assert.LessOrEqual(t, len(p), minPacket)
		assert.Zero(t, len(lines)%2, "%q", p)
		for i := 0; i+1 < len(lines); i += 2 {
			assert.True(t, strings.HasSuffix(lines[i], ":0|g"), "%q", p)
			assert.Equal(t, strings.TrimSuffix(lines[i], ":0|g")+":-1|g", lines[i+1])
		}
	}
}

func TestSumsAndLastValues(t *testing.T) {
	var n network
	h := open(t, &n, "127.0.0.1:8125", nil)
	handle(t, h, countRecord("a", 1), gaugeRecord("g", 1), countRecord("a", 2), gaugeRecord("g", 3), countRecord("a", -4), countRecord("zero", 0))
	assert.Equal(t, []string{"a:-1|c\ng:3|g\nzero:0|c"}, sent(t, h, &n))
	assert.EqualValues(t, 6, h.Stats().Sent)
	require.NoError(t, h.Flush(t.Context()))
	assert.Empty(t, n.take(), "what was sent is not sent again")
}

func TestSumsDoNotOverflow(t *testing.T) {
	var n network
	h := open(t, &n, "127.0.0.1:8125", nil)
	handle(t, h, countRecord("a", math.MaxInt64), countRecord("a", 1), countRecord("b", math.MinInt64), countRecord("b", -1), countRecord("b", math.MaxInt64))
	var lines []string
	for _, p := range sent(t, h, &n) {
		lines = append(lines, strings.Split(p, "\n")...)
	}
	assert.ElementsMatch(t, []string{"a:9223372036854775807|c", "a:1|c", "b:-9223372036854775808|c", "b:9223372036854775806|c"}, lines)
	assert.EqualValues(t, 5, h.Stats().Sent)
}

func TestPackValues(t *testing.T) {
	var n network
	h := open(t, &n, "127.0.0.1:8125", &Options{Dialect: DogStatsD, PackValues: true, TagKeys: []string{"k"}})
	for i := range 3 {
		handle(t, h, timingRecord("a", time.Duration(i+1)*time.Millisecond, slog.Int("k", 1)), timingRecord("b", time.Millisecond))
	}
	assert.Equal(t, []string{"a:1:2:3|ms|#k:1\nb:1:1:1|ms"}, sent(t, h, &n))
	for range 1000 {
		handle(t, h, timingRecord("a", 1234567))
	}
	values := 0
	for _, p := range sent(t, h, &n) {
		assert.LessOrEqual(t, len(p), defaultUDPPacket)
		values += strings.Count(p, ":1.234567")
	}
	assert.Equal(t, 1000, values)
	assert.EqualValues(t, 1006, h.Stats().Sent)
}

func TestWhatHasNoForm(t *testing.T) {
	var n network
	h := open(t, &n, "127.0.0.1:8125", nil)
	tel := telemetry(h)
	ctx := t.Context()
	for _, v := range []any{"text", true, nil, errors.New("x"), []int{1}, time.Now()} {
		tel.Metric(ctx, "m", v)
	}
	tel.Histogram(ctx, "h", -1) // as ms
	summary := slog.NewRecord(time.Now(), 0, slogtel.MessageSummary, 0)
	summary.AddAttrs(slog.String(slogtel.KeyScope, "a"), slog.String(slogtel.KeyParentScope, ""), slog.Int("count", 1))
	nan := slog.NewRecord(time.Now(), 0, slogtel.MessageMetric, 0)
	nan.AddAttrs(slog.String(slogtel.KeyScope, "a"), slog.Int(slogtel.KeyDepth, 0), slog.String(slogtel.KeyParentScope, ""),
		slog.Any(slogtel.KeyMetricType, slogtel.TypeGauge), slog.Float64(slogtel.KeyValue, math.NaN()))
	handle(t, h, summary, nan)
	assert.Empty(t, sent(t, h, &n))
	assert.Equal(t, int64(9), h.Stats().Skipped)
	assert.Equal(t, int64(9), h.Stats().Events())

	tel.Metric(ctx, "d", 1500*time.Microsecond)
	tel.Metric(ctx, "i", -3)
	assert.Equal(t, []string{"d:1.5|g\ni:0|g\ni:-3|g"}, sent(t, h, &n))
}

// What aggregation made of events is for other handlers; here it is counted, however
// it comes.
func TestSummariesAreSkipped(t *testing.T) {
	var n network
	h := open(t, &n, "127.0.0.1:8125", &Options{TagKeys: []string{"metric_kind"}})
	r := slog.NewRecord(time.Now(), slog.LevelInfo, slogtel.MessageSummary, 0)
	r.AddAttrs(slog.String(slogtel.KeyScope, "a"), slog.String(slogtel.KeyParentScope, ""), slog.String(slogtel.KeyMetricType, "timing"),
		slog.Float64("interval_s", 10), slog.Int64("count", 3), slog.Int64("errors", 1), slog.Float64("sum", 6), slog.Float64("min", 1),
		slog.Float64("max", 3), slog.Float64("mean", 2), slog.Float64("p50", 2), slog.Float64("p90", 3), slog.Float64("p95", 3), slog.Float64("p99", 3))
	require.True(t, slogtel.IsTelemetry(r))
	handle(t, h, r, nested(r, "g"))
	handle(t, h.WithAttrs([]slog.Attr{slog.String("metric_kind", "x")}), r)
	assert.Empty(t, sent(t, h, &n))
	assert.EqualValues(t, 3, h.Stats().Skipped)
	assert.EqualValues(t, 3, h.Stats().Events())
}

func TestOrdinaryLogsAreIgnored(t *testing.T) {
	var n network
	h := open(t, &n, "127.0.0.1:8125", nil)
	log := slog.New(h)
	log.Info("hello", "scope", "a", "duration_s", 1.0)
	log.Error("telemetry.timing", "scope", "a", "duration_s", 1.0)
	log.Info("telemetry.metric")
	log.Info("telemetry.summary")
	assert.Empty(t, sent(t, h, &n))
	assert.Zero(t, h.Stats().Events())
	assert.True(t, h.Enabled(t.Context(), slog.LevelDebug-100))
}

func TestTags(t *testing.T) {
	var n network
	root := open(t, &n, "127.0.0.1:8125", &Options{
		Dialect: DogStatsD,
		Tags:    []slog.Attr{slog.String("region", "eu"), slog.Group("app", slog.Int("v", 2)), slog.String("model", "none"), slog.String("region", "us")},
		TagKeys: []string{"model", "req.user", "error", "a.b.c", "ok", "n"},
	})
	const constant = "region:us,app.v:2,"
	type attrs = []slog.Attr
	with := root.WithAttrs(attrs{slog.String("model", "with"), slog.String("secret", "x")})
	group := root.WithGroup("req").WithAttrs(attrs{slog.String("user", "u"), slog.String("model", "no: req.model")})
	for i, c := range []struct {
		h    slog.Handler
		own  attrs
		want string
	}{
		{root, nil, "model:none"},
		{root, attrs{slog.String("other", "x")}, "model:none"},
		{root, attrs{slog.String("model", "own")}, "model:own"},
		{with, nil, "model:with"},
		{with, attrs{slog.String("model", "own")}, "model:own"},
		{group, nil, "model:none,req.user:u"},
		{group, attrs{slog.Group("req", slog.String("user", "own"))}, "model:none,req.user:own"},
		{group.WithGroup("").WithAttrs(nil), nil, "model:none,req.user:u"},
		{root, attrs{slog.Group("req", slog.Group("", slog.String("user", "inline")))}, "model:none,req.user:inline"},
		{root, attrs{slog.Group("a", slog.Group("b", slog.String("c", "deep")), slog.String("d", "x"))}, "model:none,a.b.c:deep"},
		{root, attrs{slog.String("a.b.c", "flat")}, "model:none,a.b.c:flat"},
		{root, attrs{slog.Bool("ok", true), slog.Int("n", -5)}, "model:none,ok:true,n:-5"},
		{root, attrs{slog.Any("ok", 1.5), slog.Duration("n", time.Second)}, "model:none,ok:1.5,n:1s"},
		{root, attrs{slog.Group("model", slog.Int("x", 1))}, "model:none"},
		{root, attrs{slog.Any("model", valuer{slog.StringValue("resolved")})}, "model:resolved"},
		{with, attrs{slog.String("model", "")}, ""},
		{with.WithAttrs(attrs{slog.String("model", "")}), nil, ""},
	} {
		handle(t, c.h, countRecord("x", 1, c.own...))
		want := "x:1|c|#" + strings.TrimSuffix(constant+c.want, ",")
		assert.Equal(t, []string{want}, sent(t, root, &n), "case %d", i)
		handle(t, c.h, countRecord("x", 1, c.own...))
		assert.Equal(t, []string{want}, sent(t, root, &n), "case %d, from memory", i)
	}
	assert.EqualValues(t, 4, root.Stats().DroppedTags, "the empty ones")
}

type valuer struct{ v slog.Value }

func (v valuer) LogValue() slog.Value { return v.v }

func TestErrorTag(t *testing.T) {
	var n network
	h := open(t, &n, "127.0.0.1:8125", &Options{Dialect: DogStatsD, TagKeys: []string{"error"}})
	tel := telemetry(h)
	_ = tel.Time(t.Context(), "a", func(context.Context) error { return errors.New("a secret") })
	_ = tel.Time(t.Context(), "a", func(context.Context) error { return nil })
	tel.Count(t.Context(), "c", 1)
	packet := strings.Join(sent(t, h, &n), "\n")
	assert.Regexp(t, `^a:[\d.]+\|ms\|#error:true\na:[\d.]+\|ms\|#error:false\nc:1\|c$`, packet)
}

// Handlers derived from one parent must not see what their siblings added.
func TestForks(t *testing.T) {
	var n network
	root := open(t, &n, "127.0.0.1:8125", &Options{Dialect: DogStatsD, TagKeys: []string{"a", "b", "g.g.g.a", "g.g.g.b"}})
	h := slog.Handler(root)
	for range 3 {
		h = h.WithGroup("g")
	}
	x, y := h.WithAttrs([]slog.Attr{slog.Int("a", 1)}), h.WithAttrs([]slog.Attr{slog.Int("b", 2)})
	p, q := root.WithAttrs([]slog.Attr{slog.Int("a", 1)}), root.WithAttrs([]slog.Attr{slog.Int("a", 2)})
	z := h.WithGroup("h").WithAttrs([]slog.Attr{slog.Int("a", 3)})
	for i, h := range []slog.Handler{x, y, p, q, z, root} {
		handle(t, h, timingRecord("x", time.Duration(i)*time.Millisecond))
	}
	assert.Equal(t, []string{strings.Join([]string{
		"x:0|ms|#g.g.g.a:1", "x:1|ms|#g.g.g.b:2", "x:2|ms|#a:1", "x:3|ms|#a:2", "x:4|ms", "x:5|ms",
	}, "\n")}, sent(t, root, &n))
}

func TestSampleRates(t *testing.T) {
	var n network
	h := open(t, &n, "127.0.0.1:8125", &Options{Dialect: DogStatsD, SampleRates: SampleRates{Timing: 0.25, Counter: 0.5, Histogram: 1}})
	const events = 4000
	timing, count := timingRecord("t", time.Millisecond), countRecord("c", 1)
	for range events {
		handle(t, h, timing, count, gaugeRecord("g", 1))
	}
	all := strings.Join(sent(t, h, &n), "\n")
	s := h.Stats()
	assert.EqualValues(t, 3*events, s.Events())
	assert.Equal(t, 3*events-s.SampledOut, s.Sent)
	timings := strings.Count(all, "t:1|ms|@0.25")
	assert.InDelta(t, events/4, timings, events/20, "1000 expected, with a deviation of 27")
	counts := 0 // of as many intervals as there were
	for line := range strings.FieldsSeq(all) {
		if rest, ok := strings.CutPrefix(line, "c:"); ok {
			n, err := strconv.Atoi(strings.TrimSuffix(rest, "|c|@0.5"))
			require.NoError(t, err)
			counts += n
		}
	}
	assert.InDelta(t, events/2, counts, events/20, "2000 expected, with a deviation of 32")
	assert.EqualValues(t, timings+counts+events, s.Sent)
	assert.Positive(t, strings.Count(all, "g:1|g"))
}

func TestMaxSeries(t *testing.T) {
	var n network
	h := open(t, &n, "127.0.0.1:8125", &Options{MaxSeries: 3})
	for range 2 {
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			handle(t, h, countRecord(name, 1))
		}
	}
	assert.Equal(t, []string{"a:2|c\nb:2|c\nc:2|c"}, sent(t, h, &n))
	s := h.Stats()
	assert.EqualValues(t, 4, s.Overflowed)
	assert.EqualValues(t, 3, s.Series)
	assert.EqualValues(t, 10, s.Events())
}

func TestLongNamesAndTags(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for _, d := range []Dialect{Plain, DogStatsD, InfluxDB, Graphite, SignalFX} {
		for _, size := range []int{minPacket, 200, 1432, 65507} {
			var n network
			h := open(t, &n, "127.0.0.1:8125", &Options{Dialect: d, MaxPacketSize: size, FoldTags: true, TagKeys: []string{"a", "b"}})
			tags := []slog.Attr{slog.String("a", long), slog.String("b", "short")}
			handle(t, h, countRecord("short", 1, tags...), gaugeRecord("short", -1, tags...), timingRecord("short", 1, tags...))
			r := slog.NewRecord(time.Now(), 0, slogtel.MessageMetric, 0)
			r.AddAttrs(slog.String(slogtel.KeyScope, long), slog.Int(slogtel.KeyDepth, 0), slog.String(slogtel.KeyParentScope, ""),
				slog.Any(slogtel.KeyMetricType, slogtel.TypeGauge), slog.Float64(slogtel.KeyValue, -1e300))
			handle(t, h, r)
			for _, p := range sent(t, h, &n) {
				assert.LessOrEqual(t, len(p), size)
				for line := range strings.SplitSeq(p, "\n") {
					assert.Less(t, len(line), 4096)
				}
			}
			s := h.Stats()
			assert.EqualValues(t, 4, s.Sent+s.Dropped)
			assert.EqualValues(t, 4, s.Truncated, "%v %d", d, size)
		}
	}
}
