package prometheus

import (
	"log/slog"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/tally"
)

// A kind is what becomes of an event.
type kind uint8

const (
	timing kind = iota
	counter
	gauge
	histogram
	duration // a gauge in seconds
)

// String is for help texts and errors.
func (k kind) String() string {
	return [...]string{"timing", "counter", "gauge", "histogram", "gauge of a duration"}[k]
}

// A sample is an event on its way to its series.
type sample struct {
	event.Sample
	kind kind
	f    float64 // in seconds where it is a time; finite
}

// What became of reading a record.
type verdict uint8

const (
	notOurs  verdict = iota // an ordinary log record
	wellRead                // the sample holds the event
	noForm                  // no number that Prometheus could take, or a summary has it
)

// read reads an event into e, which must be empty.
func (e *sample) read(r *slog.Record) verdict {
	if !e.ReadFrom(r) {
		if r.Message == event.MessageSummary && event.Is(r) {
			return noForm
		}
		return notOurs
	}
	if e.InSummary || !e.setValue() {
		return noForm
	}
	return wellRead
}

func (e *sample) setValue() bool {
	switch e.Type {
	case event.TypeTiming:
		e.kind, e.f = timing, max(0, e.Duration).Seconds()
		return true
	case event.TypeCounter:
		e.kind = counter
	case event.TypeHistogram:
		e.kind = histogram
	default:
		e.kind = gauge
	}
	v := e.Value.Resolve()
	if v.Kind() == slog.KindDuration {
		e.kind = duration // only a plain metric has one
	}
	var ok bool
	e.f, ok = event.Number(v)
	return ok && finite(e.f)
}

// weigh returns how much n is of all that e stands for.
func (e *sample) weigh(n float64) float64 {
	if e.SampleRate == 0 {
		return n
	}
	return n / e.SampleRate
}

// times returns how often the value of e is observed, see [tally.Times].
func (e *sample) times() int {
	weight, _ := tally.Weight(e.SampleRate)
	return tally.Times(weight)
}

// minRate is the least share of which a value is taken into a histogram: it is
// observed as often as it stands for an event, which takes the caller's time.
const minRate = 1e-4

// tooRare reports whether e is a value that stands for more events than that.
func (e *sample) tooRare() bool {
	return e.SampleRate != 0 && e.SampleRate < minRate && (e.kind == timing || e.kind == histogram)
}
