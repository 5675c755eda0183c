package prometheus

import (
	"fmt"
	"strings"

	prom "github.com/prometheus/client_golang/prometheus"

	"github.com/slogtel/telemetry/internal/event"
)

// family returns the metric for events such as e, and whether it is new.
// One whose name is taken is refused already, and not kept. The mutex must be held.
func (s *store) family(e *sample) (_ *family, isNew bool) {
	k, path := e.kind, strings.Clone(e.Scope)
	given, ok := s.options.Units[path]
	if !ok {
		given = e.Unit
	}
	unit := unitWord(given, k)
	name := metricName(s.prefix, k, path, unit, false)
	f := &family{name: name, kind: k, path: path, unit: unit}
	if other := s.families[name]; other != nil {
		if other.kind == k && other.name == name && (s.labels.scope || other.path == path) {
			return other, false
		}
		return f.refuse(other.takes(name)), false
	}
	if k == timing {
		for _, taken := range [...]string{name + errorsSuffix, strings.TrimSuffix(name+errorsSuffix, totalSuffix)} {
			if other := s.families[taken]; other != nil && s.labels.Failed() < 0 {
				return f.refuse(other.takes(taken)), false
			}
		}
	}
	// In OpenMetrics a counter's name is without its suffix.
	sibling := name + totalSuffix
	if k == counter {
		sibling = strings.TrimSuffix(name, totalSuffix)
	}
	if other := s.families[sibling]; other != nil && other.state.Load() != refused &&
		(k == counter) != (other.kind == counter || other.name != sibling) {
		return f.refuse(other.takes(sibling)), false
	}
	shown := name
	if s.options.UTF8Names {
		shown = metricName(s.utf8Prefix, k, strings.ToValidUTF8(path, "\uFFFD"), unit, true)
	}
	f.help = s.help(f, e.Series)
	s.options.build(f, shown, s.labels)
	s.families[name] = f
	if f.errors != nil {
		s.families[name+errorsSuffix] = f
	}
	return f, true
}

// help returns the help text of a new metric, whose first event points to from: that of the
// options, or of the instrument, or "". One that was registered before keeps its text. The
// mutex must be held.
func (s *store) help(f *family, from *event.Series) string {
	if text, ok := s.helps[f.name]; ok {
		return text
	}
	text := s.options.Help[f.path]
	if text == "" && from != nil {
		text = from.Help
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// takes says that f has the name.
func (f *family) takes(name string) string {
	return fmt.Sprintf("%s belongs to %v %.200q", name, f.kind, f.path)
}

// refuse marks f as one that has lost its name to another.
func (f *family) refuse(why string) *family {
	f.refusal = fmt.Errorf("prometheus: %v %.200q: %w: %s", f.kind, f.path, ErrClash, why)
	f.state.Store(refused)
	return f
}

// register makes a new metric seen by scrapes, if the registry takes it. The mutex
// must not be held: a Registerer may be anybody's.
func (s *store) register(f *family) {
	if err := register(s.registerer, f); err != nil {
		f.refuse(err.Error())
		s.refuseHeld(f)
		return
	}
	f.state.Store(registered)
	if s.gone.Load() {
		unregister(s.registerer, f)
	}
}

// refuseHeld counts what f was given before it was refused.
func (s *store) refuseHeld(f *family) {
	if n := f.held.Swap(0); n > 0 {
		s.clashed(f, n)
	}
}

func (s *store) clashed(f *family, n int64) {
	s.lost.clashed.Add(n)
	s.problems.clash.report(func() error { return f.refusal })
}

func (s *store) overflowed(e *sample) {
	s.lost.overflowed.Add(1)
	s.problems.overflow.report(func() error {
		return fmt.Errorf("prometheus: %v %.200q left out: %w", e.kind, e.Scope, ErrOverflow)
	})
}

func register(reg prom.Registerer, c prom.Collector) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the registerer panicked: %v", p)
		}
	}()
	return reg.Register(c)
}

func unregister(reg prom.Registerer, c prom.Collector) (done bool) {
	defer func() { _ = recover() }()
	return reg.Unregister(c)
}
