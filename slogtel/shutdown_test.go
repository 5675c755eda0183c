package slogtel_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel"
)

func TestFlushAndShutdownReachReporters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		slow := &reporter{
			flush:    func(context.Context) error { time.Sleep(time.Second); calls.Add(1); return nil },
			shutdown: func(context.Context) error { time.Sleep(time.Second); calls.Add(10); return nil },
		}
		failing := &reporter{
			flush:    func(context.Context) error { return errors.New("no space") },
			shutdown: func(context.Context) error { panic("worse") },
		}
		onlyFlush := flushOnly{calls: &calls}
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, discard{}, slow, slow, failing, onlyFlush)
		start := time.Now()
		err := tel.Flush(t.Context())
		assert.Equal(t, time.Second, time.Since(start), "all at once")
		assert.EqualError(t, err, "slogtel: reporter #3 *slogtel_test.reporter: no space")
		assert.Equal(t, int64(102), calls.Load())

		//lint:ignore SA1012 a nil context is what is tested
		err = tel.Shutdown(nil)
		assert.EqualError(t, err, "slogtel: reporter #3 *slogtel_test.reporter: panic: worse")
		assert.Equal(t, int64(102+102+10), calls.Load(), "all are flushed, and each is shut down once")
		assert.Equal(t, err, tel.Shutdown(t.Context()), "idempotent: the same result")
		assert.Equal(t, int64(214), calls.Load())
	})
}

type flushOnly struct {
	discard
	calls *atomic.Int64
}

func (f flushOnly) Flush(context.Context) error { f.calls.Add(100); return nil }

// Two reporters that end in the same place: what both have kept back is there before
// either shuts it down.
func TestShutdownOfReportersThatShareAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var closed, lost, arrived atomic.Int64
		keeping := func(slowness time.Duration) *reporter {
			var kept atomic.Int64
			flush := func(context.Context) error {
				time.Sleep(slowness)
				if n := kept.Swap(0); closed.Load() > 0 {
					lost.Add(n)
				} else {
					arrived.Add(n)
				}
				return nil
			}
			return &reporter{
				handle:   func(context.Context, slog.Record) error { kept.Add(1); return nil },
				flush:    flush,
				shutdown: func(ctx context.Context) error { err := flush(ctx); closed.Add(1); return err },
			}
		}
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, keeping(0), keeping(time.Second))
		for range 10 {
			tel.Count(t.Context(), "c", 1)
		}
		require.NoError(t, tel.Shutdown(t.Context()))
		assert.Zero(t, lost.Load())
		assert.Equal(t, int64(20), arrived.Load())
		assert.Equal(t, int64(2), closed.Load())
	})
}

// One that does not end its flushing leaves the others time to shut down.
func TestShutdownBesideOneThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		defer close(hang)
		down := false
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On},
			&reporter{flush: func(context.Context) error { <-hang; return nil }},
			&reporter{shutdown: func(ctx context.Context) error { down = ctx.Err() == nil; return nil }})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		require.NoError(t, tel.Shutdown(ctx), "its Shutdown did what it had to")
		assert.True(t, down)
	})
}

func TestShutdownWaitsForTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On},
			&reporter{shutdown: func(context.Context) error { time.Sleep(time.Second); return errors.New("lost 3 lines") }})
		go func() { _ = tel.Shutdown(context.Background()) }()
		synctest.Wait()
		short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		assert.ErrorIs(t, tel.Shutdown(short), context.DeadlineExceeded)
		assert.ErrorContains(t, tel.Shutdown(t.Context()), "lost 3 lines")
	})
}

func TestShutdownKeepsTheErrorOfFlush(t *testing.T) {
	lost := errors.New("refused")
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, &reporter{flush: func(context.Context) error { return lost }})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	assert.ErrorIs(t, tel.Shutdown(ctx), lost)
}
