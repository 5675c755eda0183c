// Package sqltel makes a database/sql driver observable: each call is a scope inside that of its context.
//
//	db, err := sqltel.Open("pgx", dsn, tel, nil) // in place of sql.Open("pgx", dsn)
//
//	rows, err := db.QueryContext(ctx, "SELECT name FROM users WHERE id = $1", id)
//	defer rows.Close() // ends the scope sql.select.users
//
// [OpenDB] and [NewConnector] take a connector, [Wrap] and [Register] a driver. When telemetry is
// off they do nothing, and return what they were given. Methods of sql.DB without a context are
// recorded at the root. All of it is safe for concurrent use.
//
// # What is recorded
//
//	sql.select.users    a query, until its rows are closed, or an execution: operation and first table
//	sql.select          one whose table is not clear: none, a function, a subquery
//	sql.query, sql.exec a statement of another shape
//	load_user           either of them with a context of [WithName]
//	sql.prepare         Prepare
//	sql.begin, sql.commit, sql.rollback    a transaction's, inside the scope that it began in
//	sql.ping            where the driver has a Ping
//	sql.connect         a new connection; at the root where database/sql opens it by itself
//
// A name never has any other part of a statement. Of a qualified table it has the last part, as
// schemas may be those of tenants. A database has at most 1024 names: tables beyond that
// are left out. Rows that are never closed, which leak their connection, have no event either.
//
// Where a driver asks for a statement to be prepared first (driver.ErrSkip, as MySQL's does for
// arguments), that and the execution are one scope.
//
//	db.system.name             string  see Options.System
//	db.operation.name          string  SELECT; absent where it is not clear
//	db.collection.name         string  the table as it is written, such as public.users
//	db.query.text              string  with Options.Statement
//	db.response.returned_rows  int     rows that were read
//	db.response.affected_rows  int     of an execution, where the driver knows
//	db.response.status_code    string  of an error: its SQLSTATE, or its number, see below
//	error.type                 string  that code, bad_connection, timeout, a Go type or _OTHER
//
// These are the semantic conventions of OpenTelemetry (https://opentelemetry.io/docs/specs/semconv/db/sql/),
// which have no name for affected rows.
//
// # Errors
//
// An error of the driver makes the scope a failure, with these exceptions. io.EOF ends
// rows and sql.ErrNoRows is an answer. A call whose context was canceled is canceled, whatever the driver
// calls that. Of driver.ErrBadConn database/sql tries again, so a failed sql.select.users may stand
// before one that did not fail.
//
// The number of an error is that of its method Code, or of its field Number, ExtendedCode or Code, as the drivers
// of MySQL, SQL Server, SQLite and ClickHouse have one.
//
// The caller gets each error as it is. Its text in an event is cut after 2048 bytes, and has
// question marks in place of the statement's literals and arguments (strings, bytes and numbers), and of the passwords
// in a data source name. What a driver says of other rows, such as a key that exists, is not known here and stays.
//
// # Texts
//
// db.query.text is the statement with ? for strings, dollar quotes and numbers, without comments, in
// at most 2048 bytes. Databases differ in what a literal is: in backslashes, double quotes, # and nested
// comments. Where such a text could be read in two ways it ends in … before that place. With a System
// that keeps to the standard, such as postgresql, double quotes are names and stay; with others they go.
//
// # The driver beneath
//
// database/sql asks a driver for some twenty optional interfaces. It finds those that the driver has, and
// treats the others as if they were absent: a connection without ExecContext prepares, one without a
// SessionResetter is dropped after a rollback, and so on. What the driver is asked, in which
// order and with which arguments, is the same as without this package, but for one call of RowsAffected,
// see Options.NoRowsAffected. sql.Conn.Raw gets the wrapped connection: use [Unwrap].
//
// # The pool
//
// [Stats] reports that of a sql.DB at an interval:
//
//	sql.pool.max_open          gauge    connections that may be open; absent without a limit
//	sql.pool.open              gauge    connections that are open
//	sql.pool.in_use            gauge
//	sql.pool.idle              gauge
//	sql.pool.waits             counter  calls that waited for a connection, since the last report
//	sql.pool.wait_s            counter  seconds that they waited
//	sql.pool.closed_idle       counter  closed because too many were idle
//	sql.pool.closed_idle_time  counter  because they were idle for too long
//	sql.pool.closed_lifetime   counter  because they were too old
//
// The first report has no counters, and no later one has those that would be zero.
package sqltel
