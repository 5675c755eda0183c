package prometheus_test

import (
	"bytes"
	"log/slog"
	"math"
	"testing"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/prometheus"
	"github.com/slogtel/telemetry/slogtel"
)

// Of paths that look alike, each is in the scrape or counted: no event is lost without a word.
func TestAlike(t *testing.T) {
	for name, c := range map[string]struct {
		records []slog.Record
		want    map[string]float64 // what a metric counts, or is
		clashed int64
	}{
		"a scope, a counter and a gauge of one path": {
			[]slog.Record{timingRecord("q", 1), metricRecord("q", slogtel.TypeCounter, slog.Int64Value(3)), metricRecord("q", slogtel.TypeGauge, slog.Float64Value(5))},
			map[string]float64{"q_seconds": 1, "q_total": 3}, 1},
		"a histogram q and a gauge q_count": {
			[]slog.Record{metricRecord("q", slogtel.TypeHistogram, slog.Float64Value(9)), metricRecord("q_count", slogtel.TypeGauge, slog.Float64Value(5)),
				metricRecord("q_created", slogtel.TypeGauge, slog.Float64Value(6)), metricRecord("q_count", slogtel.TypeCounter, slog.Int64Value(7))},
			map[string]float64{"q": 1, "q_count_value": 5, "q_created_value": 6, "q_count_total": 7}, 0},
		"a scope q and one q_seconds_count": {
			[]slog.Record{timingRecord("q", 1), timingRecord("q_seconds_count", 1), metricRecord("q_seconds_sum", slogtel.TypeGauge, slog.Float64Value(4))},
			map[string]float64{"q_seconds": 1, "q_seconds_count_seconds": 1, "q_seconds_sum_value": 4}, 0},
		"scopes with units": {
			[]slog.Record{timingRecord("fetch", 1), timingRecord("fetch_ms", 1), timingRecord("fetch_seconds", 1), metricRecord("fetch_ms", slogtel.TypeGauge, slog.Float64Value(2))},
			map[string]float64{"fetch_seconds": 1, "fetch_ms_seconds": 1, "fetch_ms": 2}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, prometheus.Options{})
			for _, r := range c.records {
				require.NoError(t, b.handler.Handle(t.Context(), r))
			}
			for metric, want := range c.want {
				m := b.one(metric)
				got := m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
				assert.Equal(t, want, got, metric)
			}
			assert.Equal(t, c.clashed, b.handler.Stats().Clashed)
			assert.Equal(t, len(c.want), b.handler.Stats().Metrics)
			assert.EqualValues(t, len(c.records), len(c.want)+int(c.clashed))
		})
	}
}

// A counter that cannot grow says so.
func TestSaturated(t *testing.T) {
	for name, c := range map[string]struct {
		add  []slog.Record
		want float64
		lost int64
	}{
		"an int64": {[]slog.Record{
			metricRecord("n", slogtel.TypeCounter, slog.Int64Value(math.MaxInt64)), metricRecord("n", slogtel.TypeCounter, slog.Int64Value(1)),
		}, math.MaxInt64, 1},
		"partly": {[]slog.Record{
			metricRecord("n", slogtel.TypeCounter, slog.Int64Value(math.MaxInt64-1<<40)), metricRecord("n", slogtel.TypeCounter, slog.Int64Value(1<<50)),
			metricRecord("n", slogtel.TypeCounter, slog.Int64Value(5)),
		}, math.MaxInt64, 2},
		"whole numbers above 2^53": {[]slog.Record{
			metricRecord("n", slogtel.TypeCounter, slog.Int64Value(1<<53)), metricRecord("n", slogtel.TypeCounter, slog.Int64Value(1)),
			metricRecord("n", slogtel.TypeCounter, slog.Int64Value(1)),
		}, 1<<53 + 2, 0},
		"a part too small to see": {[]slog.Record{
			metricRecord("n", slogtel.TypeCounter, slog.Int64Value(1<<52), rate(0.3)), metricRecord("n", slogtel.TypeCounter, slog.Int64Value(1), rate(0.3)),
			metricRecord("n", slogtel.TypeCounter, slog.Int64Value(0), rate(0.3)),
		}, 1 << 52 / 0.3, 0},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, prometheus.Options{})
			for _, r := range c.add {
				require.NoError(t, b.handler.Handle(t.Context(), r))
			}
			assert.InEpsilon(t, c.want, b.one("n_total").GetCounter().GetValue(), 1e-15)
			st := b.handler.Stats()
			assert.Equal(t, c.lost, st.Saturated)
			assert.Equal(t, c.lost > 0, st.LastSaturated != nil)
		})
	}
}

