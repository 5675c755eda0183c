//go:build unix

package bench

import (
	"context"
	"net"
	"runtime"
	"syscall"
	"testing"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/test/bufconn"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/grpctel"
)

// grpcPart is what instruments a server and a client.
type grpcPart struct {
	name           string
	server, client stats.Handler
}

// grpcParts are the handlers of both libraries, which keep trace ids and carry them on, and none.
func grpcParts() []grpcPart {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, discard{})
	otel := []otelgrpc.Option{
		otelgrpc.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(dropSpans{}))),
		otelgrpc.WithMeterProvider(metricnoop.NewMeterProvider()),
		otelgrpc.WithPropagators(propagation.TraceContext{}),
	}
	return []grpcPart{
		{"slogtel", grpctel.NewServerHandler(tel, nil), grpctel.NewClientHandler(tel, nil)},
		{"otelgrpc", otelgrpc.NewServerHandler(otel...), otelgrpc.NewClientHandler(otel...)},
	}
}

// rpcEvents are those of a unary RPC of which gRPC tells the handlers of a server and of a client,
// without the RPC.
func rpcEvents(server, client stats.Handler) func() {
	const full = "/grpc.testing.TestService/UnaryCall"
	md := metadata.Pairs("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "user-agent", "bench")
	local, remote := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 12345}
	info := &stats.RPCTagInfo{FullMethodName: full}
	incoming := metadata.NewIncomingContext(context.Background(), md)
	serverEvents := []stats.RPCStats{
		&stats.InHeader{FullMethod: full, Header: md, RemoteAddr: remote, LocalAddr: local},
		&stats.Begin{}, &stats.InPayload{Length: 10, WireLength: 15}, &stats.OutHeader{}, &stats.OutPayload{Length: 10}, &stats.OutTrailer{}, &stats.End{},
	}
	clientEvents := []stats.RPCStats{
		&stats.Begin{Client: true}, &stats.OutHeader{Client: true, RemoteAddr: local, LocalAddr: remote},
		&stats.OutPayload{Client: true, Length: 10}, &stats.InHeader{Client: true}, &stats.InPayload{Client: true, Length: 10},
		&stats.InTrailer{Client: true}, &stats.End{Client: true},
	}
	return func() {
		ctx := client.TagRPC(context.Background(), info)
		for _, e := range clientEvents {
			client.HandleRPC(ctx, e)
		}
		ctx = server.TagRPC(incoming, info)
		for _, e := range serverEvents {
			server.HandleRPC(ctx, e)
		}
	}
}

// What the handlers of a server and of a client do for one RPC.
func BenchmarkGRPCEvents(b *testing.B) {
	for _, part := range grpcParts() {
		b.Run(part.name, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				call := rpcEvents(part.server, part.client)
				for pb.Next() {
					call()
				}
			})
		})
	}
}

type grpcService struct {
	testgrpc.UnimplementedTestServiceServer
}

func (grpcService) UnaryCall(context.Context, *testgrpc.SimpleRequest) (*testgrpc.SimpleResponse, error) {
	return &testgrpc.SimpleResponse{}, nil
}

// grpcClient returns one call of a client of a server, in memory.
func grpcClient(b *testing.B, part grpcPart) func() {
	l := bufconn.Listen(1 << 16)
	var serverOptions []grpc.ServerOption
	dialOptions := []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) }),
	}
	if part.server != nil {
		serverOptions = append(serverOptions, grpc.StatsHandler(part.server))
		dialOptions = append(dialOptions, grpc.WithStatsHandler(part.client))
	}
	srv := grpc.NewServer(serverOptions...)
	testgrpc.RegisterTestServiceServer(srv, grpcService{})
	go func() { _ = srv.Serve(l) }()
	conn, err := grpc.NewClient("passthrough:///bench", dialOptions...)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = conn.Close()
		srv.Stop()
	})
	client, in := testgrpc.NewTestServiceClient(conn), &testgrpc.SimpleRequest{}
	return func() {
		if _, err := client.UnaryCall(context.Background(), in); err != nil {
			b.Error(err)
		}
	}
}

// A whole RPC in memory, server and client both instrumented. What is reported is the processor time
// of the process, the collector's included: most of the time that passes goes by while one goroutine
// waits for another. All parts are warm before the first is measured.
func BenchmarkGRPCUnary(b *testing.B) {
	parts := append(grpcParts(), grpcPart{name: "bare"})
	calls := make([]func(), len(parts))
	for i, part := range parts {
		calls[i] = grpcClient(b, part)
		for range 200 {
			calls[i]()
		}
	}
	for i, part := range parts {
		b.Run(part.name, func(b *testing.B) {
			runtime.GC() // what the part before has left
			before := processorTime(b)
			parallel(b, calls[i])
			b.ReportMetric(float64((processorTime(b)-before).Nanoseconds())/float64(b.N), "ns/op")
		})
	}
}

// processorTime is that of the process so far.
func processorTime(b *testing.B) time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
