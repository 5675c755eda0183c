package live_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/slogtel/telemetry/reporters/live"
	"github.com/slogtel/telemetry/slogtel"
)

// discard reads nothing.
type discard struct{}

func (discard) Enabled(context.Context, slog.Level) bool  { return true }
func (discard) Handle(context.Context, slog.Record) error { return nil }
func (d discard) WithAttrs([]slog.Attr) slog.Handler      { return d }
func (d discard) WithGroup(string) slog.Handler           { return d }
func (discard) RetainsRecords() bool                      { return false }

// What a scope costs the app: compare live with nothing.
func BenchmarkScope(b *testing.B) {
	for _, bc := range []struct {
		name string
		h    slog.Handler
	}{{"nothing", discard{}}, {"live", live.New(nil)}} {
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, bc.h)
		b.Run(bc.name+"/root", func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					_, span := tel.Start(context.Background(), "request", slog.String("model", "m"))
					span.End()
				}
			})
		})
		b.Run(bc.name+"/inner", func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				ctx, root := tel.Start(context.Background(), "request")
				for n := 0; pb.Next(); n++ {
					if n%10 == 0 {
						root.End()
						ctx, root = tel.Start(context.Background(), "request")
					}
					_, span := tel.Start(ctx, "query", slog.String("model", "m"))
					span.End()
				}
				root.End()
			})
		})
	}
}
