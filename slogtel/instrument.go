package slogtel

import (
	"context"
	"log/slog"

	"github.com/slogtel/telemetry/internal/event"
)

// InstrumentOptions say what an instrument measures.
type InstrumentOptions struct {
	// Unit is the unit of the values in the notation of UCUM (https://ucum.org/ucum): "s",
	// "By", "{request}". Each event has it as its attribute unit.
	Unit string

	// Help is a sentence for people. Reporters that have a place for it show it.
	Help string

	// Attrs are on each event. An attribute of the same key in a call wins.
	Attrs []slog.Attr
}

type (
	// A Counter counts under a name and with attributes that were prepared once, by
	// [Telemetry.NewCounter]. A nil *Counter does nothing. It is safe for concurrent use.
	Counter struct{ instrument }

	// A Gauge records values under a name that was prepared once, by [Telemetry.NewGauge]. A
	// nil *Gauge does nothing. It is safe for concurrent use.
	Gauge struct{ instrument }

	// A Histogram records the values of a distribution under a name that was prepared once,
	// by [Telemetry.NewHistogram]. A nil *Histogram does nothing. It is safe for concurrent
	// use.
	Histogram struct{ instrument }
)

// NewCounter returns a counter whose path is name, in whatever scope it is used: its events
// have no parent scope. Their trace_id and span_id are those of the scope they are recorded
// in. Nil opts are the defaults; they are copied. When t is off, NewCounter returns nil.
func (t *Telemetry) NewCounter(name string, opts *InstrumentOptions) *Counter {
	if !t.Enabled() {
		return nil
	}
	c := new(Counter)
	c.init(t.core, name, counterKind, opts)
	return c
}

// NewGauge returns a gauge, as [Telemetry.NewCounter] does a counter.
func (t *Telemetry) NewGauge(name string, opts *InstrumentOptions) *Gauge {
	if !t.Enabled() {
		return nil
	}
	g := new(Gauge)
	g.init(t.core, name, gaugeKind, opts)
	return g
}

// NewHistogram returns a histogram, as [Telemetry.NewCounter] does a counter.
func (t *Telemetry) NewHistogram(name string, opts *InstrumentOptions) *Histogram {
	if !t.Enabled() {
		return nil
	}
	h := new(Histogram)
	h.init(t.core, name, histogramKind, opts)
	return h
}

// Add adds n to the counter.
func (c *Counter) Add(ctx context.Context, n int64, attrs ...slog.Attr) {
	if c != nil {
		c.recordInt(ctx, n, attrs)
	}
}

// AddFloat adds v to the counter, see [Telemetry.CountFloat].
func (c *Counter) AddFloat(ctx context.Context, v float64, attrs ...slog.Attr) {
	if c != nil {
		c.recordFloat(ctx, v, attrs)
	}
}

// Set records that the value is v now. A v that is not finite is rejected to Options.OnError.
func (g *Gauge) Set(ctx context.Context, v float64, attrs ...slog.Attr) {
	if g != nil {
		g.recordFloat(ctx, v, attrs)
	}
}

// Record records v as one value of the distribution. A v that is not finite is rejected to
// Options.OnError.
func (h *Histogram) Record(ctx context.Context, v float64, attrs ...slog.Attr) {
	if h != nil {
		h.recordFloat(ctx, v, attrs)
	}
}

// An instrument is immutable.
type instrument struct {
	core   *core
	node   *node
	series *event.Series
	attrs  []slog.Attr
}

func (i *instrument) init(c *core, name string, k kind, opts *InstrumentOptions) {
	ctx := context.Background()
	i.core, i.node = c, c.child(ctx, &c.paths.root, name)
	if opts == nil {
		i.series = i.node.seriesOf(k)
		return
	}
	i.series = event.NewSeries(event.Series{
		Path: i.node.info.Path, Parent: i.node.info.Parent, Depth: i.node.info.Depth, Type: typeOfKind[k], Unit: opts.Unit, Help: opts.Help,
	})
	u := user{core: c, path: i.node.info.Path, budget: maxAttrs}
	i.attrs = u.append(ctx, nil, opts.Attrs)
}

//go:noinline
func (i *instrument) recordInt(ctx context.Context, n int64, attrs []slog.Attr) {
	i.record(ctx, slog.Int64Value(n), attrs)
}

//go:noinline
func (i *instrument) recordFloat(ctx context.Context, v float64, attrs []slog.Attr) {
	var bad error
	switch {
	case !finite(v):
		bad = ErrNotFinite
	case v < 0 && i.series.Type == TypeCounter:
		bad = ErrNegative
	}
	if bad == nil {
		i.record(ctx, slog.Float64Value(v), attrs)
	} else if c := i.core; !c.closed.Load() {
		if ctx == nil {
			ctx = context.Background()
		}
		c.errors.event(ctx, &EventError{Scope: i.node.info.Path, Err: bad})
	}
}

func (i *instrument) record(ctx context.Context, v slog.Value, attrs []slog.Attr) {
	c := i.core
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
	scratch, list := startMetric(i.series, v)
	if c.traceIDs {
		in := c.enclosing(ctx)
		list = in.ids.appendMetric(list)
	}
	c.emit(ctx, level, MessageMetric, now().time(), i.node, scratch, list, i.attrs, attrs)
}
