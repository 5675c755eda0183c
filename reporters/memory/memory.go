package memory

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/internal/tally"
	"github.com/slogtel/telemetry/slogtel"
)

// MemoryOptions configure [NewMemory].
type Options struct {
	// MaxSeries is how many different scopes are remembered at most, and how many
	// different metrics. Zero and less mean 4096.
	//
	// A scope or a gauge takes a few hundred bytes and its name; a distribution, which
	// every scope and every histogram has, 1 to 2 KiB more while its values lie within
	// a factor of 40, and 24 KiB for each sign at the very most.
	MaxSeries int
}

// Memory is a handler that keeps telemetry in memory, added up by scope and metric:
// for a summary at the end of a program, for a debug page, for tests.
//
//	mem := reporters.NewMemory(nil)
//	tel := slogtel.New(nil, mem)
//	defer func() { fmt.Print(mem.Report()) }()
//
// It is enabled for every level and takes the records of a Telemetry; ordinary log
// records are ignored, as are attributes: nothing of an event is kept but its
// numbers, the text of the last error, and the last value of a plain metric. Handle
// never fails.
//
// Summaries, as of an [Aggregate], are added to the rest; events that they have counted
// do not count again. One without a sketch says nothing of quantiles: see
// [ScopeStats].NoQuantiles. A sampled event counts for as many as it stands for, which need
// not be a whole number: what is shown is the nearest one of their sum. One with a sample rate
// that cannot be counts once, and in [Forgotten].Rates.
//
// What is called a scope here is a path and its parent: "a.b" opened at the root
// and "b" opened inside "a" have the same path, but are added up separately.
//
// It needs no Flush and no Shutdown, and can be read after that of its Telemetry.
//
// Its memory is bounded. Events of scopes and metrics that are new when
// MemoryOptions.MaxSeries are known, or whose path is longer than 2048 bytes, are
// forgotten, but counted: see [Forgotten].
//
// A Memory is safe for concurrent use: an event waits for nothing but another one
// of the same series, while that is added up or read; one that is forgotten, for another such. A nil *Memory and the zero
// Memory are valid; a nil one keeps nothing.
type Handler struct {
	max   int
	state atomic.Pointer[memoryState]
}

var _ slog.Handler = (*Handler)(nil)

// NewMemory returns an empty Memory. Nil opts are the defaults.
func New(opts *Options) *Handler {
	m := new(Handler)
	if opts != nil {
		m.max = opts.MaxSeries
	}
	return m
}

// memoryState is all that Reset does away with.
type memoryState struct {
	scopes, metrics series.Table[sums]
	notFinite       atomic.Int64
	badRates        atomic.Int64
	forgotten       forgottenTotals
}

// forgottenTotals are what the events stand for that have no series.
type forgottenTotals struct {
	mu                       sync.Mutex // guards what follows
	timings, errors, metrics tally.Total
}

func (f *forgottenTotals) add(to *tally.Total, n int64, weight float64, errors int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	to.AddInt(n, weight)
	f.errors.AddInt(errors, weight)
}

func (m *Handler) load() *memoryState {
	if s := m.state.Load(); s != nil {
		return s
	}
	limit := m.max
	if limit <= 0 {
		limit = series.DefaultLimit
	}
	s := new(memoryState)
	s.scopes.Init(limit, series.MinSlots)
	s.metrics.Init(limit, series.MinSlots)
	if !m.state.CompareAndSwap(nil, s) {
		return m.load() // another goroutine was quicker
	}
	return s
}

// Reset forgets everything, the counts of what was forgotten included. An event
// that is being handled meanwhile counts either before or after it.
func (m *Handler) Reset() {
	if m != nil {
		m.state.Store(nil)
	}
}

// Enabled is true, but for a nil Memory.
func (m *Handler) Enabled(context.Context, slog.Level) bool { return m != nil }

// RetainsRecords returns false, see slogtel.RetainsRecords.
func (*Handler) RetainsRecords() bool { return false }

// WithAttrs returns m: it keeps no attributes.
func (m *Handler) WithAttrs([]slog.Attr) slog.Handler { return m }

// WithGroup returns m: it keeps no attributes.
func (m *Handler) WithGroup(string) slog.Handler { return m }

// Handle adds up r if it is an event of a Telemetry. The error is always nil.
func (m *Handler) Handle(_ context.Context, r slog.Record) error {
	if m == nil {
		return nil
	}
	switch r.Message {
	case slogtel.MessageTiming:
		t := event.NewTiming()
		if t.DecodeFrom(&r) {
			m.load().timing(t, event.IDOf(&r))
		}
		event.FreeTiming(t)
	case slogtel.MessageMetric:
		e := event.NewMetric()
		if e.DecodeFrom(&r) {
			m.load().metric(e, event.IDOf(&r))
		}
		event.FreeMetric(e)
	case slogtel.MessageSummary:
		if s, ok := slogtel.DecodeSummary(r); ok {
			m.load().summary(&s)
		}
	}
	return nil
}

func (st *memoryState) timing(t *slogtel.Timing, id uint32) {
	weight := st.weight(t.SampleRate, t.Attrs)
	s := st.scopes.Get(&series.Key{Path: t.Scope, Parent: t.ParentScope, Type: slogtel.TypeTiming}, nil, id)
	switch {
	case s != nil:
		s.Val.addTiming(t, weight)
	case !t.InSummary:
		errors := int64(0)
		if t.Error != "" {
			errors = 1
		}
		st.forgotten.add(&st.forgotten.timings, 1, weight, errors)
	}
}

// weight is how many events one stands for.
func (st *memoryState) weight(rate float64, attrs []slog.Attr) float64 {
	weight, ok := series.Weight(rate, attrs)
	if !ok {
		st.badRates.Add(1)
	}
	return weight
}

func (st *memoryState) metric(e *slogtel.Metric, id uint32) {
	if e.InSummary {
		return
	}
	var last series.Value
	v := e.Value
	if e.Type == slogtel.TypePlain {
		last = series.ValueOf(v)
		v = last.Num
	}
	if !series.IsFinite(v) {
		st.notFinite.Add(1)
		return
	}
	weight := st.weight(e.SampleRate, e.Attrs)
	s := st.metrics.Get(&series.Key{Path: e.Scope, Parent: e.ParentScope, Type: e.Type}, nil, id)
	if s == nil {
		st.forgotten.add(&st.forgotten.metrics, 1, weight, 0)
		return
	}
	switch e.Type {
	case slogtel.TypeCounter:
		s.Val.addCount(e.Value, weight)
	case slogtel.TypePlain:
		s.Val.addPlain(last, weight)
	default:
		s.Val.addValue(e.Value.Float64(), weight, e.Type == slogtel.TypeHistogram)
	}
}
