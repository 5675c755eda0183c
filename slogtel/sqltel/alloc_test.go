package sqltel

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/slogtel"
)

type discard = testkit.Discard

// quiet is a driver whose calls cost as little as they can.
type (
	quietConn struct{ driver.Conn }
	quietRows struct{}
)

func (quietConn) Close() error                       { return nil }
func (quietConn) ResetSession(context.Context) error { return nil }
func (quietConn) Open(string) (driver.Conn, error)   { return quietConn{}, nil }
func (quietRows) Columns() []string                  { return nil }
func (quietRows) Close() error                       { return nil }
func (quietRows) Next([]driver.Value) error          { return io.EOF }
func (quietConn) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return driver.RowsAffected(1), nil
}
func (quietConn) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return quietRows{}, nil
}

func TestAllocs(t *testing.T) {
	if testkit.Race {
		t.Skip("counts are those of a build without the race detector")
	}
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, discard{})
	count := func(db *sql.DB) (exec, query float64) {
		defer db.Close()
		ctx := context.Background() // database/sql watches one that can end on a goroutine, which allocates when it will
		exec = testing.AllocsPerRun(200, func() { _, _ = db.ExecContext(ctx, "insert into users values (1)") })
		query = testing.AllocsPerRun(200, func() {
			rows, _ := db.QueryContext(ctx, "select * from users")
			for rows.Next() {
			}
			_ = rows.Err()
			_ = rows.Close()
		})
		return exec, query
	}
	bareExec, bareQuery := count(sql.OpenDB(dsnConnector{quietConn{}, ""}))
	exec, query := count(OpenDB(dsnConnector{quietConn{}, ""}, tel, nil))
	t.Logf("allocations: exec %v, alone %v; query %v, alone %v", exec, bareExec, query, bareQuery)
	assert.LessOrEqual(t, exec-bareExec, 2.0)
	assert.LessOrEqual(t, query-bareQuery, 3.0)
}
