// Package slow is the command "slogtel slow": the slowest scopes, and where their time went.
package slow

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/output"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
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
		&cli.BoolFlag{Name: "json", Usage: "write JSON"},
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
	var all []*slowest
	counts, readErr := events.Read(ctx, opts, func() events.Sink {
		s := &slowest{most: 4 * top, inner: inner} // some may turn out to be inside others
		all = append(all, s)
		return s
	})
	if len(all) == 0 {
		return input.Done(cmp.Or(readErr, spoolErr))
	}
	for _, s := range all[1:] {
		all[0].merge(s)
	}
	found := all[0]

	traces := make(map[string]int)
	for _, e := range found.heap {
		if _, known := traces[e.TraceID]; !known && e.TraceID != "" {
			traces[e.TraceID] = len(traces)
		}
	}
	var of [][]*events.Event
	left := 0
	if len(traces) > 0 && ctx.Err() == nil {
		if of, left, err = gather(ctx, opts, traces); readErr == nil {
			readErr = err
		}
	}
	r := newResult(found.heap, top, inner, traces, of)
	r.traced, r.sampled, r.Left = found.traced, found.sampled, left
	out := &output.Sticky{W: cmd.Root().Writer}
	if cmd.Bool("json") {
		b, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		out.Write(append(text.JSON(b), '\n'))
	} else {
		if r.none = input.Absent(counts); r.none == "" && found.summed {
			r.none = "there are summaries, and no timing of a single scope to list: slogtel report has what they sum up"
		}
		r.write(out, text.Width(cmd.Root().Writer))
		input.Footer(out, counts)
	}
	if out.Err != nil {
		return input.Done(out.Err)
	}
	return input.Finish(counts, cmp.Or(readErr, spoolErr))
}

// gather reads all timings of some traces. What was not asked for is read, too: it is inside of what was.
func gather(ctx context.Context, opts events.Options, traces map[string]int) (of [][]*events.Event, left int, err error) {
	opts.Scope, opts.Where, opts.Since, opts.Until, opts.Attrs, opts.OnBad = "", nil, time.Time{}, time.Time{}, true, nil
	of = make([][]*events.Event, len(traces))
	opts.Workers = runtime.GOMAXPROCS(0)
	var all []*gatherer
	_, err = events.Read(ctx, opts, func() events.Sink {
		g := &gatherer{traces: traces, events: make([][]*events.Event, len(traces)), most: maxEvents / opts.Workers}
		all = append(all, g)
		return g
	})
	for _, g := range all {
		left += g.left
		for i := range of {
			of[i] = append(of[i], g.events[i]...)
		}
	}
	return of, left, err
}
