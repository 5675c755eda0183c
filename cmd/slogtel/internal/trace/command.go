// Package trace is the command "slogtel trace": all that belongs to one trace, in a tree.
package trace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/remote"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

const description = `Prints one trace: its scopes as a tree, each with when it began, counted from the beginning
of the trace, how long it took, how much of that was its own, its attributes, and the
error; in between, in the order of time, its metrics and the app's own log lines that
have the id of the trace in them (handlers.Scope puts it there).

The id may be the beginning of one, if no other trace begins so, or a traceparent.
Without an id, some traces are named: the slowest and those that failed last.

Each scope stands below the one that it was opened in, in this process or another: that
is known by span ids. Without them (older lines, or another logger) it is placed by
scope and time, and marked ~. A scope that others say they are inside of, but that is not
among the lines, is marked ?: it may still run, be in another file, or be lost. A !
marks a scope that began before the one around it or after its end: the clocks of
two processes differ, or it was measured elsewhere. A = marks one that ran
at the same time as one before it. A log without a span id is placed by its time.

A line that came twice is shown once. Of a trace of more than --limit lines those that failed
and the longest are shown, with what they are inside of; --json has all.

Examples:

   slogtel trace 4bf92f3577b34da6a3ce929d0e0e4736 telemetry.jsonl
   slogtel trace 4bf92f app.jsonl 'other/*.jsonl.gz'
   kubectl logs deploy/app | slogtel trace 4bf92f
   slogtel trace --json 4bf92f app.jsonl | jq '.items[] | select(.kind == "span")'`

// Command returns the command.
func Command() *cli.Command {
	cmd := input.Command("trace", "one trace as a tree, with its times, attributes, errors and logs", description, run,
		&cli.IntFlag{Name: "limit", Value: 1000, Usage: "print at most `N` lines of the tree; 0: all"},
		input.JSON(),
	)
	cmd.ArgsUsage = "ID " + cmd.ArgsUsage
	return cmd
}

func run(ctx context.Context, cmd *cli.Command) error {
	args := cmd.Args().Slice()
	id := ""
	if len(args) > 0 && !isInput(args[0]) {
		id, args = traceID(args[0]), args[1:]
	}
	if err := input.AtLeast(cmd, 0, "limit"); err != nil {
		return err
	}
	opts, err := input.OptionsOf(cmd, args)
	if err != nil {
		return cmp.Or(noID(id), err)
	}
	opts.Attrs, opts.Once = true, true
	c := newCollector(id)
	if id != "" {
		opts.OnText = c.text
	}
	var sinks []*sink
	counts, readErr := events.Read(ctx, opts, func() events.Sink {
		s := newSink(c)
		sinks = append(sinks, s)
		return s
	})
	c.merge(sinks)
	found, others := c.found()
	if found == "" {
		err := cmp.Or(input.Nothing(counts), absent(counts), c.notFound(id, others))
		if readErr == nil || counts.Read == 0 || errors.Is(readErr, context.Canceled) {
			return cmp.Or(input.Done(readErr), err)
		}
		return input.Usage(errors.Join(readErr, err)) // what could be read had something in it
	}
	r := newResult(found, c.events[found], c.logs[found], c.left, counts)
	read := input.Reading{Counts: counts, Err: readErr}
	return read.Show(cmd, r, func(w io.Writer, width int) { r.write(w, width, cmd.Int("limit")) })
}

// isInput reports whether an argument that should be an id is an input.
func isInput(arg string) bool {
	if arg == "-" || remote.Is(arg) || strings.ContainsAny(arg, `/\*?[.`) {
		return true
	}
	_, err := os.Stat(arg)
	return err == nil
}

// traceID returns the id in a traceparent of W3C, and another id as it is.
func traceID(arg string) string {
	if parts := strings.Split(arg, "-"); len(parts) == 4 && len(parts[0]) == 2 && len(parts[1]) == idLength && len(parts[2]) == 16 {
		return parts[1]
	}
	return arg
}

func noID(id string) error {
	if id == "" {
		return input.Usage(errors.New("no trace id given: slogtel trace ID FILE; with a file and no id some are named"))
	}
	return nil
}

// absent is the error that there was nothing in which a trace could be.
func absent(counts events.Counts) error {
	why := input.Absent(counts)
	if why == "" || counts.Read > 0 && counts.Filtered == 0 { // logs have ids, too
		return nil
	}
	return input.Usage(errors.New(strings.TrimSpace(why + "\n" + input.Outside(counts))))
}

// notFound is the error that it is not clear which trace is meant, or that there is none. It names some.
func (c *collector) notFound(id string, others []string) error {
	var b strings.Builder
	switch {
	case len(others) > 1:
		fmt.Fprintf(&b, "several traces begin with %q: give more of the id", id)
		for _, o := range others[:min(len(others), maxIDs)] {
			b.WriteString("\n  " + o)
		}
		if len(others) > maxIDs {
			b.WriteString("\n  and more")
		}
		return input.Usage(errors.New(b.String()))
	case !c.traced:
		return input.Usage(errors.New("no line has a trace id: the app writes them with Options.TraceIDs, and its logs with handlers.Scope"))
	case id == "":
		b.WriteString("no trace id given: slogtel trace ID FILE; some are (those that failed last, and the slowest)")
	default:
		fmt.Fprintf(&b, "there is no trace %q in these lines; some are (those that failed last, and the slowest)", id)
	}
	for _, s := range c.samples {
		took := ""
		if s.took > 0 {
			took = text.Duration(s.took)
		}
		fmt.Fprintf(&b, "\n  %s  %8s  %s", s.id, took, s.scope)
		if !s.start.IsZero() {
			b.WriteString("  " + s.start.Local().Format(time.DateTime))
		}
		if s.failed != "" {
			b.WriteString("  error: " + text.Clip(s.failed, 80))
		}
	}
	return input.Usage(errors.New(b.String()))
}
