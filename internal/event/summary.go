package event

import (
	"log/slog"
	"time"
)

// A Summary is what the events of one series had in common: those of one scope or
// metric, in one interval. A [Summary.Record] has what its type has:
//
//	key                          kind    types
//	scope, parent_scope, depth           all        as of an event; the least depth
//	metric_type                  string  all
//	interval_s                   float   all        seconds
//	count                        int     all        number of events
//	errors                       int     timing     those of them that failed
//	sum                          float   all
//	min, max                     float   all but counter
//	mean                         float   all but counter
//	p50, p90, p95, p99           float   timing, histogram
//	last                         float   gauge
//	rate                         float   all but gauge
//	quantile_error               float   timing, histogram
//	sketch                       string  timing, histogram, where it was asked for
//
// Where events were sampled, count, errors, sum and what is computed from them are estimates
// for the events before sampling, see [Timing.SampleRate]. The number of events need not be
// whole then: count and errors are rounded, and sum divided by mean is the number itself.
type Summary struct {
	Scope, ParentScope string
	Depth              int // 0 where it is not in the record
	Type               MetricType
	Time               time.Time     // when the interval ended
	Interval           time.Duration // how long it was

	Count, Errors int64
	// In seconds for timings. A number that its type does not have is 0.
	Sum, Min, Max, Mean, P50, P90, P95, P99, Last float64
	Rate                                          float64 // per second: the sum of a counter, the events of others
	// QuantileError is the most that a quantile differs from the value at its rank, as a share
	// of that value. 0 means not known.
	QuantileError float64
	// Sketch is the distribution, with which aggregate.Merge merges summaries without losing
	// that bound. It is "" where it was not asked for. Of timings it is one of nanoseconds.
	Sketch string
	// Attrs are those by which the series differs from others, and what handlers added.
	Attrs []slog.Attr
}

// Decode is slogtel.DecodeSummary for those who decode many records, as [Timing.Decode].
func (s *Summary) Decode(r slog.Record) bool {
	if r.Message != MessageSummary {
		return false
	}
	f := fields{keep: true, others: s.Attrs[:0], summary: s}
	*s = Summary{}
	ok := f.read(&r)
	s.Scope, s.ParentScope, s.Depth, s.Type = f.scope, f.parent, f.depth, f.typ
	s.Time = r.Time
	s.Attrs = f.others
	return ok
}

// take takes an attribute that only a summary has.
func (s *Summary) take(a slog.Attr) bool {
	switch a.Key {
	case KeyCount:
		return integer(a.Value, &s.Count)
	case KeyErrors:
		return integer(a.Value, &s.Errors)
	case KeySketch:
		return text(a.Value, &s.Sketch)
	case KeyInterval:
		var seconds float64
		ok := number(a.Value, &seconds)
		if ok {
			s.Interval = nanos(seconds)
		}
		return ok
	}
	if to := s.float(a.Key); to != nil {
		return number(a.Value, to)
	}
	return false
}

// float returns where the float with this key is kept, and nil for other keys.
func (s *Summary) float(key string) *float64 {
	switch key {
	case KeySum:
		return &s.Sum
	case KeyMin:
		return &s.Min
	case KeyMax:
		return &s.Max
	case KeyMean:
		return &s.Mean
	case KeyP50:
		return &s.P50
	case KeyP90:
		return &s.P90
	case KeyP95:
		return &s.P95
	case KeyP99:
		return &s.P99
	case KeyLast:
		return &s.Last
	case KeyRate:
		return &s.Rate
	case KeyQuantileError:
		return &s.QuantileError
	}
	return nil
}

// The floats that a summary of a type has, in the order of a record.
var (
	counterFloats      = []string{KeySum, KeyRate}
	gaugeFloats        = []string{KeySum, KeyMin, KeyMax, KeyMean, KeyLast}
	distributionFloats = []string{KeySum, KeyMin, KeyMax, KeyMean, KeyP50, KeyP90, KeyP95, KeyP99, KeyRate, KeyQuantileError}
)

// Record returns s as a record of this level, which [Summary.Decode] turns back into
// s. A float that is not finite is left out. An attribute of s.Attrs that bears one of
// the keys of a summary goes out as user_ + key.
func (s *Summary) Record(level slog.Level) slog.Record {
	list := make([]slog.Attr, 0, 24+len(s.Attrs))
	list = append(list,
		slog.String(KeyScope, s.Scope),
		slog.Int(KeyDepth, s.Depth),
		slog.String(KeyParentScope, s.ParentScope),
		slog.Attr{Key: KeyMetricType, Value: slog.AnyValue(s.Type)},
		slog.Float64(KeyInterval, s.Interval.Seconds()),
		slog.Int64(KeyCount, s.Count))
	floats := distributionFloats
	switch s.Type {
	case TypeTiming:
		list = append(list, slog.Int64(KeyErrors, s.Errors))
	case TypeCounter:
		floats = counterFloats
	case TypeGauge:
		floats = gaugeFloats
	}
	for _, key := range floats {
		if f := *s.float(key); finite(f) {
			list = append(list, slog.Float64(key, f))
		}
	}
	if s.Sketch != "" {
		list = append(list, slog.String(KeySketch, s.Sketch))
	}
	for _, a := range s.Attrs {
		if Reserved(a.Key) {
			a.Key = UserPrefix + a.Key
		}
		list = append(list, a)
	}
	r := slog.NewRecord(s.Time, level, MessageSummary, 0)
	r.AddAttrs(list...)
	return r
}
