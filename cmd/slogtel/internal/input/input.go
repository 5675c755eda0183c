// Package input has what all commands share: the flags that say what to read, the
// progress bar, and the last line, which says what became of the lines.
package input

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

// Exit codes of the command.
const (
	ExitFailed      = 1   // a gate: a regression, an invalid line
	ExitUsage       = 2   // of wrong usage, and of input that cannot be read
	ExitInterrupted = 130 // after Ctrl-C, as shells have it
)

// Command returns a command that reads inputs, with the flags of [Options] and some of its own.
func Command(name, usage, description string, run cli.ActionFunc, flags ...cli.Flag) *cli.Command {
	return &cli.Command{
		Name: name, Usage: usage, ArgsUsage: "[FILE | PATTERN | URL | -]...", Description: description,
		Flags: append(shared(), flags...), Action: run,
	}
}

// shared are the flags of [Options].
func shared() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "scope", Usage: "only scopes that match `PATTERN`: * is any characters, dots too; ? is one"},
		&cli.StringFlag{Name: "since", Usage: "only events from `TIME` on: RFC 3339, 2026-01-31, 06:33, yesterday, 90m or 1d ago, or seconds since 1970"},
		&cli.StringFlag{Name: "until", Usage: "only events before `TIME`"},
		&cli.StringSliceFlag{Name: "where", Usage: "only events of which `KEY=VALUE` is true, or with != < <= > >= =~ !~, such as duration>1s; again: all of them"},
		&cli.IntFlag{Name: "max-line", Value: events.DefaultMaxLine, Usage: "a line of more than `BYTES` is bad"},
		&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "say which lines are bad, and why, on standard error"},
	}
}

// Options returns what the flags and arguments of cmd say. Arguments are the inputs; with
// none it is standard input, unless that is a terminal. The error is one of usage.
func Options(cmd *cli.Command) (events.Options, error) { return OptionsOf(cmd, cmd.Args().Slice()) }

// OptionsOf is [Options] with other inputs than all arguments.
func OptionsOf(cmd *cli.Command, inputs []string) (events.Options, error) {
	o := events.Options{
		Inputs: inputs,
		Stdin:  cmd.Root().Reader,
		Scope:  cmd.String("scope"),
	}
	if err := AtLeast(cmd, 1, "max-line"); err != nil {
		return o, err
	}
	o.MaxLine = cmd.Int("max-line")
	if len(o.Inputs) == 0 {
		if f, ok := o.Stdin.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
			return o, Usage(errors.New("no files given; - is standard input"))
		}
		o.Inputs = []string{"-"}
	}
	var err error
	if o.Since, o.Until, err = bounds(cmd.String("since"), cmd.String("until"), time.Now()); err != nil {
		return o, Usage(err)
	}
	for _, w := range cmd.StringSlice("where") {
		c, err := events.ParseCondition(w)
		if err != nil {
			return o, Usage(fmt.Errorf("--where %w", err))
		}
		o.Where = append(o.Where, c)
	}
	errs := cmd.Root().ErrWriter
	show := newBar(errs)
	o.Progress = show.progress
	if cmd.Bool("verbose") {
		o.OnBad = func(at events.Position, err error) {
			show.around(func() {
				fmt.Fprintf(errs, "%s:%d: %s\n", text.Clean(at.Input), at.Line, text.Clean(err.Error()))
			})
		}
	}
	return o, nil
}

// AtLeast returns an error of usage if one of some flags is less than least.
func AtLeast(cmd *cli.Command, least int, names ...string) error {
	for _, name := range names {
		if n := cmd.Int(name); n < least {
			return Usage(fmt.Errorf("--%s %d: expected %d or more", name, n, least))
		}
	}
	return nil
}

// Footer writes the last line of a report: what became of the lines.
func Footer(w io.Writer, c events.Counts) {
	fmt.Fprintf(w, "%d lines read: %d used, %d filtered out, %d skipped (ordinary logs), %d bad", c.Read, c.Used, c.Filtered, c.Skipped, c.Bad)
	if c.Twice > 0 {
		fmt.Fprintf(w, ", %d read before (the same spans)", c.Twice)
	}
	if c.Unknown > 0 {
		fmt.Fprintf(w, "; %d events were forgotten again, and would count twice if they came twice", c.Unknown)
	}
	fmt.Fprintln(w)
	io.WriteString(w, Outside(c))
}

