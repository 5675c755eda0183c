package sqltel

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/names"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// open returns a wrapped fake, whose scopes have all ended when the test does.
func open(t testing.TB, d *fakeDriver, opts *Options) (*sql.DB, *slogteltest.Recorder) {
	rec := slogteltest.NewRecorder(t)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, StrictScopes: slogtel.On, OnError: rec.OnError}, rec)
	db := OpenDB(dsnConnector{d, "x"}, tel, opts)
	t.Cleanup(func() {
		assert.NoError(t, db.Close())
		rec.CheckNoOpenScopes(t)
	})
	require.NoError(t, db.Ping())
	rec.Reset()
	return db, rec
}

// told returns the timings as text, with their attributes, in the order in which they ended.
func told(rec *slogteltest.Recorder) (lines []string) {
	for _, x := range rec.Timings("") {
		line := x.Scope
		if x.Error != "" {
			line += " error=" + x.Error
		}
		if x.Canceled {
			line += " canceled"
		}
		for _, a := range x.Attrs {
			if a.Key != keySystem {
				line += " " + strings.TrimPrefix(a.String(), "db.")
			}
		}
		lines = append(lines, line)
	}
	rec.Reset()
	return lines
}

func drain(t testing.TB, rows *sql.Rows, err error) {
	t.Helper()
	require.NoError(t, err)
	for rows.Next() {
	}
	require.NoError(t, rows.Err())
	require.NoError(t, rows.Close())
}

const users = "SELECT * FROM users WHERE id = ?"

func TestScopes(t *testing.T) {
	db, rec := open(t, newFake(), nil)
	ctx := t.Context()
	_, err := db.ExecContext(ctx, "INSERT INTO users VALUES (?)", 1)
	require.NoError(t, err)
	assert.Equal(t, []string{"sql.insert.users operation.name=INSERT collection.name=users response.affected_rows=3"}, told(rec))

	rows, err := db.QueryContext(ctx, users, 1)
	assert.Empty(t, told(rec), "not before the rows are closed")
	drain(t, rows, err)
	assert.Equal(t, []string{"sql.select.users operation.name=SELECT collection.name=users response.returned_rows=2"}, told(rec))

	named := WithName(ctx, "load_user")
	rows, err = db.QueryContext(named, users, 1)
	drain(t, rows, err)
	_, err = db.ExecContext(WithName(ctx, "Not A Name"), "gibberish")
	require.NoError(t, err)
	_, err = db.ExecContext(WithName(named, ""), "gibberish")
	require.NoError(t, err)
	assert.Equal(t, []string{
		"load_user operation.name=SELECT collection.name=users response.returned_rows=2",
		"not_a_name response.affected_rows=3",
		"sql.exec response.affected_rows=3",
	}, told(rec))

	st, err := db.PrepareContext(ctx, users)
	require.NoError(t, err)
	for range 2 {
		rows, err = st.QueryContext(named, 1)
		drain(t, rows, err)
	}
	require.NoError(t, st.Close())
	assert.Equal(t, []string{
		"sql.prepare operation.name=SELECT collection.name=users",
		"load_user operation.name=SELECT collection.name=users response.returned_rows=2",
		"load_user operation.name=SELECT collection.name=users response.returned_rows=2",
	}, told(rec))

	for _, end := range []func(*sql.Tx) error{(*sql.Tx).Commit, (*sql.Tx).Rollback} {
		tx, err := db.BeginTx(ctx, nil)
		require.NoError(t, err)
		require.NoError(t, end(tx))
	}
	require.NoError(t, db.PingContext(ctx))
	assert.Equal(t, []string{"sql.begin", "sql.commit", "sql.begin", "sql.rollback", "sql.ping"}, told(rec))
}

func TestInsideTheCallersScope(t *testing.T) {
	rec := slogteltest.NewRecorder(t)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: rec.OnError}, rec)
	db := OpenDB(dsnConnector{newFake(), "x"}, tel, &Options{System: "postgresql", Attrs: []slog.Attr{slog.String("db.namespace", "shop")}})
	ctx, span := tel.Start(t.Context(), "request")
	tx, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	rows, err := tx.QueryContext(ctx, users, 1)
	drain(t, rows, err)
	require.NoError(t, tx.Commit())
	span.End()
	require.NoError(t, db.Close())
	for _, name := range []string{"sql.connect", "sql.begin", "sql.select.users", "sql.commit"} {
		x := rec.Timings("request."+name, slog.String(keySystem, "postgresql"), slog.String("db.namespace", "shop"))
		require.Len(t, x, 1, name)
		assert.Equal(t, "request", x[0].ParentScope)
	}
}

