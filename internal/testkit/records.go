package testkit

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/event"
)

// Record is a record with the attributes, whose time has nanoseconds.
func Record(attrs ...slog.Attr) slog.Record {
	r := slog.NewRecord(time.Date(2024, 2, 29, 23, 59, 59, 123456789, time.UTC), slog.LevelInfo, "message", 0)
	r.AddAttrs(attrs...)
	return r
}

// Message is a record without a time and attributes.
func Message(text string) slog.Record {
	return slog.NewRecord(time.Time{}, slog.LevelInfo, text, 0)
}

// FiveAttrs and TenAttrs are what an ordinary log statement has.
var (
	FiveAttrs = []slog.Attr{slog.String("method", "GET"), slog.String("path", "/api/v1/users/42"), slog.Int("status", 200),
		slog.Duration("took", 1234567), slog.Bool("cached", true)}
	TenAttrs = append(FiveAttrs[:5:5], slog.Any("err", io.ErrUnexpectedEOF), slog.Float64("load", 0.7312), slog.Uint64("bytes", 18234),
		slog.Time("at", time.Unix(1763850000, 123456789)), slog.String("agent", `Mozilla/5.0 (X11; Linux x86_64) "quoted"`))
)

// Timing is the record of a scope that ended. An empty failure is none.
func Timing(path, parent string, depth int, seconds float64, failure string) slog.Record {
	r := Message(event.MessageTiming)
	r.AddAttrs(slog.String("scope", path), slog.Int("depth", depth), slog.String("parent_scope", parent),
		slog.Any("metric_type", event.TypeTiming), slog.Int("call_count", 1), slog.Float64("duration_s", seconds),
		slog.Float64("start_monotonic_s", 1), slog.Float64("end_monotonic_s", 1+seconds),
		slog.Float64("start_wall_time_s", 1e9), slog.Float64("end_wall_time_s", 1e9+seconds))
	if failure != "" {
		r.AddAttrs(slog.String("error", failure))
	}
	return r
}

// Metric is the record of a metric at the root.
func Metric(path string, typ event.MetricType, v slog.Value) slog.Record {
	r := Message(event.MessageMetric)
	r.AddAttrs(slog.String("scope", path), slog.Int("depth", 0), slog.String("parent_scope", ""),
		slog.Any("metric_type", typ), slog.Attr{Key: "value", Value: v})
	return r
}

// OfSeries returns r, a record of Timing or Metric, in the form in which a Telemetry makes
// it: its metric_type points to a series, a new one.
func OfSeries(r slog.Record) slog.Record {
	attrs := Attrs(r)
	typ := event.MetricType(attrs[3].Value.Resolve().String())
	s := event.NewSeries(event.Series{
		Path: attrs[0].Value.String(), Parent: attrs[2].Value.String(), Depth: int(attrs[1].Value.Int64()), Type: typ,
	})
	attrs[3].Value = s.Value()
	of := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	of.AddAttrs(attrs...)
	return of
}

// TypicalTiming is the record of a scope as services have many.
func TypicalTiming() slog.Record {
	const start, duration = 1763850000.1234567, 0.001234567
	r := Record(
		slog.String("scope", "pipeline.plan.tokenize"), slog.Int("depth", 2), slog.String("parent_scope", "pipeline.plan"),
		slog.Any("metric_type", event.TypeTiming), slog.Int("call_count", 17), slog.Float64("duration_s", duration),
		slog.Float64("start_monotonic_s", 12.345678901), slog.Float64("end_monotonic_s", 12.346913468),
		slog.Float64("start_wall_time_s", start), slog.Float64("end_wall_time_s", start+duration),
		slog.String("model", "gemini-2.0-flash"))
	return r
}

// Attrs returns the attributes of r.
func Attrs(r slog.Record) (all []slog.Attr) {
	r.Attrs(func(a slog.Attr) bool { all = append(all, a); return true })
	return all
}

// Handle hands records to h, which must take them.
func Handle(t testing.TB, h slog.Handler, records ...slog.Record) {
	t.Helper()
	for _, r := range records {
		require.NoError(t, h.Handle(t.Context(), r))
	}
}

// JSONLines decodes text, which must be whole lines with a JSON object each.
func JSONLines(t testing.TB, text string) (all []map[string]any) {
	t.Helper()
	for line := range strings.Lines(text) {
		require.True(t, strings.HasSuffix(line, "\n"), "%q", line)
		var m map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &m), "%.200q", line)
		all = append(all, m)
	}
	return all
}

// JSONFile is JSONLines of a file.
func JSONFile(t testing.TB, path string) []map[string]any {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return JSONLines(t, string(text))
}

// A HandleFunc is a handler that is enabled for all, and forgets what With added.
type HandleFunc func(context.Context, slog.Record) error

// Enabled is true.
func (HandleFunc) Enabled(context.Context, slog.Level) bool { return true }

// Handle calls f.
func (f HandleFunc) Handle(ctx context.Context, r slog.Record) error { return f(ctx, r) }

// WithAttrs returns f.
func (f HandleFunc) WithAttrs([]slog.Attr) slog.Handler { return f }

// WithGroup returns f.
func (f HandleFunc) WithGroup(string) slog.Handler { return f }

// Discard is a handler that takes every record, does nothing with it, and says that it retains none, as
// the library's reporters do.
type Discard struct{}

// Enabled is true.
func (Discard) Enabled(context.Context, slog.Level) bool { return true }

// Handle does nothing.
func (Discard) Handle(context.Context, slog.Record) error { return nil }

// WithAttrs returns d.
func (d Discard) WithAttrs([]slog.Attr) slog.Handler { return d }

// WithGroup returns d.
func (d Discard) WithGroup(string) slog.Handler { return d }

// RetainsRecords is false.
func (Discard) RetainsRecords() bool { return false }
