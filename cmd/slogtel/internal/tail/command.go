// Package tail is the command "slogtel tail": telemetry and logs as they come, for the eye.
package tail

import (
	"context"
	"io"

	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/follow"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
)

const description = `Prints the last lines of files as the console reporter would have, ordinary logs in
between too: the last of those that filters leave. With -f it goes on as the files grow, through a rotation (another file
with the same name) and a truncation; a file that is not there yet is waited for.
Of standard input, of compressed files and of URLs all lines are printed.

Whatever is in the lines, nothing reaches the terminal that it could act on. Filters
are for telemetry; --telemetry leaves ordinary logs out.

Examples:

   slogtel tail -f telemetry.jsonl
   slogtel tail -n 100 --scope 'pipeline.call*' telemetry.jsonl
   slogtel tail -n -1 --telemetry --where model=m1 telemetry.jsonl
   kubectl logs -f deploy/app | slogtel tail`

// Command returns the command.
func Command() *cli.Command {
	return input.Command("tail", "print a file as the console reporter would, and follow it", description, run,
		&cli.BoolFlag{Name: "follow", Aliases: []string{"f"}, Usage: "go on as files grow"},
		&cli.IntFlag{Name: "lines", Aliases: []string{"n"}, Value: 10, Usage: "start with the last `N` lines that are shown; negative: with the first"},
		&cli.BoolFlag{Name: "telemetry", Usage: "no ordinary logs"},
	)
}

func run(ctx context.Context, cmd *cli.Command) error {
	opts, err := input.Options(cmd)
	if err != nil {
		return err
	}
	opts.Attrs = true
	opts.Progress, opts.OnBad = nil, nil // both would be in the way
	p := newPrinter(cmd.Root().Writer, cmd.Bool("telemetry"), len(opts.Inputs) > 1)

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	sink := stopper{p, cancel}
	last := lastShown(opts, cmd.Bool("telemetry"), cmd.Int("lines"))
	var counts events.Counts
	switch {
	case !cmd.Bool("follow"):
		counts, err = follow.Read(ctx, opts, last, sink)
	case len(opts.Inputs) == 1 && opts.Inputs[0] == "-": // which goes on by itself
		counts, err = events.ReadInOrder(ctx, opts, sink)
	default:
		counts, err = tailFollow(ctx, opts, last, sink)
	}
	if cmd.Bool("verbose") {
		input.Footer(cmd.Root().ErrWriter, counts)
	}
	if p.err != nil {
		return input.Done(p.err)
	}
	if cmd.Bool("telemetry") && !cmd.Bool("follow") {
		return input.Reading{Counts: counts, Err: err}.Finish(nil)
	}
	return input.Done(err)
}

// A stopper ends reading when its printer cannot write.
type stopper struct {
	*printer
	cancel context.CancelCauseFunc
}

func (s stopper) Event(e *events.Event) {
	s.printer.Event(e)
	if s.err != nil {
		s.cancel(s.err)
	}
}

// lastShown returns where the last n lines begin of which something is shown; a negative n is all.
func lastShown(opts events.Options, quiet bool, n int) follow.Start {
	return func(f io.ReaderAt, size int64) (int64, error) {
		if n < 0 {
			return 0, nil
		}
		at, left := size, n
		p := newPrinter(io.Discard, quiet, false)
		lines := events.NewLines(opts, p)
		err := follow.Backward(f, size, func(start int64, text []byte) bool {
			if left == 0 {
				return false
			}
			before := p.shown
			if lines.Line(events.Position{}, text); p.shown > before {
				at = start
				left--
			}
			return true
		})
		if left > 0 { // there are no more
			at = 0
		}
		return at, err
	}
}

// tailFollow prints plain files from their last lines on, until it is interrupted, which
// is the way to end it and no error.
func tailFollow(ctx context.Context, opts events.Options, last follow.Start, sink events.Sink) (events.Counts, error) {
	files, err := follow.Files(opts.Inputs, last)
	if err != nil {
		return events.Counts{}, err
	}
	lines := events.NewLines(opts, sink)
	follow.Follow(ctx, files, func(f *follow.File, line []byte) {
		lines.Line(events.Position{Input: f.Name, Line: f.Line}, line)
	}, nil)
	lines.End()
	return lines.Counts(), nil
}
