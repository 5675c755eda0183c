package diff

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

// document is what --json writes.
type document struct {
	A           inputCounts `json:"a"`
	B           inputCounts `json:"b"`
	FailOver    *float64    `json:"fail_over"`   // null: not asked for
	Regressions []string    `json:"regressions"` // the scopes over it
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

// writeJSON writes d in ASCII, so that a terminal shows it and does nothing else.
func writeJSON(w io.Writer, d document) error {
	data, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(ascii(data), '\n'))
	return err
}

// ascii escapes all else in JSON. It can stand only in strings.
func ascii(data []byte) []byte {
	out := make([]byte, 0, len(data))
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		switch {
		case r < 0x7f:
			out = append(out, byte(r))
		case r > 0xffff:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		data = data[size:]
	}
	return out
}

var columns = []string{
	"scope", "type", "verdict", "change", "change_low", "change_high", "p", "p_adjusted", "error_rate_p", "error_rate_p_adjusted",
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
	values, rates := r.Values, r.ErrorRates
	if values != nil {
		record = append(record, optional(values.Change), optional(values.Low), optional(values.High), number(values.P), number(values.Adjusted))
	} else {
		record = append(record, "", "", "", "", "")
	}
	if rates != nil {
		record = append(record, number(rates.P), number(rates.Adjusted))
	} else {
		record = append(record, "", "")
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
