package sqltel

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
	"log/slog"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/slogtel/telemetry/internal/names"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// Options configure the wrappers of this package. The zero value is the default.
type Options struct {
	// System is the kind of database, as db.system.name: "postgresql", "mysql",
	// "sqlite". "" is guessed from the driver's package, other_sql where that fails.
	System string

	// Attrs are on each event, such as server.address and db.namespace.
	Attrs []slog.Attr

	// Statement adds the text of the statement as db.query.text, without its literals
	// and comments, see the package documentation. Names of tables and columns stay.
	Statement bool

	// NoRowsAffected leaves out db.response.affected_rows. The driver's Result is asked
	// for it once, as soon as it is there: set this for a driver whose Result waits for
	// the server.
	NoRowsAffected bool
}

// Open opens a database as [sql.Open] does, and records what is done with it. When tel is
// nil or off it is sql.Open. Nil opts are the defaults; they are copied, here and below.
func Open(driverName, dataSourceName string, tel *slogtel.Telemetry, opts *Options) (*sql.DB, error) {
	db, err := sql.Open(driverName, dataSourceName)
	if err != nil || !tel.Enabled() {
		return db, err
	}
	d := db.Driver() // package sql has no other way to find a driver by its name
	if err := db.Close(); err != nil {
		return nil, err
	}
	var c driver.Connector = dsnConnector{d, dataSourceName}
	if dc, ok := d.(driver.DriverContext); ok {
		if c, err = dc.OpenConnector(dataSourceName); err != nil {
			return nil, err
		}
	}
	return sql.OpenDB(newTracer(d, tel, opts).connector(c, dataSourceName)), nil
}

// OpenDB opens a database as [sql.OpenDB] does, and records what is done with it.
func OpenDB(c driver.Connector, tel *slogtel.Telemetry, opts *Options) *sql.DB {
	return sql.OpenDB(NewConnector(c, tel, opts))
}

// NewConnector returns a connector that records what is done with the connections of c.
// When tel is nil or off, or c is nil, it returns c itself.
func NewConnector(c driver.Connector, tel *slogtel.Telemetry, opts *Options) driver.Connector {
	if c == nil || !tel.Enabled() {
		return c
	}
	return newTracer(c.Driver(), tel, opts).connector(c, "")
}

// Wrap returns a driver that records what is done with the connections of d. When tel is
// nil or off, or d is nil, it returns d itself.
func Wrap(d driver.Driver, tel *slogtel.Telemetry, opts *Options) driver.Driver {
	if d == nil || !tel.Enabled() {
		return d
	}
	w := &wrapped{d, newTracer(d, tel, opts)}
	if dc, ok := d.(driver.DriverContext); ok {
		return &wrappedContext{w, dc}
	}
	return w
}

// Register registers d, wrapped, as [sql.Register] does: sql.Open then finds it by that
// name. As that does, it panics when the name is taken.
func Register(name string, d driver.Driver, tel *slogtel.Telemetry, opts *Options) {
	sql.Register(name, Wrap(d, tel, opts))
}

// Unwrap returns the driver's own connection, for the function that is given to
// [sql.Conn.Raw]; a driver of [Wrap] is unwrapped, too. Anything else is returned as it is.
// What is done with the result is not recorded.
func Unwrap(driverConn any) any {
	for {
		w, ok := driverConn.(interface{ unwrap() any })
		if !ok {
			return driverConn
		}
		driverConn = w.unwrap()
	}
}

type nameKey struct{}

// WithName returns a context whose queries and executions are scopes called name, as
// "load_user", in place of a name made of the statement. It must be one of a few names:
// a database has at most 1024, more go by the statement. What is no valid
// name is sanitized; "" is none.
func WithName(ctx context.Context, name string) context.Context {
	if name != "" {
		name = scope.Sanitize(name)
	}
	return context.WithValue(ctx, nameKey{}, name)
}

// tracer is what all connections of a database share.
type tracer struct {
	tel    *slogtel.Telemetry
	opts   Options
	attrs  []slog.Attr // of each event
	strict bool        // double quotes are identifiers, backslashes and # are nothing special
	shapes names.Table[*shape]
	names  names.Table[struct{}]
}

