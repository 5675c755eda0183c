// Package top is the command "slogtel top": what a program is doing now, on a terminal.
package top

import (
	"context"
	"errors"
	"os"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
)

const description = `Shows the scopes of a running program, with calls, errors, calls a second and quantiles of
the last minute, and those that are open with their age. The source is the address of
the program's live page (package reporters/live, or SLOGTEL_REPORTERS=live=6060), or a file
that grows: of that, what is appended from now on, and no open scopes.

Keys: s and S sort by the next or the last column, / filters by a part of the name, Esc
ends that, w takes the last 10 minutes or hour, f or space freezes, arrows scroll, q quits.

Examples:

   slogtel top 127.0.0.1:6060
   slogtel top http://localhost:8080/debug/telemetry/
   slogtel top telemetry.jsonl`

// Command returns the command.
func Command() *cli.Command {
	return &cli.Command{
		Name: "top", Usage: "watch the scopes of a running program", ArgsUsage: "ADDRESS|FILE", Description: description, Action: run,
		Flags: []cli.Flag{
			&cli.DurationFlag{Name: "interval", Value: time.Second, Usage: "the time between two looks"},
			&cli.StringFlag{Name: "sort", Value: "p99", Usage: "the column to sort by: scope, calls, errors, rate, p50, p95, p99 or max"},
		},
	}
}

func run(ctx context.Context, cmd *cli.Command) error {
	if cmd.Args().Len() != 1 {
		return input.Usage(errors.New("top: expected one address or file"))
	}
	interval := cmd.Duration("interval")
	if interval <= 0 {
		return input.Usage(errors.New("top: --interval must be above zero"))
	}
	by := column(cmd.String("sort"))
	if by < 0 {
		return input.Usage(errors.New("top: --sort: there are scope, calls, errors, rate, p50, p95, p99, max"))
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	look, err := source(ctx, cmd.Args().First())
	if err != nil {
		return input.Usage(err)
	}
	if _, err := look(ctx); err != nil {
		return input.Done(err)
	}
	m := model{look: look, interval: interval, ctx: ctx, by: by, width: 80, height: 24}
	options := []tea.ProgramOption{tea.WithContext(ctx), tea.WithOutput(cmd.Root().Writer)}
	if r := cmd.Root().Reader; r != os.Stdin {
		options = append(options, tea.WithInput(r))
	}
	_, err = tea.NewProgram(m, options...).Run()
	if errors.Is(err, tea.ErrProgramKilled) || ctx.Err() != nil {
		return nil // interrupted, which is the way to end it
	}
	return input.Done(err)
}
