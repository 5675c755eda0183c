// Package check is the command "slogtel check": whether lines are what the schema says.
package check

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"

	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/output"
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
	tell := func(events.Position, string) {}
	if bad := opts.OnBad; bad != nil { // as --verbose has it
		var mu sync.Mutex
		tell = func(at events.Position, what string) {
			mu.Lock()
			defer mu.Unlock()
			bad(at, errors.New(what))
		}
		opts.OnBad = nil
	}
	room := collect.NewRoom(maxFaults, strings.Clone)
	var all []*sink
	counts, readErr := events.Read(ctx, opts, func() events.Sink {
		s := &sink{tell: tell, faults: faults{room: room, kinds: make(map[string]*fault), order: order}}
		s.strict = cmd.Bool("strict")
		all = append(all, s)
		return s
	})
	if readErr != nil && counts.Read == 0 {
		return input.Done(readErr)
	}
	for _, s := range all[1:] {
		all[0].merge(&s.faults)
	}
	out := &output.Sticky{W: cmd.Root().Writer}
	all[0].write(out, cmd.Int("max"))
	input.Footer(out, counts)
	if out.Err != nil {
		return input.Done(out.Err)
	}
	if readErr != nil {
		return input.Done(readErr)
	}
	switch {
	case all[0].count > 0 && counts.Looks == "":
		return cli.Exit("", input.ExitFailed)
	case counts.Used == 0:
		return cmp.Or(input.Nothing(counts), input.Usage(errors.New("nothing was checked: no line is telemetry that was asked for")))
	}
	return nil
}

// A sink checks the lines that one worker reads.
type sink struct {
	checker
	faults
	tell func(events.Position, string)
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
			s.add(p.key+"\x00"+p.want, at, p.String)
			s.tell(at, p.String())
		}
	case v == events.IsBad:
		s.lines++
		s.add(kindOf(err.Error()), at, err.Error)
		s.tell(at, err.Error())
	}
}