func newTracer(d driver.Driver, tel *slogtel.Telemetry, opts *Options) *tracer {
	t := &tracer{tel: tel}
	if opts != nil {
		t.opts = *opts
	}
	t.opts.System = cmp.Or(t.opts.System, systemOf(d))
	t.attrs = append(make([]slog.Attr, 0, 1+len(t.opts.Attrs)), slog.String(keySystem, t.opts.System))
	t.attrs = slices.Clip(append(t.attrs, t.opts.Attrs...))
	t.strict = slices.Contains(strictSystems, t.opts.System)
	return t
}

// strictSystems keep to the lexical rules of the standard.
var strictSystems = []string{"postgresql", "cockroachdb", "aws.redshift", "oracle.db", "trino"}

// systemOf guesses the kind of database from the package of its driver.
func systemOf(d driver.Driver) string {
	t := reflect.TypeOf(d)
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t != nil {
		path := strings.ToLower(t.PkgPath())
		for _, known := range [...][2]string{
			{"pgx", "postgresql"}, {"lib/pq", "postgresql"}, {"sqlite", "sqlite"}, {"mysql", "mysql"}, {"mssql", "microsoft.sql_server"},
			{"clickhouse", "clickhouse"}, {"godror", "oracle.db"}, {"go-ora", "oracle.db"}, {"trino", "trino"},
		} {
			if strings.Contains(path, known[0]) {
				return known[1]
			}
		}
	}
	return "other_sql"
}

// wrapped is a driver.
type wrapped struct {
	driver.Driver
	t *tracer
}

// Open opens a connection.
func (w *wrapped) Open(name string) (driver.Conn, error) {
	return w.t.connect(context.Background(), name, func(context.Context) (driver.Conn, error) { return w.Driver.Open(name) })
}

func (w *wrapped) unwrap() any { return w.Driver }

// wrappedContext is a driver that has connectors.
type wrappedContext struct {
	*wrapped
	dc driver.DriverContext
}

// OpenConnector returns the wrapped connector of name.
func (w *wrappedContext) OpenConnector(name string) (driver.Connector, error) {
	c, err := w.dc.OpenConnector(name)
	if err != nil || c == nil {
		return c, err
	}
	return w.t.connector(c, name), nil
}

func (t *tracer) connector(c driver.Connector, dsn string) driver.Connector {
	w := &connector{c, t, dsn}
	if closer, ok := c.(io.Closer); ok {
		return &closingConnector{w, closer}
	}
	return w
}

type connector struct {
	driver.Connector
	t   *tracer
	dsn string // "" where it is not known
}

type closingConnector struct {
	*connector
	io.Closer
}

// Connect opens a connection.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	return c.t.connect(ctx, c.dsn, c.Connector.Connect)
}

func (t *tracer) connect(ctx context.Context, dsn string, open func(context.Context) (driver.Conn, error)) (driver.Conn, error) {
	o := t.start(ctx, "sql.connect", t.attrs)
	defer o.unwound()
	o.args = secretsOf(dsn)
	c, err := open(o.ctx)
	o.end(err)
	if err != nil || c == nil {
		return c, err
	}
	return (&conn{Conn: c, t: t}).asDriver(), nil
}

// secretsOf returns what of a data source name is kept out of error texts, in the place of
// arguments.
func secretsOf(dsn string) []driver.NamedValue {
	if dsn == "" {
		return nil
	}
	secrets := []driver.NamedValue{{Value: dsn}}
	if u, err := url.Parse(dsn); err == nil {
		if password, ok := u.User.Password(); ok {
			secrets = append(secrets, driver.NamedValue{Value: password})
		}
	}
	return secrets
}

// dsnConnector is the connector of a driver that has none, as package sql has one.
type dsnConnector struct {
	driver driver.Driver
	dsn    string
}

func (c dsnConnector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c dsnConnector) Driver() driver.Driver                        { return c.driver }
