package slogtel

import (
	"context"
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"time"
)

// Count adds n to the counter called name in the scope of ctx. [Telemetry.NewCounter] makes
// one that has a unit.
func (t *Telemetry) Count(ctx context.Context, name string, n int64, attrs ...slog.Attr) {
	if t == nil || t.core == nil {
		return
	}
	t.core.count(ctx, name, n, attrs)
}

// CountFloat adds v to the counter called name in the scope of ctx, for amounts such as money
// or seconds. A v that is negative or not finite is rejected to Options.OnError.
func (t *Telemetry) CountFloat(ctx context.Context, name string, v float64, attrs ...slog.Attr) {
	if t == nil || t.core == nil {
		return
	}
	t.core.countFloat(ctx, name, v, attrs)
}

// Gauge records that the value called name is v now. A v that is not finite is rejected to
// Options.OnError.
func (t *Telemetry) Gauge(ctx context.Context, name string, v float64, attrs ...slog.Attr) {
	if t == nil || t.core == nil {
		return
	}
	t.core.gauge(ctx, name, v, attrs)
}

// Histogram records v as one value of the distribution called name. A v that is not finite is
// rejected to Options.OnError.
func (t *Telemetry) Histogram(ctx context.Context, name string, v float64, attrs ...slog.Attr) {
	if t == nil || t.core == nil {
		return
	}
	t.core.histogram(ctx, name, v, attrs)
}

// Metric records a value of any kind, without a metric_type. A [slog.LogValuer] is resolved. A
// value of a named number type is recorded as a number. A value that is not finite, that is
// an empty group, or whose method panics is rejected to Options.OnError.
func (t *Telemetry) Metric(ctx context.Context, name string, v any, attrs ...slog.Attr) {
	if t == nil || t.core == nil {
		return
	}
	t.core.plain(ctx, name, v, attrs)
}

// Timing emits the timing event of a scope that was measured elsewhere: it lasted d and ended
// just now. A negative d counts as zero.
func (t *Telemetry) Timing(ctx context.Context, name string, d time.Duration, attrs ...slog.Attr) {
	if t == nil || t.core == nil {
		return
	}
	t.core.timing(ctx, name, d, attrs)
}

// The next five keep the methods above small enough to be inlined, so that
// attributes given to them cost nothing when telemetry is off. They must not be
// inlined themselves, as they would be into the methods.

//go:noinline
func (c *core) count(ctx context.Context, name string, n int64, attrs []slog.Attr) {
	c.metric(ctx, name, counterKind, slog.Int64Value(n), attrs)
}

//go:noinline
func (c *core) countFloat(ctx context.Context, name string, v float64, attrs []slog.Attr) {
	if v < 0 {
		c.reject(ctx, name, ErrNegative)
		return
	}
	c.metric(ctx, name, counterKind, slog.Float64Value(v), attrs)
}

//go:noinline
func (c *core) gauge(ctx context.Context, name string, v float64, attrs []slog.Attr) {
	c.metric(ctx, name, gaugeKind, slog.Float64Value(v), attrs)
}

//go:noinline
func (c *core) histogram(ctx context.Context, name string, v float64, attrs []slog.Attr) {
	c.metric(ctx, name, histogramKind, slog.Float64Value(v), attrs)
}

//go:noinline
func (c *core) plain(ctx context.Context, name string, v any, attrs []slog.Attr) {
	c.metric(ctx, name, plainKind, slog.AnyValue(v), attrs)
}

// metric emits a metric event.
func (c *core) metric(ctx context.Context, name string, k kind, v slog.Value, attrs []slog.Attr) {
	if c.closed.Load() {
		return
	}
	if ctx == nil {
		ctx = context.Background()
	}
	level := c.level.level()
	if !c.enabled(ctx, level) {
		return
	}
	in := c.enclosing(ctx)
	n := c.child(ctx, in.node, name)
	switch v.Kind() {
	case slog.KindFloat64, slog.KindAny, slog.KindGroup, slog.KindLogValuer:
		var ok bool
		if v, ok = c.cleanValue(ctx, v, n.info.Path); !ok {
			return
		}
	}
	scratch, list := startMetric(n.seriesOf(k), v)
	list = in.ids.appendMetric(list)
	c.emit(ctx, level, MessageMetric, now().time(), n, scratch, list, nil, attrs)
}

// reject reports why the metric name is not sent.
func (c *core) reject(ctx context.Context, name string, why error) {
	if c.closed.Load() {
		return
	}
	if ctx == nil {
		ctx = context.Background()
	}
	n := c.child(ctx, c.enclosing(ctx).node, name)
	c.errors.event(ctx, &EventError{Scope: n.info.Path, Err: why})
}

// cleanValue makes a metric's value fit for a record, or reports why it cannot.
func (c *core) cleanValue(ctx context.Context, v slog.Value, path string) (slog.Value, bool) {
	if v.Kind() == slog.KindFloat64 { // before all, for speed
		if finite(v.Float64()) {
			return v, true
		}
		c.errors.event(ctx, &EventError{Scope: path, Err: ErrNotFinite})
		return v, false
	}
	u := user{core: c, path: path, inside: maxAttrs}
	v, ok := u.clean(ctx, v, KeyValue, maxGroupDepth)
	if !ok {
		return v, false
	}
	switch v.Kind() {
	case slog.KindAny:
		v = numeric(v)
	case slog.KindGroup:
		if len(v.Group()) == 0 {
			u.report(ctx, KeyValue, ErrNoValue)
			return v, false
		}
	}
	return v, true
}

// numeric turns a value of a named number type, which no reporter would take for a number,
// into one of slog's kinds. A value with a text of its own stays what it is.
func numeric(v slog.Value) slog.Value {
	switch v.Any().(type) {
	case json.Marshaler, encoding.TextMarshaler, fmt.Stringer, error:
		return v
	}
	switch r := reflect.ValueOf(v.Any()); {
	case r.CanFloat():
		return slog.Float64Value(r.Float())
	case r.CanInt():
		return slog.Int64Value(r.Int())
	case r.CanUint():
		return slog.Uint64Value(r.Uint())
	}
	return v
}

func (c *core) timing(ctx context.Context, name string, d time.Duration, attrs []slog.Attr) {
	if c.closed.Load() {
		return
	}
	if ctx == nil {
		ctx = context.Background()
	}
	level := c.level.level()
	if !c.enabled(ctx, level) {
		return
	}
	in := c.enclosing(ctx)
	n := c.child(ctx, in.node, name)
	var ids traceIDs
	if c.traceIDs {
		ids = in.ids.child()
	}
	if c.watchers != nil {
		c.started(ctx, n, &ids)
	}
	end := now()
	d = max(0, d)
	scratch := timings.Get()
	list := ids.appendTiming(timing(scratch, n.seriesOf(timingKind), n.next(), end.add(-d), d))
	c.emit(ctx, level, MessageTiming, end.time(), n, scratch, list, nil, attrs)
}
