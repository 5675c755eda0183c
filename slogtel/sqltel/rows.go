package sqltel

import (
	"database/sql/driver"
	"io"
	"log/slog"
	"reflect"
)

// rows are the result of a query. They have all optional interfaces but Go 1.27's
// RowsColumnScanner, which asDriver adds. Where the driver lacks one, they answer what package sql
// assumes without it.
type rows struct {
	driver.Rows
	op    op
	n     int64
	atEnd bool
}

var (
	_ driver.RowsNextResultSet              = (*rows)(nil)
	_ driver.RowsColumnTypeScanType         = (*rows)(nil)
	_ driver.RowsColumnTypeDatabaseTypeName = (*rows)(nil)
	_ driver.RowsColumnTypeLength           = (*rows)(nil)
	_ driver.RowsColumnTypeNullable         = (*rows)(nil)
	_ driver.RowsColumnTypePrecisionScale   = (*rows)(nil)
)

// rows hands the scope over to the rows of a query, which ends it.
func (o *op) rows(r driver.Rows, err error) (driver.Rows, error) {
	if o.span == nil {
		return r, err
	}
	if err != nil || r == nil {
		o.end(err)
		return r, err
	}
	w := &rows{Rows: r, op: *o}
	o.ended = true
	return w.asDriver(), nil
}

// Next reads a row.
func (r *rows) Next(dest []driver.Value) error {
	return r.moved(r.Rows.Next(dest))
}

// moved notes what moving to the next row came to.
func (r *rows) moved(err error) error {
	switch err {
	case nil:
		r.n++
	case io.EOF:
		r.atEnd = true
	default:
		r.op.fail(err)
		r.atEnd = true
	}
	return err
}

// Close closes the rows and ends the scope. When the caller's context has ended before
// the rows did, that is why.
func (r *rows) Close() error {
	defer r.op.unwound()
	err := r.Rows.Close()
	if !r.op.ended {
		if err == nil && !r.atEnd {
			r.op.fail(r.op.caller.Err())
		}
		r.op.end(err, slog.Int64(keyReturned, r.n))
	}
	return err
}

// HasNextResultSet is the driver's own, or false.
func (r *rows) HasNextResultSet() bool {
	n, ok := r.Rows.(driver.RowsNextResultSet)
	return ok && n.HasNextResultSet()
}

// NextResultSet is the driver's own, or io.EOF.
func (r *rows) NextResultSet() error {
	n, ok := r.Rows.(driver.RowsNextResultSet)
	if !ok {
		return io.EOF
	}
	err := n.NextResultSet()
	switch err {
	case nil:
		r.atEnd = false
	case io.EOF:
	default:
		r.op.fail(err)
	}
	return err
}

// ColumnTypeScanType is the driver's own, or any.
func (r *rows) ColumnTypeScanType(i int) reflect.Type {
	if c, ok := r.Rows.(driver.RowsColumnTypeScanType); ok {
		return c.ColumnTypeScanType(i)
	}
	return reflect.TypeFor[any]()
}

// ColumnTypeDatabaseTypeName is the driver's own, or "".
func (r *rows) ColumnTypeDatabaseTypeName(i int) string {
	if c, ok := r.Rows.(driver.RowsColumnTypeDatabaseTypeName); ok {
		return c.ColumnTypeDatabaseTypeName(i)
	}
	return ""
}

// ColumnTypeLength is the driver's own, or not known.
func (r *rows) ColumnTypeLength(i int) (length int64, ok bool) {
	if c, ok := r.Rows.(driver.RowsColumnTypeLength); ok {
		return c.ColumnTypeLength(i)
	}
	return 0, false
}

// ColumnTypeNullable is the driver's own, or not known.
func (r *rows) ColumnTypeNullable(i int) (nullable, ok bool) {
	if c, ok := r.Rows.(driver.RowsColumnTypeNullable); ok {
		return c.ColumnTypeNullable(i)
	}
	return false, false
}

// ColumnTypePrecisionScale is the driver's own, or not known.
func (r *rows) ColumnTypePrecisionScale(i int) (precision, scale int64, ok bool) {
	if c, ok := r.Rows.(driver.RowsColumnTypePrecisionScale); ok {
		return c.ColumnTypePrecisionScale(i)
	}
	return 0, 0, false
}
