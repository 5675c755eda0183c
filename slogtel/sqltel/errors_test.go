package sqltel

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel"
)

type stateError struct{ error }

func (stateError) SQLState() string { return "23505" }

type codeError struct{}

func (*codeError) Error() string { return "constraint failed" }
func (*codeError) Code() int     { return 2067 }

// Errors as drivers have them: MySQL's, SQLite's, and ones whose fields are no number or none.
type (
	numberError struct {
		Number  uint16
		Message string
	}
	extendedError struct{ Code, ExtendedCode int }
	otherError    struct {
		Number string
		Code   int32
		stateError
	}
)

func (*numberError) Error() string  { return "duplicate" }
func (extendedError) Error() string { return "constraint failed" }
func (*otherError) Error() string   { return "other" }
func (*otherError) SQLState() string {
	return "a state longer than states are"
}

type brokenError struct{}

func (*brokenError) Error() string    { panic("no text") }
func (*brokenError) SQLState() string { return "" }

func TestErrors(t *testing.T) {
	d := newFake()
	db, rec := open(t, d, nil)
	fail := func(err error) string {
		d.err = err
		_, got := db.ExecContext(t.Context(), "update users set fail")
		assert.Equal(t, err, got, "the caller gets what the driver said")
		lines := told(rec)
		require.Len(t, lines, 1)
		return strings.Replace(strings.TrimPrefix(lines[0], "sql.update.users"), " operation.name=UPDATE collection.name=users", "", 1)
	}
	assert.Equal(t, " error=no such thing error.type=_OTHER", fail(errFake))
	assert.Equal(t, " error=x: EOF error.type=_OTHER", fail(fmt.Errorf("x: %w", io.EOF)))
	assert.Equal(t, " error=duplicate response.status_code=23505 error.type=23505", fail(fmt.Errorf("%w", stateError{errors.New("duplicate")})))
	assert.Equal(t, " error=constraint failed response.status_code=2067 error.type=2067", fail(&codeError{}))
	assert.Equal(t, " error=x: duplicate response.status_code=1062 error.type=1062", fail(fmt.Errorf("x: %w", &numberError{1062, ""})))
	assert.Equal(t, " error=constraint failed response.status_code=2067 error.type=2067", fail(extendedError{19, 2067}))
	assert.Equal(t, " error=constraint failed response.status_code=19 error.type=19", fail(extendedError{19, 0}))
	assert.Equal(t, " error=other response.status_code=-7 error.type=-7", fail(&otherError{"1", -7, stateError{}}))
	assert.Equal(t, " error=other error.type=*sqltel.otherError", fail(&otherError{}))
	assert.Equal(t, " error=context deadline exceeded error.type=timeout", fail(context.DeadlineExceeded))
	assert.Equal(t, " canceled", fail(fmt.Errorf("query: %w", context.Canceled)))
	assert.Equal(t, "", fail(sql.ErrNoRows))
	assert.Equal(t, "", fail(fmt.Errorf("x: %w", sql.ErrNoRows)))
	assert.Contains(t, fail(&brokenError{}), "error=*sqltel.brokenError")

	// Package sql tries a bad connection again: each attempt is a scope.
	d.bad = 2
	_, err := db.ExecContext(t.Context(), "update users set bad")
	require.NoError(t, err)
	lines := told(rec)
	require.Len(t, lines, 5, "%q", lines)
	assert.Equal(t, "sql.update.users error=driver: bad connection operation.name=UPDATE collection.name=users error.type=bad_connection", lines[0])
	assert.Equal(t, "sql.connect", lines[1])
	assert.Contains(t, lines[4], "affected_rows=3")

	var n int
	err = db.QueryRowContext(t.Context(), "select norows from users").Scan(&n)
	require.ErrorIs(t, err, sql.ErrNoRows)
	assert.Equal(t, []string{"sql.select.users operation.name=SELECT collection.name=users response.returned_rows=0"}, told(rec))
	rows, err := db.QueryContext(t.Context(), "select break from users")
	require.NoError(t, err)
	for rows.Next() {
	}
	require.Error(t, rows.Err())
	d.err = errFake
	assert.Contains(t, told(rec)[0], "response.returned_rows=1")
}

