package diff

import (
	"encoding/csv"
	"io"
	"math"
	"strconv"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

// document is what --json writes.
type document struct {
	A      inputCounts        `json:"a"`
	B      inputCounts        `json:"b"`
	FailOn map[string]float64 `json:"fail_on"` // null: not asked for; 0.1 is 10 %
	*Comparison
}

type inputCounts struct {
	Input    string `json:"input"`
	Lines    int64  `json:"lines"`
	Used     int64  `json:"used"`
	Filtered int64  `json:"filtered"`
	Skipped  int64  `json:"skipped"`
	Bad      int64  `json:"bad"`
}

func countsOf(name string, c events.Counts) inputCounts {
	return inputCounts{name, c.Read, c.Used, c.Filtered, c.Skipped, c.Bad}
}

var columns = []string{
	"scope", "type", "verdict", "change", "change_low", "change_high", "p", "p_adjusted", "mean_p_adjusted", "p95_p_adjusted", "p99_p_adjusted",
	"error_rate_p_adjusted", "amount_p_adjusted",
	"count_a", "count_b", "errors_a", "errors_b", "sum_a", "sum_b", "mean_a", "mean_b", "p50_a", "p50_b", "p95_a", "p95_b", "max_a", "max_b", "impact_s",
}

// writeCSV writes all rows (RFC 4180, with line feeds). What is not there is an empty
// field.
func (c *Comparison) writeCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.Write(columns)
	for _, rows := range [][]Row{c.Scopes, c.Metrics} {
		for i := range rows {
			out.Write(rows[i].record())
		}
	}
	out.Flush()
	return out.Error()
}

func (r *Row) record() []string {
	record := []string{text.Clean(r.Scope), text.Clean(r.Type), r.verdict()}
	if v := r.Values; v != nil {
		record = append(record, optional(v.Change), optional(v.Low), optional(v.High), number(v.P), number(v.Adjusted))
	} else {
		record = append(record, "", "", "", "", "")
	}
	for _, t := range []*Test{r.Mean, r.P95, r.P99, r.ErrorRates, r.Amount} {
		if t != nil {
			record = append(record, number(t.Adjusted))
		} else {
			record = append(record, "")
		}
	}
	for _, figure := range []func(*Figures) float64{
		func(f *Figures) float64 { return f.Count }, func(f *Figures) float64 { return f.Errors },
		func(f *Figures) float64 { return orNaN(f.Sum) }, func(f *Figures) float64 { return orNaN(f.Mean) },
		func(f *Figures) float64 { return f.P50 }, func(f *Figures) float64 { return f.P95 }, func(f *Figures) float64 { return f.Max },
	} {
		for _, f := range []*Figures{r.A, r.B} {
			if f == nil || math.IsNaN(figure(f)) {
				record = append(record, "")
			} else {
				record = append(record, number(figure(f)))
			}
		}
	}
	return append(record, number(r.Impact))
}

// orNaN is a figure, and NaN where it is not known.
func orNaN(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func optional(v *float64) string {
	if v == nil {
		return ""
	}
	return number(*v)
}
