// Batch is a small but whole batch pipeline, with telemetry at every step. It
// reads text files, packs them into batches under a token limit, asks a provider that
// speaks the API of Gemini about each, and joins the answers into one for each prompt.
//
//	go run ./examples/batch                        # this repository's Markdown and Go files
//	go run ./examples/batch -v docs notes/todo.md  # folders and files of yours, every event shown
//	go run ./examples/batch -local-speed 1500      # a provider that takes its time, as models do
//	go run ./examples/batch -local-limit 2         # and one that turns requests away: see the retries
//	go run ./examples/batch -statsd 127.0.0.1:8125 # the telemetry to a StatsD daemon, too
//	go run ./examples/batch -prompt 'What is a scope?' -prompt 'What is a reporter?' scope reporters
//
// Several prompts are asked in one vectorized call a batch or, with -one-by-one, in a
// call each that shares the files through the provider's context cache.
//
// The provider is a server inside this process: it makes extractive summaries
// and counts tokens, and nothing leaves the machine. For the real one set
// GEMINI_API_KEY and give -endpoint https://generativelanguage.googleapis.com;
// your files are then sent there.
//
// While it runs, the scopes appear on standard error. At the end there are
// result.json (the answers, what failed, usage and metrics; docs/batch-envelope.md
// describes it), telemetry.jsonl (every event) and, on standard output, the answers
// and a report. Telemetry is
// on whatever the environment says, as showing it is what this program is for;
// -telemetry off turns it off.
//
// Exit codes: 0 all done; 1 something failed or was interrupted, the rest was
// done and result.json says what; 2 the command line or the environment is wrong.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const (
	exitOK = iota
	exitFailed
	exitUsage
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run is the program without its process. It returns the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, getenv)
	switch {
	case errors.Is(err, flag.ErrHelp):
		printUsage(stdout)
		return exitOK
	case err != nil:
		printWrongUsage(stderr, err)
		return exitUsage
	}
	ok, err := runBatch(ctx, o, stdout, stderr)
	if wrong := (usageError{}); errors.As(err, &wrong) {
		printWrongUsage(stderr, wrong)
		return exitUsage
	}
	if err != nil {
		fmt.Fprintf(stderr, "batch: %s\n", printable(err.Error()))
	}
	if !ok || err != nil {
		return exitFailed
	}
	return exitOK
}

// usageError is one of the command line that only shows when it is put to use.
type usageError struct{ error }

func printWrongUsage(stderr io.Writer, err error) {
	fmt.Fprintf(stderr, "batch: %s\nRun with -h for the flags.\n", printable(err.Error()))
}

// runBatch sets everything up, runs the pipeline and reports. It returns false
// when part of the work failed, and an error when it could not be done or its
// result could not be kept.
func runBatch(ctx context.Context, o options, stdout, stderr io.Writer) (ok bool, err error) {
	result, err := openResult(o.out, stdout)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, result.close()) }()

	screen := newScreen(stderr)
	obs, err := observe(o, screen)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, obs.close()) }()

	if o.endpoint == "" {
		server, err := startLocalServer(o.localLimit, o.localSpeed)
		if err != nil {
			return false, fmt.Errorf("start the built-in provider: %w", err)
		}
		defer server.close()
		o.endpoint = server.url
	}

	p := newPipeline(o, obs, screen)
	defer p.provider.close()
	env := p.run(ctx)
	obs.addTo(env, o)
	report := stdout
	if o.out == "-" {
		report = stderr // standard output is the JSON, for the next program
	}
	err = result.write(env)
	if err != nil {
		o.out = "-" // there is no file to name; the report is all that is left
	}
	return env.Status == statusOK, errors.Join(err, printReport(report, stderr, env, obs, o))
}
