package prometheus

import (
	"fmt"
	"log/slog"
	"maps"
	"math/bits"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"

	"github.com/slogtel/telemetry/internal/event"
)

// A store is what a handler and all derived from it share.
type store struct {
	registerer prom.Registerer
	options    Options
	prefix     string // of names
	utf8Prefix string // of names with Options.UTF8Names
	labels     *labelKeys
	self       *self

	table    table
	problems struct{ clash, negative, overflow, saturated problem }
	lost     struct{ skipped, negative, overflowed, saturated, clashed, unregistered atomic.Int64 }
	cut      atomic.Int64
	expired  atomic.Int64

	start     time.Time    // that times of series count from
	nextSweep atomic.Int64 // when series that are too many may let idle ones go

	gone     atomic.Bool // Unregister was called
	mu       sync.Mutex
	families map[string]*family // by name; those of a timing's errors too
	helps    map[string]string  // by name, of metrics that have left: the registry takes no other text
	refused  int                // series in the table whose events clash
}

// maxPath is the length in bytes of the longest path that is taken. Only records
// that no Telemetry has made have longer ones.
const maxPath = 2048

// handle takes one event, with the labels that are bound to its handler.
func (s *store) handle(e *sample, r *slog.Record, bound boundLabels) {
	switch {
	case s.gone.Load():
		s.lost.unregistered.Add(1)
		return
	case len(e.Scope) > maxPath || e.tooRare():
		s.lost.skipped.Add(1)
		return
	case e.kind == counter && e.f < 0:
		s.lost.negative.Add(1)
		s.problems.negative.report(func() error {
			return fmt.Errorf("prometheus: counter %.200q, increment %v: %w", e.Scope, e.f, ErrNegative)
		})
		return
	}
	if s.labels.Len() == 0 {
		if x := s.table.bySeries(e.Series); x != nil && x.family.kind == e.kind && x.take() {
			s.put(x, e)
			return
		}
	}
	var scratch [256]byte
	key, cut := s.appendKey(scratch[:0], e, r, bound)
	if cut {
		s.cut.Add(1)
	}
	x := s.table.find(key)
	for x == nil || !x.take() { // it is new, or went meanwhile
		if x = s.open(e, key); x == nil {
			return
		}
	}
	if s.labels.Len() == 0 {
		s.table.remember(e.Series, x)
	}
	s.put(x, e)
}

// put adds e to its series, or counts why not.
func (s *store) put(x *series, e *sample) {
	f := x.family
	switch f.state.Load() {
	case refused:
		s.clashed(f, 1)
		return
	case pending:
		f.held.Add(1)
		defer func() {
			if f.state.Load() == refused { // meanwhile
				s.refuseHeld(f)
			}
		}()
	}
	if !x.add(e) {
		s.lost.saturated.Add(1)
		s.problems.saturated.report(func() error {
			return fmt.Errorf("prometheus: counter %.200q, increment %v: %w", e.Scope, e.f, ErrSaturated)
		})
	}
}

// appendKey appends what identifies a series: its kind, the values of its labels,
// its path. It reports whether a value was cut.
func (s *store) appendKey(dst []byte, e *sample, r *slog.Record, bound boundLabels) (_ []byte, cut bool) {
	dst = append(dst, byte(e.kind))
	if s.labels.Len() > 0 {
		dst, cut = s.appendLabels(dst, e, r, bound)
	}
	return append(dst, e.Scope...), cut
}

func (s *store) appendLabels(dst []byte, e *sample, r *slog.Record, bound boundLabels) (_ []byte, cut bool) {
	var own foundLabels
	front, back := e.Attrs(r)
	s.labels.find(&own, nil, front)
	s.labels.find(&own, nil, back)
	for i := range s.labels.Len() {
		switch {
		case i == s.labels.Failed():
			if e.kind == timing {
				dst = strconv.AppendBool(dst, e.Error != "")
			}
		case own.has(i):
			var c bool
			dst, c = appendValue(dst, own.values[i])
			cut = cut || c
		case bound != nil:
			dst = append(dst, bound[i].text...)
			cut = cut || bound[i].cut
		}
		dst = append(dst, separator)
	}
	return dst, cut
}

// labelValues takes a key apart again.
func (s *store) labelValues(key string) []string {
	values, path := s.labels.split(key)
	if s.labels.scope {
		values = append(values, strings.ToValidUTF8(path, "\uFFFD"))
	}
	return values
}

