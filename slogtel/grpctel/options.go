package grpctel

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/stats"

	"github.com/slogtel/telemetry/slogtel"
)

// Options configure a server or a client. The zero value records each RPC.
//
// The functions are called for each RPC, from many goroutines at once. When one panics the RPC
// goes on as if it had returned nothing (Filter: true), and its event carries the panic as its
// error.
type Options struct {
	// Filter says whether an RPC is recorded, by its full method, as
	// "/grpc.health.v1.Health/Check". Nil records all. [NoProbes] is one.
	Filter func(fullMethod string) bool

	// ScopeName names the scope of a method. It is called once for each full method. A name
	// that is not valid is sanitized, and two methods may share a name. Nil is the default, see
	// the package documentation, with a hash of the method added if another has that name already.
	ScopeName func(fullMethod string) string

	// Attrs returns attributes to add to the event. It is called when the RPC has ended, with its
	// context, which has the metadata that came in or goes out.
	Attrs func(ctx context.Context, fullMethod string) []slog.Attr

	// PublicEndpoint begins a new trace with each RPC, for servers whose callers are not trusted
	// with the ids of traces. A client does not look at it.
	PublicEndpoint bool

	// NoTraceparent adds no traceparent and no tracestate: for servers that are no business of our
	// traces. A server does not look at it.
	NoTraceparent bool
}

// NoProbes is a filter that leaves out what others ask of each server: health checks, reflection
// and channelz.
func NoProbes(fullMethod string) bool {
	is := func(prefix string) bool { return strings.HasPrefix(fullMethod, prefix) }
	return !slices.ContainsFunc([]string{"/grpc.health.", "/grpc.reflection.", "/grpc.channelz."}, is)
}

// ServerOption returns the option that records a scope for each RPC of a server. When tel is nil
// or off, it returns one that does nothing. Nil opts are the defaults; they are copied, here and
// below.
func ServerOption(tel *slogtel.Telemetry, opts *Options) grpc.ServerOption {
	if !tel.Enabled() {
		return grpc.EmptyServerOption{}
	}
	return grpc.StatsHandler(NewServerHandler(tel, opts))
}

// DialOption returns the option that records a scope for each RPC of a client, and hands the
// trace on. When tel is nil or off, it returns one that does nothing.
func DialOption(tel *slogtel.Telemetry, opts *Options) grpc.DialOption {
	if !tel.Enabled() {
		return grpc.EmptyDialOption{}
	}
	return grpc.WithStatsHandler(NewClientHandler(tel, opts))
}

// NewServerHandler returns what grpc.StatsHandler takes. When tel is nil or off, it does nothing,
// at what gRPC itself spends on a stats.Handler.
func NewServerHandler(tel *slogtel.Telemetry, opts *Options) stats.Handler {
	if !tel.Enabled() {
		return off{}
	}
	return &server{newHandler("server", tel, opts)}
}

// NewClientHandler returns what grpc.WithStatsHandler takes. When tel is nil or off, it does
// nothing, at what gRPC itself spends on a stats.Handler.
func NewClientHandler(tel *slogtel.Telemetry, opts *Options) stats.Handler {
	if !tel.Enabled() {
		return off{}
	}
	return &client{handler: newHandler("client", tel, opts)}
}

// off is the handler when telemetry is off.
type off struct{ connections }

func (off) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }
func (off) HandleRPC(context.Context, stats.RPCStats)                       {}

// connections have no events.
type connections struct{}

func (connections) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (connections) HandleConn(context.Context, stats.ConnStats)                       {}
