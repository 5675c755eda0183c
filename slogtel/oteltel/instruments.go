package oteltel

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"go.opentelemetry.io/otel/metric"

	"github.com/slogtel/telemetry/internal/event"
)

// What MetricOptions.OnError is told wraps one of these.
var (
	// ErrClash says that the name of a metric is that of another one: of another type, or of a
	// path that differs in characters which no name may have, or in case. All events of the
	// second are counted in MetricStats.Clashed.
	ErrClash = errors.New("metric clashes with another one")

	// ErrOverflow says that there are as many instruments as MetricOptions.MaxInstruments.
	ErrOverflow = errors.New("too many instruments: keep ids out of scopes and names, or raise MetricOptions.MaxInstruments")
)

// failures is the kind of the counter of a timing's errors. Kinds are otherwise types of events, where
// that of a plain number is a gauge.
const failures event.MetricType = "failures"

type instrumentKey struct {
	path string
	kind event.MetricType
}

// An instrument is immutable.
type instrument struct {
	kind      event.MetricType
	counter   metric.Float64Counter
	gauge     metric.Float64Gauge
	histogram metric.Float64Histogram
	refused   bool
}

// instrument returns that of an event, and nil if the event is lost: it has been counted.
func (r *recorder) instrument(e *event.Sample, k event.MetricType) *instrument {
	i := r.cache.Find(e.Series)
	if i == nil || i.kind != k {
		if i = r.find(e, k); i == nil {
			return nil
		}
		r.cache.Put(e.Series, i)
	}
	if i.refused {
		r.clashed.Add(1)
		return nil
	}
	return i
}

// errorsOf returns the counter of a timing's failures, or nil.
func (r *recorder) errorsOf(e *event.Sample) *instrument {
	if i := r.find(e, failures); i != nil && !i.refused {
		return i
	}
	r.uncounted.Add(1)
	return nil
}

func (r *recorder) find(e *event.Sample, k event.MetricType) *instrument {
	i, err := r.open(e, instrumentKey{e.Scope, k})
	switch {
	case err == nil:
	case errors.Is(err, ErrOverflow):
		r.onOverflow.report(err)
	default:
		r.onClash.report(err)
	}
	return i
}

// open returns an instrument, made if need be. It calls foreign code under the lock, the provider's,
// as two instruments with one name must not be made.
func (r *recorder) open(e *event.Sample, key instrumentKey) (*instrument, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := r.all[key]; i != nil {
		return i, nil
	}
	if len(r.all) >= r.options.MaxInstruments {
		if key.kind != failures {
			r.overflowed.Add(1)
		}
		return nil, fmt.Errorf("oteltel: metric %.200q: %w", e.Scope, ErrOverflow)
	}
	i := &instrument{kind: key.kind}
	name, unit := r.nameOf(e, key.kind)
	lower := strings.ToLower(name)
	err := fmt.Errorf("oteltel: metric %.200q: %w", name, ErrClash)
	if other, taken := r.names[lower]; !taken || other == key {
		r.names[lower] = key
		err = r.make(i, e, name, unit)
	}
	i.refused = err != nil
	r.all[key] = i
	return i, err
}

func (r *recorder) nameOf(e *event.Sample, k event.MetricType) (name, unit string) {
	name, unit = r.options.Prefix+e.Scope, e.Unit
	switch k {
	case event.TypeTiming:
		name, unit = name+".duration", "s"
	case failures:
		name, unit = name+".errors", "{error}"
	case event.TypeGauge:
		if e.Type == event.TypePlain && e.Value.Resolve().Kind() == slog.KindDuration {
			unit = "s"
		}
	}
	return metricName(name), valid(unit)
}

func (r *recorder) make(i *instrument, e *event.Sample, name, unit string) error {
	help := ""
	if e.Series != nil {
		help = valid(e.Series.Help)
	}
	err, _ := try(func() (err error) {
		switch i.kind {
		case event.TypeCounter, failures:
			i.counter, err = r.meter.Float64Counter(name, metric.WithUnit(unit), metric.WithDescription(help))
		case event.TypeGauge:
			i.gauge, err = r.meter.Float64Gauge(name, metric.WithUnit(unit), metric.WithDescription(help))
		case event.TypeTiming:
			i.histogram, err = r.meter.Float64Histogram(name, metric.WithUnit(unit), metric.WithExplicitBucketBoundaries(r.options.DurationBounds...))
		default:
			i.histogram, err = r.meter.Float64Histogram(name, metric.WithUnit(unit), metric.WithDescription(help))
		}
		return err
	})
	return err
}

// maxName is the length of a name of an instrument, by OpenTelemetry's specification.
const maxName = 255

// metricName returns a path as the name of an instrument: a letter, then letters, digits and
// _ . - / (https://opentelemetry.io/docs/specs/otel/metrics/api/#instrument-name-syntax).
func metricName(path string) string {
	b := make([]byte, 0, len(path)+1)
	if path == "" || !nameByte(path[0], true) {
		b = append(b, 'x')
	}
	for _, c := range path {
		if c >= 0x80 || !nameByte(byte(c), false) {
			c = '_'
		}
		if b = append(b, byte(c)); len(b) == maxName {
			break
		}
	}
	return string(b)
}

func nameByte(c byte, first bool) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		return true
	case first:
		return false
	}
	return '0' <= c && c <= '9' || c == '_' || c == '.' || c == '-' || c == '/'
}
