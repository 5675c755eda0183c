// Aggregate rolls up a scope that is called very often: two workers make 100,000 calls
// each, and of both together there are a few lines. Calls that fail or take long still
// have a line of their own. At the end the summaries of the two are merged into one,
// whose quantiles are as good as those of each.
//
//	go run ./examples/aggregate [-n calls]
//
// It exits with 1 when the summaries cannot be merged and with 2 for a wrong flag.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	slogmulti "github.com/samber/slog-multi"

	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/slogtel"
)

func main() {
	calls := flag.Int("n", 100_000, "`calls` of each worker")
	flag.Parse()
	if flag.NArg() > 0 || *calls < 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*calls, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "aggregate:", err)
		os.Exit(1)
	}
}

func run(calls int, out io.Writer) error {
	var lookups slogtel.Summary // of both
	var exact []time.Duration
	for seed, typical := range []time.Duration{2 * time.Millisecond, 9 * time.Millisecond} {
		w := worker{rand: rand.New(rand.NewPCG(1, uint64(seed))), typical: typical}
		fmt.Fprintf(out, "worker %d:\n", seed+1)
		summaries, err := w.work(calls, out)
		if err != nil {
			return err
		}
		for _, s := range summaries {
			if s.Scope != "cache.lookup" {
				continue
			}
			if lookups, err = aggregate.Merge(lookups, s); err != nil {
				return err
			}
		}
		exact = append(exact, w.took...)
	}
	fmt.Fprintf(out, "\nboth: %d lookups, %d failed\n", lookups.Count, lookups.Errors)
	slices.Sort(exact)
	for _, q := range []struct {
		name  string
		share float64
		value float64
	}{{"p50", 0.5, lookups.P50}, {"p95", 0.95, lookups.P95}, {"p99", 0.99, lookups.P99}} {
		if len(exact) > 0 {
			want := exact[int(math.Ceil(q.share*float64(len(exact))))-1]
			fmt.Fprintf(out, "%s %.3f ms (exactly: %.3f ms)\n", q.name, 1000*q.value, 1000*want.Seconds())
		}
	}
	return nil
}

// worker stands for a process of its own.
type worker struct {
	rand    *rand.Rand
	typical time.Duration
	took    []time.Duration
}

// work does its calls and returns the summaries of them.
func (w *worker) work(calls int, out io.Writer) ([]slogtel.Summary, error) {
	var kept summaries
	aggregate := aggregate.New(
		slogmulti.Fanout(console.New(out, nil), slogtel.NewHandler(&kept)),
		&aggregate.Options{
			Interval:   time.Minute,
			SlowerThan: 20 * w.typical,
			Sketch:     true, // so that summaries can be merged
		})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, aggregate)
	ctx := context.Background()
	for i := range calls {
		w.lookup(ctx, tel, i)
	}
	err := tel.Shutdown(ctx) // sends the last interval
	return kept, err
}

var errRefused = errors.New("connection refused")

// lookup is the hot scope. It does not wait, but says how long it would have taken.
func (w *worker) lookup(ctx context.Context, tel *slogtel.Telemetry, i int) {
	d := time.Duration(float64(w.typical) * math.Exp(0.6*w.rand.NormFloat64()))
	if i%40_000 == 12_345 {
		d = 50 * w.typical // now and then one is slow
	}
	w.took = append(w.took, d)
	tel.Timing(ctx, "cache.lookup", d)
	tel.Count(ctx, "cache.bytes", int64(100+w.rand.IntN(900)))
	if i%30_000 == 20_000 {
		_ = tel.Time(ctx, "cache.refill", func(context.Context) error { return errRefused }, slog.Int("call", i))
	}
}

// summaries is a reporter that keeps summaries. What an app would do with them: send
// them to a place where those of all processes meet.
type summaries []slogtel.Summary

func (s *summaries) RecordTiming(context.Context, slogtel.Timing) error { return nil }
func (s *summaries) RecordMetric(context.Context, slogtel.Metric) error { return nil }

func (s *summaries) RecordSummary(_ context.Context, sum slogtel.Summary) error {
	*s = append(*s, sum)
	return nil
}