// open returns the series of an event that was not found, and makes it if there is
// none. It returns nil, and has counted the event, if there may be no more.
func (s *store) open(e *sample, key []byte) *series {
	if s.table.full.Load() && s.table.find(key) == nil && !s.expireSome() {
		s.overflowed(e)
		return nil
	}
	x, f, isNew := s.add(e, key)
	if f == nil && s.expireSome() {
		x, f, isNew = s.add(e, key)
	}
	switch {
	case f == nil:
		s.overflowed(e)
	case x == nil:
		s.clashed(f, 1)
	case isNew:
		s.register(f)
	}
	return x
}

// add adds a series, and its metric if that is new: then the caller must register it. There is no
// metric where there may be no more series, and no series where the metric clashes and there are
// enough such: what clashes takes no room from others.
func (s *store) add(e *sample, key []byte) (_ *series, _ *family, isNew bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if x := s.table.findNew(key); x != nil {
		return x, x.family, false
	}
	most, each, now := s.options.MaxSeries, s.options.MaxSeriesPerMetric, len(s.table.all)
	if now >= most {
		return nil, nil, false
	}
	f, isNew := s.family(e)
	x := &series{family: f, seen: time.Since(s.start), clashes: f.state.Load() == refused}
	switch {
	case x.clashes:
		if s.refused >= each {
			return nil, f, false
		}
		s.refused++
	case !isNew && (f.series >= each || now >= most-most/4): // the last are for new metrics
		return nil, nil, false
	default:
		f.fill(x, s.labelValues(string(key)))
	}
	f.series++
	s.table.put(key, x, most)
	return x, f, isNew
}

func (s *store) allProblems() []*problem {
	return []*problem{&s.problems.clash, &s.problems.negative, &s.problems.overflow, &s.problems.saturated}
}

func (s *store) unregister() {
	s.mu.Lock()
	if s.gone.Swap(true) {
		s.mu.Unlock()
		return
	}
	all := make([]*family, 0, len(s.families))
	for name, f := range s.families {
		if name == f.name && f.state.Load() == registered {
			all = append(all, f)
		}
	}
	s.mu.Unlock()
	for _, f := range all {
		unregister(s.registerer, f)
	}
	unregister(s.registerer, s.self)
}

// A table finds the series of a key. Reading takes no lock and waits for nobody,
// once a series is known for a while: there is a map that never changes, and one
// with all series that takes its place when enough was looked up in vain.
type table struct {
	read atomic.Pointer[map[string]*series]
	full atomic.Bool // read has all series, and there will be no more

	// By what a record points to, where there are no labels. Made anew when series go.
	cache atomic.Pointer[event.Cache[series]]

	// Guarded by the mutex of the store.
	all    map[string]*series
	misses int
	places int // of the cache
}

func (t *table) init(most int) {
	t.all = make(map[string]*series)
	t.places = 1 << bits.Len(uint(min(most, 1<<14)))
	t.publish()
	t.forget()
}

// forget makes the cache anew.
func (t *table) forget() {
	c := event.NewCache[series](t.places)
	t.cache.Store(&c)
	for _, x := range t.all {
		x.cached.Store(false)
	}
}

// bySeries returns the series that was remembered for what a record points to, or nil.
func (t *table) bySeries(s *event.Series) *series { return t.cache.Load().Find(s) }

// remember remembers x, but once: where two share a place in the cache they do not take
// turns.
func (t *table) remember(s *event.Series, x *series) {
	if s != nil && !x.cached.Load() && !x.cached.Swap(true) {
		t.cache.Load().Put(s, x)
	}
}

// find returns the series of key, or nil; the mutex need not be held.
func (t *table) find(key []byte) *series {
	return (*t.read.Load())[string(key)]
}

// findNew is find where find has found nothing; the mutex must be held.
func (t *table) findNew(key []byte) *series {
	x := t.all[string(key)]
	if x != nil {
		if t.misses++; t.misses >= len(t.all) {
			t.publish()
		}
	}
	return x
}

// put adds a series; the mutex must be held.
func (t *table) put(key []byte, x *series, most int) {
	t.all[string(key)] = x
	if len(t.all) == most {
		t.publish()
		t.full.Store(true)
	}
}

// remove takes series out; the mutex must be held.
func (t *table) remove(keys []string) {
	if len(keys) == 0 {
		return
	}
	for _, key := range keys {
		delete(t.all, key)
	}
	t.publish()
	t.forget()
	t.full.Store(false)
}

func (t *table) publish() {
	m := maps.Clone(t.all)
	t.read.Store(&m)
	t.misses = 0
}
