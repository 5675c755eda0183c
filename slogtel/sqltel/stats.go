package sqltel

import (
	"cmp"
	"context"
	"database/sql"
	"log/slog"
	"time"

	"github.com/slogtel/telemetry/slogtel"
)

// DefaultInterval is the time between two reports of [Stats] if none is given.
const DefaultInterval = 10 * time.Second

// Stats reports the pool of db to tel until ctx is done, the first time at once: the figures
// of [sql.DBStats], see the package documentation. It starts no goroutine of its own: most
// programs call it as go sqltel.Stats(ctx, db, tel, 0). It returns at once when db or tel is nil or tel
// is off, and at the next report after tel was shut down. A nil ctx counts as context.Background(),
// an interval of 0 or less as DefaultInterval. The attributes are on each event: with several
// pools one should name the pool, as db.client.connection.pool.name.
func Stats(ctx context.Context, db *sql.DB, tel *slogtel.Telemetry, interval time.Duration, attrs ...slog.Attr) {
	ctx = cmp.Or(ctx, context.Background())
	if db == nil || !tel.Enabled() || ctx.Err() != nil {
		return
	}
	if interval <= 0 {
		interval = DefaultInterval
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for last := (*sql.DBStats)(nil); tel.Enabled(); {
		last = report(ctx, tel, db.Stats(), last, attrs)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// report sends what the pool is now, and what has happened since the last report.
func report(ctx context.Context, tel *slogtel.Telemetry, s sql.DBStats, last *sql.DBStats, attrs []slog.Attr) *sql.DBStats {
	gauge := func(name string, v int) { tel.Gauge(ctx, "sql.pool."+name, float64(v), attrs...) }
	if s.MaxOpenConnections > 0 {
		gauge("max_open", s.MaxOpenConnections)
	}
	gauge("open", s.OpenConnections)
	gauge("in_use", s.InUse)
	gauge("idle", s.Idle)
	if last == nil {
		return &s
	}
	count := func(name string, n int64) {
		if n > 0 {
			tel.Count(ctx, "sql.pool."+name, n, attrs...)
		}
	}
	count("waits", s.WaitCount-last.WaitCount)
	if waited := s.WaitDuration - last.WaitDuration; waited > 0 {
		tel.CountFloat(ctx, "sql.pool.wait_s", waited.Seconds(), attrs...)
	}
	count("closed_idle", s.MaxIdleClosed-last.MaxIdleClosed)
	count("closed_idle_time", s.MaxIdleTimeClosed-last.MaxIdleTimeClosed)
	count("closed_lifetime", s.MaxLifetimeClosed-last.MaxLifetimeClosed)
	return &s
}
