// Package check is the command "slogtel check": whether lines are what the schema says.
package check

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"

	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
)

const description = `Compares telemetry lines with the schema that they are in, Flat or ECS, and says
which line, which key, and what was expected:

   telemetry.jsonl:17: depth: expected a whole number that is not negative, found "3"
       41 times: also telemetry.jsonl:18, telemetry.jsonl:23, …

What is wrong in the same way is said once, with the first places and how often it is;
--verbose tells of each on standard error. Ordinary logs and the caller's own
attributes are not looked at. The exit code is 1 when a line is torn or differs from its
schema, and 2 when there is nothing to check. With --strict scope names must be what
scope.Validate accepts.

Examples:

   slogtel check telemetry.jsonl
   slogtel check --strict 'logs/*.jsonl.zst'
   docker logs app 2>&1 | slogtel check --max 5`

// Command returns the command.
func Command() *cli.Command {
	return input.Command("check", "validate lines against the schema: which line, which key, what was expected", description, run,
		&cli.BoolFlag{Name: "strict", Usage: "scope names too"},
		&cli.IntFlag{Name: "max", Value: 100, Usage: "show no more than `N` kinds of problems; 0: all"},
	)
}

func run(ctx context.Context, cmd *cli.Command) error {
	if err := input.AtLeast(cmd, 0, "max"); err != nil {
		return err
	}
	opts, err := input.Options(cmd)
	if err != nil {
		return err
	}
	names, err := events.Expand(opts.Inputs)
	if err != nil {
		return input.Usage(err)
	}
	order := make(map[string]int, len(names))
	for i, name := range names {
		order[name] = i
	}
	tell := func(events.Position, error) {}
	if bad := opts.OnBad; bad != nil { // as --verbose has it
		tell, opts.OnBad = bad, nil
	}
	room := collect.NewRoom[string](maxFaults)
	all, read, err := input.Collect(ctx, opts, func() *sink {
		s := &sink{tell: tell}
		s.strict, s.faults = cmd.Bool("strict"), newFaults(room, order, &s.Turn)
		return s
	}, func(into, from *sink) { into.merge(&from.faults) })
	if err != nil {
		return err
	}
	counts, out := read.Counts, bufio.NewWriter(cmd.Root().Writer)
	all.write(out, cmd.Int("max"))
	input.Footer(out, counts)
	if err := cmp.Or(out.Flush(), read.Err); err != nil {
		return input.Done(err)
	}
	switch {
	case all.count > 0 && counts.Looks == "":
		return cli.Exit("", input.ExitFailed)
	case counts.Used == 0:
		return cmp.Or(input.Nothing(counts), input.Usage(errors.New("nothing was checked: no line is telemetry that was asked for")))
	}
	return nil
}

// A sink checks the lines that one worker reads.
type sink struct {
	events.Turn
	checker
	faults
	tell func(events.Position, error)
}

// Event implements [events.Sink]. The line has been looked at.
func (*sink) Event(*events.Event) {}

// Line implements [events.LineSink].
func (s *sink) Line(at events.Position, line []byte, v events.Verdict, err error) {
	if v == events.IsSkipped {
		return
	}
	s.problems = s.problems[:0]
	if v == events.IsEvent || line != nil && json.Valid(line) { // of one that is torn the reader has said all
		s.line(line)
	}
	switch {
	case len(s.problems) > 0:
		s.lines++
		for _, p := range s.problems {
			s.add(p.key+"\x00"+p.want, at, p)
			s.tell(at, p)
		}
	case v == events.IsBad:
		s.lines++
		s.add(kindOf(err.Error()), at, err)
		s.tell(at, err)
	}
}
