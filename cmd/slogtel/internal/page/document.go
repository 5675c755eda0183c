package page

import (
	"cmp"
	"slices"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/failures"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/tree"
)

// A document is the data of a page. Times are milliseconds since 1970 or, where their
// names end in _us, microseconds since Start; durations are seconds but there. Strings
// are clean and cut.
type document struct {
	Title     string        `json:"title"`
	Inputs    []string      `json:"inputs"`
	Start     float64       `json:"start"`
	End       float64       `json:"end"`
	Timed     bool          `json:"timed"`
	Sampled   bool          `json:"sampled"`
	Generated float64       `json:"generated"`
	Counts    events.Counts `json:"counts"`
	Notices   []string      `json:"notices"`

	Scopes  []scopeDoc         `json:"scopes"` // parents before children
	Time    timeDoc            `json:"time"`
	Latency []seriesDoc        `json:"latency"`
	Metrics []metricDoc        `json:"metrics"`
	Errors  []failures.Failure `json:"errors"`
	Spans   spansDoc           `json:"spans"`
	Strings []string           `json:"strings"` // that others refer to by their index
}

type scopeDoc struct {
	Name      string `json:"name"`
	Parent    int    `json:"parent"` // index; -1 at the root
	Level     int    `json:"level"`
	Timed     bool   `json:"timed"`
	Rough     bool   `json:"rough,omitempty"`
	Calls     num    `json:"calls"`
	Errors    num    `json:"errors"`
	Canceled  num    `json:"canceled,omitempty"`
	Total     num    `json:"total"`
	Self      num    `json:"self"`
	Estimated bool   `json:"self_estimated,omitempty"` // scopes inside may have run at the same time
	Unknown   bool   `json:"self_unknown,omitempty"`   // they took longer together
	figures
}

// figures are those of a distribution.
type figures struct {
	Mean *num `json:"mean"` // null: not known
	Min  num  `json:"min"`
	P50  num  `json:"p50"`
	P95  num  `json:"p95"`
	P99  num  `json:"p99"`
	Max  num  `json:"max"`
}

// figuresOf are those of a series, of which unit is one of what is shown.
func figuresOf(s *collect.Series, unit float64) figures {
	at := func(q float64) num { return num(s.Quantile(q) / unit) }
	f := figures{Min: at(0), P50: at(0.5), P95: at(0.95), P99: at(0.99), Max: at(1)}
	if v, ok := s.Mean(); ok {
		n := num(v / unit)
		f.Mean = &n
	}
	return f
}

// timeDoc is the grid: bucket i is [Start + i×Width, Start + (i+1)×Width).
type timeDoc struct {
	Start   float64 `json:"start"`
	Width   float64 `json:"width"` // milliseconds
	Buckets int     `json:"buckets"`
}

// seriesDoc is a scope over time. Of each bucket in At there is one of all others; cells
// are threes of an index in At, a bin, and a count.
type seriesDoc struct {
	Scope  int   `json:"scope"`
	At     []int `json:"at"`
	Calls  []num `json:"calls"`
	Errors []num `json:"errors"`
	P50    []num `json:"p50"`
	P95    []num `json:"p95"`
	P99    []num `json:"p99"`
	Max    []num `json:"max"`
	Cells  []num `json:"cells"`
}

type metricDoc struct {
	Name   string `json:"name"`
	Within string `json:"within"` // scope
	Type   string `json:"type"`
	Unit   string `json:"unit,omitempty"`
	Events num    `json:"events"`
	Count  num    `json:"count"` // of those that are numbers
	Sum    num    `json:"sum"`
	Last   num    `json:"last"`
	Text   string `json:"text,omitempty"`
	Rough  bool   `json:"rough,omitempty"`
	figures

	At       []int `json:"at,omitempty"`
	Sums     []num `json:"sums,omitempty"`
	Means    []num `json:"means,omitempty"`
	Minimums []num `json:"mins,omitempty"`
	Maximums []num `json:"maxs,omitempty"`
	Lasts    []num `json:"lasts,omitempty"`
}

