package sample

import (
	"log/slog"
	"testing"

	"github.com/slogtel/telemetry/internal/testkit"
)

// BenchmarkSample is what sampling adds to a handler that discards: to a timing with a
// trace id, where nothing is sampled, where it is kept, and where it is dropped.
func BenchmarkSample(b *testing.B) {
	r := testkit.TypicalTiming()
	r.AddAttrs(slog.String("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736"))
	rules := []Rule{{"api.health", -1}, {"api.*", 0.1}}
	for _, c := range []struct {
		name string
		rate float64
	}{{"rate 1", 1}, {"kept", 0.9}, {"dropped", 0.1}} {
		b.Run(c.name, func(b *testing.B) {
			h := New(&Options{Rules: rules, Rate: c.rate}).Middleware(slog.DiscardHandler)
			b.ReportAllocs()
			for b.Loop() {
				_ = h.Handle(ctx, r)
			}
		})
	}
}
