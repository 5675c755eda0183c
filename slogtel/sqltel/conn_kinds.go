package sqltel

//lint:file-ignore SA1019 Drivers still have what package driver has deprecated.

import (
	"context"
	"database/sql/driver"
	"errors"
)

// Package sql finds out by type assertion what a connection can do, so there is a type for each set of
// interfaces: E for ExecerContext, Q for QueryerContext, R for SessionResetter, V
// for Validator. Each adds its last letter to the set without it.
type (
	cE struct{ *conn }
	cQ struct{ *conn }
	cR struct{ *conn }
	cV struct{ *conn }

	cEQ struct{ cE }
	cER struct{ cE }
	cEV struct{ cE }
	cQR struct{ cQ }
	cQV struct{ cQ }
	cRV struct{ cR }

	cEQR struct{ cEQ }
	cEQV struct{ cEQ }
	cERV struct{ cER }
	cQRV struct{ cQR }

	cEQRV struct{ cEQR }
)

func (c cE) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.execContext(ctx, query, args)
}

func (c cQ) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.queryContext(ctx, query, args)
}

func (c cEQ) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return c.queryContext(ctx, query, args)
}

func (c cR) ResetSession(ctx context.Context) error   { return c.reset(ctx) }
func (c cER) ResetSession(ctx context.Context) error  { return c.reset(ctx) }
func (c cQR) ResetSession(ctx context.Context) error  { return c.reset(ctx) }
func (c cEQR) ResetSession(ctx context.Context) error { return c.reset(ctx) }

func (c cV) IsValid() bool    { return c.valid() }
func (c cEV) IsValid() bool   { return c.valid() }
func (c cQV) IsValid() bool   { return c.valid() }
func (c cRV) IsValid() bool   { return c.valid() }
func (c cEQV) IsValid() bool  { return c.valid() }
func (c cERV) IsValid() bool  { return c.valid() }
func (c cQRV) IsValid() bool  { return c.valid() }
func (c cEQRV) IsValid() bool { return c.valid() }

// asDriver returns c with those interfaces that the driver has; ExecerContext and QueryerContext also
// stand for the older Execer and Queryer. Each changes what package
// sql does: it checks arguments before it asks an Execer or a Queryer, and keeps a
// connection after a rollback when it has both a SessionResetter and a Validator.
func (c *conn) asDriver() driver.Conn {
	d := c.Conn
	has := bit[driver.ExecerContext](d, 1) | bit[driver.Execer](d, 1) | bit[driver.QueryerContext](d, 2) | bit[driver.Queryer](d, 2) |
		bit[driver.SessionResetter](d, 4) | bit[driver.Validator](d, 8)
	e, q, r := cE{c}, cQ{c}, cR{c}
	eq := cEQ{e}
	return [...]driver.Conn{
		c, e, q, eq,
		r, cER{e}, cQR{q}, cEQR{eq},
		cV{c}, cEV{e}, cQV{q}, cEQV{eq},
		cRV{r}, cERV{cER{e}}, cQRV{cQR{q}}, cEQRV{cEQR{eq}},
	}[has]
}

// bit returns the bit of an interface that the driver has, else 0.
func bit[Interface any](d driver.Conn, bit int) int {
	if _, ok := d.(Interface); ok {
		return bit
	}
	return 0
}

// execContext executes a statement.
func (c *conn) execContext(ctx context.Context, query string, args []driver.NamedValue) (res driver.Result, err error) {
	c.settle()
	o := c.t.startStatement(ctx, query, args, false)
	defer o.unwound()
	if e, ok := c.Conn.(driver.ExecerContext); ok {
		res, err = e.ExecContext(o.ctx, query, args)
	} else {
		plain := c.Conn.(driver.Execer)
		res, err = withoutNames(o.ctx, args, func(args []driver.Value) (driver.Result, error) { return plain.Exec(query, args) })
	}
	if !c.skips(&o, err) {
		o.endExec(res, err)
	}
	return res, err
}

// queryContext queries. The scope ends when the rows are closed.
func (c *conn) queryContext(ctx context.Context, query string, args []driver.NamedValue) (r driver.Rows, err error) {
	c.settle()
	o := c.t.startStatement(ctx, query, args, true)
	defer o.unwound()
	if q, ok := c.Conn.(driver.QueryerContext); ok {
		r, err = q.QueryContext(o.ctx, query, args)
	} else {
		plain := c.Conn.(driver.Queryer)
		r, err = withoutNames(o.ctx, args, func(args []driver.Value) (driver.Rows, error) { return plain.Query(query, args) })
	}
	if c.skips(&o, err) {
		return r, err
	}
	return o.rows(r, err)
}

// skips keeps the scope of o open for what package sql does next, if the driver asks for it.
func (c *conn) skips(o *op, err error) bool {
	if err != driver.ErrSkip {
		return false
	}
	going := *o
	c.skipped, o.ended = &going, true
	return true
}

func (c *conn) reset(ctx context.Context) error {
	c.settle()
	return c.Conn.(driver.SessionResetter).ResetSession(ctx)
}

func (c *conn) valid() bool { return c.Conn.(driver.Validator).IsValid() }

// withoutNames does for a driver without contexts and names what package sql does for it.
func withoutNames[R any](ctx context.Context, args []driver.NamedValue, f func([]driver.Value) (R, error)) (none R, err error) {
	values := make([]driver.Value, len(args))
	for i, a := range args {
		if a.Name != "" {
			return none, errors.New("sql: driver does not support the use of Named Parameters")
		}
		values[i] = a.Value
	}
	if isDone(ctx) {
		return none, ctx.Err()
	}
	return f(values)
}

func isDone(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	default:
		return false
	}
}
