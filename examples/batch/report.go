package main

import (
	"fmt"
	"io"
	"strings"
)

// What is shown at most on the screen; result.json has all of it.
const (
	shownLines    = 12 // of the answer
	shownFailures = 10
)

// printReport ends the run: what was answered, what the telemetry measured, what
// failed (on errs), and where to find more.
func printReport(w, errs io.Writer, e *envelope, obs *observation, o options) error {
	var b strings.Builder
	if e.Answer != "" {
		lines := strings.Split(printable(e.Answer), "\n")
		fmt.Fprintf(&b, "\n%s\n", strings.Join(lines[:min(shownLines, len(lines))], "\n"))
		if more := len(lines) - shownLines; more > 0 {
			fmt.Fprintf(&b, "… and %d more lines\n", more)
		}
	}
	if obs.file != nil {
		fmt.Fprintf(&b, "\n%s", obs.memory.Report())
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	printFailures(errs, e.Failures)

	b.Reset()
	u := e.Metrics.Usage
	fmt.Fprintf(&b, "\n%s: files %d, batches %d, answered %d, failures %d; requests %d, retries %d, tokens %d\n",
		e.Status, e.Input.Files, e.Input.Batches, len(e.Answers), len(e.Failures), u.Requests, u.Retries, u.TotalTokens)
	if f := e.Metrics.StatsD; f != nil {
		fmt.Fprintf(&b, "statsd %s: sent %d of %d events in %d packets", printable(f.Address), f.Sent, f.Events, f.Packets)
		if f.Sent < f.Events {
			fmt.Fprintf(&b, "; dropped %d, skipped %d; %s", f.Dropped, f.Skipped, printable(f.LastError))
		}
		b.WriteString("\n")
	}
	var files []string
	if o.out != "-" {
		files = append(files, o.out)
	}
	if obs.file != nil {
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
