package wide

import (
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/roots"
	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/internal/tally"
)

// A state is what has happened inside a root scope so far.
type state struct {
	root roots.Root

	mu      sync.Mutex // guards what follows
	ended   bool
	running int // inner scopes that have started and not ended, as far as is known
	scopes  []item
	metrics []item
	failed  struct{ scope, err string } // the first
	cut     float64
}

// An item is one scope or metric. Counts and sums are scaled up by the sample rates of the
// events.
type item struct {
	series *event.Series // as of the last event; nil where it does not come again
	path   string
	typ    event.MetricType

	count, errors float64
	sum           tally.Total // seconds of timings
	float         bool        // a value of a counter was a float
	min, max      float64     // of histograms; of timings only max
	last          float64     // of gauges

	name     string // in the record, set at the end
	relative bool   // name is relative to the root
}

func weight(rate float64) float64 {
	w, _ := tally.Weight(rate)
	return w
}

// started counts a scope that was opened.
func (st *state) started() {
	st.mu.Lock()
	st.running++
	st.mu.Unlock()
}

// add takes account of an event, and reports false if the root has ended.
func (st *state) add(c *core, s *event.Sample) bool {
	w := weight(s.SampleRate)
	timing := s.Type == event.TypeTiming
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.ended {
		return false
	}
	c.events.Add(1)
	if timing { // its start was told, also that of a time that was measured elsewhere
		st.running = max(0, st.running-1)
	}
	if s.Error != "" && st.failed.scope == "" {
		st.failed.scope, st.failed.err = s.Scope, s.Error
	}
	items, limit := &st.metrics, c.opts.MaxMetrics
	if timing {
		items, limit = &st.scopes, c.opts.MaxScopes
	}
	it := itemOf(items, limit, s)
	if it == nil {
		st.cut += w
		c.cut.Add(1)
		return true
	}
	it.add(s, w)
	return true
}

// itemOf returns the item of an event, or nil where there is no room for another one.
func itemOf(items *[]item, limit int, s *event.Sample) *item {
	for i := range *items {
		it := &(*items)[i]
		if s.Series != nil && it.series == s.Series {
			return it
		}
		if it.path == s.Scope && it.typ == s.Type {
			it.series = s.Series
			return it
		}
	}
	if len(*items) >= limit {
		return nil
	}
	*items = append(*items, item{series: s.Series, path: s.Scope, typ: s.Type})
	return &(*items)[len(*items)-1]
}

func (it *item) add(s *event.Sample, w float64) {
	v := 0.0
	switch {
	case s.Type == event.TypeTiming:
		v = max(0, s.Duration.Seconds())
		if s.Error != "" {
			it.errors += w
		}
	case s.Value.Kind() == slog.KindInt64:
		v = float64(s.Value.Int64())
	default:
		v = s.Value.Float64()
		it.float = it.float || s.Type == event.TypeCounter
	}
	if it.count == 0 || v < it.min {
		it.min = v
	}
	if it.count == 0 || v > it.max {
		it.max = v
	}
	it.count += w
	it.last = v
	if s.Type == event.TypeCounter {
		series.AddValue(&it.sum, s.Value, w)
	} else {
		it.sum.Add(v, w)
	}
}

// name is a path relative to the root scope, which may have been renamed. It reports false for
// one that is not inside of it, as that of an instrument, which stays as it is.
func (st *state) name(path string, renamed string) (name string, relative bool) {
	for _, root := range [2]string{st.root.Path, renamed} {
		if rest, ok := strings.CutPrefix(path, root); ok && len(rest) > 1 && rest[0] == '.' {
			return rest[1:], true
		}
	}
	return path, false
}

// unfinished is the record of a root scope that is given up. It reports false for one that ended
// with nothing inside: a handler before this one, one that samples say, has dropped all of it.
func (st *state) unfinished() (r slog.Record, ok bool) {
	st.mu.Lock()
	nothing := len(st.scopes) == 0 && len(st.metrics) == 0 && st.cut == 0
	st.mu.Unlock()
	inside, empty := st.end(st.root.Path, 1)
	message, level := "telemetry: scope still open", slog.LevelWarn
	if st.root.Ended() {
		if nothing {
			return r, false
		}
		message, level = "telemetry: scope ended without its event", slog.LevelInfo
	}
	r = slog.NewRecord(time.Now(), level, message, 0)
	r.AddAttrs(slog.String("open_scope", st.root.Path))
	if st.root.TraceID != "" {
		r.AddAttrs(slog.String(event.KeyTraceID, st.root.TraceID), slog.String(event.KeySpanID, st.root.SpanID))
	}
	if !empty {
		r.AddAttrs(inside)
	}
	return r, true
}
