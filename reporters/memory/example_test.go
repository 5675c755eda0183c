package memory_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

func ExampleHandler() {
	mem := memory.New(nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, mem)

	ctx := context.Background()
	tel.Timing(ctx, "pipeline", 2*time.Second)
	in := scope.NewContext(ctx, scope.Info{Path: "pipeline"})
	for i := range 10 {
		tel.Timing(in, "call", time.Duration(i+1)*30*time.Millisecond)
		tel.Count(in, "tokens", 250)
	}
	tel.Timing(in, "plan", 300*time.Millisecond)
	tel.Gauge(in, "budget", 0.82)

	fmt.Print(mem.Report())
	// Output:
	// SCOPE     CALLS  ERRORS  TOTAL   MEAN    P50    P95    P99    MAX  OF PARENT
	// pipeline      1       0     2s     2s     2s     2s     2s     2s          -
	//   call       10       0  1.65s  165ms  150ms  300ms  300ms  300ms      82.5%
	//   plan        1       0  300ms  300ms  300ms  300ms  300ms  300ms        15%
	//
	// COUNTER          EVENTS   SUM
	// pipeline.tokens      10  2500
	//
	// GAUGE            EVENTS  LAST   MIN   MAX
	// pipeline.budget       1  0.82  0.82  0.82
	//
	// p50, p95 and p99 are within 1 %
}

func ExampleHandler_Snapshot() {
	mem := memory.New(nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, mem)
	_ = tel.Time(context.Background(), "call", func(context.Context) error {
		return errors.New("status 503")
	})
	for _, s := range mem.Snapshot().Scopes {
		fmt.Printf("%s: %d of %d calls failed, last: %s\n", s.Scope, s.Errors, s.Calls, s.LastError)
	}
	// Output: call: 1 of 1 calls failed, last: status 503
}
