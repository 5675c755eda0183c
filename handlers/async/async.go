package async

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/slogtel/telemetry/internal/forward"
	"github.com/slogtel/telemetry/internal/retain"
	"github.com/slogtel/telemetry/scope"
)

// A Policy says what becomes of a record that finds the queue full.
type Policy uint8

const (
	// DropNewest drops the record: what was queued first is kept.
	DropNewest Policy = iota
	// DropOldest drops the record that waits longest, in favour of the new one. Records
	// that the worker has taken already, an eighth of Size and 64 at the most, are not
	// dropped.
	DropOldest
	// BlockThenDrop waits up to MaxWait for room, then drops the record.
	BlockThenDrop
)

// Options configure [New]. With the zero value 4096 records can wait and those that come
// then are dropped, drops are reported every 10 seconds, and errors are only counted.
type Options struct {
	// Size is how many records can wait. Zero or less is 4096. Space for them, 328 bytes
	// each, is made as it is needed.
	Size int

	// Policy is for a full queue.
	Policy Policy

	// MaxWait is how long [BlockThenDrop] lets Handle wait. Zero or less is 100 ms. The
	// end of the record's context does not cut it short.
	MaxWait time.Duration

	// ReportInterval is the least time between two records that report drops. Zero is 10
	// seconds; less than zero reports none.
	ReportInterval time.Duration

	// OnError is told of each error and panic of the next handler, most often on the
	// worker's goroutine, where it holds up the queue. Nil leaves them to
	// [Stats].LastError and the counts.
	OnError func(context.Context, error)
}

const (
	defaultSize           = 4096
	defaultMaxWait        = 100 * time.Millisecond
	defaultReportInterval = 10 * time.Second
)

// MessageDropped is the message of the records, of level Warn, that tell the next handler
// what was lost since the last of them. Their attribute dropped is the number of records
// lost; full, failed, panicked, reentrant and shutdown say how many of these for which
// reason, as explained at [Stats]. All are of kind int.
const MessageDropped = "async.dropped"

var (
	// ErrFull is what Handle returns for a record that was dropped
	// because the queue was full.
	ErrFull = errors.New("async: the queue is full: record dropped")

	// ErrShutdown is what Handle returns after Shutdown. It wraps [os.ErrClosed].
	ErrShutdown = fmt.Errorf("async: the queue was shut down: record dropped: %w", os.ErrClosed)

	// ErrReentrant is what Handle, Flush and Shutdown return to the next handler when
	// it calls back, as one does that logs through the logger that it serves.
	ErrReentrant = errors.New("async: called by the handler that the queue feeds")
)

// A Handler is a bounded queue in front of another handler, see the documentation of the
// package. [New] makes one.
type Handler struct {
	queue *queue
	next  slog.Handler
	watch bool // next is told of scopes that start
}

var _ slog.Handler = (*Handler)(nil)

// New returns a queue in front of next and starts its worker, which ends with
// [Handler.Shutdown]. Nil opts are the defaults; they are copied. A nil next discards.
func New(next slog.Handler, opts *Options) *Handler {
	var o Options
	if opts != nil {
		o = *opts
	}
	if o.Size <= 0 {
		o.Size = defaultSize
	}
	if o.MaxWait <= 0 {
		o.MaxWait = defaultMaxWait
	}
	if o.ReportInterval == 0 {
		o.ReportInterval = defaultReportInterval
	}
	if next == nil {
		next = slog.DiscardHandler
	}
	q := newQueue(next, o)
	go q.work()
	return q.handler(q.root)
}

func (q *queue) handler(next slog.Handler) *Handler {
	return &Handler{queue: q, next: next, watch: forward.Watches(next)}
}

// Enabled asks the next handler. One that panics is not enabled.
func (a *Handler) Enabled(ctx context.Context, l slog.Level) (enabled bool) {
	defer func() {
		if v := recover(); v != nil {
			a.queue.report(ctx, forward.PanicError(v))
			enabled = false
		}
	}()
	return a.next.Enabled(ctx, l)
}

// Handle queues r. It returns nil, or [ErrFull], [ErrShutdown] or
// [ErrReentrant] if r was dropped. It never returns an error of the next handler, which
// comes too late.
func (a *Handler) Handle(ctx context.Context, r slog.Record) error {
	q := a.queue
	if err := q.refuses(); err != nil { // before the work of keeping it
		return err
	}
	r = retain.Record(r)
	return q.put(a.next, ctx, &r, false)
}

// ScopeStarted queues the news for the next handler, if that wants to be told.
func (a *Handler) ScopeStarted(ctx context.Context, s scope.Info) {
	if !a.watch {
		return
	}
	var r slog.Record
	r.AddAttrs(slog.Any("", &s))
	_ = a.queue.put(a.next, ctx, &r, true) // counted
}

// WatchesScopes reports whether the next handler wants to be told of scopes that start.
func (a *Handler) WatchesScopes() bool { return a.watch }

// WithAttrs returns a *Handler that shares the queue. What is kept of the attributes is
// the same as of a record's.
func (a *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return a
	}
	return a.queue.handler(a.next.WithAttrs(retain.Attrs(attrs)))
}

// WithGroup returns a *Handler that shares the queue.
func (a *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return a
	}
	return a.queue.handler(a.next.WithGroup(name))
}
