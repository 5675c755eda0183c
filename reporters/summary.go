package reporters

import (
	"time"

	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/slogtel"
)

// describe sets what a summary of timings or of a histogram says of their distribution.
func describe(s *slogtel.Summary, d *sketch.Sketch) {
	unit := unitOf(s.Type)
	s.Sum = d.Sum() / unit
	s.Min, s.Max = d.Min()/unit, d.Max()/unit
	s.Mean = d.Mean() / unit
	s.P50, s.P90 = d.Quantile(0.50)/unit, d.Quantile(0.90)/unit
	s.P95, s.P99 = d.Quantile(0.95)/unit, d.Quantile(0.99)/unit
	s.QuantileError = sketch.RelativeError
}

// unitOf is what one in a summary is in the sketch: nanoseconds of a second for timings.
func unitOf(typ slogtel.MetricType) float64 {
	if typ == slogtel.TypeTiming {
		return float64(time.Second)
	}
	return 1
}

func sketchText(d *sketch.Sketch) string {
	text, _ := d.AppendText(nil) // the error is always nil
	return string(text)
}

// rateOf is the rate of s by its events or sum and its interval, and 0 for a gauge or
// no interval.
func rateOf(s *slogtel.Summary, events float64) float64 {
	seconds := s.Interval.Seconds()
	if !(seconds > 0) {
		return 0
	}
	switch s.Type {
	case slogtel.TypeGauge:
		return 0
	case slogtel.TypeCounter:
		return inRange(s.Sum / seconds)
	}
	return inRange(events / seconds)
}
