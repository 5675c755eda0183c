package bench

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"testing"

	"github.com/XSAM/otelsql"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/sqltel"
)

// quiet is a driver whose calls cost as little as they can.
type (
	quiet     struct{ driver.Conn }
	quietRows struct{ left int }
)

func (q quiet) Connect(context.Context) (driver.Conn, error) { return q, nil }
func (q quiet) Driver() driver.Driver                        { return q }
func (q quiet) Open(string) (driver.Conn, error)             { return q, nil }
func (quiet) Close() error                                   { return nil }
func (quiet) ResetSession(context.Context) error             { return nil }
func (quiet) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return driver.RowsAffected(1), nil
}
func (quiet) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return &quietRows{10}, nil
}

func (*quietRows) Columns() []string { return []string{"id"} }
func (*quietRows) Close() error      { return nil }
func (r *quietRows) Next(dest []driver.Value) error {
	if r.left == 0 {
		return io.EOF
	}
	r.left--
	dest[0] = int64(r.left)
	return nil
}

// sqlParts are the same database three times; both libraries keep trace ids.
func sqlParts() []struct {
	name string
	db   *sql.DB
} {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, discard{})
	return []struct {
		name string
		db   *sql.DB
	}{
		{"slogtel", sqltel.OpenDB(quiet{}, tel, nil)},
		{"otelsql", otelsql.OpenDB(quiet{},
			otelsql.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(dropSpans{}))),
			otelsql.WithMeterProvider(metricnoop.NewMeterProvider()))},
		{"bare", sql.OpenDB(quiet{})},
	}
}

// sqlExec is an execution through database/sql.
func sqlExec(b *testing.B, db *sql.DB) {
	if _, err := db.ExecContext(context.Background(), "INSERT INTO users (id, name) VALUES ($1, $2)", 1, "ann"); err != nil {
		b.Error(err)
	}
}

// sqlQuery is a query of ten rows through database/sql.
func sqlQuery(b *testing.B, db *sql.DB) {
	rows, err := db.QueryContext(context.Background(), "SELECT id, name, email FROM users WHERE id = $1", 1)
	if err != nil {
		b.Error(err)
		return
	}
	for rows.Next() {
	}
	if rows.Err() != nil || rows.Close() != nil {
		b.Error("rows")
	}
}

func benchmarkSQL(b *testing.B, call func(*testing.B, *sql.DB)) {
	for _, part := range sqlParts() {
		b.Cleanup(func() { _ = part.db.Close() })
		b.Run(part.name, func(b *testing.B) {
			parallel(b, func() { call(b, part.db) })
		})
	}
}

func BenchmarkSQLExec(b *testing.B)  { benchmarkSQL(b, sqlExec) }
func BenchmarkSQLQuery(b *testing.B) { benchmarkSQL(b, sqlQuery) }
