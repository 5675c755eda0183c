package runtimetel

import (
	"context"
	"runtime/metrics"
	"slices"

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
	first   bool
}

func newReader() *reader {
	r := &reader{totals: make([]uint64, len(sources)), buckets: make([][]uint64, len(sources)), first: true}
	for _, s := range sources {
		r.samples = append(r.samples, metrics.Sample{Name: s.metric})
	}
	return r
}

func (r *reader) report(ctx context.Context, tel *slogtel.Telemetry) {
	metrics.Read(r.samples)
	for i, s := range sources {
		switch v := r.samples[i].Value; v.Kind() { // KindBad: a Go release that no longer has it
		case metrics.KindUint64:
			n := v.Uint64()
			if !s.cumulative {
				tel.Gauge(ctx, s.name, float64(n))
			} else if grown := n - r.totals[i]; !r.first && grown > 0 {
				tel.Count(ctx, s.name, int64(grown))
			}
			r.totals[i] = n
		case metrics.KindFloat64Histogram:
			h := v.Float64Histogram()
			grown := slices.Clone(h.Counts)
			for b, n := range r.buckets[i] { // a metric's buckets stay the same while the program runs
				grown[b] -= n
			}
			r.buckets[i] = append(r.buckets[i][:0], h.Counts...)
			if !r.first {
				distribution(ctx, tel, i, grown, h.Buckets)
			}
		}
	}
	r.first = false
}

func distribution(ctx context.Context, tel *slogtel.Telemetry, i int, counts []uint64, limits []float64) {
	name := sources[i].name
	if p50, ok := quantile(counts, limits, 0.5); ok {
		p99, _ := quantile(counts, limits, 0.99)
		top, _ := quantile(counts, limits, 1)
		tel.Gauge(ctx, name+"_p50_s", p50)
		tel.Gauge(ctx, name+"_p99_s", p99)
		tel.Gauge(ctx, name+"_max_s", top)
	}
}