// spansDoc has the spans by column. Strings are indexes, -1 for none.
type spansDoc struct {
	Start    []micros `json:"start_us"`
	Duration []micros `json:"duration_us"`
	Scope    []int    `json:"scope"`
	Lane     []int    `json:"lane"`   // of the group
	Group    []int    `json:"group"`  // what stands together: a trace, or what is nested without one
	Parent   []int    `json:"parent"` // index of a span; -1: none that is shown
	Error    []int    `json:"error"`
	Trace    []int    `json:"trace"`
	Attrs    [][]int  `json:"attrs"` // key, value, key, value …
	Input    []int    `json:"input"`
	Line     []int64  `json:"line"`
}

// A build makes a document of a model.
type build struct {
	*Model
	limits  Limits
	doc     *document
	strings map[string]int

	patterns int // of errors, shown or not
}

func (m *Model) document(title string, c events.Counts, l Limits) *document {
	b := &build{Model: m, limits: l, doc: new(document), strings: make(map[string]int)}
	d := b.doc
	d.Title = clean(title, 200)
	d.Inputs = []string{}
	for _, name := range m.inputList {
		d.Inputs = append(d.Inputs, clean(name, l.Name))
	}
	d.Start, d.End, d.Timed, d.Sampled = millis(m.first), millis(m.last), m.timed, m.sampled
	d.Counts = c
	if m.grid.used {
		d.Time = timeDoc{Start: millis(m.grid.low * m.grid.width), Width: float64(m.grid.width) / 1e6, Buckets: int(m.grid.high - m.grid.low + 1)}
	}
	scopes := b.scopes()
	b.latency(scopes)
	b.metrics()
	b.errors()
	b.timeline()
	b.notices(len(scopes), c)
	if d.Strings == nil {
		d.Strings = []string{}
	}
	return d
}

func millis(ns int64) float64 { return float64(ns/1e6) + float64(ns%1e6)/1e6 }

// str returns the index of a string, -1 for "".
func (b *build) str(s string, max int) int {
	if s == "" {
		return -1
	}
	s = clean(s, max)
	i, ok := b.strings[s]
	if !ok {
		i = len(b.doc.Strings)
		b.strings[s] = i
		b.doc.Strings = append(b.doc.Strings, s)
	}
	return i
}

// scopes lists the scopes that took longest and returns them.
func (b *build) scopes() []*scopeStats {
	all := slices.Clone(b.scopeList)
	b.meters.Finish()
	setOwn(all, b.meters.Parallel)
	slices.SortStableFunc(all, func(x, y *scopeStats) int { return cmp.Compare(y.Total.Value(), x.Total.Value()) })
	shown := all[:min(len(all), b.limits.Scopes+1)] // and the one for all others
	for _, s := range all {
		s.index = -1
	}
	b.doc.Scopes = []scopeDoc{}
	at := make(map[*tree.Node]int)
	for i, n := range places(shown) {
		at[n] = i
		d := scopeDoc{Name: clean(n.Path, b.limits.Name), Parent: -1, Level: n.Level, Total: num(n.Total / float64(time.Second))}
		if n.Up != nil {
			d.Parent = at[n.Up]
		}
		if n.Timed() {
			s := shown[n.Index]
			s.index = i
			d.Timed, d.Rough, d.Calls, d.Errors = true, s.Approximate, num(s.Count.Value()), num(s.Errors.Value())
			d.Canceled = num(s.Canceled.Value())
			d.Self, d.Estimated, d.Unknown = num(s.own), s.self == tree.Estimated, s.self == tree.Unknown
			d.figures = figuresOf(&s.Series, float64(time.Second))
		}
		b.doc.Scopes = append(b.doc.Scopes, d)
	}
	return shown
}
