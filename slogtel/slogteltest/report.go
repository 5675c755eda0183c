package slogteltest

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// String lists what was recorded, a line for each kind of event and path, for a
// person to read. Durations are left out, so that the same events give the same
// text. Of very much only the beginning is listed.
func (rec *Recorder) String() string {
	rec.mu.Lock()
	lines := rec.list()
	rec.mu.Unlock()
	for _, err := range rec.Errors() {
		lines = append(lines, "error\t"+quote(fmt.Sprint(err))) // not err.Error(), which may panic
	}
	if len(lines) == 0 {
		return "nothing was recorded\n"
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, l := range bounded(lines) {
		fmt.Fprintln(w, l)
	}
	_ = w.Flush() // a Builder takes all
	return b.String()
}

type tally struct {
	events, failed, canceled int
	sum                      float64
	last                     string
}

func (rec *Recorder) list() []string {
	tallies := make(map[[2]string]*tally) // by path and kind
	of := func(kind, path string) *tally {
		k := [2]string{path, kind}
		if tallies[k] == nil {
			tallies[k] = new(tally)
		}
		tallies[k].events++
		return tallies[k]
	}
	for _, t := range rec.timings {
		n := of("timing", t.Scope)
		if t.Error != "" {
			n.failed++
			n.last = t.Error
		}
		if t.Canceled {
			n.canceled++
		}
	}
	for _, m := range rec.metrics {
		n := of(cmp.Or(string(m.Type), "metric"), m.Scope)
		f, _ := m.Number()
		n.sum += f
		n.last = valueText(m.Value)
	}
	for _, r := range rec.records {
		if sum, ok := slogtel.DecodeSummary(r); ok {
			of("summary", sum.Scope)
		}
	}
	var lines []string
	for _, k := range slices.SortedFunc(maps.Keys(tallies), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		lines = append(lines, k[1]+"\t"+printable(k[0])+"\t"+tallies[k].text(k[1]))
	}
	for _, l := range rec.open.lines() {
		lines = append(lines, "open\t"+l)
	}
	if n := len(rec.logs); n > 0 {
		lines = append(lines, "logs\t"+plural(n, "record")+"\tlast "+quote(rec.logs[n-1].Message))
	}
	return lines
}

func (n *tally) text(kind string) string {
	switch kind {
	case "timing":
		text := plural(n.events, "call")
		if n.canceled > 0 {
			text += fmt.Sprintf(", %d canceled", n.canceled)
		}
		if n.failed > 0 {
			text += fmt.Sprintf(", %d failed, last: %s", n.failed, quote(n.last))
		}
		return text
	case string(slogtel.TypeCounter), string(slogtel.TypeHistogram):
		return plural(n.events, "event") + ", sum " + strconv.FormatFloat(n.sum, 'g', -1, 64)
	case "summary":
		return plural(n.events, "event")
	}
	return plural(n.events, "event") + ", last " + n.last
}

// valueText shows scalars; of other values, whose methods are not to be trusted,
// only the type.
func valueText(v slog.Value) string {
	switch v.Kind() {
	case slog.KindString:
		return quote(v.String())
	case slog.KindAny:
		return fmt.Sprintf("a %T", v.Any())
	case slog.KindGroup:
		return "a group of " + strconv.Itoa(len(v.Group()))
	}
	return v.String()
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// printable returns path as it is when it is a valid scope, and quoted otherwise.
func printable(path string) string {
	if len(path) <= maxQuote && scope.Validate(path) == nil {
		return path
	}
	return quote(path)
}

const maxQuote = 200

func quote(s string) string {
	if len(s) > maxQuote {
		return fmt.Sprintf("%q… (%d bytes)", s[:maxQuote], len(s))
	}
	return strconv.Quote(s)
}

// bounded keeps a listing readable.
func bounded(lines []string) []string {
	const most = 200
	if len(lines) <= most {
		return lines
	}
	return append(lines[:most:most], fmt.Sprintf("… and %d lines more", len(lines)-most))
}
