package statsd

import (
	"context"
	"log/slog"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/event"
)

// What one event costs the app, from one goroutine and from all at once.
func BenchmarkHandle(b *testing.B) {
	model := slog.String("model", "m")
	for _, c := range []struct {
		name string
		rec  slog.Record
	}{
		{"timing", timingRecord("pipeline.plan", 1234567, model)},
		{"counter", countRecord("pipeline.tokens", 1, model)},
		{"gauge", gaugeRecord("pipeline.load", -0.5, model)},
	} {
		b.Run(c.name, func(b *testing.B) {
			h, err := start("127.0.0.1:8125", &Options{Dialect: DogStatsD, TagKeys: []string{"model"}}, sink{}.dial, shardCount)
			require.NoError(b, err)
			defer func() { _ = h.Shutdown(context.Background()) }()
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					_ = h.Handle(context.Background(), c.rec)
				}
			})
			b.StopTimer()
		})
	}
}

// What a flush of many series costs the sender. The series are there before: to make one takes
// some ten allocations, which would count for more or less with the number of flushes.
func BenchmarkFlush(b *testing.B) {
	h, err := start("unixgram:///run/statsd.sock", nil, sink{}.dial, shardCount)
	require.NoError(b, err)
	defer func() { _ = h.Shutdown(context.Background()) }()
	var all []slog.Record
	for i := range 1000 {
		all = append(all, countRecord("c"+string(rune('a'+i%26))+string(rune('a'+i/26)), 1))
	}
	flush := func() {
		for _, r := range all {
			_ = h.Handle(context.Background(), r)
		}
		require.NoError(b, h.Flush(context.Background()))
	}
	for range 10 { // buffers reach their size
		flush()
	}
	b.ReportAllocs()
	for b.Loop() {
		flush()
	}
}

// What an event of a series that is new costs.
func BenchmarkNewSeries(b *testing.B) {
	h, err := start("unixgram:///run/statsd.sock", &Options{MaxSeries: 1 << 30}, sink{}.dial, shardCount)
	require.NoError(b, err)
	defer func() { _ = h.Shutdown(context.Background()) }()
	b.ReportAllocs()
	var r slog.Record
	for i := 0; b.Loop(); i++ {
		s := sample{Sample: event.Sample{Scope: "requests." + strconv.Itoa(i)}, kind: counter, value: value{bits: 1}}
		h.client.add(&r, &s, &h.base, true)
	}
}
