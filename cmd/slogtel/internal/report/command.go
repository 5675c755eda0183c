// Package report is the command "slogtel report": what telemetry adds up to.
package report

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/tree"
	"github.com/slogtel/telemetry/slogtel"
)

const description = `Adds up telemetry by scope: calls, errors, total and self time, mean, quantiles, and
a picture of the distribution; then counters, gauges, histograms, other metrics
and the last errors. A file may be a pattern, - is standard input; .gz and .zst
are read as they are. The last line says what became of the lines.

Self time is the total without that of the scopes inside, of those that were
read: what --scope, --since and --where leave out is not taken off. Where events
have span ids (Options.TraceIDs), the time in which several ran inside a call at
once is taken off once. Without, it is known by path only: marked with ~ where
scopes inside overlapped in time, and with * where they took longer than the
scope. Of more scopes than --max-series, and more values of --by than --max-groups, the first
in the order of the inputs are told apart, and the rest is in lines named (other): the report says how much. With --top the largest scopes are listed with their full paths in place
of the tree.

A line with span ids that was read before, as in overlapping exports, is left
out; a metric at a whole microsecond is not, since several can have that time. One to three million events are remembered for that; the last line says of
how many more it would not be known. For self time, a scope inside is known to
be so if it is read before the one around it, or at most 4,096 scopes later; where
more came later, the self time is marked with ~.

Sampled events count as 1/sample_rate each; a line that says less than 0.000001
is bad, as is one whose duration is negative.

On a terminal that is too narrow columns are left out, and names cut, which the
report says; --json and --csv always have all.

Examples:

   slogtel report telemetry.jsonl
   slogtel report --sort self --top 20 'logs/*.jsonl.gz'
   slogtel report --scope 'pipeline.*' --since 10m --where model=m1 telemetry.jsonl
   slogtel report --by model --depth 3 telemetry.jsonl
   slogtel report --by trace --where 'duration>1s' telemetry.jsonl
   kubectl logs deploy/app | slogtel report
   slogtel report --json telemetry.jsonl | jq '.scopes[] | {scope, p99_s}'`

// Command returns the command.
func Command() *cli.Command {
	return input.Command("report", "where did the time go: the scope tree, counters, gauges, histograms, errors", description, run,
		&cli.StringFlag{Name: "sort", Value: "total", Usage: "order of scopes by `COLUMN`: " + sortNames},
		&cli.IntFlag{Name: "top", Usage: "only the first `N` scopes, as a list; 0: all, as a tree"},
		&cli.IntFlag{Name: "depth", Usage: "only `N` levels of scopes; 0: all"},
		&cli.StringFlag{Name: "by", Aliases: []string{"group"}, Usage: "split each line by the values of the attribute `KEY`, or by trace"},
		&cli.IntFlag{Name: "max-groups", Value: 64, Usage: "tell at most `N` values of --by apart in each scope or metric"},
		&cli.IntFlag{Name: "max-series", Value: 4096, Usage: "tell at most `N` scopes, metrics and groups apart"},
		input.JSON(),
		&cli.BoolFlag{Name: "csv", Usage: "write CSV"},
	)
}

func run(ctx context.Context, cmd *cli.Command) error {
	v := view{sort: cmd.String("sort"), top: cmd.Int("top"), depth: cmd.Int("depth")}
	if orders[v.sort] == nil {
		return input.Usage(fmt.Errorf("--sort %q: expected one of %s", v.sort, sortNames))
	}
	if cmd.Bool("json") && cmd.Bool("csv") {
		return input.Usage(fmt.Errorf("--json or --csv, not both"))
	}
	if err := input.AtLeast(cmd, 0, "top", "depth"); err != nil {
		return err
	}
	if err := input.AtLeast(cmd, 1, "max-groups", "max-series"); err != nil {
		return err
	}
	opts, err := input.Options(cmd)
	if err != nil {
		return err
	}
	by := cmd.String("by")
	if by == "trace" {
		by = slogtel.KeyTraceID
	}
	if by != "" {
		opts.Keys = append(opts.Keys, by)
	}
	opts.Once = true
	meters := tree.NewMeters()
	room := newRoom(cmd.Int("max-series"), cmd.Int("max-groups"))
	c, read, err := input.Collect(ctx, opts, func() *collector { return newCollector(meters.New(), by, room) }, func(into, from *collector) {
		meters.Finish()
		into.merge(from)
	})
	if err != nil {
		return err
	}
	meters.Finish()
	r := newReport(c, v, read.Counts, meters.Parallel)
	if cmd.Bool("csv") {
		err := r.writeCSV(cmd.Root().Writer)
		input.Footer(cmd.Root().ErrWriter, read.Counts)
		return read.Finish(err)
	}
	return read.Show(cmd, r, r.writeText)
}
