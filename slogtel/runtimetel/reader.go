package runtimetel

import (
	"context"
	"runtime/metrics"

	"github.com/slogtel/telemetry/slogtel"
)

// A source is where one figure comes from.
type source struct {
	metric     string // of runtime/metrics
	name       string // of ours
	cumulative bool   // grows for ever; what it grew by is counted
}

var sources = []source{
	{metric: "/sched/goroutines:goroutines", name: "runtime.goroutines"},
	{metric: "/sched/gomaxprocs:threads", name: "runtime.gomaxprocs"},
	{metric: "/memory/classes/heap/objects:bytes", name: "runtime.heap_objects_bytes"},
	{metric: "/gc/heap/goal:bytes", name: "runtime.heap_goal_bytes"},
	{metric: "/memory/classes/heap/stacks:bytes", name: "runtime.stacks_bytes"},
	{metric: "/memory/classes/total:bytes", name: "runtime.memory_total_bytes"},
	{metric: "/gc/cycles/total:gc-cycles", name: "runtime.gc_cycles", cumulative: true},
	{metric: "/gc/heap/allocs:bytes", name: "runtime.heap_allocs_bytes", cumulative: true},
	{metric: "/gc/heap/allocs:objects", name: "runtime.heap_allocs_objects", cumulative: true},
	{metric: "/sched/pauses/total/gc:seconds", name: "runtime.gc_pause"},
	{metric: "/sched/latencies:seconds", name: "runtime.sched_latency"},
}

// A reader reads the runtime's metrics and remembers what was reported of those
// that are cumulative.
type reader struct {
	samples []metrics.Sample // as sources, and so are the others
	totals  []uint64
	buckets [][]uint64
	grown   []uint64 // space for one distribution
	first   bool
}

func newReader() *reader {
	r := &reader{
		samples: make([]metrics.Sample, len(sources)),
		totals:  make([]uint64, len(sources)),
		buckets: make([][]uint64, len(sources)),
		first:   true,
	}
	for i, s := range sources {
		r.samples[i].Name = s.metric
	}
	return r
}

func (r *reader) report(ctx context.Context, tel *slogtel.Telemetry) {
	metrics.Read(r.samples)
	for i := range sources {
		switch v := r.samples[i].Value; v.Kind() { // KindBad: a Go release that no longer has it
		case metrics.KindUint64:
			r.number(ctx, tel, i, v.Uint64())
		case metrics.KindFloat64Histogram:
			r.distribution(ctx, tel, i, v.Float64Histogram())
		}
	}
	r.first = false
}

func (r *reader) number(ctx context.Context, tel *slogtel.Telemetry, i int, v uint64) {
	if !sources[i].cumulative {
		tel.Gauge(ctx, sources[i].name, float64(v))
		return
	}
	grown := v - r.totals[i]
	r.totals[i] = v
	if !r.first && grown > 0 {
		tel.Count(ctx, sources[i].name, int64(grown))
	}
}

func (r *reader) distribution(ctx context.Context, tel *slogtel.Telemetry, i int, h *metrics.Float64Histogram) {
	last := r.buckets[i]
	if r.first {
		r.buckets[i] = append(last, h.Counts...)
		return
	}
	r.grown = r.grown[:0]
	for b, n := range h.Counts { // a metric's buckets stay the same while the program runs
		r.grown = append(r.grown, n-last[b])
		last[b] = n
	}
	name := sources[i].name
	if p50, ok := quantile(r.grown, h.Buckets, 0.5); ok {
		p99, _ := quantile(r.grown, h.Buckets, 0.99)
		top, _ := quantile(r.grown, h.Buckets, 1)
		tel.Gauge(ctx, name+"_p50_s", p50)
		tel.Gauge(ctx, name+"_p99_s", p99)
		tel.Gauge(ctx, name+"_max_s", top)
	}
}
