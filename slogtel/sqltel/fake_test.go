package sqltel

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
)

// A journal is what a driver was asked, and what the program got, line by line.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) add(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, fmt.Sprintf(format, args...))
}

// fakeDriver is a database that does what the words of a statement say: skip, fail, bad,
// cancel, panic, norows, invalidate.
type fakeDriver struct {
	*journal
	conn func(*fakeConn) driver.Conn
	stmt func(*fakeStmt) driver.Stmt
	rows func(*fakeRows) driver.Rows

	bad    int    // so many calls more are of bad connections
	cancel func() // called by what cancels
	begins string // what a begin is told, in place of a statement
	err    error  // of what fails
}

var errFake = errors.New("no such thing")

func newFake() *fakeDriver {
	return &fakeDriver{
		journal: new(journal), err: errFake, cancel: func() {},
		conn: func(c *fakeConn) driver.Conn { return allOfConn(c) },
		stmt: func(s *fakeStmt) driver.Stmt { return allOfStmt(s) },
		rows: func(r *fakeRows) driver.Rows { return allOfRows(r) },
	}
}

func (d *fakeDriver) Open(name string) (driver.Conn, error) {
	d.add("open %s", name)
	if strings.Contains(name, "fail") {
		return nil, fmt.Errorf("cannot reach %s: %w", name, d.err)
	}
	return d.conn(&fakeConn{fakeDriver: d, valid: true}), nil
}

// do is what every call with a statement does.
func (d *fakeDriver) do(ctx context.Context, call, query string, args any) error {
	mark, deadline := "", false
	if ctx != nil {
		mark, _ = ctx.Value(markKey{}).(string)
		_, deadline = ctx.Deadline()
	}
	d.add("%s %q %v ctx=%v mark=%q deadline=%v", call, query, args, ctx != nil, mark, deadline)
	switch {
	case strings.Contains(query, "cancel"):
		d.cancel()
	case strings.Contains(query, "panic"):
		panic("driver: " + query)
	case strings.Contains(query, "bad") && d.bad > 0:
		d.bad--
		return driver.ErrBadConn
	case strings.Contains(query, "fail") && !strings.HasPrefix(call, "prepare"):
		return d.err
	}
	return nil
}

// noContext is what a call without a context has.
var noContext context.Context

type markKey struct{}

type fakeConn struct {
	*fakeDriver
	valid bool
}

func (c *fakeConn) Prepare(query string) (driver.Stmt, error) {
	return c.prepared(query, c.do(noContext, "prepare", query, nil))
}

func (c *fakeConn) prepared(query string, err error) (driver.Stmt, error) {
	if strings.Contains(query, "unprepared") {
		err = errFake
	}
	if err != nil {
		return nil, err
	}
	return c.stmt(&fakeStmt{c, query}), nil
}
func (c *fakeConn) Close() error { c.add("close conn"); return nil }
func (c *fakeConn) Begin() (driver.Tx, error) {
	return fakeTx{c}, c.do(noContext, "begin", c.begins, nil)
}

type fakeTx struct{ *fakeConn }

func (t fakeTx) Commit() error   { t.add("commit"); return nil }
func (t fakeTx) Rollback() error { t.add("rollback"); return nil }

// Each of these has one of a connection's optional interfaces.
type (
	cPing     struct{ c *fakeConn }
	cPrepare  struct{ c *fakeConn }
	cBegin    struct{ c *fakeConn }
	cReset    struct{ c *fakeConn }
	cValid    struct{ c *fakeConn }
	cExecCtx  struct{ c *fakeConn }
	cExec     struct{ c *fakeConn }
	cQueryCtx struct{ c *fakeConn }
	cQuery    struct{ c *fakeConn }
	cCheck    struct{ c *fakeConn }
)

func (x cPing) Ping(ctx context.Context) error { return x.c.do(ctx, "ping", "ping", nil) }
func (x cPrepare) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	return x.c.prepared(query, x.c.do(ctx, "prepare ctx", query, nil))
}
func (x cBegin) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	return fakeTx{x.c}, x.c.do(ctx, "begin ctx", x.c.begins, opts)
}
func (x cReset) ResetSession(context.Context) error { x.c.add("reset"); return nil }
func (x cValid) IsValid() bool                      { x.c.add("valid? %v", x.c.valid); return x.c.valid }
func (x cExecCtx) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return x.c.executed(query, x.c.do(ctx, "conn.exec ctx", query, args), true)
}
func (x cExec) Exec(query string, args []driver.Value) (driver.Result, error) {
	return x.c.executed(query, x.c.do(noContext, "conn.exec", query, args), true)
}
func (x cQueryCtx) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return x.c.queried(query, x.c.do(ctx, "conn.query ctx", query, args), true)
}
func (x cQuery) Query(query string, args []driver.Value) (driver.Rows, error) {
	return x.c.queried(query, x.c.do(noContext, "conn.query", query, args), true)
}
func (x cCheck) CheckNamedValue(v *driver.NamedValue) error { return x.c.check("conn", v) }

// special is a type that the driver's checkers and converters know, and package sql does not.
type special struct{ n int }

