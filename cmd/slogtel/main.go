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
	"regexp"
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
	"github.com/slogtel/telemetry/cmd/slogtel/internal/output"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/page"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/remote"
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
	var paged *output.Pager
	if isPaged(args) {
		if paged = output.NewPager(cmd.Writer, cmd.ErrWriter); paged != nil {
			cmd.Writer = paged
		}
	}
	args = diff.Args(args)
	args = withCommand(cmd, args)
	if topic := helpTopic(args); topic != "" && cmd.Command(topic) == nil {
		err = unknownCommand(ctx, cmd, topic)
	} else {
		err = cmd.Run(ctx, args)
	}
	paged.Close()
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
prefixes, inside of JSON, in arrays and pretty-printed; from files, standard input, or URLs, also
compressed (gzip, zstd, bzip2, xz) and in UTF-16. "slogtel FILE" is "slogtel report FILE".

At three in the morning: report, where the time goes; errors, what fails; slow, what took longest and why; and
trace ID, all of one of these.

Exit codes: 0 all well; 1 a gate failed (diff, check); 2 wrong usage, an input that cannot
be read, or one that has something in it but no telemetry; 130 interrupted, after a report
of what was read so far.

` + input.Conditions + "\n\n" + input.Times + "\n\n" + remote.Help + `

Shell completion: source <(slogtel completion bash), or zsh, fish, pwsh. Manual page: slogtel man | man -l -`,
		EnableShellCompletion:           true,
		ConfigureShellCompletionCommand: func(c *cli.Command) { c.Hidden = false },
		Suggest:                         true,
		Reader:                          os.Stdin,
		Writer:                          os.Stdout,
		ErrWriter:                       os.Stderr,
		ExitErrHandler:                  func(context.Context, *cli.Command, error) {},
		Action:                          noCommand,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "no-pager", Usage: "print to a terminal as it is, and not through PAGER or less"},
		},
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
			manCommand(),
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

// usageError says what is wrong, and not all that would be right, nor which function of Go found it.
func usageError(_ context.Context, cmd *cli.Command, err error, _ bool) error {
	return input.Usage(fmt.Errorf("%s; see %s --help", ofStrconv.ReplaceAllString(err.Error(), ": "), cmd.FullName()))
}

var ofStrconv = regexp.MustCompile(`: strconv\.\w+: parsing "(?:[^"\\]|\\.)*": `)

// noCommand is what runs when there is no command of the name that was given, or no name.
func noCommand(ctx context.Context, cmd *cli.Command) error {
	name := cmd.Args().First()
	if name == "" {
		return cli.ShowRootCommandHelp(cmd)
	}
	return unknownCommand(ctx, cmd, name)
}

// isPaged reports whether what a command prints is to be read page by page: all but what goes on as it comes, or is for a file.
func isPaged(args []string) bool {
	if slices.Contains(args, "--no-pager") {
		return false
	}
	if len(args) > 1 {
		switch args[1] {
		case "completion", "tail", "top", "check", "flame", "timeline", "html":
			return slices.Contains(args, "--help") || slices.Contains(args, "-h")
		}
	}
	return true
}

// firstWord returns where the first argument is that is not --no-pager.
func firstWord(args []string) int {
	i := 1
	for i < len(args) && args[i] == "--no-pager" {
		i++
	}
	return i
}

// helpTopic returns the command that help is asked for, and "" where it is for all of them.
func helpTopic(args []string) string {
	i := firstWord(args)
	if i+1 >= len(args) || !slices.Contains([]string{"help", "h", "--help", "-h"}, args[i]) {
		return ""
	}
	if topic := args[i+1]; !strings.HasPrefix(topic, "-") && topic != "help" && topic != "h" {
		return topic
	}
	return ""
}

// withCommand returns args with the command that is meant where a file comes first: report.
func withCommand(cmd *cli.Command, args []string) []string {
	first := firstWord(args)
	at := first
	if at < len(args) && args[at] == "--" {
		at++
	}
	if len(args) <= at || at == first && cmd.Command(args[at]) != nil || at == first && args[at] != "-" && strings.HasPrefix(args[at], "-") {
		return args
	}
	if _, err := events.Expand(args[at : at+1]); err != nil && !remote.Is(args[at]) {
		return args
	}
	return slices.Insert(slices.Clone(args), first, "report")
}

func unknownCommand(ctx context.Context, cmd *cli.Command, name string) error {
	err := fmt.Errorf("there is no command %q, and no file", name)
	// The library always finds one, and takes aliases too: it is worth a word if it begins alike.
	if near := cli.SuggestCommand(cmd.Commands, name); len(near) > 1 && near[0] == name[0] && !strings.ContainsAny(name, "./*") {
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
