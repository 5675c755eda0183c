package autoexport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/slogtel/telemetry/reporters/fromenv"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/oteltel"
)

func init() {
	fromenv.Register("otlp", func(value string) (slog.Handler, error) {
		o := Options{}
		switch value {
		case "":
		case "traces":
			o.NoMetrics = true
		case "metrics":
			o.NoTraces = true
		default:
			return nil, fmt.Errorf("there is no otlp=%.64q: there are otlp, otlp=traces, otlp=metrics", value)
		}
		h, err := New(context.Background(), &o)
		if err != nil {
			return nil, err // not the nil *Handler: that is no nil interface
		}
		return h, nil
	})
}

// Options are what the environment does not decide.
type Options struct {
	NoTraces, NoMetrics bool

	// Spans and Metrics are those of the reporters. The resource of spans is that of metrics, too.
	Spans   oteltel.SpanOptions
	Metrics oteltel.MetricOptions
}

// Stats counts what was exported and what was lost.
type Stats struct {
	Spans   oteltel.SpanStats
	Batch   oteltel.BatchStats // also of spans that TracerProvider has made
	Metrics oteltel.MetricStats
	Exports ExportStats // of metrics
}

// A Handler exports telemetry by OTLP. It is safe for concurrent use.
type Handler struct {
	*pipeline
	next []slog.Handler // spans, metrics
}

var _ slog.Handler = (*Handler)(nil)

// A pipeline is what a Handler and all derived from it share.
type pipeline struct {
	resource *resource.Resource
	batch    *oteltel.Batch   // nil: no traces
	spans    *oteltel.Spans   // nil, too
	metrics  *oteltel.Metrics // nil: no metrics
	meters   *sdkmetric.MeterProvider
	exports  *countingExporter
	tracers  *sdktrace.TracerProvider
}

// New returns a reporter that exports as the environment says. Nil opts are the defaults; they
// are copied. It is an error when a variable is malformed. That nothing answers is none: the
// exporters connect when there is something to send, and try again.
//
// A Telemetry that it is given to needs Options.TraceIDs, and oteltel.TraceParent and
// oteltel.WithContext if the app uses OpenTelemetry, too: [Handler.TelemetryOptions] sets them,
// and fromenv calls it.
func New(ctx context.Context, opts *Options) (*Handler, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	ctx = cmp.Or(ctx, context.Background())
	if o.Spans.Resource == nil {
		o.Spans.Resource = resourceOf(ctx)
	}
	p := &pipeline{resource: o.Spans.Resource}
	h := &Handler{pipeline: p}
	off := strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true")
	traces, err := wanted("TRACES", !o.NoTraces && !off)
	if err != nil {
		return nil, err
	}
	metrics, err := wanted("METRICS", !o.NoMetrics && !off)
	if err != nil {
		return nil, err
	}
	if traces {
		exporter, err := newSpanExporter(ctx)
		if err != nil {
			return nil, err
		}
		p.batch = oteltel.NewBatch(exporter)
		p.spans = oteltel.NewSpans(p.batch, &o.Spans)
		h.next = append(h.next, p.spans)
	}
	if metrics {
		exporter, err := newMetricExporter(ctx)
		if err != nil {
			return nil, errors.Join(err, p.shutdown(ctx))
		}
		p.exports = &countingExporter{Exporter: exporter}
		p.meters = sdkmetric.NewMeterProvider(sdkmetric.WithResource(p.resource), sdkmetric.WithReader(sdkmetric.NewPeriodicReader(p.exports)))
		p.metrics = oteltel.NewMetrics(p.meters, &o.Metrics)
		h.next = append(h.next, p.metrics)
	}
	p.tracers = sdktrace.NewTracerProvider(sdktrace.WithResource(p.resource))
	if p.batch != nil {
		p.tracers.RegisterSpanProcessor(p.batch)
	}
	return h, nil
}

