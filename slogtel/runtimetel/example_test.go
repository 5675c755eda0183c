package runtimetel_test

import (
	"context"
	"fmt"
	"time"

	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/runtimetel"
)

func ExampleRun() {
	memory := memory.New(nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, memory)

	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	runtimetel.Run(ctx, tel, &runtimetel.Options{Interval: 100 * time.Millisecond}) // most call it with go

	for _, gauge := range memory.Snapshot().Gauges {
		if gauge.Scope == "runtime.goroutines" {
			fmt.Println(gauge.Scope, gauge.Last > 0)
		}
	}
	// Output: runtime.goroutines true
}
