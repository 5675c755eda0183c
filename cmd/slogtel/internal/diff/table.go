package diff

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
	"github.com/slogtel/telemetry/slogtel"
)

// none stands in a cell for what there is not.
const none = "-"

// writeTables writes the comparison for the eye; top is the most rows of a table, 0 for all,
// and width that of the terminal, 0 for any.
func (c *Comparison) writeTables(w io.Writer, top, width int) error {
	var b strings.Builder
	level := c.level()
	if len(c.Scopes) > 0 {
		t := text.NewTable("SCOPE", "VERDICT", "CHANGE", level+" CI", "P50", "P95", "CALLS", "ERRORS", "P")
		for _, r := range first(c.Scopes, top) {
			t.Row(r.scopeCells()...)
		}
		out := t.Fit(width, "P95", level+" CI", "P50")
		t.WriteTo(&b)
		writeMore(&b, len(c.Scopes), top, "scopes")
		if len(out) > 0 {
			b.WriteString(text.LeftOut(width, out) + "\n")
		}
	}
	if len(c.Metrics) > 0 {
		b.WriteString(strings.Repeat("\n", min(len(c.Scopes), 1)))
		t := text.NewTable("METRIC", "TYPE", "VERDICT", "CHANGE", "VALUE", "EVENTS", "P")
		for _, r := range first(c.Metrics, top) {
			t.Row(r.metricCells()...)
		}
		t.Fit(width)
		t.WriteTo(&b)
		writeMore(&b, len(c.Metrics), top, "metrics")
	}
	b.WriteString(c.Explain())
	_, err := io.WriteString(w, b.String())
	return err
}

func first(rows []Row, top int) []Row {
	if top > 0 && top < len(rows) {
		return rows[:top]
	}
	return rows
}

func writeMore(b *strings.Builder, n, top int, what string) {
	if top > 0 && top < n {
		fmt.Fprintf(b, "and %d more %s (--top)\n", n-top, what)
	}
}

func (c *Comparison) level() string { return strconv.FormatFloat(100*(1-c.Alpha), 'g', 4, 64) + "%" }

// Explain says what the verdicts rest on, in some lines.
func (c *Comparison) Explain() string {
	var b strings.Builder
	if c.Tests > 0 {
		correction := "no correction for their number"
		switch c.Correction {
		case holmName:
			correction = "Holm's correction"
		case bhName:
			correction = "the correction of Benjamini and Hochberg"
		}
		how := fmt.Sprintf("%d runs of A, %d of B, compared run by run", c.RunsA, c.RunsB)
		if c.Note != "" {
			how = "calls compared in blocks, as they came"
		}
		fmt.Fprintf(&b, "\n%s: Student's and Welch's t-tests, with %s for error rates\n", how, fewName)
		fmt.Fprintf(&b, "%d tests, P with %s, alpha %g; CHANGE is of a typical value (geometric mean), with its %s confidence interval\n", c.Tests, correction, c.Alpha, c.level())
	}
	if c.Note != "" {
		b.WriteString(c.Note + "\n")
	}
	few := 0
	for _, r := range c.Scopes {
		if r.Verdicts[0] == TooFew {
			few++
		}
	}
	if few > 0 {
		fmt.Fprintf(&b, "%d scopes have fewer than %d calls in A or B: too few for a test (--min-calls)\n", few, c.MinCalls)
	}
	b.WriteString(c.leftOut())
	if slices.ContainsFunc(c.Metrics, func(r Row) bool { return r.A != nil && r.A.Mean == nil || r.B != nil && r.B.Mean == nil }) {
		b.WriteString("the mean of a gauge is not known where its summaries have no sum, as those of older versions\n")
	}
	if c.InSummary > 0 {
		fmt.Fprintf(&b, "%d events were left out, since a summary counts them too\n", c.InSummary)
	}
	return b.String()
}

// leftOut says what there was no room for.
func (c *Comparison) leftOut() string {
	if c.LeftOut == 0 {
		return ""
	}
	return fmt.Sprintf("%d events are of more than %d scopes and metrics, or of paths over %d bytes, and are left out; %s: it may be among those on the side where it is missing\n", c.LeftOut, maxSeries, maxPath, LeftOut)
}

