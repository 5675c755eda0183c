package grpctel

import (
	"context"
	"errors"
	"runtime"
	"strconv"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"

	"github.com/slogtel/telemetry/internal/tracecontext"
)

// server is the stats.Handler of a server. The events of an RPC come in this order: TagRPC,
// InHeader, Begin and, from the handler's goroutines, all others up to End. One whose method is
// not known has neither Begin nor End: it ends with OutTrailer.
type server struct{ *handler }

var _ stats.Handler = (*server)(nil)

// TagRPC returns the context of the handler. The scope is in it from Begin on, when it is
// known that the method is one of the server's.
func (s *server) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	return s.newRPC(ctx, info.FullMethodName)
}

// HandleRPC records one event of an RPC.
func (s *server) HandleRPC(ctx context.Context, e stats.RPCStats) {
	r := s.rpcOf(ctx)
	if r == nil {
		return
	}
	switch e := e.(type) {
	case *stats.InHeader:
		s.join(r, e.Header)
	case *stats.Begin:
		r.start(s.methods.find(r.full, &r.fault))
	case *stats.InPayload:
		r.in.add(e.Length)
	case *stats.OutPayload:
		r.out.add(e.Length)
	case *stats.OutTrailer:
		r.replied.Store(true)
		if r.method == nil {
			r.start(s.methods.unmatched())
			r.end(&r.in, &r.out, outcome{code: codes.Unimplemented, status: true, failed: true, err: errUnmatched})
		}
	case *stats.End:
		r.end(&r.in, &r.out, s.outcome(r, e.Error))
	}
}

// join puts r into the trace of the caller, where that is wanted.
func (s *server) join(r *rpc, md metadata.MD) {
	if v := md[previousHeader]; len(v) == 1 {
		r.previous, _ = strconv.Atoi(v[0])
	}
	parent := md[tracecontext.Traceparent]
	switch {
	case len(parent) == 0 || tracecontext.Seen(r.Context):
	case s.opts.PublicEndpoint:
		r.Context = tracecontext.Refuse(r.Context)
	case len(parent) == 1:
		r.Context = tracecontext.Extract(r.Context, parent[0], md[tracecontext.Tracestate]...)
	}
}

// previousHeader is what a client that tries again sends
// (https://github.com/grpc/proposal/blob/master/A6-client-retries.md).
const previousHeader = "grpc-previous-rpc-attempts"

var (
	errUnmatched = errors.New("the server has no such method")
	errPanic     = errors.New("panic: the handler panicked")
	errGoexit    = errors.New("the handler called runtime.Goexit")
)

// outcome tells how an RPC ended. Where the handler did not return, gRPC sees no error, and no
// status was sent.
func (s *server) outcome(r *rpc, err error) outcome {
	if err == nil && !r.replied.Load() {
		switch unwinding() {
		case "runtime.gopanic":
			return outcome{failed: true, err: errPanic}
		case "runtime.Goexit":
			return outcome{failed: true, err: errGoexit}
		}
		return outcome{canceled: true} // the client has left
	}
	o := outcomeOf(err)
	switch o.code {
	case codes.Unknown, codes.DeadlineExceeded, codes.Unimplemented, codes.Internal, codes.Unavailable, codes.DataLoss:
		o.failed = true
	case codes.Canceled:
		o.canceled = true
	}
	return o
}

// unwinding returns the function that runs deferred functions before their own has returned, if
// one of these has called us.
func unwinding() string {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	for {
		f, more := frames.Next()
		if f.Function == "runtime.gopanic" || f.Function == "runtime.Goexit" {
			return f.Function
		}
		if !more {
			return ""
		}
	}
}
