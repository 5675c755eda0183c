package slogteltest

import (
	"context"
	"log/slog"
	"sync"
	"testing"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/slogattrs"
	"github.com/slogtel/telemetry/slogtel"
)

// A Recorder is a reporter that keeps every record, for a test to ask about. It
// keeps telemetry and ordinary log records apart, without a bound, and is enabled
// for every level. It is safe for concurrent use.
//
// Give it to [slogtel.New] directly, not inside another handler: only then is it
// told of scopes that start, and knows those left open.
type Recorder struct {
	*recorded
	added slogattrs.Added // by WithAttrs and WithGroup, for records
	bound event.Bound     // and for events
}

// recorded is what a Recorder and all derived from it share.
type recorded struct {
	tb testing.TB // nil: none

	mu      sync.Mutex // guards what follows
	over    bool       // tb's test has ended; tb may not be used any more
	records []slog.Record
	timings []slogtel.Timing
	metrics []slogtel.Metric
	logs    []slog.Record
	told    bool // a scope has been started
	open    openScopes
	errors  []error
}

var _ slogtel.ScopeWatcher = (*Recorder)(nil)

// New returns a Telemetry that is on, whatever the environment says, and the
// Recorder that it reports to. An event that is rejected or changed, such as one
// with a NaN, fails the test: see [Recorder.OnError]. Strict scope names are
// off; for other options call [slogtel.New]:
//
//	rec := slogteltest.NewRecorder(t)
//	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true, OnError: rec.OnError}, rec)
func New(tb testing.TB) (*slogtel.Telemetry, *Recorder) {
	rec := NewRecorder(tb)
	opts := slogtel.Options{
		Mode:         slogtel.On,
		StrictScopes: slogtel.Off,
		OnError:      rec.OnError,
	}
	return slogtel.New(&opts, rec), rec
}

// NewRecorder returns an empty Recorder. When the test of tb fails, its log gets
// what was recorded by then. A nil tb is allowed, for use outside of tests.
func NewRecorder(tb testing.TB) *Recorder {
	rec := &Recorder{recorded: &recorded{tb: tb}}
	if tb != nil {
		tb.Cleanup(rec.finish)
	}
	return rec
}

func (rec *Recorder) finish() {
	rec.mu.Lock()
	rec.over = true
	rec.mu.Unlock()
	if rec.tb.Failed() {
		rec.tb.Logf("telemetry recorded:\n%s", rec)
	}
}

// OnError is for Options.OnError of package slogtel: it keeps err for
// [Recorder.Errors], and fails the test if there is one. It only logs a
// [slogtel.SetupError], as a test need not set up all that a service has.
func (rec *Recorder) OnError(_ context.Context, err error) {
	rec.mu.Lock()
	rec.errors = append(rec.errors, err)
	use := rec.tb != nil && !rec.over
	rec.mu.Unlock()
	if use {
		rec.tb.Helper()
		if _, ok := err.(*slogtel.SetupError); ok {
			rec.tb.Logf("telemetry: %v", err)
			return
		}
		rec.tb.Errorf("telemetry error: %v", err)
	}
}

// Enabled reports true.
func (*Recorder) Enabled(context.Context, slog.Level) bool { return true }

// Handle keeps a copy of r. It never fails.
func (rec *Recorder) Handle(ctx context.Context, r slog.Record) error {
	// All copying is done before the lock is taken: it calls LogValuers.
	kept := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	kept.AddAttrs(copyAttrs(rec.added.Nest(r))...)
	t, isTiming := slogtel.DecodeTiming(r)
	m, isMetric := slogtel.DecodeMetric(r)
	isTelemetry := isTiming || isMetric || slogtel.IsTelemetry(r)
	if isTiming {
		t.Attrs = rec.bound.Join(copyAttrs(t.Attrs))
	}
	if isMetric {
		m.Attrs = rec.bound.Join(copyAttrs(m.Attrs))
		m.Value = copyValue(m.Value, maxDepth)
	}

	rec.mu.Lock()
	defer rec.mu.Unlock()
	if !isTelemetry {
		rec.logs = append(rec.logs, kept)
		return nil
	}
	rec.records = append(rec.records, kept)
	if isTiming {
		rec.timings = append(rec.timings, t)
		rec.open.ended(ctx, t.Scope)
	}
	if isMetric {
		rec.metrics = append(rec.metrics, m)
	}
	return nil
}

// WithAttrs returns a handler that records into rec. The attributes come first among those of
// each event, as with [slogtel.NewHandler].
func (rec *Recorder) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return rec
	}
	attrs = copyAttrs(attrs)
	return &Recorder{rec.recorded, rec.added.WithAttrs(attrs), rec.bound.WithAttrs(attrs)}
}

// WithGroup returns a handler that records into rec. Timings and metrics are
// decoded all the same; only records and logs show the group.
func (rec *Recorder) WithGroup(name string) slog.Handler {
	if name == "" {
		return rec
	}
	return &Recorder{rec.recorded, rec.added.WithGroup(name), rec.bound.WithGroup(name)}
}

// Reset forgets all records, logs and errors. Scopes that are open stay so.
func (rec *Recorder) Reset() {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.records, rec.timings, rec.metrics, rec.logs = nil, nil, nil, nil
	rec.errors = nil
}
