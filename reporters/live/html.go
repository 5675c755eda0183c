package live

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/slogtel/telemetry/internal/humanize"
)

//go:embed assets
var assets embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"seconds": func(s float64) string { return string(humanize.AppendSeconds(nil, s)) },
	"number":  func(v float64) string { return string(humanize.AppendFloat(nil, v)) },
	"count":   func(n int64) string { return string(humanize.AppendInt(nil, n)) },
	"clock":   func(t time.Time) string { return t.Format("15:04:05.000") },
	"iso":     func(t time.Time) string { return t.Format(time.RFC3339Nano) },
	"text":    attrText,
	"isGroup": func(v any) bool { _, ok := v.(Attrs); return ok },
	"line":    line,
	"now":     lastOf,
	"bar":     barOf,
	"deref": func(v *float64) float64 {
		if v == nil {
			return 0
		}
		return *v
	},
	"dict": func(kind string, list []Metric) map[string]any { return map[string]any{"Kind": kind, "List": list} },
	"node": func(n *Node, whole float64) map[string]any { return map[string]any{"N": n, "Whole": whole} },
}).ParseFS(assets, "assets/*.html"))

func serveAsset(w http.ResponseWriter, r *http.Request, name string) {
	content, err := assets.ReadFile(path.Join("assets", path.Base(name)))
	types := map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
	kind := types[path.Ext(name)]
	if err != nil || kind == "" {
		http.Error(w, "404", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(content) // the client has gone
}

// sections are the parts of the page that are updated by themselves.
var sections = []string{"summary", "open", "scopes", "traces", "metrics", "dropped"}

// A view is what the page is to show, and how.
type view struct {
	Window string // of spans
	Sort   string
	Filter string // what names have to contain
}

var sorts = []string{"scope", "calls", "errors", "rate", "p50", "p95", "p99", "max"}

func viewOf(q url.Values) view {
	v := view{Window: q.Get("window"), Sort: q.Get("sort"), Filter: cutText(q.Get("q"))}
	if !slices.ContainsFunc(spans[:], func(s struct {
		name   string
		length time.Duration
		ticks  int64
	}) bool {
		return s.name == v.Window
	}) {
		v.Window = spans[0].name
	}
	if !slices.Contains(sorts, v.Sort) {
		v.Sort = "scope"
	}
	return v
}

// Link is the query of the same view with another window or order.
func (v view) Link(window, sort string) string {
	q := url.Values{}
	q.Set("window", cmp.Or(window, v.Window))
	q.Set("sort", cmp.Or(sort, v.Sort))
	if v.Filter != "" {
		q.Set("q", v.Filter)
	}
	return "?" + q.Encode()
}

// shown is what the templates are given.
type shown struct {
	*Page
	View    view
	Windows []string
	Sorts   []string
	Rows    []row
	Runtime []Metric // the gauges of package runtimetel
	More    int64    // open scopes that are not listed
	Stats   []group
	Updated time.Time
}

type row struct {
	Scope
	W Window
}

type group struct {
	Name   string
	Counts Attrs
}

// pageOf returns the page in a view.
func (c *core) pageOf(v view) *shown {
	p := c.page()
	s := &shown{Page: p, View: v, Windows: []string{spans[0].name, spans[1].name, spans[2].name}, Sorts: sorts, Updated: p.Time}
	has := func(name string) bool { return strings.Contains(strings.ToLower(name), strings.ToLower(v.Filter)) }
	filtered := *p
	filtered.Open, filtered.Slow, filtered.Failed = nil, nil, nil
	filtered.Counters, filtered.Gauges, filtered.Histograms = nil, nil, nil
	listed := int64(0)
	for _, o := range p.Open {
		listed += o.size()
		if o.any(has) {
			filtered.Open = append(filtered.Open, o)
		}
	}
	s.More = p.OpenCount - listed
	for _, sc := range p.Scopes {
		if has(sc.Scope) {
			s.Rows = append(s.Rows, row{sc, sc.Windows[v.Window]})
		}
	}
	slices.SortStableFunc(s.Rows, func(a, b row) int { return compare(&a, &b, v.Sort) })
	traces := func(list []*Trace) (out []*Trace) {
		for _, t := range list {
			if has(t.Scope) {
				out = append(out, t)
			}
		}
		return out
	}
	filtered.Slow, filtered.Failed = traces(p.Slow), traces(p.Failed)
	metrics := func(list []Metric) (out []Metric) {
		for _, m := range list {
			if has(m.Name) {
				out = append(out, m)
			}
		}
		return out
	}
	filtered.Counters, filtered.Histograms = metrics(p.Counters), metrics(p.Histograms)
	for _, m := range metrics(p.Gauges) {
		if strings.Contains("."+m.Name, ".runtime.") {
			s.Runtime = append(s.Runtime, m)
		} else {
			filtered.Gauges = append(filtered.Gauges, m)
		}
	}
	names := make([]string, 0, len(p.Stats))
	for name := range p.Stats {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		s.Stats = append(s.Stats, group{name, p.Stats[name]})
	}
	s.Page = &filtered
	return s
}

func compare(a, b *row, by string) int {
	number := func(r *row) float64 {
		var v *float64
		switch by {
		case "calls":
			return float64(r.W.Calls)
		case "errors":
			return float64(r.W.Errors)
		case "rate":
			return r.W.Rate
		case "p50":
			v = r.W.P50
		case "p95":
			v = r.W.P95
		case "p99":
			v = r.W.P99
		case "max":
			v = r.W.Max
		}
		if v == nil {
			return -1
		}
		return *v
	}
	if by == "scope" {
		return strings.Compare(a.Scope.Scope, b.Scope.Scope)
	}
	return cmp.Compare(number(b), number(a))
}

func (o *Open) size() (n int64) {
	n = 1
	for _, child := range o.Children {
		n += child.size()
	}
	return n
}

// any reports whether the name of o, or of one inside it, is wanted.
func (o *Open) any(has func(string) bool) bool {
	return has(o.Scope) || slices.ContainsFunc(o.Children, func(child *Open) bool { return child.any(has) })
}

func (c *core) serveHTML(w http.ResponseWriter, v view) { c.render(w, "page", c.pageOf(v)) }

type tracePage struct {
	*Trace
	Title string
}

func (c *core) tracePage(t *Trace) tracePage { return tracePage{t, c.opts.Title} }

func (c *core) render(w http.ResponseWriter, name string, data any) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		http.Error(w, "500 "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // the client has gone
}

// section is the HTML of a part of the page.
func (c *core) section(id string, p *shown) string {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, id, p); err != nil {
		return template.HTMLEscapeString(err.Error())
	}
	return b.String()
}

func attrText(v any) string {
	switch v := v.(type) {
	case float64:
		return string(humanize.AppendFloat(nil, v))
	case Attrs:
		parts := make([]string, 0, len(v))
		for _, a := range v {
			parts = append(parts, a.Key+"="+attrText(a.Value))
		}
		return strings.Join(parts, " ")
	}
	return fmt.Sprint(v)
}

// The size of a chart.
const (
	chartWidth  = 240
	chartHeight = 36
)

// A Line is a chart: lines through the points that there are, one for each run without a gap.
type Line struct {
	Width, Height int
	Runs          []string // of polylines
	Label         string   // for those who cannot see it
}

func line(m Metric) Line {
	l := Line{Width: chartWidth, Height: chartHeight, Label: "no values"}
	least, most, n := 0.0, 0.0, 0
	for _, v := range m.Points {
		if v == nil {
			continue
		}
		if n++; n == 1 {
			least, most = *v, *v
		}
		least, most = min(least, *v), max(most, *v)
	}
	if n == 0 {
		return l
	}
	if m.Total != nil {
		least = min(least, 0)
	}
	l.Label = fmt.Sprintf("the last ten minutes: from %s to %s, now %s",
		humanize.AppendFloat(nil, least), humanize.AppendFloat(nil, most), humanize.AppendFloat(nil, lastOf(m)))
	var run strings.Builder
	end := func() {
		if run.Len() > 0 {
			l.Runs = append(l.Runs, run.String())
		}
		run.Reset()
	}
	for i, v := range m.Points {
		if v == nil {
			end()
			continue
		}
		x := float64(i+points-len(m.Points)) / (points - 1) * chartWidth
		y := float64(chartHeight) / 2
		if span := most/2 - least/2; span > 0 { // halves: the difference may have no float64
			y = chartHeight - 2 - (*v/2-least/2)/span*(chartHeight-4)
		}
		if run.Len() == 0 {
			fmt.Fprintf(&run, "%.1f,%.1f ", max(x-3, 0), y) // one point alone is seen, too
		}
		fmt.Fprintf(&run, "%.1f,%.1f ", x, y)
	}
	end()
	return l
}

func lastOf(m Metric) float64 {
	for i := len(m.Points) - 1; i >= 0; i-- {
		if v := m.Points[i]; v != nil {
			return *v
		}
	}
	return 0
}

// A Bar is where a scope is in its trace, in thousandths of its time.
type Bar struct{ X, Width float64 }

func barOf(n *Node, whole float64) Bar {
	if !(whole > 0) {
		return Bar{0, 1000}
	}
	x := min(max(n.StartS/whole*1000, 0), 998)
	return Bar{x, min(max(n.DurationS/whole*1000, 2), 1000-x)}
}
