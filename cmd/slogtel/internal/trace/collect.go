package trace

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

// Bounds of what is kept.
const (
	maxEvents = 1 << 20 // of a trace
	maxLogs   = 1 << 16
	maxIDs    = 10 // traces that are named where it is not clear which one is meant
)

// A collector keeps the events and logs of one trace. It is safe for concurrent use.
type collector struct {
	prefix string // of the id, in small letters

	mu      sync.Mutex // guards what follows
	events  map[string][]*events.Event
	logs    map[string][]logLine
	ids     []string // that begin with prefix, in order; at most maxIDs+1
	exact   string   // the one that is prefix
	left    int      // events and logs that there was no room for
	traced  bool     // some event has a trace id
	samples []sample
}

// A sample is a root scope of some trace.
type sample struct {
	id, scope, failed string
	start             time.Time
	took              time.Duration
}

func newCollector(id string) *collector {
	return &collector{prefix: strings.ToLower(id), events: make(map[string][]*events.Event), logs: make(map[string][]logLine)}
}

// matches reports whether a word is an id that is looked for.
func (c *collector) matches(word string) bool {
	return c.prefix != "" && len(word) >= len(c.prefix) && strings.EqualFold(word[:len(c.prefix)], c.prefix)
}

// idLength is that of a W3C trace id. A shorter word in a log that an id begins with is none.
const idLength = 32

func (c *collector) isID(word string) (string, bool) {
	return strings.ToLower(word), c.matches(word) && (len(word) == len(c.prefix) || len(word) == idLength)
}

// note adds an id to those that may be meant, and reports whether what has it is to be kept. With more
// than one, nothing is but what has exactly the id that was given.
func (c *collector) note(id string) bool {
	if id == c.prefix {
		c.exact = id
		return true
	}
	if i, known := slices.BinarySearch(c.ids, id); !known {
		c.ids = slices.Insert(c.ids, i, id)
		if len(c.ids) > maxIDs+1 {
			c.ids = c.ids[:maxIDs+1]
		}
	}
	if len(c.ids) > 1 || c.exact != "" {
		for _, id := range c.ids {
			delete(c.events, id)
			delete(c.logs, id)
		}
		return false
	}
	return true
}

// A sink has the events of one worker.
type sink struct {
	*collector
	traced bool // some event has a trace id
	slow   *collect.First[sample]
	failed *collect.First[sample]
	inner  []sample // of traces without a root scope, maybe
}

// maxSamples is how many of the slowest, and of those that failed last, are named.
const maxSamples = 5

func newSink(c *collector) *sink {
	return &sink{
		collector: c,
		slow:      collect.NewFirst(maxSamples, func(a, b sample) int { return cmp.Or(cmp.Compare(b.took, a.took), cmp.Compare(a.id, b.id)) }),
		failed:    collect.NewFirst(maxSamples, func(a, b sample) int { return b.start.Add(b.took).Compare(a.start.Add(a.took)) }),
	}
}

// sample takes one, of which it keeps a copy.
func (s *sink) sample(a sample) {
	to := s.slow
	if a.failed != "" {
		to = s.failed
	}
	if to.Wants(a) {
		to.Keep(a.clone())
	}
}

func (a sample) clone() sample {
	a.id, a.failed = strings.Clone(a.id), strings.Clone(a.failed)
	return a
}

func (s *sink) Event(e *events.Event) {
	if e.TraceID == "" {
		return
	}
	s.traced = true
	one := sample{e.TraceID, e.Scope, e.Error, e.Start(), e.Duration}
	switch {
	case e.Kind == events.Timing && e.Parent == "":
		s.sample(one)
	case len(s.inner) < maxSamples && !slices.ContainsFunc(s.inner, func(a sample) bool { return a.id == e.TraceID }):
		s.inner = append(s.inner, one.clone())
	}
	if !s.matches(e.TraceID) {
		return
	}
	id := strings.ToLower(strings.Clone(e.TraceID))
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.note(id) {
		return
	}
	if len(s.events[id]) >= maxEvents {
		s.left++
		return
	}
	s.events[id] = append(s.events[id], e.Clone())
}

// merge puts the samples of the sinks together: the ones that failed first, and of the others the slowest first.
func (c *collector) merge(sinks []*sink) {
	one := newSink(c)
	for _, s := range sinks {
		c.traced = c.traced || s.traced
		one.slow.Merge(s.slow)
		one.failed.Merge(s.failed)
		one.inner = append(one.inner, s.inner...)
	}
	list := func() []sample { return slices.Concat(one.failed.Sorted(), one.slow.Sorted()) }
	if len(list()) == 0 {
		for _, a := range one.inner {
			one.sample(a)
		}
	}
	c.samples = list()
}

// text takes the logs that are in a line.
func (c *collector) text(at events.Position, line []byte, around bool) {
	found := logsIn(line, around, c.isID)
	if len(found) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range found {
		if !c.note(l.trace) {
			continue
		}
		if len(c.logs[l.trace]) >= maxLogs {
			c.left++
			continue
		}
		l.at = at
		c.logs[l.trace] = append(c.logs[l.trace], l)
	}
}

// found returns the id of the trace that is meant, and the others that may be.
func (c *collector) found() (id string, others []string) {
	switch {
	case c.exact != "":
		return c.exact, nil
	case len(c.ids) == 1:
		return c.ids[0], nil
	}
	return "", c.ids
}