func (d *fakeDriver) check(who string, v *driver.NamedValue) error {
	d.add("%s checks %v", who, *v)
	switch s := v.Value.(type) {
	case special:
		v.Value = fmt.Sprintf("%s:%d", who, s.n)
	case string:
		if s == "remove" {
			return driver.ErrRemoveArgument
		}
		return driver.ErrSkip
	default:
		return driver.ErrSkip
	}
	return nil
}

func (c *fakeConn) executed(query string, err error, fast bool) (driver.Result, error) {
	if fast && strings.Contains(query, "skip") {
		return nil, driver.ErrSkip
	}
	if strings.Contains(query, "invalidate") {
		c.valid = false
	}
	if err != nil {
		return nil, err
	}
	return fakeResult{c.journal}, nil
}

func (c *fakeConn) queried(query string, err error, fast bool) (driver.Rows, error) {
	if fast && strings.Contains(query, "skip") {
		return nil, driver.ErrSkip
	}
	if err != nil {
		return nil, err
	}
	r := &fakeRows{c: c, left: 2, sets: 1, fail: strings.Contains(query, "break"), cancel: strings.Contains(query, "interrupt")}
	if strings.Contains(query, "norows") {
		r.left = 0
	}
	return c.fakeDriver.rows(r), nil
}

type fakeResult struct{ *journal }

func (r fakeResult) LastInsertId() (int64, error) { r.add("last id"); return 7, nil }
func (r fakeResult) RowsAffected() (int64, error) { r.add("affected"); return 3, nil }

type fakeStmt struct {
	c     *fakeConn
	query string
}

func (s *fakeStmt) Close() error { s.c.add("close stmt"); return nil }
func (s *fakeStmt) NumInput() int {
	if strings.Contains(s.query, "anyargs") {
		return -1
	}
	return strings.Count(s.query, "?")
}
func (s *fakeStmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.c.executed(s.query, s.c.do(noContext, "stmt.exec", s.query, args), false)
}
func (s *fakeStmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.c.queried(s.query, s.c.do(noContext, "stmt.query", s.query, args), false)
}

// Each of these has one of a statement's optional interfaces.
type (
	sExecCtx  struct{ s *fakeStmt }
	sQueryCtx struct{ s *fakeStmt }
	sCheck    struct{ s *fakeStmt }
	sConvert  struct{ s *fakeStmt }
)

func (x sExecCtx) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return x.s.c.executed(x.s.query, x.s.c.do(ctx, "stmt.exec ctx", x.s.query, args), false)
}
func (x sQueryCtx) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return x.s.c.queried(x.s.query, x.s.c.do(ctx, "stmt.query ctx", x.s.query, args), false)
}
func (x sCheck) CheckNamedValue(v *driver.NamedValue) error          { return x.s.c.check("stmt", v) }
func (x sConvert) ColumnConverter(i int) driver.ValueConverter       { return converter{x.s.c.journal, i} }
func (c converter) ConvertValue(v any) (driver.Value, error)         { return c.convert(v) }
func (r *fakeRows) Close() error                                     { r.c.add("close rows"); return nil }
func (r *fakeRows) Columns() []string                                { return []string{"id", "name"} }
func (x rSets) HasNextResultSet() bool                               { x.r.c.add("more?"); return x.r.sets > 0 }
func (x rScan) ColumnTypeScanType(int) reflect.Type                  { return reflect.TypeFor[int32]() }
func (x rType) ColumnTypeDatabaseTypeName(i int) string              { return fmt.Sprint("T", i) }
func (x rLength) ColumnTypeLength(i int) (int64, bool)               { return int64(i), true }
func (x rNull) ColumnTypeNullable(int) (bool, bool)                  { return true, true }
func (x rScale) ColumnTypePrecisionScale(i int) (int64, int64, bool) { return 5, int64(i), true }

type converter struct {
	*journal
	i int
}

func (c converter) convert(v any) (driver.Value, error) {
	c.add("column %d converts %v", c.i, v)
	if s, ok := v.(special); ok {
		return fmt.Sprintf("column:%d", s.n), nil
	}
	return driver.DefaultParameterConverter.ConvertValue(v)
}

type fakeRows struct {
	c            *fakeConn
	left, sets   int
	fail, cancel bool
}

func (r *fakeRows) Next(dest []driver.Value) error {
	r.c.add("next")
	if r.left == 0 {
		return io.EOF
	}
	if r.left == 1 && r.fail {
		return r.c.err
	}
	if r.cancel {
		r.c.cancel()
	}
	dest[0], dest[1] = int64(r.left), "row"
	r.left--
	return nil
}

// Each of these has one of the optional interfaces of rows.
type (
	rSets   struct{ r *fakeRows }
	rScan   struct{ r *fakeRows }
	rType   struct{ r *fakeRows }
	rLength struct{ r *fakeRows }
	rNull   struct{ r *fakeRows }
	rScale  struct{ r *fakeRows }
)

func (x rSets) NextResultSet() error {
	x.r.c.add("next set")
	if x.r.sets == 0 {
		return io.EOF
	}
	x.r.sets--
	x.r.left = 1
	return nil
}
