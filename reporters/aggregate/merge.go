package aggregate

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/slogtel"
)

var (
	// ErrNoSketch is why summaries of timings or of a histogram could not be merged: one
	// has no sketch, or a sketch of other events. See [Options].Sketch.
	ErrNoSketch = errors.New("aggregate: a summary without its sketch")

	// ErrOtherSeries is why summaries of different scopes or types are not merged.
	ErrOtherSeries = errors.New("aggregate: summaries of different series")
)

// Merge returns the summary of all events of a and of b, two summaries of the same scope,
// parent and type: of two processes, of two intervals, or of both.
//
// Counts, sums, minima and maxima are exact, and quantiles are within the same bound as
// before; counts of sampled events are rounded. The interval is from the beginning of the
// earlier one to the end of the later one, and the rate is that of this interval. The last
// value of a gauge is that of the later summary. Of the attributes, those stay that both have
// with the same value, which must be a text, a number or a bool.
//
// A summary of no events is ignored: merging may begin with an empty one.
func Merge(a, b slogtel.Summary) (slogtel.Summary, error) {
	switch {
	case a.Count == 0:
		return b, nil
	case b.Count == 0:
		return a, nil
	case a.Scope != b.Scope || a.ParentScope != b.ParentScope || a.Type != b.Type:
		return slogtel.Summary{}, fmt.Errorf("%w: %.128q (%.16q) and %.128q (%.16q)", ErrOtherSeries, a.Scope, a.Type, b.Scope, b.Type)
	case a.Count < 0 || b.Count < 0:
		return slogtel.Summary{}, errors.New("aggregate: a summary with a negative count")
	}
	m := slogtel.Summary{
		Scope: a.Scope, ParentScope: a.ParentScope, Type: a.Type,
		Depth: min(a.Depth, b.Depth),
		Attrs: commonAttrs(a.Attrs, b.Attrs),
	}
	m.Time, m.Interval = span(&a, &b)
	if a.Time.After(b.Time) { // the last value is that of the later one
		a, b = b, a
	}
	var sums series.Sums
	for _, s := range []*slogtel.Summary{&a, &b} {
		d := series.SketchOf(s)
		switch s.Type {
		case slogtel.TypeCounter, slogtel.TypeGauge:
		case slogtel.TypeTiming, slogtel.TypeHistogram:
			if d == nil {
				return slogtel.Summary{}, fmt.Errorf("%w: %.128q", ErrNoSketch, s.Scope)
			}
		default:
			return slogtel.Summary{}, fmt.Errorf("aggregate: a summary of type %.16q", s.Type)
		}
		sums.AddSummary(s, d)
	}
	sums.Describe(&m, true)
	return m, nil
}

// span returns the end and the length of the time that two summaries are of.
func span(a, b *slogtel.Summary) (end time.Time, length time.Duration) {
	start := a.Time.Add(-a.Interval)
	if other := b.Time.Add(-b.Interval); other.Before(start) {
		start = other
	}
	end = a.Time
	if b.Time.After(end) {
		end = b.Time
	}
	return end, end.Sub(start)
}

func commonAttrs(a, b []slog.Attr) (common []slog.Attr) {
	for _, x := range a {
		for _, y := range b {
			if x.Key == y.Key && scalar(x.Value) && scalar(y.Value) && x.Value.Equal(y.Value) {
				common = append(common, x)
				break
			}
		}
	}
	return common
}

// scalar reports whether v can be compared: what is of any type may panic.
func scalar(v slog.Value) bool {
	switch v.Kind() {
	case slog.KindAny, slog.KindGroup, slog.KindLogValuer:
		return false
	}
	return true
}
