// Package timeline is the command that makes of telemetry a picture of what ran when, for
// ui.perfetto.dev and chrome://tracing.
package timeline

import (
	"context"
	"fmt"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/output"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

const (
	defaultFile   = "slogtel.trace.json"
	defaultEvents = 200_000
	defaultTraces = 100
	maxEvents     = 50_000_000
	description   = `Writes a file in the Trace Event Format for ui.perfetto.dev (Open trace file) and
chrome://tracing (Load). Nothing leaves the machine: both draw it in the browser.

Each trace id has tracks of its own; with more than --max-traces of them, all traces
share tracks. Scopes lie below their parents; those that overlap their siblings lie in
further lanes. Without trace ids (slogtel.Options.TraceIDs) a parent is known by its path
only, and is a guess where several were open at once.

Counters are tracks of their sums so far; gauges, histograms and plain numbers of their
values; summaries of their p50, p95 and p99, of timings in milliseconds. What failed is
red in chrome://tracing, has the category "error" and its error among the arguments, and
an instant "error: ..." at its end.

Of long inputs the --max-events that begin first are shown, with a notice in the file
and on standard error; --since, --until, --scope and --where choose others. Memory is
bounded by that number: 4 KiB for each at the most, 0.5 KiB as a rule.

Examples:

   slogtel timeline telemetry.jsonl                     writes slogtel.trace.json
   slogtel timeline -o slow.json --where trace_id=4bf92f3577b34da6a3ce929d0e0e4736 'log/*.jsonl.gz'
   slogtel timeline --since 2026-01-31T12:00:00Z --until 2026-01-31T12:05:00Z telemetry.jsonl
   slogtel timeline -o - telemetry.jsonl | gzip >trace.json.gz`
)

// Command is "slogtel timeline".
func Command() *cli.Command {
	return input.Command("timeline", "write a trace for ui.perfetto.dev and chrome://tracing: what ran when, by trace and lane", description, run,
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "`FILE` to write, - for standard output", Value: defaultFile},
		&cli.IntFlag{Name: "max-events", Usage: "show the `N` events that begin first", Value: defaultEvents},
		&cli.IntFlag{Name: "max-traces", Usage: "give up to `N` traces tracks of their own", Value: defaultTraces},
	)
}

func run(ctx context.Context, cmd *cli.Command) error {
	limit, traces := cmd.Int("max-events"), cmd.Int("max-traces")
	if limit < 1 || limit > maxEvents {
		return input.Usage(fmt.Errorf("--max-events %d: expected 1 to %d", limit, maxEvents))
	}
	if traces < 0 {
		return input.Usage(fmt.Errorf("--max-traces %d: expected 0 or more", traces))
	}
	file, stderr := cmd.String("output"), cmd.Root().ErrWriter
	if err := output.RefuseTerminal(file, cmd.Root().Writer); err != nil {
		return input.Usage(err)
	}
	opts, err := input.Options(cmd)
	if err != nil {
		return err
	}
	if err := output.RefuseInput(file, opts.Inputs); err != nil {
		return input.Usage(err)
	}
	opts.Attrs, opts.Once = true, true
	k := newEarliest(limit)
	counts, readErr := events.Read(ctx, opts, k.sink)
	p := newPicture(k.selection(), traces)
	p.partial = readErr != nil
	if readErr != nil && len(p.items) == 0 {
		return input.Done(readErr)
	}
	if err := output.Write(file, cmd.Root().Writer, p.write); err != nil {
		return cli.Exit(err, input.ExitUsage)
	}
	for _, notice := range p.notices() {
		fmt.Fprintln(stderr, notice)
	}
	if file != output.Stdout {
		first, last := span(p.items)
		fmt.Fprintf(stderr, "wrote %s: %d events in %s; open it in ui.perfetto.dev or chrome://tracing\n",
			text.Clean(file), len(p.items), text.Duration(time.Duration(last-first)))
	}
	input.Footer(stderr, counts)
	return input.Reading{Counts: counts, Err: readErr}.Finish(nil)
}
