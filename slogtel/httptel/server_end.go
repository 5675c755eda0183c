package httptel

import (
	"errors"
	"log/slog"
	"net/http"
	"reflect"

	"github.com/slogtel/telemetry/internal/errtext"
)

// Keys of the attributes, as the semantic conventions of OpenTelemetry name them
// (https://opentelemetry.io/docs/specs/semconv/http/http-spans/), and two of our own.
const (
	KeyMethod       = "http.request.method"       // string; _OTHER for unknown ones
	KeyRoute        = "http.route"                // string; the pattern; server only
	KeyStatus       = "http.response.status_code" // int; absent when none was sent or received
	KeyRequestSize  = "http.request.body.size"    // int, bytes; absent when the request has no body
	KeyResponseSize = "http.response.body.size"   // int, bytes
	KeyResendCount  = "http.request.resend_count" // int; absent on the first attempt; client only
	KeyServer       = "server.address"            // string, host name or address; client only
	KeyServerPort   = "server.port"               // int; absent when the URL has none; client only

	KeyRequestID = "http.request.header.x-request-id" // string; only with ServerOptions.RequestIDHeader
	KeyClient    = "client.address"                   // string; only with ServerOptions.ClientAddress
	KeyUserAgent = "user_agent.original"              // string; only with ServerOptions.UserAgent

	KeyCanceled = "http.canceled" // true: the client left, or a deadline passed, before the handler returned
	KeyHijacked = "http.hijacked" // true: the handler took the connection over
)

// errGoexit is the failure of a handler that ended its goroutine.
var errGoexit = errors.New("handler called runtime.Goexit")

// outcome is how a handler ended.
type outcome struct {
	returned bool
	panicked any // nil: it did not
}

// end ends the scope of a request.
func (rec *recorder) end(w *writer, req *http.Request, o outcome) {
	var scratch [8]slog.Attr
	attrs := append(scratch[:0], slog.String(KeyMethod, knownMethod(req.Method)))
	e := &w.exchange
	e.mu.Lock()
	route, known, knownStatus, knownSize, failure, fault := e.route, e.known, e.status, e.size, e.err, e.fault
	e.mu.Unlock()
	if route.route != "" {
		attrs = append(attrs, slog.String(KeyRoute, route.route))
	}
	status := int(w.status.Load())
	canceled := req.Context().Err() != nil
	hijacked := w.hijacked.Load()
	if status == 0 && o.returned && !canceled && !hijacked && isStandard(w.ResponseWriter) {
		status = http.StatusOK // which net/http sends in place of the handler
	}
	written := w.written.Load()
	if known && !hijacked && o.returned {
		status, written = knownStatus, knownSize
	}
	if status != 0 {
		attrs = append(attrs, slog.Int(KeyStatus, status))
	}
	if req.Method == http.MethodHead {
		written = 0 // the server throws it away
	}
	if w.body.ReadCloser != nil {
		attrs = append(attrs, slog.Int64(KeyRequestSize, w.read.Load()))
	}
	if written >= 0 {
		attrs = append(attrs, slog.Int64(KeyResponseSize, written))
	}
	if canceled {
		attrs = append(attrs, slog.Bool(KeyCanceled, true))
	}
	if hijacked {
		attrs = append(attrs, slog.Bool(KeyHijacked, true))
	}
	attrs = append(attrs, e.client...)
	if rec.opts.Attrs != nil {
		attrs = append(attrs, errtext.Try("httptel: ServerOptions.Attrs", &fault, nil, rec.opts.Attrs, req)...)
	}
	span := e.span
	switch {
	case canceled && o.panicked == any(http.ErrAbortHandler):
		span.Fail(fault) // how httputil.ReverseProxy ends when the client has left
	case o.panicked != nil:
		span.Fail(errtext.Panic(o.panicked))
	case !o.returned:
		span.Fail(errGoexit)
	case failure != nil && (status < 400 || status >= 500):
		if status >= 500 && !canceled {
			span.Fail(statusError(status)) // should the error be context.Canceled, which is no failure
		}
		span.Fail(failure)
	case status >= 500:
		span.Fail(statusError(status))
	default:
		span.Fail(fault)
	}
	if route == unknownRoute && fault == nil && o.returned && status < 400 && rec.warned.CompareAndSwap(false, true) {
		rec.tel.ReportSetup(ErrNoRoute)
	}
	span.End(attrs...)
}

// isStandard reports whether net/http itself sends 200 when a handler has sent nothing to w. Where
// w is that of a framework or of another middleware, that may still send another status.
func isStandard(w http.ResponseWriter) bool {
	for {
		inner, ok := w.(kind)
		if !ok {
			break
		}
		w = inner.ours().ResponseWriter
	}
	t := reflect.TypeOf(w)
	if t == nil {
		return false
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.PkgPath() {
	case "net/http", "net/http/httptest", "golang.org/x/net/http2":
		return true
	}
	return false
}