// A driver that asks for the statement to be prepared first is one call to the program, and
// one scope.
func TestSkip(t *testing.T) {
	d := newFake()
	db, rec := open(t, d, nil)
	ctx := t.Context()
	_, err := db.ExecContext(ctx, "delete from users where skip = ?", 1)
	require.NoError(t, err)
	assert.Equal(t, []string{"sql.delete.users operation.name=DELETE collection.name=users response.affected_rows=3"}, told(rec))
	rows, err := db.QueryContext(ctx, "select skip from users")
	drain(t, rows, err)
	assert.Equal(t, []string{"sql.select.users operation.name=SELECT collection.name=users response.returned_rows=2"}, told(rec))

	_, err = db.ExecContext(ctx, "update users set skip unprepared")
	require.Error(t, err)
	_, err = db.ExecContext(ctx, "update users set skip fail")
	require.Error(t, err)
	_, err = db.ExecContext(ctx, "update users set skip = ?") // too few arguments
	require.Error(t, err)
	assert.Equal(t, []string{
		"sql.update.users error=no such thing operation.name=UPDATE collection.name=users error.type=_OTHER",
		"sql.update.users error=no such thing operation.name=UPDATE collection.name=users error.type=_OTHER",
		"sql.update.users operation.name=UPDATE collection.name=users",
	}, told(rec))

	// One who calls the driver by himself need not prepare.
	conn, err := db.Conn(ctx)
	require.NoError(t, err)
	require.NoError(t, conn.Raw(func(c any) error {
		for range 2 {
			_, err := c.(driver.ExecerContext).ExecContext(ctx, "update users set skip", nil)
			assert.Equal(t, driver.ErrSkip, err)
		}
		_, err := c.(driver.ConnPrepareContext).PrepareContext(ctx, users)
		return err
	}))
	require.NoError(t, conn.Close())
	assert.Len(t, told(rec), 3)
}

func TestStatement(t *testing.T) {
	db, rec := open(t, newFake(), &Options{Statement: true, System: "sqlite"})
	_, err := db.ExecContext(t.Context(), "delete from users where a = 'secret' -- secret")
	require.NoError(t, err)
	assert.Len(t, rec.Timings("sql.delete.users", slog.String("db.query.text", "delete from users where a = ?")), 1)
	assert.NotContains(t, rec.String(), "secret")
	db, rec = open(t, newFake(), nil)
	_, err = db.ExecContext(t.Context(), "delete from users where a = 'secret'")
	require.NoError(t, err)
	assert.NotContains(t, rec.String(), "where")
}

func TestCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newFake()
		db, rec := open(t, d, nil)
		ctx, cancel := context.WithCancel(t.Context())
		d.cancel, d.err = cancel, errors.New("interrupted (9)")
		rows, err := db.QueryContext(ctx, "select interrupt from users") // the rows are closed behind its back
		require.NoError(t, err)
		rows.Next()
		synctest.Wait()
		assert.Equal(t, []string{"sql.select.users canceled operation.name=SELECT collection.name=users response.returned_rows=1"}, told(rec))
		require.ErrorIs(t, rows.Err(), context.Canceled)

		ctx, cancel = context.WithCancel(t.Context())
		d.cancel = cancel
		_, err = db.ExecContext(ctx, "update users set cancel fail") // with an error of the driver's own
		_ = err
		conn, err := db.Conn(t.Context())
		require.NoError(t, err)
		_ = conn.Raw(func(c any) error {
			_, err := c.(driver.ExecerContext).ExecContext(ctx, "update users set fail", nil)
			return err
		})
		require.NoError(t, conn.Close())
		lines := told(rec)
		assert.Equal(t, "sql.update.users canceled operation.name=UPDATE collection.name=users", lines[len(lines)-1])

		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		rows, err = db.QueryContext(ctx, users, 1)
		require.NoError(t, err)
		rows.Next()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		assert.Equal(t, []string{"sql.select.users error=context deadline exceeded operation.name=SELECT collection.name=users error.type=timeout response.returned_rows=1"}, told(rec))
		require.NoError(t, rows.Close())
	})
}

func TestPanics(t *testing.T) {
	db, rec := open(t, newFake(), nil)
	for _, f := range []func(){
		func() { _, _ = db.ExecContext(t.Context(), "update users set panic") },
		func() { _, _ = db.QueryContext(t.Context(), "update users set panic") },
		func() { _, _ = db.PrepareContext(t.Context(), "update users set panic") },
	} {
		assert.PanicsWithValue(t, "driver: update users set panic", f)
		db.SetMaxIdleConns(0)
	}
	assert.Len(t, rec.Timings(""), 5, "two more connections")
	for _, x := range rec.Timings("sql.update.users") {
		assert.Equal(t, "panic: driver: update users set panic", x.Error)
	}
	assert.Len(t, rec.Timings("sql.prepare"), 1)
}

