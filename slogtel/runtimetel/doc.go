// Package runtimetel reports what the Go runtime does with a program's memory and
// time: goroutines, heap, garbage collection and scheduler latency, as telemetry
// events at an interval.
//
//	ctx, stop := context.WithCancel(context.Background())
//	defer stop()
//	go runtimetel.Run(ctx, tel, nil)
//
// # What is reported
//
// All figures are those of package [runtime/metrics], whose documentation is their
// source. Names begin with "runtime.", inside the scope of the context.
//
//	name                            type     unit     meaning
//	runtime.goroutines              gauge             goroutines that exist
//	runtime.gomaxprocs              gauge             threads that may run Go code at once
//	runtime.heap_objects_bytes      gauge    bytes    live objects, and dead ones not yet swept
//	runtime.heap_goal_bytes         gauge    bytes    heap size at which the next collection ends
//	runtime.stacks_bytes            gauge    bytes    stacks of goroutines
//	runtime.memory_total_bytes      gauge    bytes    all memory the runtime has mapped
//	runtime.gc_cycles               counter           collections that ended since the last report
//	runtime.heap_allocs_bytes       counter  bytes    allocated since the last report
//	runtime.heap_allocs_objects     counter           objects allocated since the last report
//	runtime.gc_pause_p50_s          gauge    seconds  stop-the-world pauses of the collector
//	runtime.gc_pause_p99_s          gauge    seconds  since the last report
//	runtime.gc_pause_max_s          gauge    seconds
//	runtime.sched_latency_p50_s     gauge    seconds  how long goroutines that could run waited
//	runtime.sched_latency_p99_s     gauge    seconds  for a thread since the last report
//	runtime.sched_latency_max_s     gauge    seconds
//
// The first report is made at once, without the figures since the last report. A figure since
// the last report that is zero is not sent, nor are the pauses of an interval without one.
//
// The runtime keeps pauses and latencies in buckets. A quantile here is the upper end of the
// bucket that it falls into, so it is never too low. With the buckets that Go uses today, four
// to each doubling, it is at most a quarter too high. What is beyond the last bucket, of some
// hours, counts as its lower end.
//
// [Run] may be called more than once, and is safe for concurrent use.
package runtimetel
