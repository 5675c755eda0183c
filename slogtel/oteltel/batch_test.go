package oteltel_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/oteltel"
)

// exporterFunc is an exporter made of a function.
type exporterFunc func(ctx context.Context, n int) error

func (f exporterFunc) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	return f(ctx, len(spans))
}
func (f exporterFunc) Shutdown(context.Context) error { return nil }

func emit(t *testing.T, b sdktrace.SpanProcessor, n int) {
	t.Helper()
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, oteltel.NewSpans(b, nil))
	for range n {
		_, s := tel.Start(t.Context(), "job")
		s.End()
	}
}

// balanced is true for all stats of a batch processor at rest.
func balanced(t *testing.T, s oteltel.BatchStats) {
	t.Helper()
	assert.Equal(t, s.Ended, s.Waiting+s.Exported+s.Failed+s.Dropped, "%+v", s)
}

func TestBatchCountsWhatItDrops(t *testing.T) {
	hold := make(chan struct{})
	b := oteltel.NewBatch(exporterFunc(func(ctx context.Context, _ int) error { <-hold; return nil }),
		sdktrace.WithMaxQueueSize(100), sdktrace.WithMaxExportBatchSize(10), sdktrace.WithBatchTimeout(time.Hour))
	emit(t, b, 1000) // the exporter hangs: this returns all the same
	got := b.Stats()
	assert.EqualValues(t, 1000, got.Ended)
	assert.LessOrEqual(t, got.Waiting, int64(100))
	assert.GreaterOrEqual(t, got.Dropped, int64(1000-100-10))
	close(hold)
	require.NoError(t, b.ForceFlush(t.Context()))
	got = b.Stats()
	balanced(t, got)
	assert.Zero(t, got.Waiting)
	assert.GreaterOrEqual(t, got.Exported, int64(100))
	require.NoError(t, b.Shutdown(t.Context()))
	emit(t, b, 1)
	balanced(t, b.Stats())
	assert.Equal(t, got.Dropped+1, b.Stats().Dropped)
}

func TestBatchCountsWhatFails(t *testing.T) {
	calls := 0
	b := oteltel.NewBatch(exporterFunc(func(context.Context, int) error {
		if calls++; calls == 1 {
			panic("boom")
		}
		return errors.New("down")
	}), sdktrace.WithMaxExportBatchSize(10), sdktrace.WithBatchTimeout(time.Hour))
	emit(t, b, 25) // the last five wait for Shutdown
	require.ErrorContains(t, b.Shutdown(t.Context()), "spans were not exported: down")
	assert.Equal(t, oteltel.BatchStats{Ended: 25, Failed: 25}, b.Stats())
	require.NoError(t, b.Shutdown(t.Context()), "again")
}

// The SDK shuts an exporter down on a goroutine of its own.
// An exporter that is down for long does not fill the log.
func TestBatchTellsOfFailuresOnceAMinute(t *testing.T) {
	told := 0
	before := otel.GetErrorHandler()
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) { told++ }))
	t.Cleanup(func() { otel.SetErrorHandler(before) })
	synctest.Test(t, func(t *testing.T) {
		b := oteltel.NewBatch(exporterFunc(func(context.Context, int) error { return errors.New("down") }), sdktrace.WithMaxExportBatchSize(1))
		for range 2 {
			emit(t, b, 20)
			synctest.Wait()
			time.Sleep(2 * time.Minute)
		}
		assert.EqualValues(t, 40, b.Stats().Failed)
		assert.NoError(t, b.Shutdown(t.Context()), "nothing failed meanwhile")
	})
	assert.Equal(t, 2, told)
}

func TestBatchWhoseExporterPanics(t *testing.T) {
	b := oteltel.NewBatch(panics{})
	emit(t, b, 1)
	require.ErrorContains(t, b.Shutdown(t.Context()), "the exporter panicked: in Shutdown")
	assert.Equal(t, oteltel.BatchStats{Ended: 1, Failed: 1}, b.Stats())
}

