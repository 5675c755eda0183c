package sqltel

//lint:file-ignore SA1019 Drivers still have what package driver has deprecated.

import (
	"context"
	"database/sql/driver"
	"errors"
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
