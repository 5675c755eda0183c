package prometheus_test

import (
	"bytes"
	"context"
	"log/slog"
	"math"
	"testing"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/prometheus"
	"github.com/slogtel/telemetry/slogtel"
)

// FuzzScrape feeds hostile names and values to a handler beside an app's own
// metrics. A scrape never fails, in any format, and reads back as it was.
func FuzzScrape(f *testing.F) {
	for _, s := range []string{"", "a.b", "a_b", "app", "app.count", "app.seconds", "x.sum", "a\xffb", "a\n# TYPE evil counter\nevil 1", `"}`, "__name__",
		"le", "9", "ä.ö", "a:b", "a\x00b", "slogtel.series", "\\", "total", "_total", "_count", "x_bucket", "app.summary.sum"} {
		f.Add(s, s, "v", 1.5, int64(3))
		f.Add("a.b", s, s, -1e300, int64(-3))
		f.Add(s, "a.b", "\xff\n\"\\", math.NaN(), int64(math.MaxInt64))
	}
	f.Fuzz(func(t *testing.T, path1, path2, text string, v float64, n int64) {
		registry := prom.NewPedanticRegistry()
		registry.MustRegister(
			prom.NewHistogram(prom.HistogramOpts{Name: "app", Help: "the app's"}),
			prom.NewSummary(prom.SummaryOpts{Name: "app_summary", Help: "the app's"}),
			prom.NewGauge(prom.GaugeOpts{Name: "app_seconds_sum", Help: "the app's"}))
		h, err := prometheus.New(registry, &prometheus.Options{
			LabelKeys: []string{"le", "k", "error"}, OnError: func(error) {}, MaxSeries: 9, ScopeLabel: n%2 == 0, Namespace: text[:len(text)/2],
		})
		if err != nil { // the namespace makes the name of an app's own metric
			t.Skip(err)
		}
		events := 0
		for _, path := range []string{path1, path2} {
			ids := []slog.Attr{slog.String("trace_id", path), slog.String("span_id", text), slog.String("le", text),
				slog.Any("k", []any{text, v, time.Duration(n)}), slog.String("error", text)}
			for _, r := range []slog.Record{
				timingRecord(path, v, ids...),
				metricRecord(path, slogtel.TypeCounter, slog.Int64Value(n), ids...),
				metricRecord(path, slogtel.TypeGauge, slog.Float64Value(v), ids...),
				metricRecord(path, slogtel.TypeHistogram, slog.Float64Value(v), ids...),
				metricRecord(path, slogtel.TypePlain, slog.DurationValue(time.Duration(n)), ids...),
				metricRecord(path, slogtel.TypePlain, slog.AnyValue(text), ids...),
			} {
				require.NoError(t, h.Handle(context.Background(), r))
				events++
			}
		}
		families, err := registry.Gather()
		require.NoError(t, err)
		st := h.Stats()
		require.LessOrEqual(t, st.Skipped+st.Clashed+st.Negative+st.Overflowed, int64(events))

		var out bytes.Buffer
		for _, format := range []expfmt.Format{expfmt.NewFormat(expfmt.TypeTextPlain), expfmt.NewFormat(expfmt.TypeOpenMetrics),
			expfmt.NewFormat(expfmt.TypeProtoDelim)} {
			out.Reset()
			enc := expfmt.NewEncoder(&out, format)
			for _, f := range families {
				require.NoError(t, enc.Encode(f), format)
			}
			if c, ok := enc.(expfmt.Closer); ok {
				require.NoError(t, c.Close())
			}
			if format.FormatType() == expfmt.TypeTextPlain {
				parser := expfmt.NewTextParser(model.LegacyValidation)
				read, err := parser.TextToMetricFamilies(bytes.NewReader(out.Bytes()))
				require.NoError(t, err, out.String())
				require.Len(t, read, len(families))
				for _, f := range families {
					got := read[f.GetName()]
					require.NotNil(t, got, f.GetName())
					require.Equal(t, f.GetType(), got.GetType())
					require.Len(t, got.GetMetric(), len(f.GetMetric()))
					require.Equal(t, f.GetHelp(), got.GetHelp())
					for i := range f.GetMetric() {
						require.Equal(t, labels(f.GetMetric()[i]), labels(got.GetMetric()[i]))
					}
				}
			}
		}
	})
}
