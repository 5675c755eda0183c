package memory

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/slogtel/telemetry/internal/humanize"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/internal/tally"
)

// Report returns what m holds as text for a human reader, in columns: the tree of
// scopes with the number of calls and of failed ones, the total, mean, quantiles
// and maximum of their durations, and below it the metrics, the last errors, and
// what was forgotten, each where there is any. The same content makes the same
// text, whatever the order in which it came.
//
// A scope stands below its parent; siblings are sorted by total time. OF PARENT is
// the share of its parent's time that a scope took. Scopes that run at the same time, in
// goroutines, each count in full: their shares can exceed 100 %, each and together. A scope in
// which others were opened, but that was not timed, because it is still open or belongs to
// another process, has a line with no figures.
//
// Quantiles are within 1 %, see [Snapshot]. Durations and values are rounded to three digits.
// Counts and sums of counters are exact; one beyond the range of an int64 has ≥ or ≤ before
// it. Bytes that could harm a terminal are escaped, and long names and texts are cut: a
// [Snapshot] has them in full.
func (m *Handler) Report() string {
	s := m.Snapshot()
	var b []byte
	b = s.appendScopes(b)
	b = s.appendCountersAndGauges(b)
	b = s.appendHistograms(b)
	b = s.appendMetrics(b)
	b = s.appendErrors(b)
	b = s.Forgotten.append(b)
	if len(b) == 0 {
		return "no telemetry\n"
	}
	if len(s.Scopes)+len(s.Histograms) > 0 {
		b = append(appendGap(b), "p50, p95 and p99 are within "...)
		b = append(humanize.AppendFloat(b, 100*sketch.RelativeError), " %\n"...)
	}
	if n := s.noQuantiles(); n > 0 {
		b = fmt.Appendf(b, "and leave out %d events, whose summaries have no sketch\n", n)
	}
	return string(b)
}

func (s *Snapshot) noQuantiles() (n int64) {
	for i := range s.Scopes {
		n = tally.Plus(n, s.Scopes[i].NoQuantiles)
	}
	for i := range s.Histograms {
		n = tally.Plus(n, s.Histograms[i].NoQuantiles)
	}
	return n
}

func (s *Snapshot) appendScopes(b []byte) []byte {
	g := newGrid("SCOPE", "CALLS", "ERRORS", "TOTAL", "MEAN", "P50", "P95", "P99", "MAX", "OF PARENT")
	for _, r := range listTree(s.Scopes) {
		name := strings.Repeat("  ", min(r.level, maxTreeLevels)) + safeText(r.name())
		if r.stats == nil {
			g.row(name, "-", "-", "-", "-", "-", "-", "-", "-", "-")
			continue
		}
		quantile := secondsCell
		if r.stats.NoQuantiles == r.stats.Calls {
			quantile = noCell
		}
		g.row(name, countCell(r.stats.Calls), countCell(r.stats.Errors), secondsCell(r.stats.TotalSeconds),
			secondsCell(r.stats.MeanSeconds), quantile(r.stats.P50Seconds), quantile(r.stats.P95Seconds),
			quantile(r.stats.P99Seconds), secondsCell(r.stats.MaxSeconds), shareCell(r.share))
	}
	return g.append(b)
}

func (s *Snapshot) appendCountersAndGauges(b []byte) []byte {
	g := newGrid("COUNTER", "EVENTS", "SUM")
	for _, c := range s.Counters {
		g.row(safeText(c.Scope), countCell(c.Count), c.sumCell())
	}
	b = g.append(b)
	g = newGrid("GAUGE", "EVENTS", "LAST", "MIN", "MAX")
	for _, c := range s.Gauges {
		g.row(safeText(c.Scope), countCell(c.Count), numberCell(c.Last), numberCell(c.Min), numberCell(c.Max))
	}
	return g.append(b)
}

func (s *Snapshot) appendHistograms(b []byte) []byte {
	g := newGrid("HISTOGRAM", "EVENTS", "SUM", "MEAN", "MIN", "P50", "P95", "P99", "MAX")
	for _, h := range s.Histograms {
		quantile := numberCell
		if h.NoQuantiles == h.Count {
			quantile = noCell
		}
		g.row(safeText(h.Scope), countCell(h.Count), numberCell(h.Sum), numberCell(h.Mean),
			numberCell(h.Min), quantile(h.P50), quantile(h.P95), quantile(h.P99), numberCell(h.Max))
	}
	return g.append(b)
}

func (s *Snapshot) appendMetrics(b []byte) []byte {
	g := newGrid("METRIC", "EVENTS", "LAST")
	g.textLast = true
	for _, c := range s.Metrics {
		g.row(safeText(c.Scope), countCell(c.Count), safeText(fmt.Sprint(c.Last)))
	}
	return g.append(b)
}

func (s *Snapshot) appendErrors(b []byte) []byte {
	g := newGrid("FAILED SCOPE", "ERRORS", "LAST")
	g.textLast = true
	for _, c := range s.Scopes {
		if c.Errors > 0 {
			g.row(safeText(c.Scope), countCell(c.Errors), safeText(c.LastError))
		}
	}
	return g.append(b)
}

func (f Forgotten) append(b []byte) []byte {
	if f == (Forgotten{}) {
		return b
	}
	b = appendGap(b)
	if f.Rates > 0 {
		b = fmt.Appendf(b, "%d events have a sample_rate that cannot be, and count once\n", f.Rates)
		if f.Rates = 0; f == (Forgotten{}) {
			return b
		}
	}
	return fmt.Appendf(b, "forgotten: %d timings (%d failed), %d metrics, %d values not finite\n",
		f.Timings, f.Errors, f.Metrics, f.NotFinite)
}

// sumCell is the sum, marked where it is more than what it says.
func (c *CounterStats) sumCell() string {
	switch {
	case c.SumFloat != 0:
		return numberCell(c.SumFloat)
	case c.Saturated && c.Sum > 0:
		return "≥" + countCell(c.Sum)
	case c.Saturated:
		return "≤" + countCell(c.Sum)
	}
	return countCell(c.Sum)
}

func noCell(float64) string       { return "-" }
func countCell(n int64) string    { return strconv.FormatInt(n, 10) }
func numberCell(v float64) string { return string(humanize.AppendFloat(nil, v)) }

// shareCell writes a share; a negative one is not known.
func shareCell(f float64) string {
	switch {
	case f < 0:
		return "-"
	case f > 0 && f < 0.001:
		return "<0.1%"
	}
	return numberCell(100*f) + "%"
}

// secondsCell humanizes a duration given in seconds; what has no time.Duration is the
// longest there is.
func secondsCell(s float64) string {
	ns := math.Round(s * float64(time.Second))
	d := time.Duration(math.MaxInt64)
	if ns < math.MaxInt64 {
		d = time.Duration(ns)
	}
	return string(humanize.AppendDuration(nil, d))
}
