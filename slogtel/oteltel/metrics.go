package oteltel

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/slogtel/telemetry/internal/allow"
	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/tally"
)

// MetricOptions configure [NewMetrics].
type MetricOptions struct {
	// Prefix begins each metric's name, as in "shop.".
	Prefix string

	// AttributeKeys are the attributes that metrics have, at most 16; one in a group is
	// group.key. Each combination of values is a series of its own: list what has few values,
	// never an id. Nothing else leaves the app. The key "error" gives each duration an
	// attribute error that is true or false, in place of the counter of errors.
	AttributeKeys []string

	// DurationBounds are the upper bounds of the buckets of durations, in seconds, in
	// increasing order. Nil are those that OpenTelemetry's conventions advise, from 5 ms to
	// 10 s, and 30, 60, 120 and 300 s. A view of the MeterProvider decides before them, and
	// exponential histograms have none.
	DurationBounds []float64

	// MaxInstruments is how many instruments there are at most: names of metrics. Events of one
	// more are counted in MetricStats.Overflowed. 0 is 1000.
	MaxInstruments int

	// OnError is told of keys that cannot be listed, and of the first event of each kind that
	// is lost: [ErrClash], [ErrOverflow]. It is called on the goroutine of the event and must
	// not block. Nil logs it through slog.Default().
	OnError func(error)
}

// MetricStats counts what [Metrics] holds and what it lost.
type MetricStats struct {
	Instruments int // those that clash count, too, as they are remembered

	// Each event that did not become part of a metric is in exactly one of these.
	Skipped    int64 // no number, or one that is not finite; a summary or what one has counted; a value with a sample_rate under 1e-4
	Negative   int64 // a negative increment of a counter
	Clashed    int64 // of a metric whose name is that of another one
	Overflowed int64 // of a new metric when there were as many as MaxInstruments

	Uncounted int64 // failed timings whose counter of errors clashed or was one too many
	Truncated int64 // events with an attribute that was cut to 200 bytes
}

// Metrics is a handler that records telemetry with instruments of OpenTelemetry. It is safe for
// concurrent use, as far as the provider is.
type Metrics struct {
	*recorder
	bound boundValues
	open  string // names of the open groups, each with a dot behind it
}

var _ slog.Handler = (*Metrics)(nil)

// A recorder is what a Metrics and all derived from it share.
type recorder struct {
	provider metric.MeterProvider
	meter    metric.Meter
	options  MetricOptions
	keys     *allow.List
	sets     attrSets

	cache event.Cache[instrument]
	mu    sync.Mutex // guards what follows
	all   map[instrumentKey]*instrument
	names map[string]instrumentKey // whose a name is, in lower case

	skipped, negative, clashed, overflowed, uncounted, truncated atomic.Int64
	onClash, onOverflow                                          reportOnce
}

// defaultDurationBounds are those of the semantic conventions for durations of requests
// (https://opentelemetry.io/docs/specs/semconv/http/http-metrics/), and some for jobs.
var defaultDurationBounds = []float64{.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10, 30, 60, 120, 300}

const defaultMaxInstruments = 1000

// NewMetrics returns a reporter that records each event with an instrument of provider, in an
// instrumentation scope of its own: github.com/slogtel/telemetry. A nil provider is the global
// one, nil opts are the defaults; they are copied.
//
//	event                      metric                type
//	timing of plan             plan.duration         histogram, in seconds
//	  those that failed        plan.errors           counter, from the first failure on
//	counter plan.tokens        plan.tokens           counter
//	gauge queue                queue                 gauge
//	histogram size             size                  histogram
//	plain number ratio         ratio                 gauge; of a time.Duration in seconds
//
// A character that no name may have is an underscore. Unit and description are those of the
// slogtel instrument whose event comes first. Numbers are floats, so that what sampling kept
// counts with its weight: whole numbers are exact up to 2⁵³. What is not recorded is counted in
// [Metrics.Stats].
//
// Temporality, exponential histograms and the limit of series are the business of the provider's
// reader and views. Exemplars have the trace and the span of the event.
func NewMetrics(provider metric.MeterProvider, opts *MetricOptions) *Metrics {
	var o MetricOptions
	if opts != nil {
		o = *opts
	}
	if provider == nil {
		provider = otel.GetMeterProvider()
	}
	if o.MaxInstruments <= 0 {
		o.MaxInstruments = defaultMaxInstruments
	}
	if o.DurationBounds == nil {
		o.DurationBounds = defaultDurationBounds
	}
	o.DurationBounds = slices.Clone(o.DurationBounds)
	r := &recorder{
		provider: provider, meter: provider.Meter(scopeName), options: o,
		cache: event.NewCache[instrument](1024), all: make(map[instrumentKey]*instrument), names: make(map[string]instrumentKey),
		onClash: reportOnce{call: o.OnError}, onOverflow: reportOnce{call: o.OnError},
	}
	r.keys = listOf(o.AttributeKeys, o.OnError)
	r.sets.all = make(map[string]*attrSet)
	return &Metrics{recorder: r}
}

