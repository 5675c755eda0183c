package async

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/slogtel/telemetry/internal/forward"
	"github.com/slogtel/telemetry/scope"
)

// AsyncPolicy says what becomes of a record that finds the queue of an [Async] full.
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

// AsyncOptions configure [NewAsync]. The zero value drops the newest of more than 4096
// records, reports drops every 10 seconds, and only counts errors.
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
	// [AsyncStats.LastError] and the counts.
	OnError func(context.Context, error)
}

const (
	defaultSize           = 4096
	defaultMaxWait        = 100 * time.Millisecond
	defaultReportInterval = 10 * time.Second
)

// MessageAsyncDropped is the message of the records, of level Warn, in which an [Async]
// tells its next handler what was lost since the last of them: dropped, their number,
// and how many of these for which reason: full, failed, panicked, reentrant and shutdown,
// all int, as explained at [AsyncStats].
const MessageDropped = "async.dropped"

var (
	// ErrAsyncFull is what Handle of an [Async] returns for a record that was dropped
	// because the queue was full.
	ErrFull = errors.New("handlers: the queue is full: record dropped")

	// ErrAsyncShutdown is what Handle returns after Shutdown. It wraps [os.ErrClosed].
	ErrShutdown = fmt.Errorf("handlers: the queue was shut down: record dropped: %w", os.ErrClosed)

	// ErrAsyncReentrant is what Handle, Flush and Shutdown return to the next handler when
	// it calls back, as one does that logs through the logger that it serves.
	ErrReentrant = errors.New("handlers: called by the handler that the queue feeds")
)

// An Async is a bounded queue in front of a handler: Handle puts the record into it and
// returns, one worker goroutine hands the records to the next handler. The app goes on
// whatever the next handler does: be slow, block, fail, panic or log itself. It is safe
// for concurrent use, and so are those derived from it, which share its queue.
//
// # Order
//
// Records are handed on one at a time, in the order in which Handle was called, through
// whichever of the derived handlers. The worker may leave them for a millisecond, to
// spare the app the cost of waking it for each; Flush does not wait for that. What is
// queued is lost when the process ends without Shutdown.
//
// # What is kept of a record
//
// On the caller's goroutine, before Handle returns:
//
//   - each [slog.LogValuer], in groups too, is resolved; only metric_type is kept if it
//     is a string by kind, for telemetry's own type to remain what it is;
//   - maps and slices of any type behind slog.Any are copied, and the maps and slices in
//     them, to a depth of 16 and 16384 elements in all;
//   - everything else behind slog.Any is kept as it is: pointers, structs, errors, and
//     what they point to. The app must not change it later, or pass a LogValuer in its
//     place. (A map in there that the app changes while it is written ends the process,
//     as any map does that two goroutines use.)
//
// The context is passed on with its values, and without its cancellation and deadline:
// it is over, most often, when the record is handled.
//
// Enabled, WithAttrs and WithGroup are the next handler's own, called at once. If the
// next handler is told of scopes that start (slogtel.ScopeWatcher), that goes through the
// queue, too, takes a place in it, and is counted like a record.
//
// # Losses
//
// A record that is dropped is counted, by its reason, in [Async.Stats]; Handle returns
// an error for it, which a slog.Logger ignores, a Telemetry reports to its OnError, and
// failover can use. Where there were losses the worker hands the next handler a record
// of its own that tells of them, see [MessageAsyncDropped].
//
// # A next handler that logs
//
// A record that the next handler makes while it handles another, through slog.Default
// for example, is queued like any. If it makes one for each, that would go on for ever:
// it is noticed after some hundred records, and from then on those are dropped as
// Reentrant. To tell them from the app's, Handle then looks at its call stack (a
// microsecond or more) whenever the worker is busy. Records made on goroutines that the
// next handler has started are not known for its own.
type Handler struct {
	queue *queue
	next  slog.Handler
	watch bool // next is told of scopes that start
}

var _ slog.Handler = (*Handler)(nil)

// NewAsync returns a queue in front of next and starts its worker, which ends with
// [Async.Shutdown]. Nil opts are the defaults; they are copied. A nil next discards.
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
			a.queue.report(ctx, panicError(v))
			enabled = false
		}
	}()
	return a.next.Enabled(ctx, l)
}

// Handle queues r. It returns nil, or [ErrAsyncFull], [ErrAsyncShutdown] or
// [ErrAsyncReentrant] if r was dropped: never an error of the next handler, which comes
// too late.
func (a *Handler) Handle(ctx context.Context, r slog.Record) error {
	q := a.queue
	if err := q.refuses(); err != nil { // before the work of keeping it
		return err
	}
	if needsKeeping(&r) {
		r = keepRecord(r)
	}
	return q.put(a.next, ctx, &r, false)
}

// ScopeStarted queues the news for the next handler, if it wants to know.
func (a *Handler) ScopeStarted(ctx context.Context, s scope.Info) {
	if !a.watch {
		return
	}
	r := recordOfScope(s)
	_ = a.queue.put(a.next, ctx, &r, true) // counted
}

// WatchesScopes reports whether the next handler wants to be told of scopes that start.
func (a *Handler) WatchesScopes() bool { return a.watch }

// recordOfScope packs what ScopeStarted was told into the space of a record.
func recordOfScope(s scope.Info) slog.Record {
	r := slog.NewRecord(time.Time{}, slog.LevelInfo, s.Path, 0)
	r.AddAttrs(slog.String("", s.Parent), slog.Int("", s.Depth), slog.String("", s.TraceID), slog.String("", s.SpanID))
	return r
}

func scopeOfRecord(r slog.Record) scope.Info {
	s := scope.Info{Path: r.Message}
	i := 0
	r.Attrs(func(a slog.Attr) bool {
		switch i {
		case 0:
			s.Parent = a.Value.String()
		case 1:
			s.Depth = int(a.Value.Int64())
		case 2:
			s.TraceID = a.Value.String()
		case 3:
			s.SpanID = a.Value.String()
		}
		i++
		return true
	})
	return s
}

// WithAttrs returns an *Async that shares the queue. What is kept of the attributes is
// the same as of a record's.
func (a *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return a
	}
	return a.queue.handler(a.next.WithAttrs(keepAttrs(attrs)))
}

// WithGroup returns an *Async that shares the queue.
func (a *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return a
	}
	return a.queue.handler(a.next.WithGroup(name))
}

// panicError makes an error of what was recovered from a panic.
func panicError(v any) error {
	if err, ok := v.(error); ok {
		return fmt.Errorf("panic: %w", err)
	}
	return fmt.Errorf("panic: %v", v)
}
