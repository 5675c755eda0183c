package sqltel

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// TestLikeTheDriver does the same things to a driver with and without the wrapper, for many
// subsets of the interfaces that a driver may have. Results, errors and what the driver was
// asked must be the same, to the letter.
func TestLikeTheDriver(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(conns)) {
		same(t, "conn "+name, func(d *fakeDriver) { d.conn = conns[name] })
		same(t, "conn "+name+", plain statements", func(d *fakeDriver) { d.conn, d.stmt = conns[name], stmts["none"] })
	}
	for _, name := range slices.Sorted(maps.Keys(stmts)) {
		same(t, "stmt "+name, func(d *fakeDriver) { d.stmt = stmts[name] })
		same(t, "stmt "+name+", plain connection", func(d *fakeDriver) { d.stmt, d.conn = stmts[name], conns["none"] })
	}
	for _, name := range slices.Sorted(maps.Keys(rowsets)) {
		same(t, "rows "+name, func(d *fakeDriver) { d.rows = rowsets[name] })
	}
}

func same(t *testing.T, name string, set func(*fakeDriver)) {
	t.Helper()
	var bare, wrapped []string
	synctest.Test(t, func(t *testing.T) {
		d := newFake()
		set(d)
		bare = play(d, sql.OpenDB(dsnConnector{d, "x"}))
	})
	synctest.Test(t, func(t *testing.T) {
		d := newFake()
		set(d)
		tel, rec := slogteltest.New(t)
		defer rec.CheckNoOpenScopes(t)
		wrapped = play(d, OpenDB(dsnConnector{d, "x"}, tel, &Options{NoRowsAffected: true, Statement: true}))
	})
	for i := range max(len(bare), len(wrapped)) {
		if i >= len(bare) || i >= len(wrapped) || bare[i] != wrapped[i] {
			around := func(lines []string) string {
				return strings.Join(lines[min(len(lines), max(0, i-5)):min(len(lines), i+5)], "\n\t")
			}
			t.Fatalf("%s: the driver alone:\n\t%s\nwrapped:\n\t%s", name, around(bare), around(wrapped))
		}
	}
	require.NotEmpty(t, bare)
}

// play does to db what a program may do, and returns the journal.
func play(d *fakeDriver, db *sql.DB) []string {
	db.SetMaxOpenConns(1)
	base := context.WithValue(context.Background(), markKey{}, "m")
	ctx, cancel := context.WithTimeout(base, time.Hour)
	note := func(what string, err error) { d.add("= %s: %v", what, err) }

	note("ping", db.PingContext(ctx))
	for _, query := range []string{"insert ? ?", "skip ? ?", "fail ? ?", "bad ? ?", "skip fail ? ?", "skip unprepared ? ?", "anyargs", "skip anyargs", "invalidate ? ?", "skip bad ? ?"} {
		for _, args := range [][]any{{1, "a"}, {special{1}, special{2}}, {sql.Named("n", 1), 2}, {"remove", 1, 2}, {1}, {struct{}{}, 1}} {
			d.bad = 2
			res, err := db.ExecContext(ctx, query, args...)
			note("exec", err)
			if err == nil {
				id, err := res.LastInsertId()
				note("last id", err)
				n, err := res.RowsAffected()
				d.add("= %d %d", id, n)
				note("affected", err)
			}
			d.bad = 2
			rows, err := db.QueryContext(ctx, query, args...)
			note("query", err)
			if err == nil {
				read(d, rows)
			}
		}
	}
	for _, query := range []string{"break", "norows", "skip norows", "select"} {
		var n int
		var s string
		note("row", db.QueryRowContext(ctx, query).Scan(&n, &s))
		rows, err := db.QueryContext(ctx, query)
		note("rows", err)
		if err == nil {
			read(d, rows)
		}
	}
	for _, query := range []string{"p ? ?", "p anyargs ? ?", "p unprepared", "p fail"} {
		st, err := db.PrepareContext(ctx, query)
		note("prepare", err)
		if err != nil {
			continue
		}
		for _, args := range [][]any{{1, "a"}, {special{1}, 2}, {1}, {sql.Named("n", 1), 2}} {
			_, err := st.ExecContext(ctx, args...)
			note("exec", err)
			rows, err := st.QueryContext(ctx, args...)
			note("query", err)
			if err == nil {
				read(d, rows)
			}
		}
		note("close", st.Close())
	}
	for _, opts := range []*sql.TxOptions{nil, {ReadOnly: true}, {Isolation: sql.LevelSerializable}} {
		for _, end := range []func(*sql.Tx) error{(*sql.Tx).Commit, (*sql.Tx).Rollback} {
			tx, err := db.BeginTx(ctx, opts)
			note("begin", err)
			if err == nil {
				_, err := tx.ExecContext(ctx, "skip ?", 1)
				note("exec", err)
				note("end", end(tx))
			}
		}
	}
	canceled(d, db, base, note)
	if conn, err := db.Conn(ctx); err == nil {
		note("raw", conn.Raw(func(c any) error {
			_, ok := Unwrap(c).(interface{ Close() error })
			d.add("= %v", ok)
			return nil
		}))
		note("conn", conn.Close())
	}
	cancel()
	synctest.Wait()
	note("close", db.Close())
	synctest.Wait()
	return d.lines
}

// canceled does what ends with its context.
func canceled(d *fakeDriver, db *sql.DB, base context.Context, note func(string, error)) {
	with := func(f func(context.Context)) {
		ctx, cancel := context.WithCancel(base)
		defer cancel()
		d.cancel = func() { cancel(); d.add("canceled") }
		f(ctx)
		synctest.Wait()
		d.cancel = func() {}
		note("ping", db.PingContext(base))
	}
	for _, query := range []string{"cancel", "skip cancel", "cancel ?"} {
		with(func(ctx context.Context) { _, err := db.ExecContext(ctx, query); note("exec", err) })
		with(func(ctx context.Context) { _, err := db.PrepareContext(ctx, query); note("prepare", err) })
	}
	with(func(ctx context.Context) {
		d.begins = "cancel"
		_, err := db.BeginTx(ctx, nil)
		synctest.Wait() // until package sql has rolled it back
		note("begin", err)
		d.begins = ""
	})
	with(func(ctx context.Context) { // whether the connection is kept is up to its interfaces
		tx, err := db.BeginTx(ctx, nil)
		note("begin", err)
		if err == nil {
			d.cancel()
			synctest.Wait()
			note("commit", tx.Commit())
		}
	})
}

func read(d *fakeDriver, rows *sql.Rows) {
	types, err := rows.ColumnTypes()
	for _, c := range types {
		length, hasLength := c.Length()
		null, hasNull := c.Nullable()
		precision, scale, hasScale := c.DecimalSize()
		d.add("= %s %s %v %d %v %v %v %d %d %v", c.Name(), c.DatabaseTypeName(), c.ScanType(), length, hasLength, null, hasNull, precision, scale, hasScale)
	}
	d.add("= types: %v", err)
	for {
		for rows.Next() {
			var id, name any
			d.add("= scan: %v", rows.Scan(&id, &name))
			d.add("= %v %v", id, name)
		}
		d.add("= err: %v", rows.Err())
		if !rows.NextResultSet() {
			break
		}
	}
	d.add("= err: %v", rows.Err())
	d.add("= close: %v", rows.Close())
}

var _ driver.Driver = (*fakeDriver)(nil)
