package main

import (
	"fmt"
	"io"
	"strings"
)

// What is shown at most on the screen; result.json has all of it.
const (
	shownLines    = 12 // of all answers together, but two of each
	shownFailures = 10
)

// printReport ends the run: what was answered, what the telemetry measured, what
// failed (on errs), and where to find more.
func printReport(w, errs io.Writer, e *envelope, obs *observation, o options) error {
	var b strings.Builder
	writeAnswers(&b, e.Answers)
	if obs.file != nil {
		report := obs.memory.Report()
		if !o.verbose { // the table of scopes; the metrics are in the files
			report, _, _ = strings.Cut(report, "\nCOUNTER")
		}
		fmt.Fprintf(&b, "\n%s", report)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	printFailures(errs, e.Failures)

	b.Reset()
	writeTotals(&b, e)
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

// writeAnswers names the prompts where there are several.
func writeAnswers(b *strings.Builder, answers []promptAnswer) {
	for i, a := range answers {
		if len(answers) > 1 {
			fmt.Fprintf(b, "\n%d. %s", i+1, strings.ReplaceAll(printable(shorten(a.Question, 100)), "\n", " "))
			if !a.Answered {
				b.WriteString("\n(no answer)\n")
			}
		}
		if a.Text == "" {
			continue
		}
		lines := strings.Split(printable(a.Text), "\n")
		limit := max(2, shownLines/len(answers))
		fmt.Fprintf(b, "\n%s\n", strings.Join(lines[:min(limit, len(lines))], "\n"))
		if more := len(lines) - limit; more > 0 {
			fmt.Fprintf(b, "… and %d more lines\n", more)
		}
	}
}

// writeTotals writes a line for the run, and one for each thing that not every run has.
func writeTotals(b *strings.Builder, e *envelope) {
	u, m := e.Usage, e.Metrics
	status := e.Status
	if e.Interrupted {
		status += ", interrupted"
	}
	fmt.Fprintf(b, "\n%s: files %d, batches %d, answered %d, failures %d; requests %d, retries %d, tokens %d\n",
		status, e.Input.Files, e.Input.Batches, len(e.Parts), len(e.Failures), u.Requests, u.Retries, u.TotalTokens)
	if s := m.Savings; e.Input.Prompts > 1 {
		fmt.Fprintf(b, "saved against asking one by one (%s): calls %d, tokens %d, seconds %.3g\n", s.Method, s.Calls, s.Tokens, s.Seconds)
	}
	if c := m.Cache; c != nil {
		fmt.Fprintf(b, "cache: hits %d, misses %d; created %d, refused %d, deleted %d\n", c.Hits, c.Misses, c.Created, c.Refused, c.Deleted)
	}
	if f := m.Fallback; f != nil && f.Calls > 0 {
		fmt.Fprintf(b, "fallback %s: calls %d, answered %d\n", printable(f.Model), f.Calls, f.Answered)
	}
	if f := m.StatsD; f != nil {
		fmt.Fprintf(b, "statsd %s: sent %d of %d events in %d packets", printable(f.Address), f.Sent, f.Events, f.Packets)
		if f.Sent < f.Events {
			fmt.Fprintf(b, "; dropped %d, skipped %d; %s", f.Dropped, f.Skipped, printable(f.LastError))
		}
		b.WriteString("\n")
	}
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
