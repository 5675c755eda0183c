//go:build !go1.27

package sqltel

import "database/sql/driver"

func (r *rows) asDriver() driver.Rows { return r }
