package page

import (
	"fmt"
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
	d.Notices = []string{}
	// Numbers among args are written with commas.
	note := func(format string, args ...any) {
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
		d.Notices = append(d.Notices, fmt.Sprintf(format, args...))
	}
	if shown, all := len(d.Spans.Start), b.Model.spans.seen; int64(shown) < all {
		note("The timeline shows %v of %v spans: those that began first, those that took longest of all and in each %v, and those that failed first.", shown, all, text.Duration(time.Duration(b.grid.width)))
	}
	if out.scopes > 0 {
		note("%v events are of scopes beyond the first %v; they are together under “(other scopes)”.", out.scopes, b.Model.limits.Scopes)
	}
	if n := len(b.scopeList); scopes < n {
		note("%v of %v scopes are shown: those with the most time.", scopes, n)
	}
	if slices.ContainsFunc(d.Scopes, func(s scopeDoc) bool { return s.Level >= flameLevels }) {
		note("Scopes that are more than %v levels deep are in the table, but not in the flame graph.", flameLevels)
	}
	if timed := len(b.scopeList); len(d.Latency) < timed {
		note("Latency over time is kept for %v of %v scopes.", len(d.Latency), timed)
	}
	if out.metrics > 0 {
		note("%v events of metrics beyond the first %v are left out.", out.metrics, b.Model.limits.Metrics)
	}
	if n := len(b.metricList); len(d.Metrics) < n {
		note("%v of %v metrics are shown: those with the most events.", len(d.Metrics), n)
	}
	if n := b.failures.Lost(); n > 0 {
		note("%v errors are of patterns beyond the first %v; they are together under “(other)”.", n, b.Model.limits.Errors)
	}
	if n := b.patterns; len(d.Errors) < n {
		note("%v of %v patterns of errors are shown: the most frequent.", len(d.Errors), n)
	}
	if out.untimed > 0 {
		note("%v events have no time; they are in the tables but not on the timeline or in the charts.", out.untimed)
	}
	if out.odd > 0 {
		note("%v summaries are empty.", out.odd)
	}
	if slices.ContainsFunc(b.scopeList, func(s *scopeStats) bool { return s.Approximate }) ||
		slices.ContainsFunc(b.metricList, func(s *metricStats) bool { return s.Approximate }) {
		note("Quantiles marked ≈ come from summaries that carry only a few of them.")
	}
	if slices.ContainsFunc(d.Scopes, func(s scopeDoc) bool { return s.Estimated }) {
		note("Self times marked ≈ are estimates: scopes inside may have run at the same time, and no span ids say in which call.")
	}
	if c.Twice > 0 {
		note("%v lines are left out, since the same spans had been read before.", c.Twice)
	}
	if b.sampled {
		note("Some events are sampled: counts, sums and times stand for all events, as the sample rates say.")
	}
}

// commas writes n with a comma between thousands.
func commas(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
