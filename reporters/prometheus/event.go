package prometheus

import (
	"log/slog"
	"slices"
	"sync"

	"github.com/slogtel/telemetry/slogtel"
)

// An event is what is needed of a record.
type event struct {
	kind            kind
	path            string
	f               float64 // in seconds where it is a time; finite
	failed          bool
	rate            float64 // by which the event was sampled before it came here; 0: it was not
	traceID, spanID string
	attrs           []slog.Attr
}

// The decoders of package slogtel keep their room between records, up to a limit.
var (
	timingPool = sync.Pool{New: func() any { return new(slogtel.Timing) }}
	metricPool = sync.Pool{New: func() any { return new(slogtel.Metric) }}
)

const maxPooledAttrs = 256

// forget lets go of what attrs held.
func forget(attrs []slog.Attr) []slog.Attr {
	if cap(attrs) > maxPooledAttrs {
		return nil
	}
	clear(attrs[:cap(attrs)])
	return attrs[:0]
}

func eventOfTiming(d *slogtel.Timing) event {
	return event{
		kind: timing, path: d.Scope, f: max(0, d.Duration).Seconds(), failed: d.Error != "",
		rate: d.SampleRate, traceID: d.TraceID, spanID: d.SpanID, attrs: d.Attrs,
	}
}

// eventOfMetric returns false where there is no number that Prometheus could take, and
// where a summary has it.
func eventOfMetric(d *slogtel.Metric) (event, bool) {
	e := event{path: d.Scope, rate: d.SampleRate, traceID: d.TraceID, spanID: d.SpanID, attrs: d.Attrs}
	switch d.Type {
	case slogtel.TypeCounter:
		e.kind = counter
	case slogtel.TypeHistogram:
		e.kind = histogram
	default:
		e.kind = gauge
	}
	switch v := d.Value.Resolve(); v.Kind() {
	case slog.KindFloat64:
		e.f = v.Float64()
	case slog.KindInt64:
		e.f = float64(v.Int64())
	case slog.KindUint64:
		e.f = float64(v.Uint64())
	case slog.KindDuration:
		e.f = v.Duration().Seconds()
		if e.kind == gauge {
			e.kind = duration
		}
	default:
		return e, false
	}
	return e, finite(e.f) && !d.InSummary
}

// weigh returns how much n is of all that e stands for.
func (e *event) weigh(n float64) float64 {
	if e.rate == 0 {
		return n
	}
	return n / e.rate
}

// unit returns the unit of an instrument's event, or "".
func (e *event) unit() string {
	for _, a := range slices.Backward(e.attrs) {
		if a.Key == keyUnit && a.Value.Kind() == slog.KindString {
			return a.Value.String()
		}
	}
	return ""
}

const keyUnit = "unit"

// minRate is the least share of which a value is taken into a histogram: it is
// observed as often as it stands for an event, which takes the caller's time.
const minRate = 1e-4

// tooRare reports whether e is a value that stands for more events than that.
func (e *event) tooRare() bool {
	return e.rate != 0 && e.rate < minRate && (e.kind == timing || e.kind == histogram)
}
