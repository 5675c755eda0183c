package oteltel

import (
	"context"
	"fmt"
	"math"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// A Batch is the SDK's batch processor, which drops spans silently, with counts of what became
// of them. It is safe for concurrent use.
type Batch struct {
	sdktrace.SpanProcessor // the SDK's
	counts                 *batchCounts
}

var _ sdktrace.SpanProcessor = (*Batch)(nil)

type batchCounts struct {
	sdktrace.SpanExporter
	size                                      int64 // of the queue
	ended, waiting, dropped, exported, failed atomic.Int64
	last                                      atomic.Pointer[error] // of the exporter
	told                                      atomic.Int64          // when the SDK was last told of an error, in Unix nanoseconds
	down                                      atomic.Bool           // Shutdown was called
	gone                                      atomic.Bool           // and has returned
}

// BatchStats counts spans. Each that has ended is in one of the others, but for those that are
// being exported.
type BatchStats struct {
	Ended    int64 // sampled spans that came to the processor
	Waiting  int64 // in the queue
	Exported int64 // delivered by the exporter
	Failed   int64 // of batches for which the exporter returned an error; some may have arrived
	Dropped  int64 // the queue was full, or Shutdown had been called
}

// flushes is how many calls of ForceFlush have room in the SDK's queue beside the spans.
const flushes = 64

// NewBatch returns a processor that exports spans in batches, on a goroutine of its own: an
// exporter that hangs or fails never makes a caller wait. A panic in the exporter is an error.
// Options are those of the SDK, as are its variables OTEL_BSP_MAX_QUEUE_SIZE and so on. A nil
// exporter makes a processor that drops all.
//
// Of failed exports the SDK's global error handler is told once a minute at most; Stats, Flush
// and Shutdown tell the rest.
//
// It may be that of a TracerProvider, too. Whoever makes it calls its Shutdown, which exports
// what is waiting.
func NewBatch(exporter sdktrace.SpanExporter, options ...sdktrace.BatchSpanProcessorOption) *Batch {
	if exporter == nil {
		return &Batch{noProcessor{}, &batchCounts{}}
	}
	o := sdktrace.BatchSpanProcessorOptions{MaxQueueSize: sdktrace.DefaultMaxQueueSize}
	if n, err := strconv.Atoi(os.Getenv("OTEL_BSP_MAX_QUEUE_SIZE")); err == nil && n > 0 {
		o.MaxQueueSize = n
	}
	for _, option := range options {
		option(&o)
	}
	c := &batchCounts{SpanExporter: exporter, size: int64(max(1, o.MaxQueueSize))}
	inner := append(options[:len(options):len(options)], sdktrace.WithMaxQueueSize(int(c.size)+flushes))
	if o.BlockOnQueueFull {
		c.size = math.MaxInt64 // callers wait, as they want it
	}
	return &Batch{sdktrace.NewBatchSpanProcessor(c, inner...), c}
}

// OnEnd puts s into the queue, if there is room for it. The SDK's own queue is larger, so that
// it drops nothing by itself.
func (b *Batch) OnEnd(s sdktrace.ReadOnlySpan) {
	c := b.counts
	if !s.SpanContext().IsSampled() {
		return
	}
	c.ended.Add(1)
	if c.down.Load() {
		c.dropped.Add(1)
		return
	}
	if c.waiting.Add(1) > c.size {
		c.waiting.Add(-1)
		c.dropped.Add(1)
		return
	}
	b.SpanProcessor.OnEnd(s)
}

// ForceFlush exports what is waiting, within ctx. It returns the error of an export that failed
// meanwhile.
func (b *Batch) ForceFlush(ctx context.Context) error {
	return b.counts.watch(ctx, b.SpanProcessor.ForceFlush)
}

// Shutdown exports what is waiting, within ctx, and shuts the exporter down. It returns the error
// of an export that failed meanwhile.
func (b *Batch) Shutdown(ctx context.Context) error {
	b.counts.down.Store(true)
	err := b.counts.watch(ctx, b.SpanProcessor.Shutdown)
	b.counts.gone.Store(true)
	return err
}

// watch calls f. Of the exports that fail on the SDK's goroutine the SDK tells nobody but the global
// error handler.
func (c *batchCounts) watch(ctx context.Context, f func(context.Context) error) error {
	before := c.failed.Load()
	err := f(orBackground(ctx))
	if n := c.failed.Load() - before; err == nil && n > 0 {
		err = fmt.Errorf("oteltel: %d spans were not exported: %w", n, *c.last.Load())
	}
	return err
}

// Stats returns the counts so far. After Shutdown what is still waiting counts as dropped.
func (b *Batch) Stats() BatchStats {
	c := b.counts
	s := BatchStats{c.ended.Load(), c.waiting.Load(), c.exported.Load(), c.failed.Load(), c.dropped.Load()}
	if c.gone.Load() {
		s.Dropped, s.Waiting = s.Dropped+s.Waiting, 0
	}
	return s
}

// ExportSpans is called by the SDK with a batch. The SDK logs each error that it returns: it
// returns one a minute at most.
func (c *batchCounts) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	n := int64(len(spans))
	c.waiting.Add(-n)
	err, _ := try("the exporter", func() error { return c.SpanExporter.ExportSpans(ctx, spans) })
	if err == nil {
		c.exported.Add(n)
		return nil
	}
	c.last.Store(&err)
	c.failed.Add(n)
	now, told := time.Now().UnixNano(), c.told.Load()
	if now-told < int64(time.Minute) || !c.told.CompareAndSwap(told, now) {
		return nil
	}
	return err
}

// Shutdown is called by the SDK on a goroutine of its own, where a panic would end the app.
func (c *batchCounts) Shutdown(ctx context.Context) error {
	err, _ := try("the exporter", func() error { return c.SpanExporter.Shutdown(ctx) })
	return err
}

// noProcessor is that of no exporter.
type noProcessor struct{}

func (noProcessor) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (noProcessor) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (noProcessor) Shutdown(context.Context) error                  { return nil }
func (noProcessor) ForceFlush(context.Context) error                { return nil }
