package aggregate

import (
	"log/slog"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/internal/slogattrs"
	"github.com/slogtel/telemetry/slogtel"
)

// An input is what a series takes of an event.
type input struct {
	*event.Sample
	level  slog.Level
	place  uint64  // see slogattrs.Place
	weight float64 // how many events it stands for
	value  float64 // nanoseconds of a timing
	whole  int64   // in place of value, if a counter's is an int
}

// fate is what becomes of an event.
type fate uint8

const (
	notTaken  fate = iota // it is passed on
	inSeries              // it goes no further
	alsoTaken             // it is passed on with a mark
)

// take adds r to its series, if it is an event that no summary has.
func (a *Handler) take(r *slog.Record) fate {
	if r.Message != slogtel.MessageTiming && r.Message != slogtel.MessageMetric {
		return notTaken
	}
	var e event.Sample
	if !e.ReadFrom(r) || e.InSummary {
		return notTaken
	}
	weight, ok := series.Weight(&e)
	if !ok {
		return notTaken
	}
	in := input{Sample: &e, level: r.Level, place: slogattrs.Place(r), weight: weight}
	switch {
	case e.Type == slogtel.TypeTiming:
		in.value = float64(max(0, e.Duration))
	case e.Type == slogtel.TypePlain || !series.IsFinite(e.Value):
		return notTaken
	case e.Value.Kind() == slog.KindInt64:
		in.whole = e.Value.Int64()
	default:
		in.value = e.Value.Float64()
	}
	var scratch [128]byte
	dims := scratch[:0]
	for _, key := range a.core.opts.Keys {
		dims = appendDim(dims, e.Lookup(r, key))
	}
	return a.core.add(a.view, &in, dims)
}
