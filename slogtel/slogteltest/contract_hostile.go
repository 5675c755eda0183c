package slogteltest

import (
	"context"
	"log/slog"
	"math"
	"time"

	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// checkHostile gives the handler what nobody should. That it returns an error is
// its right; that it panics, blocks or is of no use afterwards is not.
func checkHostile(r *run) {
	root := r.handler()
	hostileValues(r, root, false)
	hostileNames(r, root)
	for _, rec := range badTelemetry() {
		r.hostile("a malformed telemetry record", root, rec)
	}
	for _, l := range []slog.Level{math.MinInt, -1000, 3, 1000, math.MaxInt} {
		rec := logRecord()
		rec.Level = l
		r.hostile("an odd level", root, rec)
	}
	rec := logRecord()
	rec.PC = 1
	r.hostile("a PC that is nowhere", root, rec)
	deep := root
	for range 200 {
		deep = r.withAttrs(r.withGroup(deep, "deep"), slog.Int("n", 1))
	}
	r.hostile("a record 200 groups deep", deep, logRecord(slog.Int("n", 1)))
	r.survived(root, r.results)

	root = r.handler()
	hostileValues(r, root, true)
	for _, t := range badTimes() {
		rec, event := logRecord(), timingRecord()
		rec.Time, event.Time = t, t
		r.hostile("a record of "+t.Format(time.RFC3339), root, rec)
		r.hostile("a timing at "+t.Format(time.RFC3339), root, event)
	}
	results := r.results
	if r.opts.StandardQuirks {
		results = r.anyResults
	}
	r.survived(root, results)
}

func (r *run) hostile(what string, h slog.Handler, rec slog.Record) {
	r.hostileIn(scoped, what, h, rec)
}

func (r *run) hostileIn(ctx context.Context, what string, h slog.Handler, rec slog.Record) {
	r.survives("Handle of "+what, func() error { return h.Handle(ctx, rec) })
}

func hostileValues(r *run, root slog.Handler, quirks bool) {
	grouped, after := r.withGroup(root, "g"), slog.Int("after", 1)
	for _, bad := range badValues() {
		if bad.quirk != quirks {
			continue
		}
		attr := slog.Attr{Key: "bad", Value: bad.value}
		group := slog.Attr{Key: "in", Value: slog.GroupValue(attr, after)}
		r.hostile(bad.name, root, logRecord(attr, after))
		r.hostile(bad.name+", on a metric, from WithAttrs", r.withAttrs(root, attr), countRecord())
		if bad.heavy {
			continue
		}
		r.hostile(bad.name+", in a group", root, logRecord(group, after))
		r.hostile(bad.name+", after WithGroup", grouped, logRecord(attr, after))
		r.hostile(bad.name+", on a timing", root, timingRecord(attr, group))
		r.hostile(bad.name+", as a metric", root, metricRecord("contract.bad", slogtel.TypePlain, bad.value))
		r.hostile(bad.name+", from WithAttrs", r.withAttrs(root, attr, after), logRecord(after))
		r.hostile(bad.name+", from WithAttrs after WithGroup", r.withAttrs(grouped, group), logRecord())
	}
}

func hostileNames(r *run, root slog.Handler) {
	for _, name := range badNames() {
		what := "the name " + quote(name)
		attr := slog.String(name, name)
		r.hostile(what+" as key, value and group", r.withAttrs(r.withGroup(root, name), attr), logRecord(attr, slog.Group(name, attr)))
		r.hostile(what+" as scope", root, metricRecord(name, slogtel.TypeGauge, slog.Float64Value(1)))
		r.hostile(what+" as metric type", root, metricRecord("contract.bad", slogtel.MetricType(name), slog.Int64Value(1)))
		rec := logRecord()
		rec.Message = name
		r.hostile(what+" as message", root, rec)
		info := scope.Info{Path: name, Parent: name, Depth: -1, TraceID: name, SpanID: name}
		r.hostileIn(scope.NewContext(context.Background(), info), what+" as the scope around", root, logRecord())
		if w, ok := root.(slogtel.ScopeWatcher); ok {
			r.do("ScopeStarted of "+what, func() error {
				w.ScopeStarted(context.Background(), info)
				return nil
			})
		}
	}
}

// badTelemetry returns records that are almost telemetry.
func badTelemetry() []slog.Record {
	var all []slog.Record
	add := func(message string, attrs ...slog.Attr) {
		r := slog.NewRecord(eventTime, slog.LevelInfo, message, 0)
		r.AddAttrs(attrs...)
		all = append(all, r)
	}
	for _, message := range []string{slogtel.MessageTiming, slogtel.MessageMetric, slogtel.MessageSummary} {
		add(message)
		add(message, slog.Int(slogtel.KeyScope, 1), slog.String(slogtel.KeyDepth, "deep"), slog.Any(slogtel.KeyValue, nil))
		add(message, slog.Group(slogtel.KeyScope, slog.String(slogtel.KeyScope, "a")))
		for _, typ := range []slogtel.MetricType{slogtel.TypeTiming, slogtel.TypeCounter, slogtel.TypeGauge, slogtel.TypeHistogram, "unknown"} {
			add(message, slog.String(slogtel.KeyScope, "contract.bad"), slog.Int(slogtel.KeyDepth, -1),
				slog.String(slogtel.KeyParentScope, "not.its.parent"), slog.Any(slogtel.KeyMetricType, typ),
				slog.Int64(slogtel.KeyCallCount, -1), slog.Float64(slogtel.KeyDuration, -1e300),
				slog.String(slogtel.KeyValue, "no number"), slog.Int("count", -1))
		}
	}
	return all
}
