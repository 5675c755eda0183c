// Package tail is the command "slogtel tail": telemetry and logs as they come, for the eye.
package tail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/follow"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/remote"
)

const description = `Prints the last lines of files as the console reporter would have, ordinary logs in
between too. With -f it goes on as the files grow, through a rotation (another file
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
		&cli.IntFlag{Name: "lines", Aliases: []string{"n"}, Value: 10, Usage: "start with the last `N` lines, of which filters may leave fewer; negative: with the first"},
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
	opts.OnLine = p.line

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	sink := stopper{p, cancel}
	var counts events.Counts
	if cmd.Bool("follow") {
		counts, err = tailFollow(ctx, cmd, opts, sink)
	} else {
		counts, err = tailOnce(ctx, opts, sink, cmd.Int("lines"))
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
	p      *printer
	cancel context.CancelCauseFunc
}

func (s stopper) Event(e *events.Event) {
	s.p.Event(e)
	if s.p.err != nil {
		s.cancel(s.p.err)
	}
}

// tailOnce prints the inputs, the last lines of plain files, all of others.
func tailOnce(ctx context.Context, opts events.Options, sink events.Sink, n int) (events.Counts, error) {
	names, err := events.Expand(opts.Inputs)
	if err != nil {
		return events.Counts{}, err
	}
	var sum events.Counts
	for _, name := range names {
		o := opts
		o.Inputs = []string{name}
		var done func()
		if f, err := openLast(name, n); err != nil {
			return sum, err
		} else if f != nil {
			o.Inputs, o.Stdin, o.StdinName = []string{"-"}, f, name
			done = func() { f.Close() }
		}
		counts, err := events.ReadInOrder(ctx, o, sink)
		sum.Add(counts)
		if done != nil {
			done()
		}
		if err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// openLast opens a plain file at its last lines, and returns nil for any other input.
func openLast(name string, n int) (*os.File, error) {
	if name == "-" || n < 0 || !follow.Plain(name) {
		return nil, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		var offset int64
		if offset, err = follow.LastLines(f, info.Size(), n); err == nil {
			_, err = f.Seek(offset, 0)
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// tailFollow prints plain files from their last lines on, until it is interrupted, which
// is the way to end it and no error.
func tailFollow(ctx context.Context, cmd *cli.Command, opts events.Options, sink events.Sink) (events.Counts, error) {
	if len(opts.Inputs) == 1 && opts.Inputs[0] == "-" {
		return events.ReadInOrder(ctx, opts, sink) // which goes on by itself
	}
	lines := events.NewLines(opts, sink)
	var files []*follow.File
	for _, name := range opts.Inputs {
		if name == "-" {
			return events.Counts{}, input.Usage(errors.New("-f: - cannot be followed together with files"))
		}
		if remote.Is(name) {
			return events.Counts{}, input.Usage(fmt.Errorf("-f: %s: a URL cannot be followed", remote.Name(name)))
		}
		matches := []string{name}
		if _, err := os.Lstat(name); err != nil && strings.ContainsAny(name, "*?[") {
			var err error
			if matches, err = events.Expand([]string{name}); err != nil {
				return events.Counts{}, err
			}
		}
		for _, m := range matches {
			if _, err := os.Stat(m); err == nil && !follow.Plain(m) {
				return events.Counts{}, input.Usage(fmt.Errorf("-f: %s: expected a plain file", m))
			}
			files = append(files, follow.Open(m, func(f io.ReaderAt, size int64) (int64, error) {
				return follow.LastLines(f, size, cmd.Int("lines"))
			}))
		}
	}
	follow.Follow(ctx, files, func(f *follow.File, line []byte) {
		lines.Line(events.Position{Input: f.Name, Line: f.Line}, line)
	}, nil)
	lines.End()
	return lines.Counts(), nil
}
