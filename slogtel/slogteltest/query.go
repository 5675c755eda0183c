package slogteltest

import (
	"log/slog"
	"math"
	"slices"

	"github.com/slogtel/telemetry/slogtel"
)

// Timings returns the timing events of the scope path, in the order in which they ended. An
// empty path stands for all scopes. With attributes given, only events that have each of them
// are returned. The result is a copy.
func (rec *Recorder) Timings(path string, attrs ...slog.Attr) []slogtel.Timing {
	rec.mu.Lock()
	all := rec.timings[:len(rec.timings):len(rec.timings)]
	rec.mu.Unlock()
	var found []slogtel.Timing
	for _, t := range all {
		if (path == "" || t.Scope == path) && hasAttrs(t.Attrs, attrs) {
			t.Attrs = copyAttrs(t.Attrs)
			found = append(found, t)
		}
	}
	return found
}

// Metrics returns the counter, gauge, histogram and plain metric events of the path, in the
// order in which they came. An empty path stands for all paths. With attributes given, only
// events that have each of them are returned. The result is a copy.
func (rec *Recorder) Metrics(path string, attrs ...slog.Attr) []slogtel.Metric {
	rec.mu.Lock()
	all := rec.metrics[:len(rec.metrics):len(rec.metrics)]
	rec.mu.Unlock()
	var found []slogtel.Metric
	for _, m := range all {
		if (path == "" || m.Scope == path) && hasAttrs(m.Attrs, attrs) {
			m.Attrs = copyAttrs(m.Attrs)
			found = append(found, m)
		}
	}
	return found
}

// Sum returns the value of the counter path, to the nearest whole number: the sum of its
// events, or of those that have each of the attributes. Metrics of other types add nothing;
// [Recorder.Values] is for them.
func (rec *Recorder) Sum(path string, attrs ...slog.Attr) int64 {
	var whole int64
	var rest float64 // of CountFloat
	for _, m := range rec.Metrics(path, attrs...) {
		switch {
		case m.Type != slogtel.TypeCounter:
		case m.Value.Kind() == slog.KindInt64:
			whole += m.Value.Int64()
		default:
			f, _ := m.Number()
			rest += f
		}
	}
	return whole + int64(math.Round(rest))
}

// Values returns the values of the metric path that are numbers, whatever its
// type, in the order in which they came.
func (rec *Recorder) Values(path string, attrs ...slog.Attr) []float64 {
	var values []float64
	for _, m := range rec.Metrics(path, attrs...) {
		if f, ok := m.Number(); ok {
			values = append(values, f)
		}
	}
	return values
}

// Last returns the last of [Recorder.Values], which is the current value of a gauge. It
// returns false if there is none.
func (rec *Recorder) Last(path string, attrs ...slog.Attr) (value float64, ok bool) {
	values := rec.Values(path, attrs...)
	if len(values) == 0 {
		return 0, false
	}
	return values[len(values)-1], true
}

// Scopes returns the paths of all scopes that have ended or are open, sorted, each
// once.
func (rec *Recorder) Scopes() []string {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	var paths []string
	for i := range rec.timings {
		paths = append(paths, rec.timings[i].Scope)
	}
	for _, o := range rec.open {
		paths = append(paths, o.path)
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// Records returns copies of all telemetry records, summaries among them, in the
// order in which they came.
func (rec *Recorder) Records() []slog.Record {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return copyRecords(rec.records)
}

// Logs returns copies of all records that are not telemetry, in the order in which
// they came.
func (rec *Recorder) Logs() []slog.Record {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return copyRecords(rec.logs)
}

// Errors returns what was given to [Recorder.OnError].
func (rec *Recorder) Errors() []error {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return slices.Clone(rec.errors)
}
