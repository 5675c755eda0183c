package live

import (
	"cmp"
	"log/slog"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/series"
	"github.com/slogtel/telemetry/internal/tally"
)

// Schema is the version of the JSON. It changes when a member is renamed or taken away, not when
// one is added.
const Schema = 1

// A Page is what the JSON has, and what is shown. Durations are in seconds.
type Page struct {
	Schema     int              `json:"schema"`
	Title      string           `json:"title"`
	Time       time.Time        `json:"time"`
	UptimeS    float64          `json:"uptime_s"` // since New
	Ended      bool             `json:"ended"`    // Shutdown was called
	PID        int              `json:"pid"`
	GoVersion  string           `json:"go_version"`
	Open       []*Open          `json:"open"`       // root scopes, the oldest first
	OpenCount  int64            `json:"open_count"` // also of those that are not listed
	Scopes     []Scope          `json:"scopes"`     // by path
	Counters   []Metric         `json:"counters"`
	Gauges     []Metric         `json:"gauges"`
	Histograms []Metric         `json:"histograms"`
	Slow       []*Trace         `json:"slow"`   // the slowest first
	Failed     []*Trace         `json:"failed"` // the last one first
	Stats      map[string]Attrs `json:"stats"`  // by name; "live" is this handler
}

// An Open is a scope that has not ended.
type Open struct {
	Scope    string    `json:"scope"`
	Start    time.Time `json:"start"`
	AgeS     float64   `json:"age_s"`
	Attrs    Attrs     `json:"attrs,omitempty"` // so far
	Error    string    `json:"error,omitempty"` // so far
	Children []*Open   `json:"children,omitempty"`

	id, parent int32
}

// A Scope has the figures of one path.
type Scope struct {
	Scope   string            `json:"scope"`
	Parent  string            `json:"parent"`
	Depth   int               `json:"depth"`
	Calls   int64             `json:"calls"` // since New
	Errors  int64             `json:"errors"`
	Windows map[string]Window `json:"windows"` // "1m", "10m", "1h"
}

// A Window has the figures of a span of time that ends now. Of a scope the values are
// seconds, of a histogram those that were recorded. The quantiles are off by 1 % at most.
type Window struct {
	Seconds float64  `json:"seconds"` // how long the span is in fact
	Calls   int64    `json:"calls"`
	Errors  int64    `json:"errors"`
	Rate    float64  `json:"rate"` // calls a second, of a second at least
	Mean    *float64 `json:"mean"` // null, as the next ones, if there was no call
	P50     *float64 `json:"p50"`
	P90     *float64 `json:"p90"`
	P95     *float64 `json:"p95"`
	P99     *float64 `json:"p99"`
	Max     *float64 `json:"max"`
}

// A Metric is a counter, a gauge or a histogram.
type Metric struct {
	Name    string            `json:"name"`
	Unit    string            `json:"unit,omitempty"`
	Total   *float64          `json:"total,omitempty"` // of a counter, since New
	Rate    *float64          `json:"rate,omitempty"`  // of a counter, a second, in the last minute
	Last    *float64          `json:"last,omitempty"`  // of a gauge, as the next ones
	Min     *float64          `json:"min,omitempty"`   // since New
	Max     *float64          `json:"max,omitempty"`
	Points  []*float64        `json:"points,omitempty"`  // a number for each 10 s of the last ten minutes, the oldest first; null: none
	Windows map[string]Window `json:"windows,omitempty"` // of a histogram
}

// A Trace is a root scope that has ended.
type Trace struct {
	ID        string    `json:"id"` // for ?trace=ID
	Scope     string    `json:"scope"`
	Start     time.Time `json:"start"`
	DurationS float64   `json:"duration_s"`
	Failed    bool      `json:"failed"`          // it, or a scope inside it
	Errors    int       `json:"errors"`          // scopes that failed
	Error     string    `json:"error,omitempty"` // of the root, or else of the first inside it
	TraceID   string    `json:"trace_id,omitempty"`
	CutEvents int       `json:"cut_events,omitempty"` // that had no room
	Root      *Node     `json:"root,omitempty"`       // absent in lists
}