// Outside says which times there are outside of --since and --until where nothing is left inside, in a line, and "" otherwise.
func Outside(c events.Counts) string {
	if c.Used > 0 || c.Outside == (events.Range{}) {
		return ""
	}
	return fmt.Sprintf("outside of --since and --until are events from %s to %s\n", c.Outside.First.Local().Format(time.RFC3339), c.Outside.Last.Local().Format(time.RFC3339))
}

// What there is to say where nothing is left to report on: it is no good news.
const (
	NoTelemetry = "no telemetry"
	AllFiltered = "no telemetry that was asked for: all of it was filtered out"
)

// Absent says why there was no telemetry to look at, and "" if there was some.
func Absent(c events.Counts) string {
	switch {
	case c.Used > 0:
		return ""
	case c.Filtered > 0:
		return AllFiltered
	}
	return NoTelemetry
}

// A Reading is how the reading of the inputs has ended.
type Reading struct {
	Counts events.Counts
	Err    error // why not all was read
}

// Collect reads the inputs with several workers, each of which has a sink of its own, and merges these into one. It is
// an error, of the command, if nothing could be read.
func Collect[T events.Sink](ctx context.Context, opts events.Options, newSink func() T, merge func(into, from T)) (all T, r Reading, err error) {
	var sinks []T
	r.Counts, r.Err = events.Read(ctx, opts, func() events.Sink {
		s := newSink()
		sinks = append(sinks, s)
		return s
	})
	if r.Err != nil && r.Counts.Read == 0 {
		return all, r, Done(r.Err)
	}
	for _, s := range sinks[1:] {
		merge(sinks[0], s)
	}
	return sinks[0], r, nil
}

// Show ends a command: it prints what was found, as JSON or as text, for a terminal of that width, with the footer.
func (r Reading) Show(cmd *cli.Command, found any, write func(w io.Writer, width int)) error {
	out := bufio.NewWriter(cmd.Root().Writer)
	if cmd.Bool("json") {
		if err := text.WriteJSON(out, found); err != nil {
			return Done(err)
		}
	} else {
		write(out, text.Width(cmd.Root().Writer))
		Footer(out, r.Counts)
	}
	return r.Finish(out.Flush())
}

// Finish returns how a command ends that has shown what was in its inputs, or has failed to. It is an error that there
// was no telemetry in inputs with something in them: a report of nothing looks like good news.
func (r Reading) Finish(shown error) error {
	if err := cmp.Or(shown, r.Err); err != nil {
		return Done(err)
	}
	return Nothing(r.Counts)
}

// Nothing returns an error if inputs had something in them but no telemetry. It says what they look like.
func Nothing(c events.Counts) error {
	if c.Used+c.Filtered+c.Twice > 0 || c.Bytes == 0 {
		return nil
	}
	what := "lines of something else, such as an app's ordinary logs: is it the file that the telemetry goes to?"
	switch {
	case c.Looks != "":
		what = c.Looks
	case c.Read == 0:
		what = "empty lines"
	case c.Bad > 0:
		what = "lines that are torn, or not as the schema has them: --verbose says which, and why"
	}
	return cli.Exit(fmt.Errorf("no telemetry in the %d lines read; they look like %s", c.Read, what), ExitUsage)
}

// Usage marks an error of usage, which ends the program with [ExitUsage].
func Usage(err error) error { return cli.Exit(err, ExitUsage) }

// Done turns the error of a reader into that of a command, which has shown what was read.
func Done(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return cli.Exit("interrupted: the report is of what was read so far", ExitInterrupted)
	}
	return cli.Exit(err, ExitUsage)
}

// JSON is the flag that [Reading.Show] heeds.
func JSON() cli.Flag { return &cli.BoolFlag{Name: "json", Usage: "write JSON"} }
