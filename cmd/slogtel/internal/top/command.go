//go:build !js

// Package top is the command "slogtel top": what happens now, in a terminal.
package top

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/mattn/go-isatty"
	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/remote"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

const description = `Shows what happens now, in the terminal: scopes with their rate, errors and
quantiles of the last minute, counters by their rates, gauges by their last values;
from a file that grows (through a rotation, and before it is there), from standard
input, or from the address of the reporter live in a running app, such as
http://localhost:6060 or localhost:6060. Only the app knows the scopes that are open,
and their age: lines have those that have ended.

Keys: s sorts by the next column, S by the one before, r the other way round; / filters by what names
contain, or by a pattern with *; space freezes; tab shows one part alone, arrows scroll;
? is help, q quits. Whatever names contain, nothing reaches the terminal that it could
act on. NO_COLOR is heeded.

The last minute ends with the latest event, and goes on from there as time passes: the
clock of the machine that wrote it need not be right, and an old file shows its last
minute. Of a file the last 32 MiB are read first. Where fewer seconds than 60 are known,
the first line says how many, and rates are of those. Quantiles are off by 1 % at most. Of
more names than --max-series the rest is in (other); a name without an event for a minute
makes room. A summary counts in the second in which its interval ended.

When the file is gone, or the address does not answer, the second line says so, and
reading is tried again. With --once it is an error.

Where the output is no terminal, or one that cannot be drawn on (TERM=dumb), a snapshot is
printed every --interval, until standard input ends. --once prints one, of what there is.
With --json a snapshot is a line of JSON, with durations in seconds.

Examples:

   slogtel top telemetry.jsonl
   slogtel top http://localhost:6060
   kubectl logs -f deploy/app | slogtel top --sort p99
   slogtel top --once --json telemetry.jsonl | jq '.scopes[] | select(.errors > 0)'`

// minInterval is the least of --interval.
const minInterval = 100 * time.Millisecond

// Command returns the command.
func Command() *cli.Command {
	return input.Command("top", "what happens now, in the terminal: rates, errors, quantiles, open scopes", description, run,
		&cli.DurationFlag{Name: "interval", Value: time.Second, Usage: "look every `DURATION`"},
		&cli.BoolFlag{Name: "once", Usage: "print one snapshot"},
		&cli.BoolFlag{Name: "json", Usage: "print snapshots as JSON, a line each"},
		&cli.StringFlag{Name: "sort", Value: "rate", Usage: "sort scopes by `COLUMN`: scope, rate, calls, errors, err%, p50, p95, p99 or max"},
		&cli.StringFlag{Name: "filter", Usage: "show only names with `TEXT` in them, or that match a pattern with *"},
		&cli.IntFlag{Name: "max-series", Value: 500, Usage: "figures for at most `N` names; more are in (other)"},
	)
}

