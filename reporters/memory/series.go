package memory

import (
	"log/slog"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/series"
)

// sums is what is kept of a scope or of a metric, or of a part of its events. What uses it has
// locked the part.
type sums struct {
	series.Sums
	plain slog.Value // last value of a plain metric; a string is in text
	text  []byte     // that, or the last error of a scope
}

func (s *sums) addTiming(e *event.Sample, weight float64) {
	if e.Error != "" {
		s.text = series.AppendCut(s.text[:0], e.Error)
	}
	if !e.InSummary {
		s.Add(e, weight)
	}
}

// merge adds what is in from, which is of timings, a counter or a histogram, and empties it.
func (s *sums) merge(from *sums) {
	if from.Events > 0 {
		s.Merge(&from.Sums)
	}
}
