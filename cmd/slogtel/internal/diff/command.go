// Package diff is the command that says what differs between two sets of telemetry, and
// whether that is more than chance.
package diff

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/output"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

const description = `Compares B with A, each a file, a quoted pattern of files, or - for standard input.

Durations, and the values of histograms, are compared by the Mann–Whitney U test
(normal approximation, with corrections for ties and continuity), error rates by
Fisher's exact test, or the two-proportion z-test where at least 100 calls are expected
in each of its cells. The p-values are corrected for the number of tests (--correction).
Calls of scopes and sums of counters are shown but not tested. All flags that choose
events hold for both A and B.

CHANGE is of a typical value, with a confidence interval that is not corrected: the
Hodges–Lehmann estimate, the median of all quotients of a value of B and one of A. Values
are kept in bins 2 % wide: differences below that may not be seen. A change of a few slow
calls only moves P95 and not the typical value.

The tests take calls for independent of each other, which those of one run are only in
part: the machine, the load and the data have an influence too. Compare several runs of
each. Of sampled events the effective sample size counts. Summaries take part in the test
of durations if they carry their sketch; compare them with summaries.

With --fail-over 10% the exit code is 1 if a scope is significantly slower and its change
is above 10 %, or fails significantly more often and its error rate grew by more than 10 %
of what it was. It is 2 if there is no telemetry in A or in B.

Examples:

   slogtel diff before.jsonl after.jsonl
   slogtel diff 'main/*.jsonl.gz' 'branch/*.jsonl.gz'
   slogtel diff --scope 'pipeline.*' --fail-over 10% --alpha 0.01 main.jsonl branch.jsonl
   slogtel diff --json before.jsonl after.jsonl | jq '.scopes[] | select(.values.significant)'`

// Command is "slogtel diff".
func Command() *cli.Command {
	c := input.Command("diff", "compare two sets of telemetry: what became slower or faster, fails, is new or gone", description, run,
		&cli.StringFlag{Name: "fail-over", Usage: "exit with 1 on a significant regression by more than `PERCENT`, such as 10%"},
		&cli.FloatFlag{Name: "alpha", Usage: "`LEVEL` of significance", Value: 0.05},
		&cli.StringFlag{Name: "correction", Usage: "`HOW` to correct for many tests: holm, bh (Benjamini and Hochberg) or none", Value: holmName},
		&cli.IntFlag{Name: "min-calls", Usage: "test only what A and B have `N` values of", Value: 10},
		&cli.IntFlag{Name: "top", Usage: "show `N` rows of a table, 0 for all", Value: 40},
		&cli.BoolFlag{Name: "json", Usage: "write JSON"},
		&cli.BoolFlag{Name: "csv", Usage: "write CSV"},
	)
	c.ArgsUsage = "A B"
	return c
}

// settingsOf reads the flags. The error is one of usage.
func settingsOf(cmd *cli.Command) (settings, error) {
	s := settings{alpha: cmd.Float("alpha"), minCalls: cmd.Int("min-calls"), correction: cmd.String("correction"), failOver: -1}
	var err error
	switch limit := cmd.String("fail-over"); {
	case cmd.Args().Len() != 2:
		err = fmt.Errorf("expected two inputs, A and B, and not %d; quote a pattern of files", cmd.Args().Len())
	case cmd.Args().Get(0) == "-" && cmd.Args().Get(1) == "-":
		err = errors.New("only one of A and B can be standard input")
	case !(s.alpha > 0 && s.alpha < 1):
		err = fmt.Errorf("--alpha %g: expected a number between 0 and 1", s.alpha)
	case s.minCalls < 2:
		err = fmt.Errorf("--min-calls %d: expected 2 or more", s.minCalls)
	case !slices.Contains(corrections, s.correction):
		err = fmt.Errorf("--correction %q: expected one of %s", s.correction, strings.Join(corrections, ", "))
	case cmd.Int("top") < 0:
		err = fmt.Errorf("--top %d: expected 0 or more", cmd.Int("top"))
	case cmd.Bool("json") && cmd.Bool("csv"):
		err = errors.New("--json or --csv, not both")
	case limit != "":
		if s.failOver, err = parsePercent(limit); err != nil {
			err = fmt.Errorf("--fail-over %w", err)
		}
	}
	if err != nil {
		return s, input.Usage(err)
	}
	return s, nil
}

