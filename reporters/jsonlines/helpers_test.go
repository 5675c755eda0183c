package jsonlines_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// when has a fraction that ends in zeros, and is not in UTC.
var when = time.Date(2026, 2, 3, 4, 5, 6, 120_000_000, time.FixedZone("", 2*3600))

// timingRecord is the record of a timing as a Telemetry makes it.
func timingRecord(attrs ...slog.Attr) slog.Record {
	end := float64(when.UnixNano()) / 1e9
	r := slog.NewRecord(when, slog.LevelInfo, slogtel.MessageTiming, 0)
	r.AddAttrs(
		slog.String(slogtel.KeyScope, "pipeline.plan"),
		slog.Int(slogtel.KeyDepth, 1),
		slog.String(slogtel.KeyParentScope, "pipeline"),
		slog.Any(slogtel.KeyMetricType, slogtel.TypeTiming),
		slog.Int64(slogtel.KeyCallCount, 7),
		slog.Float64(slogtel.KeyDuration, 0.001234567),
		slog.Float64(slogtel.KeyStartMonotonic, 12),
		slog.Float64(slogtel.KeyEndMonotonic, 12.001234567),
		slog.Float64(slogtel.KeyStartWall, end-0.001234567),
		slog.Float64(slogtel.KeyEndWall, end))
	r.AddAttrs(attrs...)
	return r
}

// metricRecord is the record of a metric; typ may be empty.
func metricRecord(typ slogtel.MetricType, v slog.Value, attrs ...slog.Attr) slog.Record {
	r := slog.NewRecord(when, slog.LevelInfo, slogtel.MessageMetric, 0)
	r.AddAttrs(
		slog.String(slogtel.KeyScope, "pipeline.plan.tokens"),
		slog.Int(slogtel.KeyDepth, 1),
		slog.String(slogtel.KeyParentScope, "pipeline.plan"))
	if typ != slogtel.TypePlain {
		r.AddAttrs(slog.Any(slogtel.KeyMetricType, typ))
	}
	r.AddAttrs(slog.Attr{Key: slogtel.KeyValue, Value: v})
	r.AddAttrs(attrs...)
	return r
}

func summaryRecord(attrs ...slog.Attr) slog.Record {
	r := slog.NewRecord(when, slog.LevelInfo, slogtel.MessageSummary, 0)
	r.AddAttrs(
		slog.String(slogtel.KeyScope, "pipeline.plan"),
		slog.String(slogtel.KeyParentScope, "pipeline"),
		slog.Any(slogtel.KeyMetricType, slogtel.TypeTiming),
		slog.Float64("interval_s", 60), slog.Int64("count", 12), slog.Int64("errors", 1),
		slog.Float64("sum", 3), slog.Float64("p95", 0.5))
	r.AddAttrs(attrs...)
	return r
}

func logRecord(msg string, attrs ...slog.Attr) slog.Record {
	r := slog.NewRecord(when, slog.LevelInfo, msg, 0)
	r.AddAttrs(attrs...)
	return r
}

// allRecords are records of all kinds.
func allRecords() map[string]slog.Record {
	user := []slog.Attr{slog.String("model", "m"), slog.Int("tokens", 3), slog.Any("list", []int{1, 2})}
	ids := []slog.Attr{
		slog.String(slogtel.KeyTraceID, strings.Repeat("a", 32)),
		slog.String(slogtel.KeySpanID, strings.Repeat("b", 16)),
	}
	failed := append(ids, slog.String(slogtel.KeyParentSpanID, strings.Repeat("c", 16)), slog.String(slogtel.KeyError, "it\nfailed"))
	return map[string]slog.Record{
		"timing":        timingRecord(user...),
		"failed timing": timingRecord(failed...),
		"counter":       metricRecord(slogtel.TypeCounter, slog.Int64Value(3), ids...),
		"gauge":         metricRecord(slogtel.TypeGauge, slog.Float64Value(2)),
		"histogram":     metricRecord(slogtel.TypeHistogram, slog.Float64Value(-1e300)),
		"plain text":    metricRecord(slogtel.TypePlain, slog.StringValue("text"), user...),
		"plain map":     metricRecord(slogtel.TypePlain, slog.AnyValue(map[string]int{"a": 1})),
		"summary":       summaryRecord(),
		"log":           logRecord("hello", append(user, slog.Group("g", slog.Bool("b", true)))...),
		"log of error":  logRecord("hello", slog.Any("err", errors.New("boom")), slog.Time("at", when)),
		"bare log":      logRecord(""),
	}
}

// oneLine is the only line there is, parsed; the buffer is empty afterwards.
func oneLine(t testing.TB, out *slogteltest.Buffer) map[string]any {
	t.Helper()
	all := testkit.JSONLines(t, out.String())
	require.Len(t, all, 1)
	out.Reset()
	return all[0]
}