// Enabled returns true: the level of telemetry is chosen where it is made.
func (h *Metrics) Enabled(context.Context, slog.Level) bool { return true }

// RetainsRecords returns false, see slogtel.RetainsRecords.
func (*Metrics) RetainsRecords() bool { return false }

// Handle records an event, and ignores the app's own log records. It returns no error:
// [Metrics.Stats] and Options.OnError tell what was lost.
func (h *Metrics) Handle(ctx context.Context, r slog.Record) error {
	ctx = orBackground(ctx)
	var e event.Sample
	if !e.ReadFrom(&r) {
		if r.Message == event.MessageSummary && event.Is(&r) {
			h.skipped.Add(1)
		}
		return nil
	}
	v, ok := numberOf(&e)
	k := e.Type
	switch k {
	case event.TypeTiming, event.TypeCounter, event.TypeHistogram:
	default:
		k = event.TypeGauge
	}
	weight, possible := tally.Weight(e.SampleRate)
	switch {
	case !ok || e.InSummary || !possible || len(e.Scope) > maxPath,
		(k == event.TypeTiming || k == event.TypeHistogram) && weight > tally.MaxTimes:
		h.skipped.Add(1)
		return nil
	case k == event.TypeCounter && v < 0:
		h.negative.Add(1)
		return nil
	}
	i := h.instrument(&e, k)
	if i == nil {
		return nil
	}
	ctx = inSpan(ctx, e.TraceID, e.SpanID)
	attrs := h.attrsOf(&e, &r, h.bound)
	switch k {
	case event.TypeCounter:
		i.counter.Add(ctx, v*weight, attrs.add...)
	case event.TypeGauge:
		i.gauge.Record(ctx, v, attrs.record...)
	default:
		for range tally.Times(weight) {
			i.histogram.Record(ctx, v, attrs.record...)
		}
		if k == event.TypeTiming && e.Error != "" && h.keys.Failed() < 0 {
			if errs := h.errorsOf(&e); errs != nil {
				errs.counter.Add(ctx, weight, attrs.add...)
			}
		}
	}
	return nil
}

// inSpan returns ctx with the span of these ids as the active one, for exemplars.
func inSpan(ctx context.Context, traceID, spanID string) context.Context {
	if traceID == "" {
		return ctx
	}
	active := trace.SpanFromContext(ctx)
	if own, ok := active.(*activeSpan); ok && own.spanID == spanID {
		return ctx
	}
	if s := spanContextIn(ctx, active, traceID, spanID); s.IsValid() && s.SpanID() != active.SpanContext().SpanID() {
		return trace.ContextWithSpanContext(ctx, s)
	}
	return ctx
}

// maxPath is the length of the longest path that is taken. Only records that no Telemetry has
// made have longer ones.
const maxPath = 2048

// numberOf returns the value of an event, of a time in seconds, and false if it is none.
func numberOf(e *event.Sample) (float64, bool) {
	if e.Type == event.TypeTiming {
		return max(0, e.Duration).Seconds(), true
	}
	m := event.Metric{Value: e.Value.Resolve()}
	v, ok := m.Number()
	return v, ok && v-v == 0
}

// WithAttrs returns a handler that adds those of attrs that MetricOptions.AttributeKeys lists to
// each event. Their values are taken now; the event's own win.
func (h *Metrics) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	d := *h
	d.bound = h.with(h.bound, h.open, attrs)
	return &d
}

// WithGroup returns a handler for which the attributes of later calls of WithAttrs are in the
// group name. An event's own are not.
func (h *Metrics) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	d := *h
	d.open += name + "."
	return &d
}

// Flush has the provider export what it holds, if it can, as the SDK's can.
func (h *Metrics) Flush(ctx context.Context) error {
	if p, ok := h.provider.(interface{ ForceFlush(context.Context) error }); ok {
		return p.ForceFlush(orBackground(ctx))
	}
	return nil
}

// Shutdown is Flush. The provider stays open, as others may be using it: whoever made it shuts
// it down.
func (h *Metrics) Shutdown(ctx context.Context) error { return h.Flush(ctx) }

// Stats returns the counts so far, of h and all handlers derived from the same NewMetrics.
func (h *Metrics) Stats() MetricStats {
	h.mu.Lock()
	defer h.mu.Unlock()
	return MetricStats{len(h.all), h.skipped.Load(), h.negative.Load(), h.clashed.Load(), h.overflowed.Load(), h.uncounted.Load(), h.truncated.Load()}
}
