package slogteltest

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/slogtel/telemetry/slogtel"
)

// A form is a way in which a handler is derived from the one that is tested.
type form struct {
	name   string
	derive func(slog.Handler) slog.Handler
}

func (r *run) forms() []form {
	return []form{
		{"the handler itself", func(h slog.Handler) slog.Handler { return h }},
		{"WithAttrs", func(h slog.Handler) slog.Handler { return r.withAttrs(h, slog.String("service", "contract")) }},
		{"WithGroup", func(h slog.Handler) slog.Handler { return r.withGroup(h, "g") }},
		{"three groups and attributes between them", func(h slog.Handler) slog.Handler {
			for _, name := range []string{"f", "g", "h"} {
				h = r.withAttrs(r.withGroup(h, name), slog.String(name, name))
			}
			return h
		}},
	}
}

// checkTelemetry lets a real Telemetry report to the handler, as it is and derived
// in several ways, with and without trace ids.
func checkTelemetry(r *run) {
	for _, form := range r.forms() {
		for _, ids := range []bool{false, true} {
			root := r.handler()
			h := form.derive(root)
			if _, ok := root.(slogtel.ScopeWatcher); ok && !r.stuck {
				if _, ok := h.(slogtel.ScopeWatcher); !ok {
					r.failf("the handler has ScopeStarted, what comes of %s (%T) has not: it is not told of scopes", form.name, h)
				}
			}
			rec := NewRecorder(nil)
			tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: ids, OnError: rec.OnError}, h)
			r.do("telemetry through "+form.name, func() error {
				exercise(tel)
				ctx, cancel := context.WithTimeout(context.Background(), callLimit/2)
				defer cancel()
				return errors.Join(tel.Flush(ctx), tel.Shutdown(ctx))
			})
			for _, err := range rec.Errors() {
				if !errors.Is(err, slogtel.ErrNotEnabled) { // checkEnabled says so
					r.failf("telemetry through %s: %w", form.name, err)
				}
			}
		}
		h := form.derive(r.handler())
		for _, rec := range reshaped() {
			r.do("Handle of a telemetry record that middleware has changed", func() error {
				return h.Handle(scoped, rec)
			})
		}
	}
}

// exercise makes an event of each kind.
func exercise(tel *slogtel.Telemetry) {
	ctx, span := tel.Start(context.Background(), "pipeline", slog.String("model", "m"))
	defer span.End()
	_ = tel.Time(ctx, "plan.tokenize", func(ctx context.Context) error {
		tel.Count(ctx, "tokens", 12, slog.String("model", "m"), slog.Int("n", 1))
		tel.Count(ctx, "tokens", -3)
		tel.Gauge(ctx, "load", -0.5)
		tel.Histogram(ctx, "size", 1e6, slog.Group("file", slog.String("kind", "md")))
		tel.Metric(ctx, "state", "ready")
		tel.Metric(ctx, "parts", []string{"a", "b"})
		tel.Metric(ctx, "nothing", nil)
		return errors.New("went wrong")
	}, slog.Any("error", errors.New("an attribute with a key of ours")))
	tel.Timing(ctx, "elsewhere", 3*time.Millisecond, slog.Duration("wait", time.Second))
	tel.Timing(ctx, "nothing", 0)
	func() {
		defer func() { _ = recover() }()
		_, failing := tel.Start(ctx, "panicking")
		defer failing.End(slog.Bool("late", true))
		panic("as planned")
	}()
	tel.Count(context.Background(), "outside", 1)
}

// reshaped returns telemetry records as they look behind middleware: with the
// metric type resolved, inside of groups, with attributes before and after; and
// the records of an aggregation.
func reshaped() []slog.Record {
	var all []slog.Record
	for _, rec := range []slog.Record{
		timingRecord(slog.String("model", "m")),
		countRecord(slog.String("model", "m")),
		metricRecord("contract.load", slogtel.TypeGauge, slog.Float64Value(0.5)),
		metricRecord("contract.size", slogtel.TypeHistogram, slog.Float64Value(1e6)),
		metricRecord("contract.state", slogtel.TypePlain, slog.StringValue("ready")),
		summaryRecord(slogtel.TypeTiming), summaryRecord(slogtel.TypeCounter),
		summaryRecord(slogtel.TypeGauge), summaryRecord(slogtel.TypeHistogram),
	} {
		attrs := attrsOf(rec)
		for i := range attrs {
			attrs[i].Value = attrs[i].Value.Resolve()
		}
		with := func(attrs ...slog.Attr) {
			r := slog.NewRecord(rec.Time, rec.Level, rec.Message, 0)
			r.AddAttrs(attrs...)
			all = append(all, r)
		}
		group := slog.GroupValue(attrs...)
		all = append(all, rec)
		with(attrs...)
		with(append([]slog.Attr{slog.String("service", "contract")}, attrs...)...)
		with(slog.String("service", "contract"), slog.Attr{Key: "g", Value: group})
		with(slog.Group("f", slog.Int("n", 1), slog.Attr{Key: "g", Value: group}))
	}
	return all
}

func summaryRecord(typ slogtel.MetricType) slog.Record {
	s := slogtel.Summary{
		Scope: "contract.work", ParentScope: "contract", Depth: 1, Type: typ, Time: eventTime, Interval: 10 * time.Second, Count: 100, Errors: 1,
		Sum: 0.5, Min: 0.5, Max: 0.5, Mean: 0.5, P50: 0.5, P90: 0.5, P95: 0.5, P99: 0.5, Last: 0.5,
	}
	return s.Record(slog.LevelInfo)
}
