package statsd

import (
	"log/slog"
	"sync"

	"github.com/slogtel/telemetry/slogtel"
)

// The decoders of package slogtel keep their room between records.
var (
	timingPool = sync.Pool{New: func() any { return new(slogtel.Timing) }}
	metricPool = sync.Pool{New: func() any { return new(slogtel.Metric) }}
)

func (t *tagKeys) decodeTiming(r *slog.Record, s *sample) bool {
	d := timingPool.Get().(*slogtel.Timing)
	defer timingPool.Put(d)
	if !d.Decode(*r) {
		return false
	}
	*s = sample{kind: timing, scope: d.Scope, n: int64(d.Duration), rate: d.SampleRate, failed: d.Error != "", counted: d.InSummary}
	t.takeAll(&s.tags, nil, d.Attrs)
	clear(d.Attrs[:cap(d.Attrs)]) // keep nothing alive
	return true
}

func (t *tagKeys) decodeMetric(r *slog.Record, s *sample) verdict {
	d := metricPool.Get().(*slogtel.Metric)
	defer metricPool.Put(d)
	if !d.Decode(*r) {
		return notOurs
	}
	*s = sample{scope: d.Scope, rate: d.SampleRate, counted: d.InSummary}
	t.takeAll(&s.tags, nil, d.Attrs)
	clear(d.Attrs[:cap(d.Attrs)])
	v := d.Value.Resolve()
	switch v.Kind() {
	case slog.KindUint64:
		v = slog.Float64Value(float64(v.Uint64()))
	case slog.KindDuration:
		v = slog.Float64Value(float64(v.Duration()) / 1e6)
	}
	if s.counted || !s.setValue(kindOf(d.Type), v) || s.kind != counter && !finite(s.f) {
		return noForm
	}
	if s.kind == gauge {
		s.rate = 0
	}
	return wellRead
}
