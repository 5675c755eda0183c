// Package slow is the command "slogtel slow": the slowest scopes, and where their time went.
package slow

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
)

const description = `Lists the scopes that took longest, of those that are not inside another one, and where the time of
each went: on the critical path, which is at each moment the scope that the end waited for, and as
time of their own, also of those that ran at once. At the end, all of them together.

With --scope those that match are listed, whatever they are inside of. --scope, --where, --since
and --until choose which scopes are listed; what is inside of them counts in any case.

Where the time went is known by trace ids and span ids (Options.TraceIDs). slogtel trace ID
shows one of them in full. Inputs are read twice; of standard input and of URLs
there is a copy in the temporary folder meanwhile.

Examples:

   slogtel slow telemetry.jsonl
   slogtel slow --top 3 --since 1h --where 'http.status<500' 'logs/*.jsonl.gz'
   slogtel slow --scope 'pipeline.batch.call' telemetry.jsonl
   slogtel slow --json telemetry.jsonl | jq '.slowest[] | {trace_id, duration_s, scopes: .scopes[:3]}'`

// Command returns the command.
func Command() *cli.Command {
	return input.Command("slow", "the slowest scopes, and where their time went", description, run,
		&cli.IntFlag{Name: "top", Value: 10, Usage: "the `N` slowest"},
		input.JSON(),
	)
}

// maxTop is the most that --top takes.
const maxTop = 1000

func run(ctx context.Context, cmd *cli.Command) error {
	top := cmd.Int("top")
	if top < 1 || top > maxTop {
		return input.Usage(fmt.Errorf("--top %d: expected 1 to %d", top, maxTop))
	}
	opts, err := input.Options(cmd)
	if err != nil {
		return err
	}
	opts, remove, spoolErr := input.Again(ctx, opts)
	defer remove()
	if spoolErr != nil && ctx.Err() == nil {
		return input.Done(spoolErr)
	}
	if spoolErr != nil { // interrupted: what has come can be read all the same
		ctx = context.WithoutCancel(ctx)
	}
	opts.Once = true
	inner := opts.Scope != ""
	found, read, err := input.Collect(ctx, opts, func() *slowest {
		return &slowest{longest: collect.NewFirst(4*top, longer), inner: inner} // some may turn out to be inside others
	}, (*slowest).merge)
	if err != nil {
		return err
	}
	longest := found.longest.Sorted()
	traces := make(map[string]int)
	for _, e := range longest {
		if _, known := traces[e.TraceID]; !known && e.TraceID != "" {
			traces[e.TraceID] = len(traces)
		}
	}
	g := new(gatherer)
	if len(traces) > 0 && ctx.Err() == nil {
		var second input.Reading
		if g, second, err = gather(ctx, opts, traces); err != nil {
			return err
		}
		read.Err = cmp.Or(read.Err, second.Err)
	}
	read.Err = cmp.Or(read.Err, spoolErr)
	r := newResult(longest, top, inner, traces, g.events)
	r.traced, r.sampled, r.Left = found.traced, found.sampled, g.left
	if r.none = input.Absent(read.Counts); r.none == "" && found.summed {
		r.none = "there are summaries, and no timing of a single scope to list: slogtel report has what they sum up"
	}
	return read.Show(cmd, r, r.write)
}

// gather reads all timings of some traces. What was not asked for is read, too: it is inside of what was.
func gather(ctx context.Context, opts events.Options, traces map[string]int) (*gatherer, input.Reading, error) {
	opts.Scope, opts.Where, opts.Since, opts.Until, opts.Attrs, opts.OnBad = "", nil, time.Time{}, time.Time{}, true, nil
	opts.Workers = runtime.GOMAXPROCS(0)
	return input.Collect(ctx, opts, func() *gatherer {
		return &gatherer{traces: traces, events: make([][]*events.Event, len(traces)), most: maxEvents / opts.Workers}
	}, (*gatherer).merge)
}
