package aggregate_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/slogtel"
)

// events prints what it is told. A summary has the figures of many events.
type events struct{}

func (events) RecordTiming(_ context.Context, t slogtel.Timing) error {
	fmt.Printf("timing   %s, %.1f s, error %q\n", t.Scope, t.Duration.Seconds(), t.Error)
	return nil
}

func (events) RecordMetric(_ context.Context, m slogtel.Metric) error {
	fmt.Printf("metric   %s %v\n", m.Scope, m.Value)
	return nil
}

func (events) RecordSummary(_ context.Context, s slogtel.Summary) error {
	fmt.Printf("summary  %s ×%d", s.Scope, s.Count)
	switch s.Type {
	case slogtel.TypeTiming:
		fmt.Printf(", %d failed, p50 %.1f s, max %.1f s", s.Errors, s.P50, s.Max)
	case slogtel.TypeCounter:
		fmt.Printf(", sum %g", s.Sum)
	}
	fmt.Println()
	return nil
}

func ExampleNew() {
	aggregate := aggregate.New(slogtel.NewHandler(events{}), &aggregate.Options{
		Interval:   time.Minute,
		SlowerThan: 5 * time.Second,
	})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, aggregate)

	ctx := context.Background()
	for i := range 1000 {
		tel.Timing(ctx, "call", 2*time.Second)
		tel.Count(ctx, "tokens", int64(i))
	}
	tel.Timing(ctx, "call", 7*time.Second)
	_ = tel.Time(ctx, "save", func(context.Context) error { return errors.New("disk full") })

	_ = tel.Shutdown(ctx) // sends what the last interval has
	// Output:
	// timing   call, 7.0 s, error ""
	// timing   save, 0.0 s, error "disk full"
	// summary  call ×1001, 0 failed, p50 2.0 s, max 7.0 s
	// summary  tokens ×1000, sum 499500
	// summary  save ×1, 1 failed, p50 0.0 s, max 0.0 s
}

// summaryKeeper keeps the summary that came last.
type summaryKeeper struct {
	events
	last slogtel.Summary
}

func (k *summaryKeeper) RecordSummary(_ context.Context, s slogtel.Summary) error {
	k.last = s
	return nil
}

func ExampleMerge() {
	ctx := context.Background()
	process := func(d time.Duration) slogtel.Summary {
		var kept summaryKeeper
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On},
			aggregate.New(slogtel.NewHandler(&kept), &aggregate.Options{Sketch: true}))
		for i := range 100 {
			tel.Timing(ctx, "call", d*time.Duration(i+1))
		}
		_ = tel.Shutdown(ctx)
		return kept.last
	}
	fast, slow := process(time.Millisecond), process(time.Second)
	both, err := aggregate.Merge(fast, slow)
	fmt.Println(both.Count, "calls", err)
	fmt.Printf("p50 %.1f s, p95 %.0f s, max %.0f s\n", both.P50, both.P95, both.Max)
	// Output:
	// 200 calls <nil>
	// p50 0.1 s, p95 90 s, max 100 s
}
