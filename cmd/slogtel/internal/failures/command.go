// Package failures is the command "slogtel errors": what fails, folded by pattern.
package failures

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

const description = `Folds the errors of scopes that failed by their pattern: quoted strings, numbers, UUIDs, hexadecimal
and other ids, and addresses are masked, so that what is the same failure counts as one. Of each pattern
there are how many there were, when the first and the last one was, in which scopes, the text
of the last one, and a trace to look at: see slogtel trace.

An error that a scope hands on to the one around it is counted in each: the scopes say so.
Sampled failures count as 1/sample_rate. Summaries know how many failed, and no texts:
those without a line of their own are one pattern. What was canceled has not failed.

Examples:

   slogtel errors telemetry.jsonl
   slogtel errors --since 1h --sort first --top 5 'logs/*.jsonl.gz'
   slogtel errors --where 'error=~(?i)timeout' telemetry.jsonl
   slogtel errors --json telemetry.jsonl | jq '.failures[] | {count, pattern, trace_id}'`

// Command returns the command.
func Command() *cli.Command {
	return input.Command("errors", "what fails: errors folded by pattern, with first, last, count, scopes, a trace", description, run,
		&cli.StringFlag{Name: "sort", Value: "count", Usage: "order by `COLUMN`: count, first (the newest pattern first), last"},
		&cli.IntFlag{Name: "top", Value: 20, Usage: "only the first `N` patterns; 0: all"},
		&cli.IntFlag{Name: "max-series", Value: 4096, Usage: "tell at most `N` patterns apart"},
		input.JSON(),
	)
}

// A Result is all failures.
type Result struct {
	Failures []Failure `json:"failures"`
	Patterns int       `json:"patterns"` // with those that are not among the first
	Count    int64     `json:"count"`    // of all failures
	Overflow int64     `json:"overflow_events"`

	none string // why there is nothing, if it is known
}

func run(ctx context.Context, cmd *cli.Command) error {
	sort := cmd.String("sort")
	switch sort {
	case "count", "first", "last":
	default:
		return input.Usage(fmt.Errorf("--sort %q: expected one of count, first, last", sort))
	}
	top := cmd.Int("top")
	if err := cmp.Or(input.AtLeast(cmd, 0, "top"), input.AtLeast(cmd, 1, "max-series")); err != nil {
		return err
	}
	opts, err := input.Options(cmd)
	if err != nil {
		return err
	}
	opts.Once = true
	room := newRoom(cmd.Int("max-series"))
	c, read, err := input.Collect(ctx, opts, func() *Collector { return newCollector(room) }, (*Collector).merge)
	if err != nil {
		return err
	}
	r := Result{Failures: c.Failures(sort), Overflow: c.Lost(), none: input.Absent(read.Counts)}
	r.Patterns = len(r.Failures)
	for _, f := range r.Failures {
		r.Count += f.Count
	}
	if top > 0 {
		r.Failures = r.Failures[:min(top, len(r.Failures))]
	}
	return read.Show(cmd, r, r.write)
}

// named is how many scopes of a pattern are named.
const named = 6

// write writes the patterns, for a terminal of that width; 0: any.
func (r *Result) write(w io.Writer, width int) {
	line := func(format string, args ...any) {
		s := fmt.Sprintf(format, args...)
		if width > 0 {
			s = text.Cut(s, max(width, 40))
		}
		fmt.Fprintln(w, s)
	}
	digits := 1
	for _, f := range r.Failures {
		digits = max(digits, len(text.Int(f.Count)))
	}
	for _, f := range r.Failures {
		line("%*d  %s", digits, f.Count, text.Clean(f.Pattern))
		var scopes []string
		for i, s := range f.Scopes {
			if i == named {
				scopes = append(scopes, fmt.Sprintf("%d others", len(f.Scopes)-named))
				break
			}
			scopes = append(scopes, text.Clean(s.Scope)+" "+text.Int(s.Count))
		}
		line("%*s  in     %s", digits, "", strings.Join(scopes, ", "))
		if f.First != nil {
			line("%*s  from   %s to %s", digits, "", f.First.Local().Format(time.DateTime), f.Last.Local().Format(time.DateTime))
		}
		if f.TraceID != "" {
			fmt.Fprintf(w, "%*s  trace  %s\n", digits, "", text.Clean(f.TraceID)) // it is what is copied, and must not be cut
		}
		if clean := text.Clean(f.Example); f.Example != "" && clean != text.Clean(f.Pattern) {
			line("%*s  last   %s", digits, "", clean)
		}
		fmt.Fprintln(w)
	}
	if r.Patterns == 0 {
		line("%s", cmp.Or(r.none, "nothing failed"))
		fmt.Fprintln(w)
		return
	}
	line("%d failures, %d patterns", r.Count, r.Patterns)
	if n := r.Patterns - len(r.Failures); n > 0 {
		line("%d patterns are not shown: see --top", n)
	}
	if r.Overflow > 0 {
		line("%d failures are in %s: there were more patterns than --max-series", r.Overflow, other)
	}
}