func TestOff(t *testing.T) {
	d := newFake()
	for _, tel := range []*slogtel.Telemetry{nil, slogtel.Disabled()} {
		assert.Same(t, d, Wrap(d, tel, nil))
		assert.Equal(t, driver.Connector(dsnConnector{d, "x"}), NewConnector(dsnConnector{d, "x"}, tel, nil))
	}
	tel, rec := slogteltest.New(t)
	assert.Nil(t, NewConnector(nil, tel, nil))
	assert.Nil(t, Wrap(nil, tel, nil))
	db := OpenDB(dsnConnector{d, "x"}, tel, nil)
	rows, err := db.QueryContext(t.Context(), users, 1)
	require.NoError(t, err)
	require.NoError(t, tel.Shutdown(t.Context()))
	n := len(rec.Timings(""))
	drain(t, rows, err)
	rows, err = db.QueryContext(t.Context(), users, 1)
	drain(t, rows, err)
	_, err = db.ExecContext(t.Context(), "skip")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	assert.Len(t, rec.Timings(""), n)
}

type contextDriver struct {
	*fakeDriver
	closed *int
}

func (d contextDriver) OpenConnector(name string) (driver.Connector, error) {
	if name == "unknown" {
		return nil, errFake
	}
	return closer{dsnConnector{d, name}, d.closed}, nil
}

type closer struct {
	dsnConnector
	closed *int
}

func (c closer) Close() error { *c.closed++; return nil }

func TestOpen(t *testing.T) {
	d, closed := newFake(), 0
	dc := contextDriver{newFake(), &closed}
	plain, context := driverName("plain"), driverName("context")
	registered, registeredContext := driverName("registered"), driverName("registered-context")
	sql.Register(plain, d)
	sql.Register(context, dc)
	tel, rec := slogteltest.New(t)
	Register(registered, d, tel, nil)
	Register(registeredContext, dc, tel, nil)
	for name, open := range map[string]func(name, dsn string) (*sql.DB, error){
		plain:             func(name, dsn string) (*sql.DB, error) { return Open(name, dsn, tel, nil) },
		context:           func(name, dsn string) (*sql.DB, error) { return Open(name, dsn, tel, nil) },
		registered:        sql.Open,
		registeredContext: sql.Open,
	} {
		db, err := open(name, "data")
		require.NoError(t, err, name)
		closed = 0
		require.NoError(t, db.PingContext(t.Context()))
		require.Len(t, rec.Timings("sql.ping"), 1, name)
		rec.Reset()
		assert.NotNil(t, Unwrap(db.Driver()))
		require.NoError(t, db.Close())
		if strings.Contains(name, "context") {
			assert.Equal(t, 1, closed, "%s: the connector is closed with the database", name)
			_, err = open(name, "unknown")
			require.ErrorIs(t, err, errFake)
		} else {
			assert.Same(t, d, Unwrap(db.Driver()), name)
		}
	}
	_, err := Open("sqltel-none", "", tel, nil)
	require.ErrorContains(t, err, "unknown driver")
	db, err := Open(plain, "data", nil, nil)
	require.NoError(t, err)
	assert.Same(t, d, db.Driver())
	require.NoError(t, db.Close())
	_, ok := Wrap(d, tel, nil).(driver.DriverContext)
	assert.False(t, ok)
	_, ok = NewConnector(dsnConnector{d, ""}, tel, nil).(io.Closer)
	assert.False(t, ok)
}

func TestUnwrap(t *testing.T) {
	d := newFake()
	d.conn = func(c *fakeConn) driver.Conn { return c }
	db, _ := open(t, d, nil)
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	require.NoError(t, conn.Raw(func(c any) error {
		_, ok := Unwrap(c).(*fakeConn)
		assert.True(t, ok)
		return nil
	}))
	require.NoError(t, conn.Close())
	assert.Equal(t, 7, Unwrap(7))
}

func TestConcurrently(t *testing.T) {
	db, rec := open(t, newFake(), nil)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 50 {
				rows, err := db.QueryContext(WithName(t.Context(), fmt.Sprintf("name_%d", i)), fmt.Sprintf("select %d from t%d", j, j))
				if assert.NoError(t, err) {
					assert.NoError(t, rows.Close())
				}
			}
		})
	}
	wg.Wait()
	assert.Len(t, rec.Timings("name_3"), 50)
}

func TestNamesOfCallersAreBounded(t *testing.T) {
	db, rec := open(t, newFake(), nil)
	for i := range names.Most + 5 {
		_, err := db.ExecContext(WithName(t.Context(), fmt.Sprintf("name_%d", i)), "update users set x")
		require.NoError(t, err)
	}
	assert.Equal(t, 6, len(rec.Timings("sql.update.users")), "one of the names is the statement's")
}

func TestSystem(t *testing.T) {
	assert.Equal(t, "other_sql", systemOf(newFake()))
	assert.Equal(t, "other_sql", systemOf(nil))
	tel, _ := slogteltest.New(t)
	assert.Equal(t, "mysql", newTracer(nil, tel, &Options{System: "mysql"}).opts.System)
}
