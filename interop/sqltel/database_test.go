package sqltel

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"modernc.org/sqlite"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
	"github.com/slogtel/telemetry/slogtel/sqltel"
)

// A database is a real one.
type database struct {
	system, driver, dsn string
	duplicate           string // code of a unique violation
	slow                string // a query that does not end soon
}

func databases(t *testing.T) []database {
	all := []database{{"sqlite", "sqlite", "file:" + filepath.Join(t.TempDir(), "test.db") + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(wal)", "2067",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"}}
	if dsn := postgres(t); dsn != "" {
		all = append(all, database{"postgresql", "pgx", dsn, "23505", "SELECT count(*) FROM generate_series(1, 10000000000)"})
	}
	return all
}

func newTelemetry(t testing.TB) (*slogtel.Telemetry, *slogteltest.Recorder) {
	rec := slogteltest.NewRecorder(t)
	return slogtel.New(&slogtel.Options{Mode: slogtel.On, StrictScopes: slogtel.On, TraceIDs: true, OnError: rec.OnError}, rec), rec
}

// use does what a program does, and returns what it saw.
func use(t *testing.T, ctx context.Context, db *sql.DB) (seen []string) { //nolint:revive // t comes first
	see := func(format string, args ...any) { seen = append(seen, fmt.Sprintf(format, args...)) }
	exec := func(query string, args ...any) {
		res, err := db.ExecContext(ctx, query, args...)
		see("%v", err)
		if err == nil {
			n, err := res.RowsAffected()
			see("%d %v", n, err)
		}
	}
	see("%v", db.PingContext(ctx))
	exec("DROP TABLE IF EXISTS users")
	exec("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE, score NUMERIC(5, 2), at TIMESTAMP)")
	exec("INSERT INTO users (id, name, score, at) VALUES ($1, $2, $3, $4)", 1, "ann", 1.5, time.Unix(1e9, 0).UTC())
	exec("INSERT INTO users (id, name) VALUES ($1, $2), (3, 'cat')", 2, "bob")
	exec("INSERT INTO users (id, name) VALUES ($1, $2)", 4, "bob")
	exec("INSERT INTO users (id, name) VALUES ($1, $2)", 4)
	exec("SELEKT secret_word FROM users")
	exec("UPDATE users SET score = 2 WHERE id > $1", 1)

	rows, err := db.QueryContext(ctx, "SELECT id, name, score FROM users ORDER BY id")
	require.NoError(t, err)
	types, err := rows.ColumnTypes()
	see("%v", err)
	for _, c := range types {
		length, hasLength := c.Length()
		null, hasNull := c.Nullable()
		precision, scale, hasScale := c.DecimalSize()
		see("%s %s %v %d %v %v %v %d %d %v", c.Name(), c.DatabaseTypeName(), c.ScanType(), length, hasLength, null, hasNull, precision, scale, hasScale)
	}
	for rows.Next() {
		var id int
		var name string
		var score sql.NullFloat64
		see("%v", rows.Scan(&id, &name, &score))
		see("%d %s %v", id, name, score)
	}
	see("%v %v", rows.Err(), rows.Close())

	var n int
	see("%v", db.QueryRowContext(ctx, "SELECT id FROM users WHERE name = $1", "nobody").Scan(&n))
	st, err := db.PrepareContext(ctx, "SELECT count(*) FROM users WHERE id < $1")
	require.NoError(t, err)
	for i := range 3 {
		see("%v", st.QueryRowContext(ctx, i).Scan(&n))
		see("%d", n)
	}
	see("%v", st.Close())
	tx, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(ctx, "DELETE FROM users")
	see("%v %v", err, tx.Rollback())
	tx, err = db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
	see("%v", err)
	if err == nil {
		_, err = tx.ExecContext(ctx, "DELETE FROM users WHERE id = 1")
		see("%v %v", err, tx.Commit())
	}
	see("%v", db.QueryRowContext(ctx, "SELECT count(*) FROM users").Scan(&n))
	see("%d", n)
	return seen
}

// The program sees the same with telemetry as without, and the telemetry says what was done.
func TestRealDrivers(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.system, func(t *testing.T) {
			bare, err := sql.Open(d.driver, d.dsn)
			require.NoError(t, err)
			want := use(t, t.Context(), bare)
			require.NoError(t, bare.Close())

			tel, rec := newTelemetry(t)
			db, err := sqltel.Open(d.driver, d.dsn, tel, nil)
			require.NoError(t, err)
			ctx, span := tel.Start(t.Context(), "request")
			assert.Equal(t, want, use(t, ctx, db))
			span.End()
			require.NoError(t, db.Close())
			rec.CheckNoOpenScopes(t)

			counts := map[string]int{}
			for _, x := range rec.Timings("", slog.String("db.system.name", d.system)) {
				counts[strings.TrimPrefix(x.Scope, "request.")]++
			}
			assert.Equal(t, map[string]int{
				"sql.drop.users": 1, "sql.create.users": 1, "sql.insert.users": 4, "sql.update.users": 1, "sql.exec": 1, "sql.select.users": 6,
				"sql.prepare": 1, "sql.begin": 2, "sql.rollback": 1, "sql.commit": 1, "sql.delete.users": 2, "sql.ping": 1, "sql.connect": 1,
			}, counts)
			inserts := rec.Timings("request.sql.insert.users")
			has := func(x slogtel.Timing, want slog.Attr) {
				t.Helper()
				for _, a := range x.Attrs {
					if a.Equal(want) {
						return
					}
				}
				t.Errorf("no %v in %v", want, x.Attrs)
			}
			has(inserts[1], slog.Int("db.response.affected_rows", 2))
			has(inserts[2], slog.String("db.response.status_code", d.duplicate))
			has(rec.Timings("request.sql.select.users")[0], slog.Int("db.response.returned_rows", 3))
			assert.NotContains(t, rec.String(), "bob")
			assert.NotContains(t, rec.Timings("request.sql.exec")[0].Error, "secret_word FROM")
		})
	}
}