func run(ctx context.Context, cmd *cli.Command) error {
	inputs := cmd.Args().Slice()
	if len(inputs) == 1 {
		inputs[0] = asURL(inputs[0])
	}
	opts, err := input.OptionsOf(cmd, inputs)
	if err != nil {
		return err
	}
	opts.Progress, opts.OnBad = nil, nil // both would be in the way
	t := &top{
		out: cmd.Root().Writer, errs: cmd.Root().ErrWriter,
		interval: cmd.Duration("interval"), json: cmd.Bool("json"), once: cmd.Bool("once"),
		view: view{sort: strings.ToUpper(cmd.String("sort")), filter: cmd.String("filter")},
	}
	limit := cmd.Int("max-series")
	switch {
	case !slices.Contains(sortNames(), t.view.sort):
		return input.Usage(fmt.Errorf("--sort %q: expected one of %s", cmd.String("sort"), strings.ToLower(strings.Join(sortNames(), ", "))))
	case t.interval < minInterval:
		return input.Usage(fmt.Errorf("--interval %s: expected %s or more", t.interval, minInterval))
	case limit < 1:
		return input.Usage(fmt.Errorf("--max-series %d: expected 1 or more", limit))
	case len(t.view.filter) > maxFilter:
		return input.Usage(fmt.Errorf("--filter: expected at most %d bytes", maxFilter))
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if len(opts.Inputs) == 1 && remote.Is(opts.Inputs[0]) {
		return t.ofAddress(ctx, cmd, opts)
	}
	return t.ofLines(ctx, opts, limit)
}

// A top is one run of the command.
type top struct {
	out, errs io.Writer
	interval  time.Duration
	json      bool
	once      bool
	view      view
}

// ofAddress shows what an app answers.
func (t *top) ofAddress(ctx context.Context, cmd *cli.Command, opts events.Options) error {
	for _, name := range []string{"scope", "since", "until", "where"} {
		if cmd.IsSet(name) {
			return input.Usage(fmt.Errorf("--%s: an address has figures, and no events to choose from; --filter chooses what is shown", name))
		}
	}
	poller, err := remote.NewPoller(opts.Inputs[0])
	if err != nil {
		return input.Usage(err)
	}
	a := newAddress(poller)
	if t.once {
		s := a.snapshot(ctx)
		if a.err != nil {
			return input.Done(fmt.Errorf("%s: %w", poller.Name(), a.err))
		}
		return t.print(s)
	}
	return t.show(ctx, a, nil)
}

// ofLines shows what is in files, or in standard input.
func (t *top) ofLines(ctx context.Context, opts events.Options, limit int) error {
	name := opts.Inputs[0]
	if len(opts.Inputs) > 1 {
		name = strconv.Itoa(len(opts.Inputs)) + " files"
	}
	l := newLines(name, limit)
	if t.once {
		l.read(ctx, opts)
		if l.err != nil && l.counts.Read == 0 {
			return input.Done(l.err)
		}
		if err := t.print(l.snapshot(ctx)); err != nil {
			return err
		}
		return input.Reading{Counts: l.counts, Err: l.err}.Finish(nil)
	}
	if len(opts.Inputs) == 1 && (name == "-" || isPipe(name)) {
		if name == "-" {
			if f, ok := opts.Stdin.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
				return input.Usage(errors.New("- is the terminal, and keys come from there: give a file, or a pipe"))
			}
			l.name = "standard input"
		}
		l.stream(ctx, opts)
		if t.screen() == nil {
			if err := t.show(ctx, l, l.ended); err != nil {
				return err
			}
			select {
			case <-l.ended:
				return input.Reading{Counts: l.counts, Err: l.err}.Finish(nil)
			default: // Ctrl-C
				return nil
			}
		}
		return t.show(ctx, l, nil)
	}
	if err := l.follow(ctx, opts); err != nil {
		return err
	}
	if t.screen() == nil {
		l.wait(ctx)
	}
	return t.show(ctx, l, nil)
}

// isPipe reports whether a file is a pipe, as that of a shell's <(command).
func isPipe(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode()&os.ModeNamedPipe != 0
}

// screen returns the terminal that top can draw on, or nil.
func (t *top) screen() *os.File {
	f, ok := t.out.(*os.File)
	if !ok || t.json || !isatty.IsTerminal(f.Fd()) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return f
}

// show shows the source until it ends, or ctx is done, which is the way to end it and no error.
func (t *top) show(ctx context.Context, s source, ended <-chan struct{}) error {
	if screen := t.screen(); screen != nil {
		return t.draw(ctx, s, screen)
	}
	if os.Getenv("TERM") == "dumb" && text.Width(t.out) > 0 && !t.json {
		fmt.Fprintf(t.errs, "slogtel: TERM=dumb: the terminal cannot be drawn on, so a snapshot is printed every %s; --once prints one\n", t.interval)
	}
	tick := time.NewTicker(t.interval)
	defer tick.Stop()
	for first := true; ; first = false {
		select {
		case <-ctx.Done():
			return nil
		case <-ended:
			return t.print(s.snapshot(ctx))
		default:
		}
		if ended == nil || !first { // of what begins there is nothing to show yet
			if !first && !t.json {
				fmt.Fprintln(t.out)
			}
			if err := t.print(s.snapshot(ctx)); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
		case <-ended:
		case <-tick.C:
		}
	}
}

func (t *top) print(s *snapshot) error {
	return input.Done(write(t.out, s, &t.view, text.Width(t.out), t.json))
}

// draw shows the source in the terminal, until a key ends it.
func (t *top) draw(ctx context.Context, s source, screen *os.File) error {
	stop := new(stopper)
	m := &model{ctx: ctx, source: s, interval: t.interval, stopping: stop.begin, resumed: stop.end, view: t.view}
	m.view.styled = true
	p := tea.NewProgram(m, tea.WithOutput(screen), tea.WithFPS(20))
	defer context.AfterFunc(ctx, p.Quit)()
	done := make(chan struct{})
	defer close(done)
	go stop.watch(p, done)
	_, err := p.Run()
	if errors.Is(err, tea.ErrInterrupted) {
		err = nil
	}
	return input.Done(err)
}

// asURL returns an input that is an address, such as localhost:6060 or :6060, as a URL, and any other as it is.
func asURL(name string) string {
	at, path, _ := strings.Cut(name, "/")
	host, port, err := net.SplitHostPort(at)
	if _, statErr := os.Stat(name); err != nil || statErr == nil || strings.ContainsAny(host, `\*?`) {
		return name
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return name
	}
	if host == "" {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port) + "/" + path
}
