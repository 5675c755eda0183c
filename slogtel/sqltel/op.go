package sqltel

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strconv"

	"github.com/slogtel/telemetry/slogtel"
)

// Keys of the attributes, see the package documentation.
const (
	keySystem     = "db.system.name"
	keyOperation  = "db.operation.name"
	keyCollection = "db.collection.name"
	keyText       = "db.query.text"
	keyReturned   = "db.response.returned_rows"
	keyAffected   = "db.response.affected_rows"
	keyStatus     = "db.response.status_code"
	keyErrorType  = "error.type"
)

var errGoexit = errors.New("runtime.Goexit was called in the driver")

// op is one call of the driver. It is used by one goroutine at a time, as all of a driver is.
type op struct {
	span   *slogtel.Span
	ctx    context.Context // in the scope; the caller's when nothing is recorded
	caller context.Context
	query  string
	args   []driver.NamedValue
	t      *tracer
	ended  bool // or handed over to another op
}

func (t *tracer) start(ctx context.Context, name string, attrs []slog.Attr) op {
	o := op{t: t, caller: ctx}
	o.ctx, o.span = t.tel.Start(ctx, name, attrs...)
	return o
}

// startStatement opens the scope of a query or an execution.
func (t *tracer) startStatement(ctx context.Context, query string, args []driver.NamedValue, rows bool) op {
	if !t.tel.Enabled() {
		return op{t: t, caller: ctx, ctx: ctx}
	}
	s := t.shapeOf(query)
	name := s.exec
	if rows {
		name = s.query
	}
	if own, _ := ctx.Value(nameKey{}).(string); own != "" && t.isName(own) {
		name = own
	}
	o := t.start(ctx, name, s.attrs)
	o.query, o.args = query, args
	return o
}

// isName reports whether name is one of the first of the names that callers gave.
func (t *tracer) isName(name string) bool {
	_, ok := t.names.Get(name)
	if !ok && !t.names.Full() {
		_, ok = t.names.Add(name, func(string) (none struct{}) { return none })
	}
	return ok
}

// end ends the scope, unless it has ended or was handed over.
func (o *op) end(err error, attrs ...slog.Attr) {
	if o.ended || o.span == nil {
		return
	}
	o.fail(err)
	o.ended = true
	o.span.End(attrs...)
}

// endExec ends the scope of an execution.
func (o *op) endExec(res driver.Result, err error) {
	if err == nil && o.span != nil && !o.t.opts.NoRowsAffected {
		if n, ok := affected(res); ok {
			o.end(nil, slog.Int64(keyAffected, n))
			return
		}
	}
	o.end(err)
}

// affected asks a result how many rows it stands for. Not every one can say.
func affected(res driver.Result) (n int64, ok bool) {
	if res == nil {
		return 0, false
	}
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	n, err := res.RowsAffected()
	return n, err == nil && n >= 0
}

// unwound is deferred by whoever opens the scope: it ends one whose driver did not return.
func (o *op) unwound() {
	if o.ended || o.span == nil {
		return
	}
	v := recover()
	if v == nil {
		o.end(errGoexit)
		return
	}
	o.end(fmt.Errorf("panic: %v", v))
	panic(v)
}

// fail marks the scope as failed, or as canceled where the caller's context is. Drivers
// have errors of their own for that, such as SQLite's "interrupted". That there are no rows is no
// failure.
func (o *op) fail(err error) {
	if err == nil || o.span == nil || o.ended {
		return
	}
	defer func() {
		if recover() != nil {
			o.span.Fail(fmt.Errorf("%T, a method of which panics", err))
		}
	}()
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return
	case errors.Is(err, context.Canceled), o.caller.Err() == context.Canceled:
		o.span.Fail(context.Canceled)
		return
	}
	code := statusOf(err)
	if code != "" {
		o.span.SetAttrs(slog.String(keyStatus, code))
	}
	o.span.SetAttrs(slog.String(keyErrorType, o.typeOf(err, code)))
	o.span.Fail(errors.New(o.clean(err.Error())))
}

// statusOf returns the database's own code of an error: an SQLSTATE, or a number.
func statusOf(err error) string {
	var state interface{ SQLState() string }
	if errors.As(err, &state) {
		if s := state.SQLState(); len(s) <= 16 {
			return s
		}
	}
	var number interface{ Code() int }
	if errors.As(err, &number) {
		return strconv.Itoa(number.Code())
	}
	for ; err != nil; err = errors.Unwrap(err) {
		if code := codeField(err); code != "" {
			return code
		}
	}
	return ""
}

// codeField returns the number that an error has in a field, as those of go-sql-driver/mysql, SQL
// Server's, SQLite's and ClickHouse's drivers do, and "" for none.
func codeField(err error) string {
	v := reflect.Indirect(reflect.ValueOf(err))
	if v.Kind() != reflect.Struct {
		return ""
	}
	for _, name := range [...]string{"Number", "ExtendedCode", "Code"} {
		f, ok := v.Type().FieldByName(name)
		switch {
		case !ok || len(f.Index) > 1 || v.Field(f.Index[0]).IsZero():
		case v.Field(f.Index[0]).CanInt():
			return strconv.FormatInt(v.Field(f.Index[0]).Int(), 10)
		case v.Field(f.Index[0]).CanUint():
			return strconv.FormatUint(v.Field(f.Index[0]).Uint(), 10)
		}
	}
	return ""
}

// typeOf returns the class of an error, one of a few.
func (o *op) typeOf(err error, code string) string {
	switch {
	case code != "":
		return code
	case errors.Is(err, driver.ErrBadConn):
		return "bad_connection"
	case errors.Is(err, context.DeadlineExceeded), o.caller.Err() == context.DeadlineExceeded:
		return "timeout"
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	if name := fmt.Sprintf("%T", err); name != "*errors.errorString" {
		return name
	}
	return "_OTHER"
}
