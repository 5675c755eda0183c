package slogteltest_test

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// plan is the code under test.
func plan(ctx context.Context, tel *slogtel.Telemetry, files ...string) {
	ctx, span := tel.Start(ctx, "pipeline.plan")
	defer span.End()
	for _, f := range files {
		tel.Count(ctx, "files", 1, slog.String("file", f))
	}
	tel.Gauge(ctx, "batches", float64(len(files)/2))
}

func Example() {
	tel, rec := slogteltest.New(nil) // in a test: New(t)

	plan(context.Background(), tel, "a.md", "b.md", "c.go")

	fmt.Println(len(rec.Timings("pipeline.plan")), "call")
	fmt.Println(rec.Sum("pipeline.plan.files"), "files")
	fmt.Println(rec.Sum("pipeline.plan.files", slog.String("file", "c.go")), "of them c.go")
	batches, _ := rec.Last("pipeline.plan.batches")
	fmt.Println(batches, "batch")
	// Output:
	// 1 call
	// 3 files
	// 1 of them c.go
	// 1 batch
}

func ExampleRecorder_String() {
	tel, rec := slogteltest.New(nil)
	plan(context.Background(), tel, "a.md", "b.md")
	ctx, _ := tel.Start(context.Background(), "pipeline")
	tel.Metric(ctx, "state", "ready")
	fmt.Print(rec)
	// Output:
	// timing   pipeline.plan          1 call
	// gauge    pipeline.plan.batches  1 event, last 1
	// counter  pipeline.plan.files    2 events, sum 2
	// metric   pipeline.state         1 event, last "ready"
	// open     pipeline               started at example_test.go:42
}

func ExampleRecorder_Open() {
	tel, rec := slogteltest.New(nil)
	ctx, outer := tel.Start(context.Background(), "outer")
	_, _ = tel.Start(ctx, "forgotten")
	outer.End()
	fmt.Println(rec.Open())
	// Output: [outer.forgotten]
}
