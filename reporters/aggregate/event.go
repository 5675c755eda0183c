package aggregate

import (
	"log/slog"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/slogtel"
)

// take adds r to its series, if it is an event that no summary has. Such a one may pass, too.
func (a *Handler) take(r *slog.Record) (taken, passes bool) {
	if r.Message != slogtel.MessageTiming && r.Message != slogtel.MessageMetric {
		return false, false
	}
	if r.Message == slogtel.MessageTiming && a.takeAgain(r) {
		return true, false
	}
	return a.takeNew(r)
}

// takeNew is take for an event that is not like one before. It is apart from take, whose frame is smaller without
// what this needs.
func (a *Handler) takeNew(r *slog.Record) (taken, passes bool) {
	var e event.Sample
	if !e.ReadFrom(r) || e.InSummary {
		return false, false
	}
	weight, ok := series.Weight(&e)
	if !ok {
		return false, false
	}
	if e.Type != slogtel.TypeTiming && (e.Type == slogtel.TypePlain || !series.IsFinite(e.Value)) {
		return false, false
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
	return a.core.add(r, a.view, &e, r.Level, weight, dims, attrs)
}