type panics struct{}

func (panics) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { panic("in ExportSpans") }
func (panics) Shutdown(context.Context) error                             { panic("in Shutdown") }

// An exporter that never returns does not keep Shutdown, and what it was not given is dropped.
func TestBatchThatHangsForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		b := oteltel.NewBatch(exporterFunc(func(context.Context, int) error { <-hold; return nil }),
			sdktrace.WithMaxExportBatchSize(10), sdktrace.WithBatchTimeout(time.Hour))
		emit(t, b, 35)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, b.Shutdown(ctx), context.DeadlineExceeded)
		assert.Equal(t, oteltel.BatchStats{Ended: 35, Dropped: 25}, b.Stats(), "ten are with the exporter")
		close(hold)
		synctest.Wait()
		assert.Equal(t, oteltel.BatchStats{Ended: 35, Exported: 35}, b.Stats(), "late, but not lost")
	})
}

func TestBatchConservesAMillionSpans(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 20_000
	}
	var arrived atomic.Int64
	b := oteltel.NewBatch(exporterFunc(func(_ context.Context, n int) error { arrived.Add(int64(n)); return nil }))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { emit(t, b, n/4) })
	}
	wg.Wait()
	require.NoError(t, b.Shutdown(t.Context()))
	got := b.Stats()
	balanced(t, got)
	assert.EqualValues(t, n, got.Ended)
	assert.Equal(t, arrived.Load(), got.Exported)
}

func TestBatchWithoutExporter(t *testing.T) {
	b := oteltel.NewBatch(nil)
	emit(t, b, 2)
	require.NoError(t, b.ForceFlush(t.Context()))
	require.NoError(t, b.Shutdown(t.Context()))
	assert.Equal(t, oteltel.BatchStats{Ended: 2, Dropped: 2}, b.Stats())
}

// A nil context is the empty one.
func TestNilContext(t *testing.T) {
	var none context.Context
	b := oteltel.NewBatch(exporterFunc(func(ctx context.Context, _ int) error { return ctx.Err() }))
	_, meters := meters()
	logs := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(logExporter{})))
	for _, h := range []interface {
		slog.Handler
		Flush(context.Context) error
		Shutdown(context.Context) error
	}{oteltel.NewSpans(b, nil), oteltel.NewMetrics(meters, nil), oteltel.NewLogs(logs)} {
		emitTo(none, h)
		require.NoError(t, h.Handle(none, slog.Record{Message: "a log"}))
		require.NoError(t, h.Flush(none))
		require.NoError(t, h.Shutdown(none))
	}
	require.NoError(t, b.ForceFlush(none))
	require.NoError(t, b.Shutdown(none))
	assert.EqualValues(t, 1, b.Stats().Exported)
}

func emitTo(ctx context.Context, h slog.Handler) {
	slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, h).Timing(ctx, "job", time.Second)
}

// logExporter takes log records and does nothing with them.
type logExporter struct{}

func (logExporter) Export(ctx context.Context, _ []sdklog.Record) error { return ctx.Err() }
func (logExporter) ForceFlush(ctx context.Context) error                { return ctx.Err() }
func (logExporter) Shutdown(ctx context.Context) error                  { return ctx.Err() }

func TestBatchReadsTheEnvironment(t *testing.T) {
	t.Setenv("OTEL_BSP_MAX_QUEUE_SIZE", "7")
	t.Setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "512") // of the SDK: no more than the queue holds
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "3600000")
	hold := make(chan struct{})
	b := oteltel.NewBatch(exporterFunc(func(context.Context, int) error { <-hold; return nil }))
	emit(t, b, 50)
	assert.GreaterOrEqual(t, b.Stats().Dropped, int64(50-7-7))
	close(hold)
	require.NoError(t, b.Shutdown(t.Context()))
	balanced(t, b.Stats())
}
