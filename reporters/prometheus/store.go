package prometheus

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	prom "github.com/prometheus/client_golang/prometheus"
)

// A store is what a handler and all derived from it share.
type store struct {
	registerer prom.Registerer
	options    Options
	prefix     string // of names
	labels     *labelKeys
	self       *self

	table    table
	problems struct{ clash, negative, overflow problem }
	lost     struct{ skipped, negative, overflowed, clashed, unregistered atomic.Int64 }
	cut      atomic.Int64

	gone     atomic.Bool // Unregister was called
	mu       sync.Mutex
	families map[string]*family // by name; those of a timing's errors too
}

// maxPath is the length in bytes of the longest path that is taken. Only records
// that no Telemetry has made have longer ones.
const maxPath = 2048

// handle takes one event, with the labels that are bound to its handler.
func (s *store) handle(e *event, bound boundLabels) {
	switch {
	case s.gone.Load():
		s.lost.unregistered.Add(1)
		return
	case len(e.path) > maxPath || e.tooRare():
		s.lost.skipped.Add(1)
		return
	case e.kind == counter && e.n < 0:
		s.lost.negative.Add(1)
		s.problems.negative.report(func() error {
			return fmt.Errorf("prometheus: counter %.200q, increment %d: %w", e.path, e.n, ErrNegative)
		})
		return
	}
	var room [256]byte
	key, cut := s.appendKey(room[:0], e, bound)
	if cut {
		s.cut.Add(1)
	}
	x := s.table.find(key)
	if x == nil {
		if x = s.open(e, key); x == nil {
			return
		}
	}
	f := x.family
	switch f.state.Load() {
	case pending:
		f.held.Add(1)
		x.add(e)
		if f.state.Load() == refused { // meanwhile
			s.refuseHeld(f)
		}
	case registered:
		x.add(e)
	case refused:
		s.clashed(f, 1)
	}
}

// appendKey appends what identifies a series: its kind, the values of its labels,
// its path. It reports whether a value was cut.
func (s *store) appendKey(dst []byte, e *event, bound boundLabels) (_ []byte, cut bool) {
	dst = append(dst, byte(e.kind))
	if s.labels.Len() > 0 {
		dst, cut = s.appendLabels(dst, e, bound)
	}
	return append(dst, e.path...), cut
}

func (s *store) appendLabels(dst []byte, e *event, bound boundLabels) (_ []byte, cut bool) {
	var own foundLabels
	s.labels.find(&own, nil, e.attrs)
	for i := range s.labels.Len() {
		switch {
		case i == s.labels.Failed():
			if e.kind == timing {
				dst = strconv.AppendBool(dst, e.failed)
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
func (s *store) labelValues(key []byte) []string {
	n := s.labels.Len()
	values := strings.SplitN(string(key[1:]), string([]byte{separator}), n+1)
	path := values[n]
	values = values[:n:n]
	if s.labels.scope {
		values = append(values, strings.ToValidUTF8(path, "\uFFFD"))
	}
	return values
}

// open returns the series of an event that was not found, and makes it if there is
// none. It returns nil, and has counted the event, if there may be no more.
func (s *store) open(e *event, key []byte) *series {
	if s.table.full.Load() && s.table.find(key) == nil {
		s.overflowed(e)
		return nil
	}
	x, isNew, err := s.add(e, key)
	switch {
	case err != nil:
		s.overflowed(e)
		return nil
	case isNew:
		s.register(x.family)
	}
	return x
}

var errFull = errors.New("full")

// add adds a series, and its metric if that is new: then the caller must register it.
func (s *store) add(e *event, key []byte) (_ *series, isNew bool, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if x := s.table.findNew(key); x != nil {
		return x, false, nil
	}
	if len(s.table.all) >= s.options.MaxSeries {
		return nil, false, errFull
	}
	f, isNew := s.family(e.kind, strings.Clone(e.path))
	x := &series{family: f}
	if f.state.Load() != refused {
		x = f.newSeries(s.labelValues(key))
	}
	s.table.put(key, x, s.options.MaxSeries)
	return x, isNew, nil
}

func (s *store) allProblems() []*problem {
	return []*problem{&s.problems.clash, &s.problems.negative, &s.problems.overflow}
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