var drivers atomic.Int64

// driverName returns a name that no driver has: with -count a test registers its drivers again.
func driverName(kind string) string { return fmt.Sprintf("sqltel-%s-%d", kind, drivers.Add(1)) }

// What a driver says of a statement has none of what was in it, or in the data source name.
func TestErrorsKeepNoSecrets(t *testing.T) {
	d := newFake()
	db, rec := open(t, d, nil)
	text := func(message, query string, args ...any) string {
		d.err = errors.New(message)
		_, err := db.ExecContext(t.Context(), query+" /* fail anyargs */", args...)
		require.Error(t, err)
		return rec.Timings("")[len(rec.Timings(""))-1].Error
	}
	for _, c := range []struct {
		message, query string
		args           []any
		want           string
	}{
		{"Duplicate entry 'bob@example.com' for key 'email'", "insert into t values (?)", []any{"bob@example.com"}, "Duplicate entry '?' for key 'email'"},
		{`invalid input syntax for type integer: "hunter2"`, "insert into t values ('hunter2')", nil, `invalid input syntax for type integer: "?"`},
		{"near 'O'Brien'", "insert into t values ('O''Brien')", nil, "near '?'"},
		{"value 4711 is out of range in column47110", "insert into t values (?)", []any{4711}, "value ? is out of range in column47110"},
		{"value 1.5 of 11.5", "insert into t values (1.5)", nil, "value ? of 11.5"},
		{"bytes secret", "insert into t values (?)", []any{[]byte("secret")}, "bytes ?"},
		{"got $q$secret$q$ or secret", "select $q$secret$q$", nil, "got $q$?$q$ or ?"},
		{"unterminated: secret", "select 'secret", nil, "unterminated: ?"},
		{"near secret", "select 'a' /* /* */ " + strings.Repeat("x ", 64<<10) + " 'secret'", nil, "? ?"},
		{"syntax error near 'SELEKT 'hunt' at line 1", "SELEKT 'hunter2' FROM t", nil, "syntax error near 'SELEKT '?' at line 1"},
		{"syntax error near 'SELEKT 'hunt", "SELEKT 'hunter2' FROM t", nil, "syntax error near 'SELEKT '?"},
		{"no such table 'users' near ''", "SELECT 'user1'", nil, "no such table 'users' near ''"},
		{"no such table: users", "select 'user'", nil, "no such table: users"},
		{"cut " + strings.Repeat("s", 70), "insert into t values (?)", []any{strings.Repeat("s", 100)}, "cut ?"},
		{"nothing", "insert into t values (?, ?)", []any{"", nil}, "nothing"},
		{"dial postgres://bob:hun/t@er2@db/x?sslmode=off: refused", "", nil, "dial postgres://?@db/x?sslmode=off: refused"},
		{"bad dsn bob:hunter2@tcp(db:3306)/x", "", nil, "bad dsn ?@tcp(db:3306)/x"},
		{"host=db password=hunter2 user=bob", "", nil, "host=db password=? user=bob"},
		{"Server=db;Pwd='a b';x=1", "", nil, "Server=db;Pwd=?;x=1"},
	} {
		assert.Equal(t, c.want, text(c.message, c.query, c.args...))
	}
	assert.Less(t, len(text(strings.Repeat("long ", 10000), "")), maxText+10)

	rec.Reset()
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: rec.OnError}, rec)
	name := driverName("failing")
	sql.Register(name, d)
	db, err := Open(name, "fail://bob:hunter2@db", tel, nil)
	require.NoError(t, err)
	require.Error(t, db.Ping())
	_, err = Wrap(d, tel, nil).Open("fail secret dsn")
	require.Error(t, err)
	d.err = errors.New("hunter2 is wrong")
	require.Error(t, db.Ping())
	require.NoError(t, db.Close())
	require.Len(t, rec.Timings("sql.connect"), 3)
	for _, x := range rec.Timings("sql.connect") {
		assert.Contains(t, x.Error, "cannot reach ?: ")
		assert.NotContains(t, x.Error, "hunter2")
	}
}
