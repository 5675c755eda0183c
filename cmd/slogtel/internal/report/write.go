package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

// maxName is the most characters of a name or text in a table.
const maxName = 64

func safe(s string) string { return text.Cut(text.Clean(s), maxName) }

// writeText writes tables, each but the first after an empty line, for a terminal of that
// width; 0: any.
func (r *Report) writeText(w io.Writer, width int) {
	first := true
	var out []string
	tables := []*text.Table{r.scopeTable(), r.counterTable(), r.gaugeTable(), r.histogramTable(), r.metricTable(), r.errorTable()}
	for _, t := range tables {
		if t.Len() == 0 {
			continue
		}
		if !first {
			fmt.Fprintln(w)
		}
		first = false
		for _, column := range t.Fit(width, "DISTRIBUTION", "MEAN", "P95", "MIN", "P50", "P99") {
			if !slices.Contains(out, column) {
				out = append(out, column)
			}
		}
		t.WriteTo(w)
	}
	switch {
	case first && r.hidden:
		fmt.Fprintln(w, "no scope was timed in so few levels: see --depth")
	case first && r.Lines.Filtered > 0:
		fmt.Fprintln(w, input.AllFiltered)
	case first:
		fmt.Fprintln(w, input.NoTelemetry)
	}
	fmt.Fprintln(w)
	notes := r.notes()
	if len(out) > 0 {
		notes = append(notes, text.LeftOut(width, out))
	}
	for _, note := range notes {
		fmt.Fprintln(w, note)
	}
}

func (r *Report) notes() (notes []string) {
	overlap, estimated, approximate := false, false, false
	for _, s := range r.Scopes {
		overlap = overlap || s.Overlap
		estimated = estimated || s.Estimated
		approximate = approximate || s.Approximate
	}
	for _, h := range r.Histograms {
		approximate = approximate || h.Approximate
	}
	if len(r.Scopes)+len(r.Histograms) > 0 {
		but := ""
		if approximate {
			but = ", but for those with ~"
		}
		notes = append(notes, "quantiles are within "+text.Percent(r.QuantileError)+but+"; a distribution is drawn from its least value to its greatest, in steps of 2% or more")
	}
	if overlap {
		notes = append(notes, "*: scopes inside ran at the same time, and took longer together than the scope: no time of its own is known")
	}
	if estimated {
		notes = append(notes, "SELF with ~ is an estimate: scopes inside may have run at the same time, and no span ids say in which call (Options.TraceIDs), or they were read long after it")
	}
	if approximate {
		notes = append(notes, "quantiles with ~: from summaries without a sketch, whose quantiles cannot be merged exactly")
	}
	if r.Overflow > 0 {
		notes = append(notes, fmt.Sprintf("%d events are in lines named %s: there were more scopes than --max-series", r.Overflow, overflowName))
	}
	if r.Ungrouped > 0 {
		notes = append(notes, fmt.Sprintf("%d events are in groups named %s: there were more values of %s than --max-groups or --max-series", r.Ungrouped, overflowName, text.Clean(r.By)))
	}
	if r.NotCounted > 0 {
		notes = append(notes, fmt.Sprintf("%d timings have call_count 0: their program passed the number of scope paths that it counts calls of, and puts ids into names", r.NotCounted))
	}
	if r.InSummary > 0 {
		notes = append(notes, fmt.Sprintf("%d events were left out, since a summary counts them too", r.InSummary))
	}
	return notes
}

func (r *Report) groupName(level int, group *string) string {
	value := *group
	if value == "" {
		value = `""`
	}
	return indent(level) + safe(r.By+"="+value)
}

func indent(level int) string { return strings.Repeat("  ", min(level, maxLevels)) }

func (r *Report) scopeTable() *text.Table {
	t := text.NewTable("SCOPE", "CALLS", "ERRORS", "CANCELED", "TOTAL", "SELF", "MEAN", "P50", "P95", "P99", "MAX", "DISTRIBUTION")
	for i := range r.Scopes {
		s := &r.Scopes[i]
		name := indent(s.level) + safe(s.name)
		self := "*"
		if s.Self != nil {
			self = text.Seconds(*s.Self)
		}
		if s.Estimated {
			self = "~" + self
		}
		if s.Group != nil {
			name, self = r.groupName(s.level, s.Group), "-"
		}
		if !s.Timed {
			t.Row(name, "-", "-", "", "-", "-", "-", "-", "-", "-", "-", "")
			continue
		}
		mark := ""
		if s.Approximate {
			mark = "~"
		}
		t.Row(name, text.Int(s.Calls), text.Int(s.Errors), some(s.Canceled), text.Seconds(s.Total), self, text.Seconds(s.Mean),
			mark+text.Seconds(s.P50), mark+text.Seconds(s.P95), mark+text.Seconds(s.P99), text.Seconds(s.Max), s.spark)
	}
	t.DropEmpty("CANCELED")
	return t
}

// some is a number that is nothing worth a word where it is zero.
func some(n int64) string {
	if n == 0 {
		return ""
	}
	return text.Int(n)
}

