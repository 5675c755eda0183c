package grpctel

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"

	"github.com/slogtel/telemetry/internal/tracecontext"
)

// client is the stats.Handler of a client. TagRPC is called for each attempt, and each attempt
// has a Begin and an End.
type client struct {
	*handler
	attempts attempts
	last     atomic.Pointer[address] // of the last RPC
}

var _ stats.Handler = (*client)(nil)

// TagRPC returns the context of an attempt, in its scope and with its traceparent.
func (c *client) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	r := c.newRPC(ctx, info.FullMethodName)
	if r.off {
		return r
	}
	r.previous = c.attempts.before(ctx)
	r.start(c.methods.find(r.full, &r.fault))
	if !c.opts.NoTraceparent {
		r.Context = inject(r.Context)
	}
	return r
}

// inject sets the traceparent and the tracestate of the metadata, in place of any others.
func inject(ctx context.Context) context.Context {
	parent, state := tracecontext.Outgoing(ctx)
	if parent == "" {
		return ctx
	}
	md, ok := metadata.FromOutgoingContext(ctx) // a copy
	if !ok {
		md = make(metadata.MD, 1)
	}
	md[tracecontext.Traceparent] = []string{parent}
	if state != "" {
		md[tracecontext.Tracestate] = []string{state}
	} else {
		delete(md, tracecontext.Tracestate)
	}
	return metadata.NewOutgoingContext(ctx, md)
}

// HandleRPC records one event of an attempt.
func (c *client) HandleRPC(ctx context.Context, e stats.RPCStats) {
	r := c.rpcOf(ctx)
	if r == nil {
		return
	}
	switch e := e.(type) {
	case *stats.OutHeader:
		r.server = c.address(e.RemoteAddr)
	case *stats.OutPayload:
		r.out.add(e.Length)
	case *stats.InPayload:
		r.in.add(e.Length)
	case *stats.End:
		o := outcomeOf(e.Error)
		if e.Error != nil {
			o.canceled = o.code == codes.Canceled && r.caller.Err() == context.Canceled
			o.failed = !o.canceled
			c.attempts.failed(r.caller)
		}
		r.end(&r.out, &r.in, o)
	}
}

// attempts counts the attempts of the RPCs that have failed so far. gRPC does not number them for
// its stats.Handler, but all attempts of an RPC have the context of that RPC, which is done when the
// RPC is.
type attempts struct {
	calls atomic.Int64 // in counts, so that no lock is taken where nothing fails
	mu    sync.Mutex
	count map[<-chan struct{}]int
}

// failed counts an attempt.
func (a *attempts) failed(ctx context.Context) {
	call := ctx.Done()
	if call == nil || ctx.Err() != nil {
		return // it is not tried again
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.count == nil {
		a.count = make(map[<-chan struct{}]int)
	}
	if a.count[call]++; a.count[call] > 1 {
		return
	}
	a.calls.Add(1)
	context.AfterFunc(ctx, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.count, call)
		a.calls.Add(-1)
	})
}

// before returns how many attempts of the RPC with this context have failed.
func (a *attempts) before(ctx context.Context) int {
	if a.calls.Load() == 0 {
		return 0
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.count[ctx.Done()]
}

// An address is that of a connection.
type address struct {
	tcp  *net.TCPAddr // nil: of another kind
	host string
	port int
}

// address returns that of a connection. RPCs of one connection have the same address, of which
// the text is made once.
func (c *client) address(addr net.Addr) *address {
	if addr == nil {
		return nil
	}
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || tcp == nil {
		const most = 255
		host := addr.String()
		return &address{host: host[:min(len(host), most)]}
	}
	last := c.last.Load()
	if last == nil || last.tcp != tcp {
		last = &address{tcp, tcp.IP.String(), tcp.Port}
		c.last.Store(last)
	}
	return last
}

func (a *address) append(attrs []slog.Attr) []slog.Attr {
	attrs = append(attrs, slog.String(KeyServer, a.host))
	if a.port != 0 {
		attrs = append(attrs, slog.Int(KeyServerPort, a.port))
	}
	return attrs
}
