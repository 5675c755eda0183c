package diff

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
	"github.com/slogtel/telemetry/slogtel"
)

// What --fail-on looks at. Of the first ones the limit is how much more is too much.
const (
	onSlower = "slower"
	onP95    = "p95"
	onP99    = "p99"
	onErrors = "errors"
	onCalls  = "calls"
	onSums   = "sums"
	onGone   = "gone"
	onNew    = "new"
	onFew    = "few"
)

var limited = []string{onSlower, onP95, onP99, onErrors, onCalls, onSums}
var unlimited = []string{onGone, onNew, onFew}

// A gate is what --fail-on asks for. A nil one lets all pass.
type gate map[string]float64

// parseGate reads conditions such as slower=10%,errors=1%,gone.
func parseGate(s string) (gate, error) {
	g := gate{}
	for part := range strings.SplitSeq(s, ",") {
		name, limit, has := strings.Cut(strings.TrimSpace(part), "=")
		name = strings.TrimSpace(name)
		switch {
		case slices.Contains(limited, name) && has:
			v, err := parsePercent(limit)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			g[name] = v
		case slices.Contains(unlimited, name) && !has:
			g[name] = 0
		case slices.Contains(limited, name):
			return nil, fmt.Errorf("%s: expected a limit, such as %s=10%%", name, name)
		default:
			return nil, fmt.Errorf("%q: expected some of %s=PERCENT, %s, with commas between", part, strings.Join(limited, "=PERCENT, "), strings.Join(unlimited, ", "))
		}
	}
	return g, nil
}

// A demand is a condition of a gate for one row.
type demand struct {
	row    *Row
	over   bool // the limit
	p      float64
	reason string
}

// check returns what does not pass. The tests that g asks for are a family of their own: their p-values are
// corrected for their number, and not for that of all.
func (g gate) check(c *Comparison, s settings) (list []Regression) {
	var demands []demand
	var p []float64
	for _, rows := range [][]Row{c.Scopes, c.Metrics} {
		for i := range rows {
			for _, d := range g.demands(&rows[i]) {
				demands, p = append(demands, d), append(p, d.p)
			}
		}
	}
	adjusted := adjust(p, s.correction)
	for _, rows := range [][]Row{c.Scopes, c.Metrics} {
		for i := range rows {
			r := Regression{Scope: rows[i].Scope, Reasons: g.absent(&rows[i])}
			for len(demands) > 0 && demands[0].row == &rows[i] {
				if d := demands[0]; d.over && adjusted[0] <= s.alpha {
					r.Reasons = append(r.Reasons, fmt.Sprintf("%s, p %.2g", d.reason, adjusted[0]))
				}
				demands, adjusted = demands[1:], adjusted[1:]
			}
			if len(r.Reasons) > 0 {
				list = append(list, r)
			}
		}
	}
	return list
}

// demands are what g asks of a row.
func (g gate) demands(r *Row) (list []demand) {
	ask := func(name string, t *Test, what string, show func(float64) string) {
		limit, asked := g[name]
		if !asked || t == nil {
			return
		}
		d := demand{row: r, p: t.P, reason: what + " " + show(t.A) + " to " + show(t.B)}
		change := math.Inf(1)
		if t.Change != nil {
			change = *t.Change
			d.reason += " (" + percent(change) + ")"
		}
		switch name {
		case onErrors:
			change = t.B - t.A
		case onCalls, onSums:
			change = math.Abs(change)
		}
		d.over = change > limit
		list = append(list, d)
	}
	switch r.Type {
	case string(slogtel.TypeTiming):
		ask(onSlower, r.Values, "a typical call", text.Seconds)
		ask(onSlower, r.Mean, "the mean", text.Seconds)
		ask(onP95, r.P95, "p95", text.Seconds)
		ask(onP99, r.P99, "p99", text.Seconds)
		ask(onErrors, r.ErrorRates, "error rate", text.Percent)
		ask(onCalls, r.Amount, "calls", text.Number)
	case string(slogtel.TypeCounter):
		ask(onSums, r.Amount, "sum", text.Number)
	}
	return list
}

// absent says what is not there, or not enough of it.
func (g gate) absent(r *Row) (list []string) {
	has := func(name string) bool { _, asked := g[name]; return asked }
	switch verdict := r.Verdicts[0]; {
	case verdict == Gone && r.always && has(onGone), verdict == New && r.always && has(onNew):
		return []string{string(verdict)}
	case verdict == TooFew && r.Type == string(slogtel.TypeTiming) && has(onFew):
		return []string{"too few calls to compare"}
	}
	return nil
}
