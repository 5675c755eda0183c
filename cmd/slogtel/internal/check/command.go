// Package check is the command "slogtel check": whether lines are what the schema says.
package check

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/output"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

const description = `Compares telemetry lines with the schema that they are in, Flat or ECS, and says
which line, which key, and what was expected:

   telemetry.jsonl:17: depth: expected a whole number that is not negative, found "3"

Ordinary logs and the caller's own attributes are not looked at. The exit code is
1 when a line is torn or differs from its schema, and 2 when there is nothing to check. With --strict scope names must
be what scope.Validate accepts.

Examples:

   slogtel check telemetry.jsonl
   slogtel check --strict 'logs/*.jsonl.zst'
   docker logs app 2>&1 | slogtel check --max 5`

// Command returns the command.
func Command() *cli.Command {
	return input.Command("check", "validate lines against the schema: which line, which key, what was expected", description, run,
		&cli.BoolFlag{Name: "strict", Usage: "scope names too"},
		&cli.IntFlag{Name: "max", Value: 100, Usage: "show no more than `N` problems; 0: all"},
	)
}

func run(ctx context.Context, cmd *cli.Command) error {
	opts, err := input.Options(cmd)
	if err != nil {
		return err
	}
	opts.OnBad = nil // told below
	out := &output.Sticky{W: cmd.Root().Writer}
	most, shown, lines, problems := cmd.Int("max"), 0, 0, 0
	tell := func(at events.Position, what string) {
		problems++
		if most <= 0 || shown < most {
			shown++
			fmt.Fprintf(out, "%s:%d: %s\n", text.Clean(at.Input), at.Line, text.Clean(what))
		}
	}
	c := checker{strict: cmd.Bool("strict")}
	opts.OnLine = func(at events.Position, line []byte, v events.Verdict, err error) {
		switch v {
		case events.IsBad:
			lines++
			c.problems = c.problems[:0]
			if line != nil && !torn(line) {
				c.line(line)
			}
			if len(c.problems) == 0 {
				tell(at, err.Error())
			}
		case events.IsEvent:
			c.problems = c.problems[:0]
			if c.line(line); len(c.problems) > 0 {
				lines++
			}
		default:
			return
		}
		for _, p := range c.problems {
			tell(at, p.String())
		}
	}
	counts, readErr := events.ReadInOrder(ctx, opts, discard{})
	if readErr != nil && counts.Read == 0 {
		return input.Done(readErr)
	}
	if shown < problems {
		fmt.Fprintf(out, "and %d more\n", problems-shown)
	}
	fmt.Fprintf(out, "%d problems in %d lines\n", problems, lines)
	input.Footer(out, counts)
	if out.Err != nil {
		return input.Done(out.Err)
	}
	if readErr != nil {
		return input.Done(readErr)
	}
	switch {
	case problems > 0 && counts.Looks == "":
		return cli.Exit("", input.ExitFailed)
	case counts.Used == 0:
		return cmp.Or(input.Nothing(counts), input.Usage(errors.New("nothing was checked: no line is telemetry that was asked for")))
	}
	return nil
}

// torn reports whether a line is no JSON, so that the reader has said all.
func torn(line []byte) bool { return !json.Valid(line) }

type discard struct{}

func (discard) Event(*events.Event) {}
