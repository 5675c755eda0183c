package runtimetel_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/runtimetel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// always are the gauges of every report.
var always = []string{
	"runtime.goroutines", "runtime.gomaxprocs", "runtime.heap_objects_bytes",
	"runtime.heap_goal_bytes", "runtime.stacks_bytes", "runtime.memory_total_bytes",
}

func start(t *testing.T, opts *runtimetel.Options) (*slogteltest.Recorder, *slogtel.Telemetry, context.CancelFunc, chan struct{}) {
	tel, rec := slogteltest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtimetel.Run(ctx, tel, opts)
	}()
	return rec, tel, cancel, done
}

func byName(rec *slogteltest.Recorder) map[string][]slogtel.Metric {
	m := map[string][]slogtel.Metric{}
	for _, metric := range rec.Metrics("") {
		m[metric.Scope] = append(m[metric.Scope], metric)
	}
	return m
}

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec, _, cancel, done := start(t, nil)
		synctest.Wait()
		first := byName(rec)
		assert.Len(t, first, len(always), "nothing since the last report")
		for _, name := range always {
			require.Len(t, first[name], 1, name)
			m := first[name][0]
			assert.Equal(t, slogtel.TypeGauge, m.Type, name)
			assert.Positive(t, m.Value.Float64(), name)
		}
		assert.Equal(t, float64(runtime.GOMAXPROCS(0)), first["runtime.gomaxprocs"][0].Value.Float64())

		for range 3 {
			runtime.GC()
		}
		time.Sleep(runtimetel.DefaultInterval)
		synctest.Wait()
		second := byName(rec)
		for _, name := range always {
			assert.Len(t, second[name], 2, name)
		}
		require.Len(t, second["runtime.gc_cycles"], 1)
		cycles := second["runtime.gc_cycles"][0]
		assert.Equal(t, slogtel.TypeCounter, cycles.Type)
		assert.GreaterOrEqual(t, cycles.Value.Int64(), int64(3))
		assert.Less(t, cycles.Value.Int64(), int64(1000), "since the last report, not since the process began")
		for _, of := range []string{"runtime.gc_pause", "runtime.sched_latency"} {
			require.Len(t, second[of+"_p50_s"], 1)
			p50, p99, top := second[of+"_p50_s"][0].Value.Float64(), second[of+"_p99_s"][0].Value.Float64(), second[of+"_max_s"][0].Value.Float64()
			assert.LessOrEqual(t, p50, p99)
			assert.LessOrEqual(t, p99, top)
			assert.Positive(t, top)
			assert.Less(t, top, 60.0, "seconds")
		}
		cancel()
		<-done
		n := len(rec.Metrics(""))
		time.Sleep(time.Hour)
		assert.Len(t, rec.Metrics(""), n, "nothing after its context is done")
	})
}

func TestRunEndsWithItsTelemetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec, tel, cancel, done := start(t, &runtimetel.Options{Interval: time.Second})
		defer cancel()
		synctest.Wait()
		require.NoError(t, tel.Shutdown(t.Context()))
		n := len(rec.Metrics(""))
		<-done // at the next report
		assert.Len(t, rec.Metrics(""), n)
	})
}

func TestRunReturnsAtOnce(t *testing.T) {
	runtimetel.Run(t.Context(), nil, nil)
	runtimetel.Run(t.Context(), slogtel.Disabled(), nil)
	var none context.Context
	runtimetel.Run(none, slogtel.Disabled(), nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	tel, rec := slogteltest.New(t)
	runtimetel.Run(ctx, tel, nil)
	assert.Empty(t, rec.Metrics(""))
}

func TestIntervalThatIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec, _, cancel, done := start(t, &runtimetel.Options{Interval: -time.Second})
		time.Sleep(runtimetel.DefaultInterval + time.Second)
		assert.Len(t, byName(rec)["runtime.goroutines"], 2)
		cancel()
		<-done
	})
}

func TestInsideAScope(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where the context does not end before Run begins
		tel, rec := slogteltest.New(t)
		ctx, span := tel.Start(t.Context(), "worker")
		ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		runtimetel.Run(ctx, tel, nil)
		span.End()
		assert.Len(t, byName(rec)["worker.runtime.goroutines"], 1)
	})
}
