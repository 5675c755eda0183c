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

// Options configure [New].
type Options struct {
	// MaxSeries is how many different scopes are remembered at most, and how many
	// different metrics. Zero and less mean 4096.
	//
	// A scope or a gauge takes a few hundred bytes and its name; a distribution, which
	// every scope and every histogram has, 1 to 2 KiB more while its values lie within
	// a factor of 40, and 24 KiB for each sign at the very most. Series that several goroutines
	// use at once have up to 256 parts more in all, each as large as a distribution.
	MaxSeries int
}

// A Handler adds up the events of Telemetries. It is enabled for every level, and its
// Handle never fails. It is safe for concurrent use. A nil *Handler and the zero Handler are
// valid; a nil one keeps nothing.
type Handler struct {
	max   int
	state atomic.Pointer[state]
}

var _ slog.Handler = (*Handler)(nil)

// New returns an empty Handler. Nil opts are the defaults.
func New(opts *Options) *Handler {
	m := new(Handler)
	if opts != nil {
		m.max = opts.MaxSeries
	}
	return m
}

// state is all that Reset throws away.
type state struct {
	scopes, metrics series.Table[sums]
	notFinite       atomic.Int64
	badRates        atomic.Int64
	forgotten       forgottenTotals
}

// forgottenTotals are the totals of events that have no series.
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

func (m *Handler) load() *state {
	if s := m.state.Load(); s != nil {
		return s
	}
	limit := m.max
	if limit <= 0 {
		limit = series.DefaultLimit
	}
	s := new(state)
	s.scopes.Init(limit)
	s.metrics.Init(limit)
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

// Enabled is true, but for a nil Handler.
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
	case slogtel.MessageTiming, slogtel.MessageMetric:
		var e event.Sample
		if !e.ReadFrom(&r) {
			return nil
		}
		if e.Type == slogtel.TypeTiming {
			m.load().timing(&e)
		} else {
			m.load().metric(&e)
		}
	case slogtel.MessageSummary:
		if s, ok := slogtel.DecodeSummary(r); ok {
			m.load().summary(&s)
		}
	}
	return nil
}

func (st *state) timing(e *event.Sample) {
	weight := st.weight(e)
	s := st.scopes.Get(&series.Key{Path: e.Scope, Parent: e.Parent, Type: slogtel.TypeTiming}, nil, e.Series)
	switch {
	case s != nil && e.Error != "":
		p := s.LockFirst() // the last error is kept
		p.Val.addTiming(e, weight)
		p.Unlock()
	case s != nil:
		p := s.Lock()
		p.Val.addTiming(e, weight)
		p.Unlock()
	case !e.InSummary:
		errors := int64(0)
		if e.Error != "" {
			errors = 1
		}
		st.forgotten.add(&st.forgotten.timings, 1, weight, errors)
	}
}

// weight is how many events one stands for.
func (st *state) weight(e *event.Sample) float64 {
	weight, ok := series.Weight(e)
	if !ok {
		st.badRates.Add(1)
	}
	return weight
}

func (st *state) metric(e *event.Sample) {
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
	weight := st.weight(e)
	s := st.metrics.Get(&series.Key{Path: e.Scope, Parent: e.Parent, Type: e.Type}, nil, e.Series)
	if s == nil {
		st.forgotten.add(&st.forgotten.metrics, 1, weight, 0)
		return
	}
	lock := s.Lock
	if e.Type != slogtel.TypeCounter && e.Type != slogtel.TypeHistogram {
		lock = s.LockFirst // the last value is kept
	}
	p := lock()
	p.Val.Add(e, weight)
	if e.Type == slogtel.TypePlain {
		p.Val.plain = last.Num
		p.Val.text = series.AppendCut(p.Val.text[:0], last.Text)
	}
	p.Unlock()
}
