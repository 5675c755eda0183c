package aggregate

import (
	"log/slog"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/slogtel"
)

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
	if e.Type != slogtel.TypeTiming && (e.Type == slogtel.TypePlain || !series.IsFinite(e.Value)) {
		return notTaken
	}
	var scratch [128]byte
	var few [8]slog.Attr
	dims, attrs := scratch[:0], few[:0]
	for _, key := range a.core.opts.Keys {
		v := dim(e.Lookup(r, key))
		dims = appendDim(dims, v)
		if v.Kind() != slog.KindAny {
			attrs = append(attrs, slog.Attr{Key: key, Value: v})
		}
	}
	return a.core.add(a.view, &e, r.Level, weight, dims, attrs)
}