// A Node is a scope in a trace, or something that happened in one.
type Node struct {
	Kind      string  `json:"kind"` // scope, log, counter, gauge, histogram, metric
	Name      string  `json:"name"` // path, or the message of a log
	StartS    float64 `json:"start_s"`
	DurationS float64 `json:"duration_s,omitempty"` // of a scope
	Level     string  `json:"level,omitempty"`      // of a log
	Error     string  `json:"error,omitempty"`
	Value     any     `json:"value,omitempty"` // of a metric
	Unit      string  `json:"unit,omitempty"`
	SpanID    string  `json:"span_id,omitempty"`
	Attrs     Attrs   `json:"attrs,omitempty"`
	Children  []*Node `json:"children,omitempty"`
}

// A snapshot is the last Page that was made: all clients share it.
type snapshot struct {
	mu   sync.Mutex
	page *Page
	at   time.Time
}

// Page returns what the JSON has now, for those who are in the same process. It must not be changed.
func (h *Handler) Page() *Page { return h.core.page() }

// page returns what is to be shown now. It must not be changed.
func (c *core) page() *Page {
	stats := c.stats() // calls the app: under no lock
	c.cache.mu.Lock()
	defer c.cache.mu.Unlock()
	if now := time.Now(); c.cache.page == nil || now.Sub(c.cache.at) > c.opts.Interval/4 {
		c.cache.page, c.cache.at = c.newPage(now), now
	}
	p := *c.cache.page
	p.Stats, p.Ended = stats, c.closed.Load()
	return &p
}

func (c *core) stats() map[string]Attrs {
	all := map[string]any{"live": &Handler{core: c}}
	for name, thing := range c.opts.Stats {
		all[name] = thing
	}
	out := make(map[string]Attrs, len(all))
	for name, thing := range all {
		r := slog.Record{}
		for _, n := range countsOf(thing) {
			r.AddAttrs(slog.Any(n.Name, n.Value))
		}
		out[cutText(name)] = attrsOf(c.clean.record(r))
	}
	return out
}

func (c *core) newPage(now time.Time) *Page {
	since := now.Sub(c.sums.began)
	p := &Page{
		Schema: Schema, Title: c.opts.Title, Time: now, UptimeS: since.Seconds(), PID: os.Getpid(), GoVersion: runtime.Version(),
		Open: []*Open{}, Scopes: []Scope{}, Counters: []Metric{}, Gauges: []Metric{}, Histograms: []Metric{}, Slow: []*Trace{}, Failed: []*Trace{},
	}
	p.Open, p.OpenCount = c.openScopes(now)
	at := c.sums.tick()
	for _, e := range c.sums.scopes.List() {
		part := e.Fold(fold(at))
		f := &part.Val
		s := Scope{
			Scope: c.clean.path(e.Path), Parent: c.clean.path(e.Parent), Depth: f.depth,
			Calls: series.Whole(&f.total), Errors: series.Whole(&f.errors), Windows: windowsOf(f.window, at, since, 1e9),
		}
		part.Unlock()
		p.Scopes = append(p.Scopes, s)
	}
	for _, e := range c.sums.metrics.List() {
		part := e.Fold(fold(at))
		m := metricOf(e.Type, &part.Val, at, since)
		part.Unlock()
		m.Name = c.clean.path(e.Path)
		switch e.Type {
		case event.TypeCounter:
			p.Counters = append(p.Counters, m)
		case event.TypeGauge:
			p.Gauges = append(p.Gauges, m)
		default:
			p.Histograms = append(p.Histograms, m)
		}
	}
	slices.SortFunc(p.Scopes, func(a, b Scope) int { return strings.Compare(a.Scope, b.Scope) })
	for _, list := range [][]Metric{p.Counters, p.Gauges, p.Histograms} {
		slices.SortFunc(list, func(a, b Metric) int { return strings.Compare(a.Name, b.Name) })
	}
	slow, failed := c.shelf.list(now)
	for _, k := range slow {
		p.Slow = append(p.Slow, k.head(c.clean))
	}
	for _, k := range failed {
		p.Failed = append(p.Failed, k.head(c.clean))
	}
	return p
}

