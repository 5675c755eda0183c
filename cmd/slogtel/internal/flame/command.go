// Package flame is the command that makes a profile of self time by scope stack, for go
// tool pprof and for whatever draws folded stacks.
package flame

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/output"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/tree"
)

const (
	defaultFile = "slogtel.pb.gz"
	description = `Writes a profile whose stacks are scopes inside scopes, and whose values are their
self time (the default), calls and errors. A scope that was opened in several parents
stands in each. Sampled events count as what they stand for, and summaries as the
calls that they sum up.

Self time is a scope's time less that in which scopes right below it ran. Where
events have span ids (Options.TraceIDs) that is exact, also where some ran at the
same time. Without, those can take longer together than their parent: its self
time is then 0, and the whole is more than the time that passed.

Examples:

   slogtel flame telemetry.jsonl                      writes slogtel.pb.gz
   go tool pprof -http=: slogtel.pb.gz                draws it in a browser
   go tool pprof -top -sample_index=calls slogtel.pb.gz
   slogtel flame --since 10m -o last.pb.gz 'log/*.jsonl.gz'
   go tool pprof -top -diff_base=old.pb.gz new.pb.gz  compares two

   slogtel flame --folded telemetry.jsonl | flamegraph.pl --countname ns >flame.svg
   slogtel flame --folded --value errors telemetry.jsonl

speedscope and inferno read folded stacks too. Their self time is in nanoseconds.`
)

// Command is "slogtel flame".
func Command() *cli.Command {
	return input.Command("flame", "write a profile for go tool pprof, or folded stacks, from which flame graphs are drawn", description, run,
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "`FILE` to write, - for standard output (default: " + defaultFile + ", with --folded -)"},
		&cli.BoolFlag{Name: "folded", Usage: "write folded stacks: a line a stack, a;b;c 123"},
		&cli.StringFlag{Name: "value", Usage: "which `VALUE` folded stacks have: self, calls or errors (default: self)"},
	)
}

func run(ctx context.Context, cmd *cli.Command) error {
	file, value := cmd.String("output"), selfTime
	isFolded := cmd.Bool("folded")
	if name := cmd.String("value"); name != "" {
		if value = slices.Index(valueNames, name); value < 0 {
			return input.Usage(fmt.Errorf("--value %q: expected one of %s", name, strings.Join(valueNames, ", ")))
		}
		if !isFolded {
			return input.Usage(fmt.Errorf("--value is for --folded: a profile has all of them"))
		}
	}
	stdout, stderr := cmd.Root().Writer, cmd.Root().ErrWriter
	switch {
	case file == "" && isFolded:
		file = output.Stdout
	case file == "":
		file = defaultFile
	}
	if !isFolded {
		if err := output.RefuseTerminal(file, stdout); err != nil {
			return input.Usage(err)
		}
	}
	opts, err := input.Options(cmd)
	if err != nil {
		return err
	}
	if err := output.RefuseInput(file, opts.Inputs); err != nil {
		return input.Usage(err)
	}
	opts.Once = true
	meters, room := tree.NewMeters(), collect.NewRoom[key](maxScopes)
	c, read, err := input.Collect(ctx, opts, func() *collection { return newCollection(meters.New(), room) }, func(into, from *collection) {
		meters.Finish()
		into.merge(from)
	})
	if err != nil {
		return err
	}
	meters.Finish()
	nodes := stacks(c, meters.Parallel)
	fill := func(w io.Writer) error { return writeFolded(w, nodes, value) }
	if !isFolded {
		p := toProfile(c, nodes, strings.Join(opts.Inputs, " "))
		if read.Err != nil {
			p.Comments = append(p.Comments, "not all was read")
		}
		fill = p.Write
	}
	if err := output.Write(file, stdout, fill); err != nil {
		return cli.Exit(err, input.ExitUsage)
	}
	tell(stderr, c, nodes, file, isFolded)
	input.Footer(stderr, read.Counts)
	return read.Finish(nil)
}

// tell says on w what was made.
func tell(w io.Writer, c *collection, nodes []*node, file string, isFolded bool) {
	if n := c.overflow(); n > 0 {
		fmt.Fprintf(w, "%d calls are in %s: there is room for %d scopes\n", n, other.scope, maxScopes)
	}
	if c.inSummary > 0 {
		fmt.Fprintf(w, "%d timings were left out, since a summary counts them too\n", c.inSummary)
	}
	for _, notice := range notices(nodes) {
		fmt.Fprintln(w, notice)
	}
	if c.events == 0 {
		fmt.Fprintln(w, "there are no timings in it: is this what --scope, --since and --where should leave?")
	}
	if file == output.Stdout {
		return
	}
	fmt.Fprintf(w, "wrote %s: self time %s in %d scopes", text.Clean(file), text.Duration(selfSum(nodes)), len(nodes))
	if !isFolded {
		fmt.Fprintf(w, "; see it with: go tool pprof -http=: %s", text.Clean(file))
	}
	fmt.Fprintln(w)
}