func (r *Report) metricName(scope string, group *string) string {
	if group != nil {
		return r.groupName(1, group)
	}
	return safe(scope)
}

func (r *Report) counterTable() *text.Table {
	t := text.NewTable("COUNTER", "UNIT", "EVENTS", "SUM")
	for _, c := range r.Counters {
		t.Row(r.metricName(c.Scope, c.Group), safe(c.Unit), text.Int(c.Count), shortSum(c.Sum))
	}
	t.DropEmpty("UNIT")
	return t
}

// shortSum is a sum for the eye: all digits of a whole one, fifteen of another, which is less than rounding shows.
func shortSum(sum json.Number) string {
	if v, err := sum.Float64(); err == nil && strings.ContainsAny(sum.String(), ".e") {
		return strconv.FormatFloat(v, 'g', 15, 64)
	}
	return sum.String()
}

func (r *Report) gaugeTable() *text.Table {
	t := text.NewTable("GAUGE", "UNIT", "EVENTS", "LAST", "MIN", "MAX")
	for _, g := range r.Gauges {
		t.Row(r.metricName(g.Scope, g.Group), safe(g.Unit), text.Int(g.Count), text.Number(g.Last), text.Number(g.Min), text.Number(g.Max))
	}
	t.DropEmpty("UNIT")
	return t
}

func (r *Report) histogramTable() *text.Table {
	t := text.NewTable("HISTOGRAM", "UNIT", "EVENTS", "SUM", "MEAN", "MIN", "P50", "P95", "P99", "MAX", "DISTRIBUTION")
	for _, h := range r.Histograms {
		mark := ""
		if h.Approximate {
			mark = "~"
		}
		t.Row(r.metricName(h.Scope, h.Group), safe(h.Unit), text.Int(h.Count), text.Number(h.Sum), text.Number(h.Mean), text.Number(h.Min),
			mark+text.Number(h.P50), mark+text.Number(h.P95), mark+text.Number(h.P99), text.Number(h.Max), h.spark)
	}
	t.DropEmpty("UNIT")
	return t
}

func (r *Report) metricTable() *text.Table {
	t := text.NewTable("METRIC", "UNIT", "EVENTS", "LAST")
	t.Text = true
	for _, m := range r.Metrics {
		t.Row(r.metricName(m.Scope, m.Group), safe(m.Unit), text.Int(m.Count), safe(m.Last))
	}
	t.DropEmpty("UNIT")
	return t
}

func (r *Report) errorTable() *text.Table {
	t := text.NewTable("FAILED SCOPE", "ERRORS", "LAST")
	t.Text = true
	for _, s := range r.Scopes {
		if s.Errors > 0 && s.Group == nil {
			t.Row(safe(s.Scope), text.Int(s.Errors), safe(s.LastError))
		}
	}
	return t
}

// writeCSV writes one table. A column that a kind does not have is empty. Texts are clean,
// as in the tables.
func (r *Report) writeCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	c.Write([]string{"kind", "scope", "parent_scope", "group", "count", "errors", "sum", "self", "mean", "min", "p50", "p95", "p99", "max", "last", "self_estimated", "canceled", "unit"})
	f, n, clean := formatFloat, text.Int, text.Clean
	group := func(g *string) string {
		if g == nil {
			return ""
		}
		return text.Clean(r.By + "=" + *g)
	}
	for _, s := range r.Scopes {
		if s.Timed {
			self, estimated := "", ""
			if s.Self != nil {
				self = f(*s.Self)
			}
			if s.Estimated {
				estimated = "true"
			}
			c.Write([]string{"timing", clean(s.Scope), clean(s.ParentScope), group(s.Group), n(s.Calls), n(s.Errors), f(s.Total), self, f(s.Mean),
				f(s.Min), f(s.P50), f(s.P95), f(s.P99), f(s.Max), clean(s.LastError), estimated, some(s.Canceled), ""})
		}
	}
	for _, s := range r.Counters {
		c.Write([]string{"counter", clean(s.Scope), clean(s.ParentScope), group(s.Group), n(s.Count), "", s.Sum.String(), "", "", "", "", "", "", "", "", "", "", clean(s.Unit)})
	}
	for _, s := range r.Gauges {
		c.Write([]string{"gauge", clean(s.Scope), clean(s.ParentScope), group(s.Group), n(s.Count), "", "", "", "", f(s.Min), "", "", "", f(s.Max), f(s.Last), "", "", clean(s.Unit)})
	}
	for _, s := range r.Histograms {
		c.Write([]string{"histogram", clean(s.Scope), clean(s.ParentScope), group(s.Group), n(s.Count), "", f(s.Sum), "", f(s.Mean),
			f(s.Min), f(s.P50), f(s.P95), f(s.P99), f(s.Max), "", "", "", clean(s.Unit)})
	}
	for _, s := range r.Metrics {
		c.Write([]string{"metric", clean(s.Scope), clean(s.ParentScope), group(s.Group), n(s.Count), "", "", "", "", "", "", "", "", "", clean(s.Last), "", "", clean(s.Unit)})
	}
	c.Flush()
	return c.Error()
}
