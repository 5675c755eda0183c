package grpctel

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync/atomic"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/slogtel/telemetry/internal/errtext"
	"github.com/slogtel/telemetry/slogtel"
)

// Keys of the attributes, see the package documentation.
const (
	KeySystem           = "rpc.system.name"
	KeyMethod           = "rpc.method"
	KeyStatus           = "rpc.response.status_code"
	KeyRequestMessages  = "rpc.request.messages"
	KeyRequestSize      = "rpc.request.size"
	KeyResponseMessages = "rpc.response.messages"
	KeyResponseSize     = "rpc.response.size"
	KeyPreviousAttempts = "rpc.grpc.previous_attempts"
	KeyServer           = "server.address"
	KeyServerPort       = "server.port"
	KeyErrorType        = "error.type"
	KeyKind             = "span.kind"
)

// handler is what the handlers of servers and clients have in common.
type handler struct {
	connections
	kind    string // server or client
	tel     *slogtel.Telemetry
	opts    Options
	methods *methods
}

func newHandler(kind string, tel *slogtel.Telemetry, opts *Options) *handler {
	h := &handler{kind: kind, tel: tel}
	if opts != nil {
		h.opts = *opts
	}
	h.methods = &methods{prefix: "rpc." + kind + ".", own: h.opts.ScopeName}
	return h
}

// An rpc is an RPC of a server or an attempt of a client, and its context. Of the events of a
// stream those of reading and those of writing may come at the same time.
type rpc struct {
	context.Context // in the scope, once there is one
	of              *handler
	off             bool // it is not recorded
	method          *method
	full            string
	caller          context.Context // what TagRPC was given
	span            *slogtel.Span
	fault           error       // of a function of the options
	previous        int         // attempts
	server          *address    // nil: not connected
	replied         atomic.Bool // the status was sent; server only
	in, out         messages
}

type messages struct{ count, size atomic.Int64 }

func (m *messages) add(size int) {
	m.count.Add(1)
	m.size.Add(int64(size))
}

// rpcKey is the context key of a *rpc: a server, or the context of a call, may have several
// handlers.
type rpcKey struct{ of *handler }

func (r *rpc) Value(key any) any {
	if k, ok := key.(rpcKey); ok && k.of == r.of {
		return r
	}
	return r.Context.Value(key)
}

// rpcOf returns the RPC that TagRPC made of ctx, or nil where it is not recorded.
func (h *handler) rpcOf(ctx context.Context) *rpc {
	r, ok := ctx.(*rpc)
	if !ok || r.of != h {
		r, _ = ctx.Value(rpcKey{h}).(*rpc)
	}
	if r == nil || r.off {
		return nil
	}
	return r
}

func (h *handler) newRPC(ctx context.Context, full string) *rpc {
	r := &rpc{Context: ctx, of: h, caller: ctx, full: full}
	r.off = !h.tel.Enabled() || h.opts.Filter != nil && !errtext.Try("grpctel: Options.Filter", &r.fault, true, h.opts.Filter, full)
	return r
}

// start opens the scope.
func (r *rpc) start(m *method) {
	r.method = m
	r.Context, r.span = r.of.tel.Start(r.Context, m.name)
}

// An outcome is how an RPC ended.
type outcome struct {
	code     codes.Code
	status   bool // there was one
	failed   bool
	canceled bool
	err      error // nil: the status
}

// end ends the scope. The requests are those of the given messages.
func (r *rpc) end(requests, responses *messages, o outcome) {
	if r.span == nil {
		return
	}
	var scratch [12]slog.Attr
	attrs := append(scratch[:0], slog.String(KeySystem, "grpc"), slog.String(KeyMethod, r.method.full))
	if o.status {
		attrs = append(attrs, slog.String(KeyStatus, codeName(o.code)))
	}
	attrs = append(attrs,
		slog.Int64(KeyRequestMessages, requests.count.Load()), slog.Int64(KeyRequestSize, requests.size.Load()),
		slog.Int64(KeyResponseMessages, responses.count.Load()), slog.Int64(KeyResponseSize, responses.size.Load()))
	if r.method.own {
		attrs = append(attrs, slog.String(KeyKind, r.of.kind))
	}
	if r.previous > 0 {
		attrs = append(attrs, slog.Int(KeyPreviousAttempts, r.previous))
	}
	if r.server != nil {
		attrs = r.server.append(attrs)
	}
	if f := r.of.opts.Attrs; f != nil {
		ask := func(full string) []slog.Attr { return f(r.Context, full) }
		attrs = append(attrs, errtext.Try("grpctel: Options.Attrs", &r.fault, nil, ask, r.full)...)
	}
	r.span.Fail(r.fault)
	switch {
	case o.canceled:
		r.span.Fail(context.Canceled)
	case o.failed:
		kind := "_OTHER"
		if o.status {
			kind = codeName(o.code)
		}
		attrs = append(attrs, slog.String(KeyErrorType, kind))
		r.span.Fail(errorText(o.err))
	}
	r.span.End(attrs...)
}

// errorText is the text of an error, and no more: a status is text, and may hold the URL of a
// call that failed behind the server.
func errorText(err error) error {
	const most = 2048
	text := errtext.Text(err.Error())
	if len(text) > most {
		text = text[:most] + "…"
	}
	return errors.New(text)
}

// outcomeOf is that of the error of an End, of which gRPC says that it is a status.
func outcomeOf(err error) outcome {
	return outcome{code: status.Code(err), status: true, err: err}
}

var codeNames = [...]string{"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
	"PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL",
	"UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"}

// codeName is the name of a code in the specification
// (https://github.com/grpc/grpc/blob/master/doc/statuscodes.md), or its number.
func codeName(c codes.Code) string {
	if int64(c) < int64(len(codeNames)) {
		return codeNames[c]
	}
	return strconv.FormatUint(uint64(c), 10)
}
