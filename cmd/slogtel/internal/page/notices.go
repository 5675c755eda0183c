package page

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

// flameLevels is how many levels the flame graph has: flame.js knows it too.
const flameLevels = 64

// notices says what is not shown, or only roughly.
func (b *build) notices(scopes int, c events.Counts) {
	d, out := b.doc, b.leftOut
	notes := text.Notes{}
	// Numbers among args are written with commas.
	note := func(reason bool, format string, args ...any) {
		for i, a := range args {
			switch n := a.(type) {
			case int:
				args[i] = commas(int64(n))
			case int64:
				args[i] = commas(n)
			case float64:
				args[i] = commas(int64(math.Round(n)))
			}
		}
		notes.If(reason, format, args...)
	}
	shown, seen, kept, limits := len(d.Spans.Start), b.Model.spans.seen, len(b.scopeList), b.Model.limits
	note(int64(shown) < seen, "The timeline shows %v of %v spans: those that began first, those that took longest of all and in each %v, and those that failed first.", shown, seen, text.Duration(time.Duration(b.grid.width)))
	note(out.scopes > 0, "%v events are of scopes beyond the first %v; they are together under “(other scopes)”.", out.scopes, limits.Scopes)
	note(scopes < kept, "%v of %v scopes are shown: those with the most time.", scopes, kept)
	note(slices.ContainsFunc(d.Scopes, func(s scopeDoc) bool { return s.Level >= flameLevels }),
		"Scopes that are more than %v levels deep are in the table, but not in the flame graph.", flameLevels)
	note(len(d.Latency) < kept, "Latency over time is kept for %v of %v scopes.", len(d.Latency), kept)
	note(out.metrics > 0, "%v events of metrics beyond the first %v are left out.", out.metrics, limits.Metrics)
	note(len(d.Metrics) < len(b.metricList), "%v of %v metrics are shown: those with the most events.", len(d.Metrics), len(b.metricList))
	note(b.failures.Lost() > 0, "%v errors are of patterns beyond the first %v; they are together under “(other)”.", b.failures.Lost(), limits.Errors)
	note(len(d.Errors) < b.patterns, "%v of %v patterns of errors are shown: the most frequent.", len(d.Errors), b.patterns)
	note(out.untimed > 0, "%v events have no time; they are in the tables but not on the timeline or in the charts.", out.untimed)
	note(out.odd > 0, "%v summaries are empty.", out.odd)
	note(slices.ContainsFunc(b.scopeList, func(s *scopeStats) bool { return s.Approximate }) ||
		slices.ContainsFunc(b.metricList, func(s *metricStats) bool { return s.Approximate }),
		"Quantiles marked ≈ come from summaries that carry only a few of them.")
	note(slices.ContainsFunc(d.Scopes, func(s scopeDoc) bool { return s.Estimated }),
		"Self times marked ≈ are estimates: scopes inside may have run at the same time, and no span ids say in which call.")
	note(c.Twice > 0, "%v lines are left out, since the same spans had been read before.", c.Twice)
	note(b.sampled, "Some events are sampled: counts, sums and times stand for all events, as the sample rates say.")
	d.Notices = notes
}

// commas writes n with a comma between thousands.
func commas(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
