//go:build go1.27

package sqltel

import "database/sql/driver"

// scanningRows are rows that scan by themselves: package sql calls no Next of them.
type scanningRows struct {
	*rows
	scanner driver.RowsColumnScanner
}

func (r *rows) asDriver() driver.Rows {
	if s, ok := r.Rows.(driver.RowsColumnScanner); ok {
		return &scanningRows{r, s}
	}
	return r
}

// NextRow moves to the next row.
func (r *scanningRows) NextRow() error { return r.moved(r.scanner.NextRow()) }

// ScanColumn is the driver's own.
func (r *scanningRows) ScanColumn(ctx driver.ScanContext, i int, dest any) error {
	return r.scanner.ScanColumn(ctx, i, dest)
}
