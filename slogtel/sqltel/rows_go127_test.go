//go:build go1.27

package sqltel

import (
	"database/sql"
	"database/sql/driver"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type scannerRows struct {
	*fakeRows
	rSets
}

func (r scannerRows) NextRow() error {
	r.fakeRows.c.add("next row")
	if r.left == 0 {
		return io.EOF
	}
	r.left--
	return nil
}

func (r scannerRows) ScanColumn(ctx driver.ScanContext, i int, dest any) error {
	r.fakeRows.c.add("scan column %d", i)
	return sql.ConvertAssign(ctx, dest, int64(10*r.left+i))
}

func init() {
	rowsets["scanning"] = func(r *fakeRows) driver.Rows { return scannerRows{r, rSets{r}} }
}

func TestRowsThatScan(t *testing.T) {
	d := newFake()
	d.rows = rowsets["scanning"]
	db, rec := open(t, d, nil)
	var a, b int
	require.NoError(t, db.QueryRowContext(t.Context(), users, 1).Scan(&a, &b))
	assert.Equal(t, []int{10, 11}, []int{a, b})
	rows, err := db.QueryContext(t.Context(), users, 1)
	drain(t, rows, err)
	timings := told(rec)
	assert.Contains(t, timings[0], "returned_rows=1")
	assert.Contains(t, timings[1], "returned_rows=2")
	assert.NotContains(t, d.lines, "next")
}