func TestHelpAndUnits(t *testing.T) {
	b := newBench(t, prometheus.Options{
		Help:  map[string]string{"heap": "Memory in use.\nAll of it.", "plan": "Planning."},
		Units: map[string]string{"heap": "By", "hits": "1", "mass": "kg", "flow": "MiBy/s", "asked": "{request}", "spent": "s", "temp": "\xff{}{", "used.bytes": "By"},
	})
	ctx := t.Context()
	for _, path := range []string{"heap", "hits", "mass", "flow", "temp", "used.bytes"} {
		b.Gauge(ctx, path, 1)
	}
	b.Count(ctx, "asked", 1)
	b.Count(ctx, "spent", 1)
	b.Count(ctx, "heap", 1)
	b.Timing(ctx, "plan", time.Second)
	require.NoError(t, b.handler.Handle(ctx, metricRecord("size", slogtel.TypeHistogram, slog.Float64Value(1), slog.String("unit", "KiBy"))))
	found := b.gather()
	for name, unit := range map[string]string{
		"heap_bytes": "bytes", "hits_ratio": "ratio", "mass_kg": "kg", "flow_mebibytes_per_second": "mebibytes_per_second", "temp": "", "used_bytes": "bytes",
		"asked_total": "", "spent_seconds_total": "seconds", "plan_seconds": "seconds", "size_kibibytes": "kibibytes",
	} {
		if assert.Contains(t, found, name) {
			assert.Equal(t, unit, found[name].GetUnit(), name)
		}
	}
	assert.Equal(t, "Memory in use.\nAll of it.", found["heap_bytes"].GetHelp())
	assert.Equal(t, "Planning.", found["plan_seconds"].GetHelp())
	assert.EqualValues(t, 1, b.handler.Stats().Clashed, "heap_bytes_total is heap_bytes in OpenMetrics")

	var out bytes.Buffer
	enc := expfmt.NewEncoder(&out, expfmt.NewFormat(expfmt.TypeOpenMetrics))
	for _, f := range found {
		require.NoError(t, enc.Encode(f))
	}
	assert.Contains(t, out.String(), "# UNIT heap_bytes bytes\n")
	assert.Contains(t, out.String(), "# UNIT spent_seconds seconds\n")
}

// What an instrument says of itself is shown. Options say it better, and a metric that comes
// again keeps its text, as the registry wants it.
func TestInstruments(t *testing.T) {
	b := newBench(t, prometheus.Options{Help: map[string]string{"queue": "Jobs that wait."}})
	ctx := t.Context()
	spent := b.NewCounter("cost", &slogtel.InstrumentOptions{Unit: "USD", Help: "Spent \xff so far."})
	spent.AddFloat(ctx, 0.1)
	spent.AddFloat(ctx, 0.2)
	b.NewGauge("queue", &slogtel.InstrumentOptions{Unit: "{job}", Help: "Nobody sees this."}).Set(ctx, 3)
	b.NewHistogram("body", &slogtel.InstrumentOptions{Unit: "By", Help: "Size."}).Record(ctx, 0.5)
	b.CountFloat(ctx, "plain", 0.25)
	found := b.gather()
	for name, help := range map[string]string{
		"cost_USD_total": "Spent \uFFFD so far.", "queue": "Jobs that wait.", "body_bytes": "Size.", "plain_total": `Counter of slogtel scope "plain".`,
	} {
		if assert.Contains(t, found, name) {
			assert.Equal(t, help, found[name].GetHelp())
		}
	}
	assert.InDelta(t, 0.3, b.one("cost_USD_total").GetCounter().GetValue(), 1e-9, "not rounded")
	assert.InDelta(t, 0.25, b.one("plain_total").GetCounter().GetValue(), 1e-9)

	assert.Equal(t, 1, b.handler.Delete("plain"))
	b.NewCounter("plain", &slogtel.InstrumentOptions{Help: "Another text."}).AddFloat(ctx, 1.5)
	assert.InDelta(t, 1.5, b.one("plain_total").GetCounter().GetValue(), 1e-9)
	assert.Zero(t, b.handler.Stats().Clashed)
	assert.Empty(t, b.errs)
}

