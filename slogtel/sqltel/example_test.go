package sqltel_test

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io"

	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/sqltel"
)

func Example() {
	memory := memory.New(nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, memory)
	db := sqltel.OpenDB(tinyDB{}, tel, nil) // most call sqltel.Open("pgx", dsn, tel, nil)
	defer db.Close()

	ctx, span := tel.Start(context.Background(), "request")
	var name string
	err := db.QueryRowContext(ctx, "SELECT name FROM users WHERE id = $1", 42).Scan(&name)
	_, failed := db.ExecContext(sqltel.WithName(ctx, "rename_user"), "UPDATE users SET name = 'bob'")
	span.End()

	fmt.Println(name, err, failed)
	for _, s := range memory.Snapshot().Scopes {
		fmt.Println(s.Scope, s.Calls, s.Errors)
	}
	// Output:
	// ann <nil> read only: 'bob'
	// request 1 0
	// request.rename_user 1 1
	// request.sql.connect 1 0
	// request.sql.select.users 1 0
}

// tinyDB is a database with one row.
type tinyDB struct{ driver.Conn }

func (db tinyDB) Connect(context.Context) (driver.Conn, error) { return db, nil }
func (tinyDB) Driver() driver.Driver                           { return nil }
func (tinyDB) Close() error                                    { return nil }
func (tinyDB) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return &oneRow{}, nil
}
func (tinyDB) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return nil, fmt.Errorf("read only: 'bob'")
}

type oneRow struct{ done bool }

func (*oneRow) Columns() []string { return []string{"name"} }
func (*oneRow) Close() error      { return nil }
func (r *oneRow) Next(dest []driver.Value) error {
	if r.done {
		return io.EOF
	}
	r.done, dest[0] = true, "ann"
	return nil
}