// resourceOf returns what the environment says of the program, now: resource.Default reads it
// once. SLOGTEL_SERVICE is the name of a service that OpenTelemetry's variables do not name.
func resourceOf(ctx context.Context) *resource.Resource {
	options := []resource.Option{resource.WithFromEnv()}
	if name := os.Getenv("SLOGTEL_SERVICE"); name != "" {
		options = append([]resource.Option{resource.WithAttributes(attribute.String("service.name", name))}, options...)
	}
	from, err := resource.New(ctx, options...)
	if err != nil {
		otel.Handle(err) // what could be read is in from
	}
	all, err := resource.Merge(resource.Default(), from)
	if err != nil {
		otel.Handle(err)
	}
	return all
}

// TelemetryOptions sets what the options of a Telemetry need so that scopes are spans, in one
// trace with those of OpenTelemetry. What is set already stays.
func (h *Handler) TelemetryOptions(o *slogtel.Options) {
	if h.spans == nil {
		return
	}
	o.TraceIDs = true
	if o.TraceParent == nil {
		o.TraceParent = oteltel.TraceParent
	}
	if o.WithContext == nil {
		o.WithContext = oteltel.WithContext
	}
}

// TracerProvider returns one whose spans are exported with the scopes. It ends with the Handler.
func (h *Handler) TracerProvider() trace.TracerProvider { return h.tracers }

// MeterProvider returns one whose metrics are exported with those of the Telemetry. It ends with
// the Handler, and does nothing if there are no metrics.
func (h *Handler) MeterProvider() metric.MeterProvider {
	if h.meters == nil {
		return sdkmetric.NewMeterProvider()
	}
	return h.meters
}

// Enabled reports whether anything is exported.
func (h *Handler) Enabled(context.Context, slog.Level) bool { return len(h.next) > 0 }

// RetainsRecords returns false, see slogtel.RetainsRecords.
func (*Handler) RetainsRecords() bool { return false }

// Handle records a telemetry record as a span or a metric. It returns no error: see
// [Handler.Stats].
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	for _, next := range h.next {
		if err := next.Handle(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// WithAttrs is that of oteltel.Spans and oteltel.Metrics.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return h.derived(func(n slog.Handler) slog.Handler { return n.WithAttrs(attrs) })
}

// WithGroup is that of oteltel.Spans and oteltel.Metrics.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.derived(func(n slog.Handler) slog.Handler { return n.WithGroup(name) })
}

func (h *Handler) derived(f func(slog.Handler) slog.Handler) *Handler {
	d := &Handler{pipeline: h.pipeline}
	for _, n := range h.next {
		d.next = append(d.next, f(n))
	}
	return d
}

// Flush exports what is waiting, and returns the exporters' errors.
func (h *Handler) Flush(ctx context.Context) error {
	return h.each(ctx, func(ctx context.Context, b flusher) error { return b.ForceFlush(ctx) })
}

// Shutdown exports what is waiting and ends the exporters, also for what the app has of the
// providers. Later calls do nothing.
func (h *Handler) Shutdown(ctx context.Context) error { return h.shutdown(ctx) }

func (p *pipeline) shutdown(ctx context.Context) error {
	ctx = cmp.Or(ctx, context.Background())
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
	}
	return p.each(ctx, func(ctx context.Context, b flusher) error {
		if err := b.Shutdown(ctx); !errors.Is(err, sdkmetric.ErrReaderShutdown) {
			return err
		}
		return nil
	})
}

type flusher interface {
	ForceFlush(context.Context) error
	Shutdown(context.Context) error
}

// each calls f with both at once: one that hangs does not take the time of the other.
func (p *pipeline) each(ctx context.Context, f func(context.Context, flusher) error) error {
	ctx = cmp.Or(ctx, context.Background())
	var all []flusher
	if p.batch != nil {
		all = append(all, p.batch)
	}
	if p.meters != nil {
		all = append(all, p.meters)
	}
	errs := make(chan error, len(all))
	for _, b := range all {
		go func() { errs <- f(ctx, b) }()
	}
	var err error
	for range all {
		err = errors.Join(err, <-errs)
	}
	return err
}

// Stats returns the counts so far, of h and all handlers derived from the same New.
func (h *Handler) Stats() (s Stats) {
	if h.batch != nil {
		s.Spans, s.Batch = h.spans.Stats(), h.batch.Stats()
	}
	if h.meters != nil {
		s.Metrics, s.Exports = h.metrics.Stats(), ExportStats{h.exports.exported.Load(), h.exports.failed.Load()}
	}
	return s
}
