package live

import (
	"log/slog"
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
