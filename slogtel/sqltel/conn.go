package sqltel

//lint:file-ignore SA1019 Drivers still have what package driver has deprecated.

import (
	"context"
	"database/sql/driver"
	"errors"
)

// conn is a connection. Of what a driver need not have, conn has the interfaces whose
// absence package sql treats as it does an answer: a nil error of Ping, an ErrSkip of
// CheckNamedValue, Prepare in place of PrepareContext, Begin in place of BeginTx. The others
// are types of their own, added by asDriver where the driver has them.
type conn struct {
	driver.Conn
	t       *tracer
	skipped *op // the last call ended in ErrSkip, see PrepareContext
}

var (
	_ driver.Pinger             = (*conn)(nil)
	_ driver.ConnPrepareContext = (*conn)(nil)
	_ driver.ConnBeginTx        = (*conn)(nil)
	_ driver.NamedValueChecker  = (*conn)(nil)
)

type (
	execs   struct{ on *conn } // ExecerContext, Execer
	queries struct{ on *conn } // QueryerContext, Queryer
	resets  struct{ on *conn } // SessionResetter
	valids  struct{ on *conn } // Validator
)

// asDriver returns c with those interfaces that the driver has. Each changes what package
// sql does: it checks arguments before it asks an Execer or a Queryer, and keeps a
// connection after a rollback when it has both a SessionResetter and a Validator.
func (c *conn) asDriver() driver.Conn {
	has := 0
	if _, ok := c.Conn.(driver.ExecerContext); ok {
		has |= 1
	} else if _, ok := c.Conn.(driver.Execer); ok {
		has |= 1
	}
	if _, ok := c.Conn.(driver.QueryerContext); ok {
		has |= 2
	} else if _, ok := c.Conn.(driver.Queryer); ok {
		has |= 2
	}
	if _, ok := c.Conn.(driver.SessionResetter); ok {
		has |= 4
	}
	if _, ok := c.Conn.(driver.Validator); ok {
		has |= 8
	}
	e, q, r, v := execs{c}, queries{c}, resets{c}, valids{c}
	return [...]driver.Conn{
		c,
		struct {
			*conn
			execs
		}{c, e},
		struct {
			*conn
			queries
		}{c, q},
		struct {
			*conn
			execs
			queries
		}{c, e, q},
		struct {
			*conn
			resets
		}{c, r},
		struct {
			*conn
			execs
			resets
		}{c, e, r},
		struct {
			*conn
			queries
			resets
		}{c, q, r},
		struct {
			*conn
			execs
			queries
			resets
		}{c, e, q, r},
		struct {
			*conn
			valids
		}{c, v},
		struct {
			*conn
			execs
			valids
		}{c, e, v},
		struct {
			*conn
			queries
			valids
		}{c, q, v},
		struct {
			*conn
			execs
			queries
			valids
		}{c, e, q, v},
		struct {
			*conn
			resets
			valids
		}{c, r, v},
		struct {
			*conn
			execs
			resets
			valids
		}{c, e, r, v},
		struct {
			*conn
			queries
			resets
			valids
		}{c, q, r, v},
		struct {
			*conn
			execs
			queries
			resets
			valids
		}{c, e, q, r, v},
	}[has]
}

func (c *conn) unwrap() any { return c.Conn }

// settle ends the scope of a call that ended in ErrSkip, when nothing came of it.
func (c *conn) settle() {
	if o := c.skipped; o != nil {
		c.skipped = nil
		o.end(nil)
	}
}

// Close closes the connection.
func (c *conn) Close() error {
	c.settle()
	return c.Conn.Close()
}

// Ping is that of the driver, or succeeds.
func (c *conn) Ping(ctx context.Context) error {
	p, ok := c.Conn.(driver.Pinger)
	if !ok {
		return nil
	}
	o := c.start(ctx, "sql.ping")
	defer o.unwound()
	err := p.Ping(o.ctx)
	o.end(err)
	return err
}

// CheckNamedValue is that of the driver, or skips.
func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	if n, ok := c.Conn.(driver.NamedValueChecker); ok {
		return n.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

func (c *conn) start(ctx context.Context, name string) op {
	c.settle()
	return c.t.start(ctx, name, c.t.attrs)
}

// PrepareContext prepares a statement. Where ExecContext or QueryContext have just asked
// package sql by ErrSkip to prepare the same one, this is a part of that call, whose scope
// goes on until the statement was executed.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	var o op
	skipped := c.skipped
	if skipped != nil && skipped.query == query && skipped.caller.Done() == ctx.Done() {
		o, c.skipped = *skipped, nil
	} else {
		c.settle()
		o = c.t.start(ctx, "sql.prepare", c.t.shapeOf(query).attrs)
		o.query, skipped = query, nil
	}
	defer o.unwound()
	s, err := c.prepare(o.ctx, query)
	if err != nil || s == nil {
		o.end(err)
		return s, err
	}
	w := &stmt{Stmt: s, on: c, query: query}
	if skipped != nil {
		going := o
		w.begun, o.ended = &going, true
	} else {
		o.end(nil)
	}
	return w.asDriver(), nil
}

