package sqltel

//lint:file-ignore SA1019 Drivers still have what package driver has deprecated.

import (
	"context"
	"database/sql/driver"
)

// stmt is a prepared statement. As with conn, it has what package sql can do without.
type stmt struct {
	driver.Stmt
	on    *conn
	query string
	begun *op // the scope of the call that had it prepared, see conn.PrepareContext
}

var (
	_ driver.StmtExecContext   = (*stmt)(nil)
	_ driver.StmtQueryContext  = (*stmt)(nil)
	_ driver.NamedValueChecker = (*stmt)(nil)
)

// convertingStmt is a statement whose driver converts by column: package sql would
// convert otherwise.
type convertingStmt struct {
	*stmt
	converter driver.ColumnConverter
}

// ColumnConverter is the driver's own.
func (s *convertingStmt) ColumnConverter(i int) driver.ValueConverter {
	return s.converter.ColumnConverter(i)
}

func (s *stmt) asDriver() driver.Stmt {
	if cc, ok := s.Stmt.(driver.ColumnConverter); ok {
		return &convertingStmt{s, cc}
	}
	return s
}

// Close closes the statement.
func (s *stmt) Close() error {
	if o := s.begun; o != nil { // package sql could not convert the arguments
		s.begun = nil
		o.end(nil)
	}
	return s.Stmt.Close()
}

// CheckNamedValue is that of the statement, else that of its connection, as package sql
// asks them.
func (s *stmt) CheckNamedValue(v *driver.NamedValue) error {
	if n, ok := s.Stmt.(driver.NamedValueChecker); ok {
		return n.CheckNamedValue(v)
	}
	return s.on.CheckNamedValue(v)
}

// start opens the scope of an execution, or goes on in that of the call that had the
// statement prepared.
func (s *stmt) start(ctx context.Context, args []driver.NamedValue, query bool) op {
	if b := s.begun; b != nil {
		s.begun = nil
		if b.caller.Done() == ctx.Done() {
			o := *b
			o.args = args
			return o
		}
		b.end(nil)
	}
	return s.on.t.startStatement(ctx, s.query, args, query)
}

// ExecContext executes the statement.
func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	o := s.start(ctx, args, false)
	defer o.unwound()
	res, err := s.exec(o.ctx, args)
	o.endExec(res, err)
	return res, err
}

func (s *stmt) exec(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if e, ok := s.Stmt.(driver.StmtExecContext); ok {
		return e.ExecContext(ctx, args)
	}
	return withoutNames(ctx, args, s.Stmt.Exec)
}

// QueryContext queries. The scope ends when the rows are closed.
func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	o := s.start(ctx, args, true)
	defer o.unwound()
	r, err := s.rows(o.ctx, args)
	return o.rows(r, err)
}

func (s *stmt) rows(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if q, ok := s.Stmt.(driver.StmtQueryContext); ok {
		return q.QueryContext(ctx, args)
	}
	return withoutNames(ctx, args, s.Stmt.Query)
}
