package main

import (
	"fmt"
	"io"
	"strings"
)

// shownFailures is how many failures are named on the screen.
const shownFailures = 10

// printReport ends the run: what was answered, what the telemetry measured, what
// failed (on errs), and where to find more.
func printReport(w, errs io.Writer, e *envelope, obs *observation, o options) error {
	var b strings.Builder
	if e.Answer != "" {
		fmt.Fprintf(&b, "\n%s\n", printable(e.Answer))
	}
	if obs.memory != nil {
		fmt.Fprintf(&b, "\n%s", obs.memory.Report())
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	printFailures(errs, e.Failures)

	b.Reset()
	u := e.Metrics.Usage
	fmt.Fprintf(&b, "\n%s: %d files in %d batches, %d answered, %d failures; %d tokens in %d requests, %d of them retries\n",
		e.Status, e.Input.Files, e.Input.Batches, len(e.Answers), len(e.Failures), u.TotalTokens, u.Requests, u.Retries)
	var files []string
	if o.out != "-" {
		files = append(files, o.out)
	}
	if obs.memory != nil {
		files = append(files, o.telemetry)
	}
	if len(files) > 0 {
		fmt.Fprintf(&b, "see %s\n", strings.Join(files, " and "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func printFailures(w io.Writer, failures []failure) {
	if len(failures) == 0 {
		return
	}
	fmt.Fprintln(w)
	for i, f := range failures {
		if i == shownFailures {
			fmt.Fprintf(w, "batch: and %d more failures\n", len(failures)-i)
			return
		}
		fmt.Fprintf(w, "batch: %s\n", strings.ReplaceAll(printable(f.String()), "\n", " "))
	}
}
