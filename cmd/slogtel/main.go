// Slogtel reads telemetry back from the lines in which it was shipped.
//
//	go run github.com/slogtel/telemetry/cmd/slogtel report telemetry.jsonl
//
// See "slogtel help".
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/check"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/diff"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/failures"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/flame"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/page"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/report"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/slow"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/tail"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/timeline"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/top"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/trace"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // the second Ctrl-C ends the program at once
	os.Exit(run(ctx, newCommand(), os.Args))
}

// run runs the command and returns the exit code.
func run(ctx context.Context, cmd *cli.Command, args []string) int {
	err := error(nil)
	args = diff.Args(args)
	if args = withCommand(cmd, args); len(args) > 2 && slices.Contains([]string{"help", "h", "--help", "-h"}, args[1]) && cmd.Command(args[2]) == nil {
		err = unknownCommand(ctx, cmd, args[2])
	} else {
		err = cmd.Run(ctx, args)
	}
	if err == nil {
		return 0
	}
	if message := err.Error(); message != "" {
		for line := range strings.SplitSeq(message, "\n") {
			fmt.Fprintln(cmd.ErrWriter, "slogtel:", text.Clean(line))
		}
	}
	if coded, ok := err.(cli.ExitCoder); ok {
		return coded.ExitCode()
	}
	return input.ExitUsage
}

func newCommand() *cli.Command {
	root := &cli.Command{
		Name:    "slogtel",
		Usage:   "answers from shipped telemetry: where the time went, what got slower, what fails",
		Version: version(),
		Description: `Reads the JSON lines of package jsonlines, in both schemas, wherever they are: behind
prefixes, inside of JSON, in arrays and pretty-printed; from files or standard input, also
compressed (gzip, zstd, bzip2, xz) and in UTF-16. "slogtel FILE" is "slogtel report FILE".

Exit codes: 0 all well; 1 a gate failed (diff, check); 2 wrong usage, an input that cannot
be read, or one that has something in it but no telemetry; 130 interrupted, after a report
of what was read so far.

Shell completion: source <(slogtel completion bash), or zsh, fish, pwsh.`,
		EnableShellCompletion:           true,
		ConfigureShellCompletionCommand: func(c *cli.Command) { c.Hidden = false },
		Suggest:                         true,
		Reader:                          os.Stdin,
		Writer:                          os.Stdout,
		ErrWriter:                       os.Stderr,
		ExitErrHandler:                  func(context.Context, *cli.Command, error) {},
		Action:                          noCommand,
		Commands: []*cli.Command{
			report.Command(),
			slow.Command(),
			failures.Command(),
			trace.Command(),
			tail.Command(),
			top.Command(),
			flame.Command(),
			timeline.Command(),
			diff.Command(),
			page.Command(),
			check.Command(),
		},
	}
	root.OnUsageError = usageError
	for _, c := range root.Commands {
		c.OnUsageError = usageError
		c.DisableSliceFlagSeparator = true
		c.HideHelpCommand = true // so that a shell completes to files
	}
	return root
}

// usageError says what is wrong, and not all that would be right.
func usageError(_ context.Context, cmd *cli.Command, err error, _ bool) error {
	return input.Usage(fmt.Errorf("%w; see %s --help", err, cmd.FullName()))
}

// noCommand is what runs when there is no command of the name that was given, or no name.
func noCommand(ctx context.Context, cmd *cli.Command) error {
	name := cmd.Args().First()
	if name == "" {
		return cli.ShowRootCommandHelp(cmd)
	}
	return unknownCommand(ctx, cmd, name)
}

// withCommand returns args with the command that is meant where a file comes first: report.
func withCommand(cmd *cli.Command, args []string) []string {
	if len(args) < 2 || cmd.Command(args[1]) != nil || args[1] != "-" && strings.HasPrefix(args[1], "-") {
		return args
	}
	if _, err := events.Expand(args[1:2]); err != nil {
		return args
	}
	return append([]string{args[0], "report"}, args[1:]...)
}

func unknownCommand(ctx context.Context, cmd *cli.Command, name string) error {
	err := fmt.Errorf("there is no command %q", name)
	if near := cli.SuggestCommand(cmd.Commands, name); near != "" {
		err = fmt.Errorf("%w (did you mean %q?)", err, near)
	}
	return usageError(ctx, cmd, err, false)
}

// version is that of the module, or the revision that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	if v == "" {
		v = "(devel)"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && v == "(devel)" {
			v += " " + s.Value
		}
	}
	return v + " " + info.GoVersion
}
