package handlers_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/handlers/async"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
)

// A badSink does something bad with each record, and is the same with attributes.
type badSink func(context.Context, slog.Record) error

func (badSink) Enabled(context.Context, slog.Level) bool          { return true }
func (s badSink) Handle(ctx context.Context, r slog.Record) error { return s(ctx, r) }
func (s badSink) WithAttrs([]slog.Attr) slog.Handler              { return s }
func (s badSink) WithGroup(string) slog.Handler                   { return s }

// TestStacksBadSinks puts sinks that hurt behind an Async and each of the others. The
// app must not notice, the other reporter must get everything, and each record must be
// counted once. It runs in a bubble: if a call waited for the sink, all would be
// blocked, and the test fail.
func TestStacksBadSinks(t *testing.T) {
	const rounds = 300 // of three records each; the queue holds fewer
	for m := range stackable {
		if stackable[m].name == "Async" {
			continue
		}
		for name, bad := range map[string]func(release chan struct{}, outer *slog.Handler) badSink{
			"blocks": func(release chan struct{}, _ *slog.Handler) badSink {
				return func(context.Context, slog.Record) error { <-release; return nil }
			},
			"panics": func(chan struct{}, *slog.Handler) badSink {
				return func(context.Context, slog.Record) error { panic("sink") }
			},
			"fails": func(chan struct{}, *slog.Handler) badSink {
				return func(context.Context, slog.Record) error { return errors.New("sink") }
			},
			"logs": func(_ chan struct{}, outer *slog.Handler) badSink {
				return func(ctx context.Context, _ slog.Record) error {
					slog.New(*outer).InfoContext(ctx, "handled a record")
					return nil
				}
			},
		} {
			t.Run(stackable[m].name+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					release := make(chan struct{})
					defer close(release)
					var outer slog.Handler
					queue := async.New(stackable[m].wrap(bad(release, &outer)), &async.Options{
						Size: 100, ReportInterval: -1, OnError: func(context.Context, error) {},
					})
					outer = queue
					memory := memory.New(nil)
					tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: func(context.Context, error) {}}, queue, memory)

					for range rounds {
						ctx, span := tel.Start(t.Context(), "job")
						tel.Count(ctx, "n", 1)
						tel.Gauge(ctx, "v", 1)
						span.End()
					}

					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					err := tel.Shutdown(ctx)
					if name == "blocks" && stackable[m].name != "Aggregate" { // which swallows events, and blocks at the end
						assert.ErrorIs(t, err, context.DeadlineExceeded)
					}
					synctest.Wait() // tel.Shutdown does not wait for a reporter longer than ctx
					s := memory.Snapshot()
					assert.EqualValues(t, rounds, s.Scopes[0].Calls, "the other reporter")
					assert.EqualValues(t, rounds, s.Counters[0].Sum)
					st := queue.Stats()
					each := int64(3)
					if queue.WatchesScopes() {
						each++ // that a scope started
					}
					assert.GreaterOrEqual(t, st.Queued+st.Handled+st.Dropped(), each*rounds, "%+v", st)
					if name != "logs" { // which makes records of its own
						assert.Equal(t, each*rounds, st.Queued+st.Handled+st.Dropped(), "%+v", st)
					}
					assert.LessOrEqual(t, st.Queued, int64(1), "the one that the sink has: %+v", st)
				})
			})
		}
	}
}
