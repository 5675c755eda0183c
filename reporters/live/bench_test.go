package live_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/slogtel/telemetry/reporters/live"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// discard reads nothing.
type discard struct{}

func (discard) Enabled(context.Context, slog.Level) bool  { return true }
func (discard) Handle(context.Context, slog.Record) error { return nil }
func (d discard) WithAttrs([]slog.Attr) slog.Handler      { return d }
func (d discard) WithGroup(string) slog.Handler           { return d }
func (discard) RetainsRecords() bool                      { return false }

// A watcher is also told of scopes that start.
type watcher struct{}

func (w watcher) Enabled(context.Context, slog.Level) bool  { return true }
func (w watcher) Handle(context.Context, slog.Record) error { return nil }
func (w watcher) WithAttrs([]slog.Attr) slog.Handler        { return w }
func (w watcher) WithGroup(string) slog.Handler             { return w }
func (w watcher) RetainsRecords() bool                      { return false }
func (w watcher) ScopeStarted(context.Context, scope.Info)  {}

// What a scope costs the app: compare live with nothing, and with the watcher, which is told of scopes that start
// and does nothing. The least of many runs on a busy two-core machine was, in ns without and with the collector:
//
//	          nothing      watcher      live
//	root      217, 300     264, 365     440, 560
//	inner     240, 365     292, 415     540, 655
//
// The page docs/live.md has the parts.
func BenchmarkScope(b *testing.B) {
	for _, bc := range []struct {
		name string
		h    slog.Handler
	}{{"nothing", discard{}}, {"watcher", watcher{}}, {"live", live.New(nil)}} {
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
