package sqltel

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel"
)

func TestStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, rec := open(t, newFake(), nil)
		db.SetMaxOpenConns(1)
		ctx, cancel := context.WithCancel(t.Context())
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: rec.OnError}, rec)
		done := make(chan struct{})
		go func() {
			defer close(done)
			Stats(ctx, db, tel, 0, slog.String("pool", "main"))
		}()
		synctest.Wait()
		sum := func(name string) float64 { v, _ := rec.Last("sql.pool."+name, slog.String("pool", "main")); return v }
		assert.Equal(t, []float64{1, 1, 0, 1}, []float64{sum("max_open"), sum("open"), sum("in_use"), sum("idle")})
		assert.Len(t, rec.Metrics(""), 4, "nothing since the last report")

		first, err := db.Conn(t.Context())
		require.NoError(t, err)
		go func() {
			if second, err := db.Conn(t.Context()); assert.NoError(t, err) {
				assert.NoError(t, second.Close())
			}
		}()
		time.Sleep(time.Second)
		require.NoError(t, first.Close())
		db.SetMaxIdleConns(0)
		time.Sleep(DefaultInterval)
		synctest.Wait()
		assert.EqualValues(t, 1, rec.Sum("sql.pool.waits"))
		assert.InDelta(t, 1, sum("wait_s"), 1e-9)
		assert.EqualValues(t, 1, rec.Sum("sql.pool.closed_idle"))
		assert.Zero(t, sum("open"))
		cancel()
		<-done
		n := len(rec.Metrics(""))
		time.Sleep(time.Hour)
		assert.Len(t, rec.Metrics(""), n)

		Stats(ctx, db, tel, 0)
		Stats(t.Context(), nil, tel, 0)
		var none context.Context
		Stats(none, db, nil, 0)
		require.NoError(t, tel.Shutdown(t.Context()))
		Stats(t.Context(), db, tel, 0)
		assert.Len(t, rec.Metrics(""), n)
	})
}
