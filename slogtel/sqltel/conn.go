package sqltel

//lint:file-ignore SA1019 Drivers still have what package driver has deprecated.

import (
	"context"
	"database/sql/driver"
	"errors"
)

// conn is a connection. It always has those optional interfaces whose absence an answer can stand
// for, since package sql then does the same: a nil error of Ping, an ErrSkip of CheckNamedValue,
// Prepare in place of PrepareContext, Begin in place of BeginTx. The other optional interfaces are
// types of their own, which asDriver adds where the driver has them.
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
	return c.do(ctx, "sql.ping", p.Ping)
}

// do records a call that has an error and nothing else.
func (c *conn) do(ctx context.Context, name string, f func(context.Context) error) error {
	o := c.start(ctx, name)
	defer o.unwound()
	err := f(o.ctx)
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
func (t *tx) Commit() error {
	return t.on.do(t.ctx, "sql.commit", func(context.Context) error { return t.Tx.Commit() })
}

// Rollback rolls the transaction back.
func (t *tx) Rollback() error {
	return t.on.do(t.ctx, "sql.rollback", func(context.Context) error { return t.Tx.Rollback() })
}