func windowsOf(w *window, at int64, since time.Duration, unit float64) map[string]Window {
	all := make(map[string]Window, len(spans))
	var cells [len(spans)]cell
	if w != nil {
		w.advance(at)
		cells = w.sum()
	}
	for i, s := range spans {
		c := &cells[i]
		out := Window{Seconds: covered(i, since).Seconds(), Calls: tally.Whole(c.calls), Errors: tally.Whole(c.errors)}
		out.Rate = series.Finite(c.calls / max(1, out.Seconds))
		if d := c.dist; d != nil && d.Count() > 0 {
			n := func(v float64) *float64 { v = series.Finite(v / unit); return &v }
			out.Mean, out.P50, out.P90 = n(d.Mean()), n(d.Quantile(0.5)), n(d.Quantile(0.9))
			out.P95, out.P99, out.Max = n(d.Quantile(0.95)), n(d.Quantile(0.99)), n(d.Max())
		}
		all[s.name] = out
	}
	return all
}

func metricOf(typ event.MetricType, f *figures, at int64, since time.Duration) Metric {
	m := Metric{Unit: cutText(f.unit)}
	switch typ {
	case event.TypeHistogram:
		m.Windows = windowsOf(f.window, at, since, 1)
		return m
	case event.TypeGauge:
		last, least, most := f.last, f.min, f.max
		m.Last, m.Min, m.Max = &last, &least, &most
	case event.TypeCounter:
		total := series.Finite(f.total.Value())
		m.Total = &total
	}
	if f.chart == nil {
		f.chart = new(chart)
	}
	f.chart.advance(at)
	m.Points = f.chart.list(typ == event.TypeGauge)
	if typ == event.TypeCounter {
		sum := 0.0
		for _, v := range m.Points[max(0, len(m.Points)-shorts-1):] {
			sum += *v
		}
		rate := series.Finite(sum / max(1, covered(0, since).Seconds()))
		m.Rate = &rate
	}
	return m
}

// maxShown is how many open scopes are listed, about: the oldest root scopes with all in them.
const maxShown = 500

// openScopes returns the oldest of the scopes that are open, as trees.
func (c *core) openScopes(now time.Time) (list []*Open, count int64) {
	type group struct {
		start  time.Time
		scopes []openScope
	}
	var groups []group
	for i := range c.table.parts {
		p := &c.table.parts[i]
		p.mu.Lock()
		for _, tr := range p.chains {
			for ; tr != nil; tr = tr.next {
				if len(tr.open) > 0 {
					groups = append(groups, group{scopes: slices.Clone(tr.open)})
				}
			}
		}
		p.mu.Unlock()
	}
	for i := range groups {
		g := &groups[i]
		slices.SortFunc(g.scopes, func(a, b openScope) int { return cmp.Compare(a.id, b.id) })
		for j := range g.scopes {
			if st, open := g.scopes[j].span().State(); open {
				g.start = st.Start
				break
			}
		}
	}
	slices.SortStableFunc(groups, func(a, b group) int { return a.start.Compare(b.start) })
	list = []*Open{}
	shown := 0
	for _, g := range groups {
		if g.start.IsZero() {
			continue // all have ended meanwhile
		}
		byID := map[int32]*Open{}
		var roots []*Open
		for i := range g.scopes {
			if shown >= maxShown {
				if !g.scopes[i].ended() {
					count++
				}
				continue
			}
			o := c.openScope(&g.scopes[i], now)
			if o == nil {
				continue
			}
			count++
			shown++
			byID[o.id] = o
			if parent := byID[o.parent]; parent != nil && parent != o {
				parent.Children = append(parent.Children, o)
			} else {
				roots = append(roots, o)
			}
		}
		list = append(list, roots...)
	}
	return list, count
}

// openScope returns what is known of a scope, or nil if it has ended.
func (c *core) openScope(s *openScope, now time.Time) *Open {
	st, open := s.span().State()
	if !open {
		return nil
	}
	r := slog.Record{Message: st.Failure}
	for _, a := range st.Attrs[:min(len(st.Attrs), maxAttrs)] {
		r.AddAttrs(safe(a, 0))
	}
	failure, attrs := c.clean.all(r)
	return &Open{
		Scope: c.clean.path(st.Scope), Start: st.Start, AgeS: math.Max(0, now.Sub(st.Start).Seconds()),
		Attrs: attrsOf(attrs), Error: cutText(failure), id: s.id, parent: s.parent,
	}
}
