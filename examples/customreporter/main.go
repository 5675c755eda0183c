// Customreporter sends telemetry to a place that this library does not know: a
// table for a spreadsheet. A reporter of your own is two methods, and nothing to
// inherit from or to register with.
//
//	go run ./examples/customreporter > telemetry.csv
package main

import (
	"context"
	"encoding/csv"
	"io"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/slogtel/telemetry/slogtel"
)

// csvReporter writes a row for each event. Events come from many goroutines at
// once; here a mutex puts them in order.
type csvReporter struct {
	mu sync.Mutex
	w  *csv.Writer
}

var _ slogtel.Reporter = (*csvReporter)(nil)

func newCSVReporter(w io.Writer) *csvReporter {
	r := &csvReporter{w: csv.NewWriter(w)}
	_ = r.w.Write([]string{"time", "kind", "scope", "value", "error"}) // a failure comes again with the first row
	return r
}

// RecordTiming is called for each scope that ends.
func (r *csvReporter) RecordTiming(_ context.Context, t slogtel.Timing) error {
	return r.row(t.End, "timing", t.Scope, strconv.FormatFloat(t.Duration.Seconds(), 'f', -1, 64), t.Error)
}

// RecordMetric is called for each counter, gauge, histogram and plain metric.
func (r *csvReporter) RecordMetric(_ context.Context, m slogtel.Metric) error {
	return r.row(m.Time, string(m.Type), m.Scope, m.Value.String(), "")
}

// row returns an error to the telemetry, which hands it to Options.OnError.
func (r *csvReporter) row(at time.Time, cells ...string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.w.Write(slices.Insert(cells, 0, at.UTC().Format("2006-01-02T15:04:05.000000Z"))); err != nil {
		return err
	}
	r.w.Flush()
	return r.w.Error()
}

func main() {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, slogtel.NewHandler(newCSVReporter(os.Stdout)))
	ctx, span := tel.Start(context.Background(), "sort")
	defer span.End()
	for n := 1000; n <= 100_000; n *= 10 {
		sortNumbers(ctx, tel, n)
	}
}

// sortNumbers sorts n numbers, in a scope of its own.
func sortNumbers(ctx context.Context, tel *slogtel.Telemetry, n int) {
	ctx, span := tel.Start(ctx, "run", slog.Int("n", n))
	defer span.End()
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i * 7919 % n
	}
	compared := int64(0)
	slices.SortFunc(numbers, func(a, b int) int { compared++; return a - b })
	tel.Count(ctx, "compared", compared)
}
