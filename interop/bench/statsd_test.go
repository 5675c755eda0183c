package bench

import (
	"context"
	"io"
	"log"
	"log/slog"
	"net"
	"testing"
	"time"

	datadog "github.com/DataDog/datadog-go/v5/statsd"
	cactus "github.com/cactus/go-statsd-client/v5/statsd"
	hashicorp "github.com/hashicorp/go-metrics"

	"github.com/slogtel/telemetry/reporters/statsd"
	"github.com/slogtel/telemetry/slogtel"
)

// What follows is one metric with one tag, to a UDP socket of this host: ours takes
// a record made beforehand, the peers' clients take a bare call, with no slog at
// all. Each has its usual settings: counters are summed in the process by ours and
// DataDog's; timings go out one by one, but in "datadog extended", which sends them
// as lists of values that not every daemon understands.

// statsdDaemon returns the address of a socket that nobody reads: the kernel
// discards what does not fit, so that no reader takes part in the measurement.
func statsdDaemon(b *testing.B) string {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	return conn.LocalAddr().String()
}

func statsdCounterRecord() slog.Record {
	var r slog.Record
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, keeper{last: &r})
	ctx, _ := tel.Start(context.Background(), "pipeline.plan")
	tel.Count(ctx, "tokens", 3, slog.String("model", "gemini-2.5-flash"))
	return r
}

func statsdHandler(b *testing.B) *statsd.Handler {
	h, err := statsd.New(statsdDaemon(b), &statsd.Options{
		Dialect: statsd.DogStatsD, TagKeys: []string{"model"}, OnError: func(error) {},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = h.Shutdown(context.Background()) })
	return h
}

func datadogClient(b *testing.B, opts ...datadog.Option) *datadog.Client {
	c, err := datadog.New(statsdDaemon(b), append(opts, datadog.WithoutTelemetry(), datadog.WithoutOriginDetection())...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close() })
	return c
}

func cactusClient(b *testing.B) cactus.Statter {
	c, err := cactus.NewClientWithConfig(&cactus.ClientConfig{Address: statsdDaemon(b), UseBuffered: true, TagFormat: cactus.SuffixOctothorpe})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close() })
	return c
}

func hashicorpSink(b *testing.B) *hashicorp.StatsdSink {
	log.SetOutput(io.Discard) // it logs each packet that it loses
	s, err := hashicorp.NewStatsdSink(statsdDaemon(b))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Shutdown)
	return s
}

var (
	statsdTags   = []string{"model:gemini-2.5-flash"}
	statsdLabels = []hashicorp.Label{{Name: "model", Value: "gemini-2.5-flash"}}
)

// A timing.
func BenchmarkStatsDTiming(b *testing.B) {
	const d = 1234567 * time.Nanosecond
	b.Run("slogtel", func(b *testing.B) { handleStatsD(b, timingRecord()) })
	b.Run("datadog", func(b *testing.B) {
		c := datadogClient(b)
		parallel(b, func() {
			_ = c.Timing("pipeline.plan.tokenize", d, statsdTags, 1)
		})
	})
	b.Run("datadog extended", func(b *testing.B) {
		c := datadogClient(b, datadog.WithExtendedClientSideAggregation())
		parallel(b, func() {
			_ = c.Timing("pipeline.plan.tokenize", d, statsdTags, 1)
		})
	})
	b.Run("cactus", func(b *testing.B) {
		c := cactusClient(b)
		parallel(b, func() {
			_ = c.TimingDuration("pipeline.plan.tokenize", d, 1, cactus.Tag{"model", "gemini-2.5-flash"})
		})
	})
	b.Run("hashicorp", func(b *testing.B) {
		s, name := hashicorpSink(b), []string{"pipeline", "plan", "tokenize"}
		parallel(b, func() {
			s.AddSampleWithLabels(name, 1.234567, statsdLabels)
		})
	})
}

// An increment of a counter.
func BenchmarkStatsDCounter(b *testing.B) {
	b.Run("slogtel", func(b *testing.B) { handleStatsD(b, statsdCounterRecord()) })
	b.Run("datadog", func(b *testing.B) {
		c := datadogClient(b)
		parallel(b, func() {
			_ = c.Count("pipeline.plan.tokens", 3, statsdTags, 1)
		})
	})
	b.Run("datadog, tags in the call", func(b *testing.B) { // as apps write it
		c := datadogClient(b)
		parallel(b, func() {
			_ = c.Count("pipeline.plan.tokens", 3, []string{"model:gemini-2.5-flash"}, 1)
		})
	})
	b.Run("cactus", func(b *testing.B) {
		c := cactusClient(b)
		parallel(b, func() {
			_ = c.Inc("pipeline.plan.tokens", 3, 1, cactus.Tag{"model", "gemini-2.5-flash"})
		})
	})
	b.Run("hashicorp", func(b *testing.B) {
		s, name := hashicorpSink(b), []string{"pipeline", "plan", "tokens"}
		parallel(b, func() {
			s.IncrCounterWithLabels(name, 3, statsdLabels)
		})
	})
}

func handleStatsD(b *testing.B, r slog.Record) {
	h, ctx := statsdHandler(b), context.Background()
	parallel(b, func() {
		_ = h.Handle(ctx, r)
	})
}
