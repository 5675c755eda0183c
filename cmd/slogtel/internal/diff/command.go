// Package diff is the command that says what differs between two sets of telemetry, and
// whether that is more than chance.
package diff

import (
	"bufio"
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
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

const description = `Compares B with A. A file is a run: give several of each, with -- between them, or a
quoted pattern for each side. One file a side, or - for standard input, can be compared too, but
how much one run differs from the next cannot be known from it: the machine, the load and
the data have an influence.

With several runs a side each is one value: of the runs' typical durations (the geometric
mean), means, 95th and 99th percentiles, error rates, calls, and sums of counters the
means are compared by Student's t-test, of logarithms where they can be had. Runs that are alike
inside but differ from each other are no reason for an alarm.

With one run a side its calls are compared. They depend on each other: a slow minute
makes many slow calls. So they are taken in up to 64 blocks, as they came, and how
much these differ, and each from the next, says how much they can tell (batch means,
Welch's t-test). Percentiles and error rates are compared by how many calls are above that
of both sides, or failed (Fisher's exact test, of fewer calls where they come together); a
percentile also by being further away than calls are from each other.
For calls and sums of counters it can only be said if chance alone makes as much of a
difference; whether there was more to do it does not know.

All tests of all scopes together are one family: P is corrected for their number (--correction,
Holm's unless said otherwise), so that of equal runs at most a share of --alpha gets any verdict.
CHANGE is of a typical value, with a confidence interval that is not corrected. Percentiles need
20 calls a side, the 99th 100. Of sampled events the effective sample size counts.
Summaries take part with their sketch; compare them with summaries. All flags that choose
events hold for both A and B.

With --fail-on the exit code is 1 if one of its conditions holds of a scope, and
significantly so:

   slower=10%  a typical call, or the mean of all, takes more than 10 % longer
   p95=20%     the 95th percentile is more than 20 % longer; p99=20% the 99th
   errors=1%   the share of calls that fail is higher by more than one in a hundred
   calls=50%   there are more calls by more than half, or fewer; sums=50% of counters
   gone, new   it is in all runs of one side, and in none of the other
   few         it has too few calls to compare (--min-calls)

Exit codes: 0 compared, and no condition of --fail-on holds; 1 one does; 2 wrong usage, an
input that cannot be read, or --fail-on and no telemetry in A or in B; 130 interrupted.

Examples:

   slogtel diff before.jsonl after.jsonl
   slogtel diff main1.jsonl main2.jsonl main3.jsonl -- branch1.jsonl branch2.jsonl branch3.jsonl
   slogtel diff 'main/*.jsonl.gz' 'branch/*.jsonl.gz'
   slogtel diff --scope 'pipeline.*' --fail-on slower=10%,p99=25%,errors=1%,gone 'main/*' 'branch/*'
   slogtel diff --json before.jsonl after.jsonl | jq '.scopes[] | select(.values.significant)'`

// Command is "slogtel diff".
func Command() *cli.Command {
	c := input.Command("diff", "compare two sets of telemetry: what became slower or faster, fails, is new or gone", description, execute,
		&cli.StringFlag{Name: "fail-on", Usage: "exit with 1 if `CONDITIONS` hold, such as slower=10%,p95=20%,p99=20%,errors=1%,gone,new,few"},
		&cli.FloatFlag{Name: "alpha", Usage: "`LEVEL` of significance", Value: defaults.alpha},
		&cli.StringFlag{Name: "correction", Usage: "`HOW` to correct for many tests: holm, bh (Benjamini and Hochberg) or none", Value: defaults.correction},
		&cli.IntFlag{Name: "min-calls", Usage: "test only what A and B have `N` values of", Value: defaults.minCalls},
		&cli.IntFlag{Name: "top", Usage: "show `N` rows of a table, 0 for all", Value: 40},
		input.JSON(),
		&cli.BoolFlag{Name: "csv", Usage: "write CSV"},
	)
	c.ArgsUsage = "A... -- B..., or A B"
	return c
}

// between stands for the -- between A and B, which the command line would not show.
const between = "\x00--"

// Args returns args, of the whole program, with the -- between the runs of A and of B such that the
// command sees it, see [Sides].
func Args(args []string) []string {
	if len(args) < 2 || args[1] != "diff" && args[1] != "html" {
		return args
	}
	if i := slices.Index(args, "--"); i > 2 {
		args = slices.Clone(args)
		args[i] = between
	}
	return args
}

// Sides returns the inputs before and after the -- of a command's arguments. Where there is none, or none
// before it, all are in a. The error is one of usage.
func Sides(args []string) (a, b []string, err error) {
	i := slices.Index(args, between)
	if i < 0 {
		return args, nil, nil
	}
	if a, b = args[:i], args[i+1:]; len(a) == 0 {
		return b, nil, nil
	} else if len(b) == 0 {
		return nil, nil, errors.New("expected inputs before and after --: a1 a2 -- b1 b2")
	}
	if n := slices.Index(a, "-"); n >= 0 && slices.Contains(slices.Concat(a[n+1:], b), "-") {
		err = errors.New("only one of A and B can be standard input")
	}
	return a, b, err
}

// sidesOf returns the inputs of A and of B.
func sidesOf(args []string) (a, b []string, err error) {
	if !slices.Contains(args, between) {
		if len(args) != 2 {
			return nil, nil, fmt.Errorf("expected two inputs, A and B, or several with -- between: a1 a2 -- b1 b2; there are %d; quote a pattern of files", len(args))
		}
		args = []string{args[0], between, args[1]}
	}
	if a, b, err = Sides(args); err == nil && b == nil {
		err = errors.New("expected inputs before and after --: a1 a2 -- b1 b2")
	}
	return a, b, err
}

// settingsOf reads the flags. The error is one of usage.
func settingsOf(cmd *cli.Command) (s settings, err error) {
	s = settings{alpha: cmd.Float("alpha"), minCalls: cmd.Int("min-calls"), correction: cmd.String("correction")}
	switch {
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
	case cmd.IsSet("fail-on"):
		if s.gate, err = parseGate(cmd.String("fail-on")); err != nil {
			err = fmt.Errorf("--fail-on %w", err)
		}
	}
	return s, err
}

func execute(ctx context.Context, cmd *cli.Command) error {
	s, err := settingsOf(cmd)
	argsA, argsB, argsErr := sidesOf(cmd.Args().Slice())
	if err = cmp.Or(argsErr, err); err != nil {
		return input.Usage(err)
	}
	opts, err := input.Options(cmd)
	if err != nil {
		return err
	}
	a, err := Read(ctx, opts, argsA, nil)
	if err != nil {
		return err
	}
	b, err := Read(ctx, opts, argsB, nil)
	if err != nil {
		return err
	}
	c := compare(a, b, s)
	nameA, nameB := strings.Join(argsA, " "), strings.Join(argsB, " ")

	out, stderr := bufio.NewWriter(cmd.Root().Writer), cmd.Root().ErrWriter
	footer := io.Writer(stderr)
	switch {
	case cmd.Bool("json"):
		err = text.WriteJSON(out, document{A: countsOf(nameA, a.Counts), B: countsOf(nameB, b.Counts), FailOn: s.gate, Comparison: c})
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
	}{{"A", nameA, a.Counts}, {"B", nameB, b.Counts}} {
		fmt.Fprintf(footer, "%s, %s: ", side.letter, text.Clean(side.name))
		input.Footer(footer, side.counts)
	}
	if err = cmp.Or(err, out.Flush()); err != nil {
		return cli.Exit(fmt.Errorf("standard output: %w", err), input.ExitUsage)
	}
	if err := cmp.Or(a.Nothing, b.Nothing); err != nil {
		return err
	}
	if s.gate != nil && (a.Counts.Used == 0 || b.Counts.Used == 0) {
		return cli.Exit(errors.New("--fail-on: there is no telemetry in A or in B, and nothing was compared"), input.ExitUsage)
	}
	return verdict(stderr, c)
}

// verdict ends the command with an error if there are regressions.
func verdict(w io.Writer, c *Comparison) error {
	if len(c.Regressions) == 0 {
		return nil
	}
	fmt.Fprintf(w, "--fail-on: regressions: %d\n", len(c.Regressions))
	for _, r := range c.Regressions {
		fmt.Fprintf(w, "  %s: %s\n", text.Clean(r.Scope), strings.Join(r.Reasons, "; "))
	}
	return cli.Exit("", input.ExitFailed)
}
