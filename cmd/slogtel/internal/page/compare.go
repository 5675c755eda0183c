package page

import (
	"fmt"
	"strings"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/diff"
)

// compareDoc is what differs between A and B, as package diff found it. Times are in seconds.
type compareDoc struct {
	Runs    [2]int   `json:"runs"`
	Notes   []string `json:"notes"` // what the verdicts rest on
	Scopes  []rowDoc `json:"scopes"`
	Metrics []rowDoc `json:"metrics"`
}

// rowDoc compares a scope or metric.
type rowDoc struct {
	Name     string         `json:"name"`
	Type     string         `json:"type"`
	Verdicts []diff.Verdict `json:"verdicts"`
	Change   *num           `json:"change"` // of a typical value: 0.1 is 10 % more; null: not known
	Low      *num           `json:"low"`    // its confidence interval
	High     *num           `json:"high"`
	P        *num           `json:"p"`
	Impact   num            `json:"impact"`
	A        *diff.Figures  `json:"a"` // null: not there
	B        *diff.Figures  `json:"b"`
}

// compared returns what the page says of a comparison; nil of none.
func compared(c *diff.Comparison, l Limits) *compareDoc {
	if c == nil {
		return nil
	}
	d := &compareDoc{Runs: [2]int{c.RunsA, c.RunsB}, Notes: []string{}}
	for line := range strings.Lines(c.Explain()) {
		if line = strings.TrimSpace(line); line != "" {
			d.Notes = append(d.Notes, clean(line, 1000))
		}
	}
	rows := func(all []diff.Row, limit int, what string) []rowDoc {
		list := []rowDoc{}
		for i := range all[:min(len(all), limit)] {
			list = append(list, rowOf(&all[i], l))
		}
		if len(list) < len(all) {
			d.Notes = append(d.Notes, fmt.Sprintf("%s of %s %s are shown: what differs most.", commas(int64(len(list))), commas(int64(len(all))), what))
		}
		return list
	}
	d.Scopes, d.Metrics = rows(c.Scopes, l.Scopes, "scopes"), rows(c.Metrics, l.Metrics, "metrics")
	return d
}

func rowOf(r *diff.Row, l Limits) rowDoc {
	d := rowDoc{Name: clean(r.Scope, l.Name), Type: clean(r.Type, 32), Verdicts: r.Verdicts, Impact: num(r.Impact), A: r.A, B: r.B}
	if v := r.Values; v != nil {
		d.Change, d.Low, d.High = (*num)(v.Change), (*num)(v.Low), (*num)(v.High)
	}
	if p, tested := r.P(); tested {
		d.P = (*num)(&p)
	}
	return d
}
