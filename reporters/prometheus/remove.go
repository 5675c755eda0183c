package prometheus

import (
	"log/slog"
	"time"

	"github.com/slogtel/telemetry/slogtel"
)

// Delete removes the series of events of this path whose labels have the values of attrs, all of
// them where there are none, and returns how many there were. An attribute that is not in
// [Options.LabelKeys] is in no series. What comes afterwards begins a new series, a counter at 0.
func (h *Handler) Delete(path string, attrs ...slog.Attr) int {
	s := h.store
	var want foundLabels
	s.labels.find(&want, nil, attrs)
	var failed string
	for _, a := range attrs {
		switch {
		case a.Key == slogtel.KeyError && s.labels.Failed() >= 0:
			failed = a.Value.String()
		case !s.labels.lists(a):
			return 0
		}
	}
	return s.remove(func(key string, _ *series) bool {
		values, of := s.labels.split(key)
		if of != path {
			return false
		}
		for i, v := range values {
			switch {
			case i == s.labels.Failed():
				if failed != "" && v != failed {
					return false
				}
			case want.has(i):
				if text, _ := appendValue(nil, want.values[i]); v != string(text) {
					return false
				}
			}
		}
		return true
	})
}

// expire removes the series that have been idle for too long.
func (s *store) expire() {
	idleFor := s.options.IdleTimeout
	if idleFor == 0 {
		return
	}
	now := time.Since(s.start)
	n := s.remove(func(_ string, x *series) bool {
		if x.use.CompareAndSwap(used, idle) {
			x.seen = now
			return false
		}
		return now-x.seen >= idleFor && x.use.CompareAndSwap(idle, gone)
	})
	s.expired.Add(int64(n))
}

// expireSome is expire for when there are too many series: not for each of their events. It reports
// whether it did something.
func (s *store) expireSome() bool {
	if s.options.IdleTimeout == 0 {
		return false
	}
	now, next := time.Since(s.start), s.nextSweep.Load()
	if int64(now) < next || !s.nextSweep.CompareAndSwap(next, int64(now+s.options.IdleTimeout/8)) {
		return false
	}
	s.expire()
	return true
}

// remove removes the series that are chosen, and returns how many. A metric without series leaves the
// registry, so that its name is free.
func (s *store) remove(chosen func(key string, x *series) bool) int {
	s.mu.Lock()
	var keys []string
	var leaving []*family
	for key, x := range s.table.all {
		if !chosen(key, x) {
			continue
		}
		x.use.Store(gone)
		keys = append(keys, key)
		if x.clashes {
			s.refused--
		}
		f := x.family
		f.drop(s.labelValues(key))
		if f.series--; f.series > 0 {
			continue
		}
		switch {
		case f.state.CompareAndSwap(registered, pending): // where it is kept for what comes meanwhile
			f.held.Store(0)
			leaving = append(leaving, f)
		case f.state.Load() == refused:
			s.forget(f)
		}
	}
	s.table.remove(keys)
	s.mu.Unlock()
	for _, f := range leaving { // without the mutex: a Registerer may be anybody's
		unregister(s.registerer, f)
		s.mu.Lock()
		again := f.series > 0
		if !again {
			s.forget(f)
		}
		s.mu.Unlock()
		if again {
			s.register(f)
		}
	}
	return len(keys)
}

// forget lets others have the names of f; the mutex must be held.
func (s *store) forget(f *family) {
	if f.state.Load() != refused {
		s.helps[f.name] = f.help
	}
	for _, name := range [...]string{f.name, f.name + errorsSuffix} {
		if s.families[name] == f {
			delete(s.families, name)
		}
	}
}
