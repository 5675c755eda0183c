//go:build unix

package tailsampling

import (
	"context"
	"io"
	"log/slog"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/tailsample"
	"github.com/slogtel/telemetry/slogtel"
)

// perRound is how many traces are decided on at once.
const perRound = 10_000

// perTrace reports the processor time of a trace, and what it allocated.
func perTrace(b *testing.B, round func()) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := processorTime(b)
	for b.Loop() {
		round()
	}
	used := processorTime(b) - start
	runtime.ReadMemStats(&after)
	traces := float64(b.N) * perRound
	b.ReportMetric(float64(used.Nanoseconds())/traces, "ns/trace")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/traces, "B/trace")
	b.ReportMetric(0, "ns/op")
}

// processorTime is that of the process so far.
func processorTime(b *testing.B) time.Duration {
	var use syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &use))
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// A trace of five scopes with an attribute each, of which 5 % are kept. Of ours all happens in the
// app. Of the peer the app makes spans and encodes them as OTLP, without compression and network,
// and the Collector decodes them and decides.
func BenchmarkTraceOfFive(b *testing.B) {
	ctx := context.Background()
	b.Run("slogtel", func(b *testing.B) {
		tail := tailsample.New(jsonlines.New(io.Discard, nil), &tailsample.Options{Rate: rate, SlowerThan: slowerThan})
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, tail)
		perTrace(b, func() {
			for i := range perRound {
				ctx, root := tel.Start(ctx, "request", slog.Int("n", i))
				for range 4 {
					_, span := tel.Start(ctx, "step", slog.Int("n", i))
					span.End()
				}
				root.End()
			}
		})
	})
	var batches [][]byte
	spans := func() {
		encoder := &encoder{batch: ptrace.NewTraces(), to: &batches}
		tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(encoder)).Tracer("bench")
		batches = batches[:0]
		openTelemetry(ctx, tracer)
	}
	b.Run("OTel SDK, to OTLP", func(b *testing.B) {
		perTrace(b, spans)
		bytes := 0
		for _, batch := range batches {
			bytes += len(batch)
		}
		b.ReportMetric(float64(bytes)/perRound, "sent-B/trace")
	})
	b.Run("processor, from OTLP", func(b *testing.B) {
		spans()
		decoder := &ptrace.ProtoUnmarshaler{}
		perTrace(b, func() {
			c := startCollector(b, nil)
			c.forget = true
			for _, batch := range batches {
				traces, err := decoder.UnmarshalTraces(batch)
				require.NoError(b, err)
				require.NoError(b, c.ConsumeTraces(ctx, traces))
			}
			require.NoError(b, c.Shutdown(ctx)) // decides
		})
	})
}

// An encoder makes batches of OTLP of the spans that end. It is an sdktrace.SpanProcessor.
type encoder struct {
	batch ptrace.Traces
	spans int
	to    *[][]byte
}

func (e *encoder) OnEnd(s sdktrace.ReadOnlySpan) {
	if e.spans == 0 {
		e.batch.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty()
	}
	appendSpan(e.batch.ResourceSpans().At(0).ScopeSpans().At(0).Spans(), s, "")
	if e.spans++; e.spans == perBatch {
		encoded, _ := (&ptrace.ProtoMarshaler{}).MarshalTraces(e.batch)
		*e.to = append(*e.to, encoded)
		e.batch, e.spans = ptrace.NewTraces(), 0
	}
}

func (*encoder) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (*encoder) Shutdown(context.Context) error                  { return nil }
func (*encoder) ForceFlush(context.Context) error                { return nil }

// BenchmarkWaiting is the memory of traces of five that wait: here until the root ends, there for
// decision_wait.
func BenchmarkWaiting(b *testing.B) {
	ctx := context.Background()
	held := func(b *testing.B, wait func() (release func())) {
		for b.Loop() {
			before := testkit.Heap()
			release := wait()
			b.ReportMetric(float64(testkit.Heap()-before)/perRound, "held-B/trace")
			release()
		}
		b.ReportMetric(0, "ns/op")
	}
	b.Run("slogtel", func(b *testing.B) {
		held(b, func() func() {
			tail := tailsample.New(jsonlines.New(io.Discard, nil), &tailsample.Options{Rate: -1})
			tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, tail)
			for i := range perRound {
				ctx, _ := tel.Start(ctx, "request", slog.Int("n", i))
				for range 4 {
					_, span := tel.Start(ctx, "step", slog.Int("n", i))
					span.End()
				}
			}
			require.EqualValues(b, 4*perRound, tail.Stats().Waiting)
			return func() { _ = tel.Shutdown(ctx) }
		})
	})
	b.Run("processor", func(b *testing.B) {
		held(b, func() func() {
			c := startCollector(b, nil)
			c.forget = true
			tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(c)).Tracer("bench")
			openTelemetry(ctx, tracer)
			require.NoError(b, c.ForceFlush(ctx))
			return func() { require.NoError(b, c.Traces.Shutdown(ctx)) }
		})
	})
}

// openTelemetry makes a round of traces.
func openTelemetry(ctx context.Context, tracer trace.Tracer) {
	for i := range perRound {
		n := trace.WithAttributes(attribute.Int("n", i))
		ctx, root := tracer.Start(ctx, "request", n)
		for range 4 {
			_, span := tracer.Start(ctx, "step", n)
			span.End()
		}
		root.End()
	}
}