// Series are found by what records point to, until they are deleted, and whatever Telemetry
// the records come from.
func TestSeriesByPointer(t *testing.T) {
	b := newBench(t, prometheus.Options{})
	other := slogtel.New(&slogtel.Options{Mode: slogtel.On}, b.handler)
	for range 3 {
		for range 3 {
			b.Count(t.Context(), "n", 1)
			other.Count(t.Context(), "n", 1)
			b.Metric(t.Context(), "plain", 2)
			b.Metric(t.Context(), "plain", time.Second)
		}
		assert.Equal(t, 6., b.one("n_total").GetCounter().GetValue())
		assert.Equal(t, 2., b.one("plain").GetGauge().GetValue())
		assert.Equal(t, 1., b.one("plain_seconds").GetGauge().GetValue())
		assert.Equal(t, 1, b.handler.Delete("n"))
	}
	assert.Zero(t, b.handler.Stats().Clashed)
}

// With UTF8Names a name is the path; a server that is older gets the names that it got before.
func TestUTF8Names(t *testing.T) {
	b := newBench(t, prometheus.Options{Namespace: "shop", UTF8Names: true, LabelKeys: []string{"http.status", "größe", "__x", "le"}})
	ctx := t.Context()
	b.Timing(ctx, "plan.größe", time.Second, slog.Int("http.status", 200), slog.Int("größe", 7), slog.Int("__x", 1), slog.Int("le", 2))
	b.Gauge(ctx, "a.b_c", 1)
	b.Gauge(ctx, "a.b.c", 1) // the same for an older server
	b.Gauge(ctx, "a.\xff\"\n", 1)
	b.Count(ctx, "n", 1)
	require.NoError(t, b.registry.Register(prom.NewGauge(prom.GaugeOpts{Name: "a"})))
	require.Error(t, b.registry.Register(prom.NewGauge(prom.GaugeOpts{Name: "shop_a_b_c"})))
	assert.Equal(t, map[string]string{"http.status": "200", "größe": "7", "_x": "1", "exported_le": "2"}, labels(b.one("shop.plan.größe_seconds")))
	found := b.gather()
	for _, name := range []string{"shop.plan.größe_seconds_errors_total", "shop.a.b_c", "shop.a.\uFFFD\"\n", "shop.n_total"} {
		assert.Contains(t, found, name)
	}
	assert.EqualValues(t, 1, b.handler.Stats().Clashed)

	for _, c := range []struct {
		scheme   model.EscapingScheme
		validate model.ValidationScheme
		names    []string
	}{
		{model.NoEscaping, model.UTF8Validation, []string{"shop.plan.größe_seconds", "shop.n_total"}},
		{model.UnderscoreEscaping, model.LegacyValidation, []string{"shop_plan_gr__e_seconds", "shop_a_b_c", "shop_n_total"}},
	} {
		var out bytes.Buffer
		enc := expfmt.NewEncoder(&out, expfmt.NewFormat(expfmt.TypeTextPlain).WithEscapingScheme(c.scheme))
		for _, f := range found {
			require.NoError(t, enc.Encode(f))
		}
		parser := expfmt.NewTextParser(c.validate)
		read, err := parser.TextToMetricFamilies(&out)
		require.NoError(t, err, out.String())
		require.Len(t, read, len(found))
		for _, name := range c.names {
			assert.Contains(t, read, name)
		}
	}
}
