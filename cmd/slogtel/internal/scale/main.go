// Scale tries what docs/scale.md promises: many processes that each sum up their telemetry and
// ship JSON lines, read together.
//
//	go run ./cmd/slogtel/internal/scale
//	go run ./cmd/slogtel/internal/scale -processes 200 -minutes 10 -dir /tmp/fleet
//
// It keeps all durations besides, and prints how far the quantiles of "slogtel report" are from theirs, and how
// many bytes a process ships in a minute.
package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/report"
)

func main() {
	f := fleet{}
	flag.IntVar(&f.processes, "processes", 2000, "how many there are")
	flag.IntVar(&f.minutes, "minutes", 3, "how long they run; no time passes")
	flag.IntVar(&f.calls, "calls", 200, "requests of a process in a minute")
	flag.Uint64Var(&f.seed, "seed", 1, "of the random numbers")
	dir := flag.String("dir", "", "`folder` for the lines, which stay there; by default they do not")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, f, *dir); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, f fleet, dir string) error {
	if dir == "" {
		temp, err := os.MkdirTemp("", "slogtel-scale")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temp)
		dir = temp
	}
	exact, err := f.ship(ctx, dir)
	if err != nil {
		return err
	}
	packed, err := compressed(dir)
	if err != nil {
		return err
	}
	began := time.Now()
	r, err := read(ctx, dir)
	if err != nil {
		return err
	}
	took := time.Since(began)
	rows, err := compare(r, exact)
	if err != nil {
		return err
	}
	perMinute := float64(f.processes * f.minutes)
	fmt.Fprintf(w, "%d processes, %d minutes, %d requests a process and minute: %d calls in %d lines, read in %v\n\n",
		f.processes, f.minutes, f.calls, exact.events, r.Lines.Read, took.Round(time.Millisecond))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "scope\tquantile\texact\tslogtel report\toff by\t")
	for _, q := range rows {
		fmt.Fprintf(t, "%s\t%v\t%.6fs\t%.6fs\t%.2f%%\t\n", q.scope, q.q, q.exact, q.reported, 100*q.off())
	}
	t.Flush()
	fmt.Fprintf(w, "\nbytes a process and minute: %.0f as JSON lines in %.1f lines, %.0f with gzip\n", float64(r.Lines.Bytes)/perMinute, float64(r.Lines.Read)/perMinute, float64(packed)/perMinute)
	fmt.Fprintf(w, "and if each event was a line of its own: %.0f, %.0f times as many\n", exact.raw/perMinute, exact.raw/float64(r.Lines.Bytes))
	return nil
}

type counting struct{ n int64 }

func (c *counting) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// compressed returns how many bytes all lines are together, with gzip, as shippers and stores do it.
func compressed(dir string) (int64, error) {
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	var packed counting
	z := gzip.NewWriter(&packed)
	for _, name := range files {
		data, readErr := os.ReadFile(name)
		_, writeErr := z.Write(data)
		err = errors.Join(err, readErr, writeErr)
	}
	err = errors.Join(err, z.Close())
	return packed.n, err
}

// read is "slogtel report --json" of all files.
func read(ctx context.Context, dir string) (*report.Report, error) {
	var out, errs bytes.Buffer
	if err := input.Run(ctx, report.Command(), nil, &out, &errs, "--json", filepath.Join(dir, pattern)); err != nil {
		return nil, fmt.Errorf("%w: %s", err, errs.String())
	}
	r := new(report.Report)
	return r, json.Unmarshal(out.Bytes(), r)
}

// A row compares a quantile.
type row struct {
	scope           string
	q               float64
	exact, reported float64 // seconds
}

func (r row) off() float64 { return r.reported/r.exact - 1 }

// compare returns the quantiles of all scopes, or an error if a count differs.
func compare(r *report.Report, exact *truth) (rows []row, err error) {
	for name, durations := range exact.durations {
		slices.Sort(durations)
		i := slices.IndexFunc(r.Scopes, func(s report.Scope) bool { return s.Scope == name })
		if i < 0 {
			return nil, fmt.Errorf("%s is missing", name)
		}
		s := &r.Scopes[i]
		if s.Calls != int64(len(durations)) || s.Approximate {
			return nil, fmt.Errorf("%s: %d calls, and not %d", name, s.Calls, len(durations))
		}
		for q, reported := range map[float64]float64{0.5: s.P50, 0.95: s.P95, 0.99: s.P99, 1: s.Max} {
			rank := int(math.Ceil(q * float64(len(durations)) * (1 - 1e-12))) // the nearest one
			rows = append(rows, row{name, q, durations[rank-1].Seconds(), reported})
		}
	}
	i := slices.IndexFunc(r.Scopes, func(s report.Scope) bool { return s.Scope == "payment" })
	if i < 0 || r.Scopes[i].Calls != exact.payments || r.Scopes[i].Errors != exact.failed {
		return nil, fmt.Errorf("payment: not %d calls and %d errors", exact.payments, exact.failed)
	}
	for _, c := range r.Counters {
		if sum, _ := c.Sum.Int64(); sum != exact.sums[c.Scope] {
			return nil, fmt.Errorf("%s: %d, and not %d", c.Scope, sum, exact.sums[c.Scope])
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Or(cmp.Compare(a.scope, b.scope), cmp.Compare(a.q, b.q)) })
	return rows, nil
}