func (c *conn) prepare(ctx context.Context, query string) (driver.Stmt, error) {
	if p, ok := c.Conn.(driver.ConnPrepareContext); ok {
		return p.PrepareContext(ctx, query)
	}
	s, err := c.Conn.Prepare(query)
	if err == nil && isDone(ctx) {
		_ = s.Close()
		return nil, ctx.Err()
	}
	return s, err
}

// BeginTx begins a transaction.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	o := c.start(ctx, "sql.begin")
	defer o.unwound()
	t, err := c.begin(o.ctx, opts)
	o.end(err)
	if err != nil || t == nil {
		return t, err
	}
	return &tx{t, c, ctx}, nil
}

func (c *conn) begin(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if b, ok := c.Conn.(driver.ConnBeginTx); ok {
		return b.BeginTx(ctx, opts)
	}
	// The texts are those of package sql, which says them where there is no BeginTx.
	if opts.Isolation != 0 {
		return nil, errors.New("sql: driver does not support non-default isolation level")
	}
	if opts.ReadOnly {
		return nil, errors.New("sql: driver does not support read-only transactions")
	}
	t, err := c.Conn.Begin()
	if err == nil && isDone(ctx) {
		_ = t.Rollback()
		return nil, ctx.Err()
	}
	return t, err
}

// tx is a transaction, whose end belongs to the scope that it began in.
type tx struct {
	driver.Tx
	on  *conn
	ctx context.Context
}

// Commit commits the transaction.
func (t *tx) Commit() error { return t.finish("sql.commit", t.Tx.Commit) }

// Rollback rolls the transaction back.
func (t *tx) Rollback() error { return t.finish("sql.rollback", t.Tx.Rollback) }

func (t *tx) finish(name string, f func() error) error {
	o := t.on.start(t.ctx, name)
	defer o.unwound()
	err := f()
	o.end(err)
	return err
}

// ExecContext executes a statement.
func (x execs) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c := x.on
	c.settle()
	o := c.t.startStatement(ctx, query, args, false)
	defer o.unwound()
	res, err := x.exec(o.ctx, query, args)
	if err == driver.ErrSkip {
		c.skip(&o)
		return res, err
	}
	o.endExec(res, err)
	return res, err
}

func (x execs) exec(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if e, ok := x.on.Conn.(driver.ExecerContext); ok {
		return e.ExecContext(ctx, query, args)
	}
	values, err := plain(ctx, args)
	if err != nil {
		return nil, err
	}
	return x.Exec(query, values)
}

// Exec is the driver's own, for those who call it themselves: package sql does not.
func (x execs) Exec(query string, args []driver.Value) (driver.Result, error) {
	if e, ok := x.on.Conn.(driver.Execer); ok {
		return e.Exec(query, args)
	}
	return nil, driver.ErrSkip
}

// QueryContext queries. The scope ends when the rows are closed.
func (x queries) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c := x.on
	c.settle()
	o := c.t.startStatement(ctx, query, args, true)
	defer o.unwound()
	r, err := x.query(o.ctx, query, args)
	if err == driver.ErrSkip {
		c.skip(&o)
		return r, err
	}
	return o.rows(r, err)
}

func (x queries) query(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if q, ok := x.on.Conn.(driver.QueryerContext); ok {
		return q.QueryContext(ctx, query, args)
	}
	values, err := plain(ctx, args)
	if err != nil {
		return nil, err
	}
	return x.Query(query, values)
}

// Query is the driver's own, for those who call it themselves: package sql does not.
func (x queries) Query(query string, args []driver.Value) (driver.Rows, error) {
	if q, ok := x.on.Conn.(driver.Queryer); ok {
		return q.Query(query, args)
	}
	return nil, driver.ErrSkip
}

// skip keeps the scope of o open for what package sql does next.
func (c *conn) skip(o *op) {
	going := *o
	c.skipped, o.ended = &going, true
}

// ResetSession is the driver's own.
func (x resets) ResetSession(ctx context.Context) error {
	x.on.settle()
	return x.on.Conn.(driver.SessionResetter).ResetSession(ctx)
}

// IsValid is the driver's own.
func (x valids) IsValid() bool { return x.on.Conn.(driver.Validator).IsValid() }

// plain does for a driver without contexts and names what package sql does for it.
func plain(ctx context.Context, args []driver.NamedValue) ([]driver.Value, error) {
	values := make([]driver.Value, len(args))
	for i, a := range args {
		if a.Name != "" {
			return nil, errors.New("sql: driver does not support the use of Named Parameters")
		}
		values[i] = a.Value
	}
	if isDone(ctx) {
		return nil, ctx.Err()
	}
	return values, nil
}

func isDone(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	default:
		return false
	}
}