func (r *Row) scopeCells() []string {
	return []string{
		text.Clean(r.Scope), r.verdict(), r.change(), r.interval(),
		r.both(func(f *Figures) string { return duration(f.P50, f) }),
		r.both(func(f *Figures) string { return duration(f.P95, f) }),
		r.both(func(f *Figures) string { return text.Number(math.Round(f.Count)) }),
		r.both(func(f *Figures) string { return text.Number(math.Round(f.Errors)) }),
		r.p(),
	}
}

func duration(seconds float64, f *Figures) string {
	if f.P50 == 0 && knownOr0(f.Sum) > 0 { // only summaries
		return none
	}
	return text.Seconds(seconds)
}

func (r *Row) metricCells() []string {
	value := func(f *Figures) string { return shown(f.Mean, text.Number, none) }
	if r.Type == string(slogtel.TypeCounter) {
		value = func(f *Figures) string { return shown(f.Sum, text.Number, none) }
	}
	changed := r.change()
	if r.Values == nil {
		changed = r.quotient()
	}
	return []string{text.Clean(r.Scope), text.Clean(r.Type), r.verdict(), changed, r.both(value),
		r.both(func(f *Figures) string { return text.Number(math.Round(f.Count)) }), r.p()}
}

// shown writes v, or what stands for one that is not known.
func shown(v *float64, show func(float64) string, unknown string) string {
	if v == nil {
		return unknown
	}
	return show(*v)
}

// quotient is the change of what has no test: of a counter's sum, or a mean.
func (r *Row) quotient() string {
	if r.A == nil || r.B == nil || r.A.Mean == nil || r.B.Mean == nil {
		return none
	}
	a, b := *r.A.Mean, *r.B.Mean
	if r.Type == string(slogtel.TypeCounter) {
		a, b = *r.A.Sum, *r.B.Sum
	}
	if a <= 0 || b < 0 || math.IsInf(b/a, 0) {
		return none
	}
	return percent(b/a - 1)
}

func (r *Row) verdict() string {
	list := make([]string, len(r.Verdicts))
	for i, v := range r.Verdicts {
		list[i] = string(v)
	}
	return strings.Join(list, ", ")
}

func (r *Row) change() string {
	if r.Values == nil {
		return none
	}
	return shown(r.Values.Change, percent, none)
}

func (r *Row) interval() string {
	if r.Values == nil || r.Values.Change == nil {
		return none
	}
	return shown(r.Values.Low, percent, "?") + " … " + shown(r.Values.High, percent, "?")
}

// both writes a figure of A and one of B, or once what is the same.
func (r *Row) both(figure func(*Figures) string) string {
	a, b := none, none
	if r.A != nil {
		a = figure(r.A)
	}
	if r.B != nil {
		b = figure(r.B)
	}
	if a == b {
		return a
	}
	return a + " → " + b
}

// p writes [Row.P].
func (r *Row) p() string {
	least, tested := r.P()
	switch {
	case !tested:
		return none
	case least < 0.0001:
		return "<0.0001"
	}
	return strconv.FormatFloat(least, 'f', 4, 64)
}

// parsePercent reads a percentage such as 10% or 2.5 % and returns 0.1 or 0.025.
func parsePercent(s string) (float64, error) {
	number, ok := strings.CutSuffix(strings.TrimSpace(s), "%")
	if ok {
		if v, err := strconv.ParseFloat(strings.TrimSpace(number), 64); err == nil && v >= 0 && v <= 1e6 {
			return v / 100, nil
		}
	}
	return 0, fmt.Errorf("%q: expected a percentage from 0%% on, such as 10%%", s)
}

// percent writes a relative change: +12 %, -3.4 %, ×25.
func percent(change float64) string {
	switch {
	case change >= 9.995:
		return "×" + strconv.FormatFloat(change+1, 'g', 3, 64)
	case -0.0005 < change && change < 0.0005:
		return "0.0%"
	case change >= 0.0995 || change <= -0.0995:
		return fmt.Sprintf("%+.0f%%", 100*change)
	}
	return fmt.Sprintf("%+.1f%%", 100*change)
}