// A query that is canceled says so, whatever the driver's error is.
func TestCanceled(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.system, func(t *testing.T) {
			tel, rec := newTelemetry(t)
			db, err := sqltel.Open(d.driver, d.dsn, tel, nil)
			require.NoError(t, err)
			require.NoError(t, db.PingContext(t.Context()))
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(200*time.Millisecond, cancel)
			var n int
			require.Error(t, db.QueryRowContext(sqltel.WithName(ctx, "count_all"), d.slow).Scan(&n))
			require.NoError(t, db.Close())
			rec.CheckNoOpenScopes(t)
			x := rec.Timings("count_all")
			require.Len(t, x, 1)
			assert.True(t, x[0].Canceled, "%+v", x[0])
			assert.Empty(t, x[0].Error)
		})
	}
}

// Connections are wrapped whichever way they came, and a program finds the driver's own.
func TestRaw(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.system, func(t *testing.T) {
			tel, _ := newTelemetry(t)
			own, err := sql.Open(d.driver, d.dsn)
			require.NoError(t, err)
			name := fmt.Sprintf("sqltel-%s-%p", d.system, tel) // a new one, also with -count
			sqltel.Register(name, own.Driver(), tel, nil)
			require.NoError(t, own.Close())
			db, err := sql.Open(name, d.dsn)
			require.NoError(t, err)
			defer db.Close()
			conn, err := db.Conn(t.Context())
			require.NoError(t, err)
			defer conn.Close()
			require.NoError(t, conn.Raw(func(c any) error {
				switch own := sqltel.Unwrap(c).(type) {
				case *stdlib.Conn:
					return own.Conn().Ping(t.Context())
				case driver.ExecerContext:
					_, err := own.ExecContext(t.Context(), "SELECT 1", nil)
					return err
				}
				return errors.New("this is not the driver's")
			}))
		})
	}
	assert.IsType(t, &sqlite.Driver{}, sqltel.Unwrap(sqltel.Wrap(&sqlite.Driver{}, nil, nil)))
}

// Many goroutines on a small pool: each call has its scope, and the gauges are those of the pool.
func TestPool(t *testing.T) {
	for _, d := range databases(t) {
		t.Run(d.system, func(t *testing.T) {
			tel, rec := newTelemetry(t)
			db, err := sqltel.Open(d.driver, d.dsn, tel, &sqltel.Options{Statement: true})
			require.NoError(t, err)
			db.SetMaxOpenConns(2)
			ctx, stop := context.WithCancel(t.Context())
			var stats, wg sync.WaitGroup
			stats.Go(func() { sqltel.Stats(ctx, db, tel, 10*time.Millisecond) })
			for range 8 {
				wg.Go(func() {
					for i := range 25 {
						var n int
						assert.NoError(t, db.QueryRowContext(t.Context(), fmt.Sprintf("SELECT %d", i)).Scan(&n))
						assert.Equal(t, i, n)
					}
				})
			}
			wg.Wait()
			waits := db.Stats().WaitCount
			stop()
			stats.Wait()
			require.NoError(t, db.Close())
			rec.CheckNoOpenScopes(t)
			assert.Len(t, rec.Timings("sql.select", slog.String("db.query.text", "SELECT ?")), 200)
			assert.LessOrEqual(t, rec.Sum("sql.pool.waits"), waits)
			for _, open := range rec.Values("sql.pool.open") {
				assert.LessOrEqual(t, open, 2.0)
			}
			max, _ := rec.Last("sql.pool.max_open")
			assert.Equal(t, 2.0, max)
		})
	}
}

// A server that cannot be reached is named without the password.
func TestConnectErrors(t *testing.T) {
	tel, rec := newTelemetry(t)
	db, err := sqltel.Open("pgx", "postgres://bob:hunter2@127.0.0.1:1/shop?sslmode=disable", tel, nil)
	require.NoError(t, err)
	require.Error(t, db.PingContext(t.Context()))
	require.NoError(t, db.Close())
	x := rec.Timings("sql.connect")
	require.NotEmpty(t, x)
	assert.NotContains(t, rec.String(), "hunter2")
	assert.NotEmpty(t, x[0].Error)
}