func run(ctx context.Context, cmd *cli.Command) error {
	s, err := settingsOf(cmd)
	if err != nil {
		return err
	}
	opts, err := input.Options(cmd)
	if err != nil {
		return err
	}
	nameA, nameB := cmd.Args().Get(0), cmd.Args().Get(1)
	a, countsA, err := read(ctx, opts, nameA)
	if err != nil {
		return err
	}
	b, countsB, err := read(ctx, opts, nameB)
	if err != nil {
		return err
	}
	c := compare(a, b, s)

	out, stderr := &output.Sticky{W: cmd.Root().Writer}, cmd.Root().ErrWriter
	footer := stderr
	switch {
	case cmd.Bool("json"):
		d := document{A: countsOf(nameA, countsA), B: countsOf(nameB, countsB), Comparison: c, Regressions: []string{}}
		if s.failOver >= 0 {
			d.FailOver = &s.failOver
		}
		for _, i := range c.Regressions {
			d.Regressions = append(d.Regressions, c.Scopes[i].Scope)
		}
		err = writeJSON(out, d)
	case cmd.Bool("csv"):
		err = c.writeCSV(out)
		fmt.Fprint(stderr, c.leftOut())
	default:
		footer = out
		err = c.writeTables(out, cmd.Int("top"), text.Width(cmd.Root().Writer))
	}
	for _, side := range []struct {
		letter, name string
		counts       events.Counts
	}{{"A", nameA, countsA}, {"B", nameB, countsB}} {
		fmt.Fprintf(footer, "%s, %s: ", side.letter, text.Clean(side.name))
		input.Footer(footer, side.counts)
	}
	if err = cmp.Or(err, out.Err); err != nil {
		return cli.Exit(fmt.Errorf("standard output: %w", err), input.ExitUsage)
	}
	if err := cmp.Or(input.Nothing(countsA), input.Nothing(countsB)); err != nil {
		return err
	}
	if s.failOver >= 0 && (countsA.Used == 0 || countsB.Used == 0) {
		return cli.Exit(errors.New("--fail-over: there is no telemetry in A or in B, and nothing was compared"), input.ExitUsage)
	}
	return verdict(stderr, c, cmd.String("fail-over"))
}

// read reads one side. Unlike a report, a comparison of half of the lines is of no use.
func read(ctx context.Context, opts events.Options, name string) (*side, events.Counts, error) {
	opts.Inputs, opts.Once = []string{name}, true
	var all sides
	counts, err := events.Read(ctx, opts, all.sink)
	if errors.Is(err, context.Canceled) {
		return nil, counts, cli.Exit("interrupted: nothing was compared", input.ExitInterrupted)
	}
	if err != nil {
		return nil, counts, cli.Exit(err, input.ExitUsage)
	}
	return all.merged(), counts, nil
}

// verdict ends the command with an error if there are regressions.
func verdict(w io.Writer, c *Comparison, limit string) error {
	if len(c.Regressions) == 0 {
		return nil
	}
	fmt.Fprintf(w, "significant regressions by more than %s: %d\n", text.Clean(limit), len(c.Regressions))
	for _, i := range c.Regressions {
		r := &c.Scopes[i]
		fmt.Fprintf(w, "  %s: %s", text.Clean(r.Scope), r.verdict())
		if r.Values != nil && r.Values.Significant {
			fmt.Fprintf(w, ", durations %s (p %.2g)", r.change(), r.Values.Adjusted)
		}
		if r.ErrorRates != nil && r.ErrorRates.Significant {
			fmt.Fprintf(w, ", error rate %s to %s (p %.2g)", text.Percent(r.ErrorRates.A), text.Percent(r.ErrorRates.B), r.ErrorRates.Adjusted)
		}
		fmt.Fprintln(w)
	}
	return cli.Exit("", input.ExitFailed)
}
