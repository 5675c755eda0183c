package grpctel

import (
	"context"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

const (
	id32 = "0af7651916cd43dd8448eb211c80319c"
	id16 = "b7ad6b7169203331"
	good = "00-" + id32 + "-" + id16 + "-00"
)

// Names of scopes.
const (
	unaryServer  = "rpc.server.grpc.testing.testservice.unarycall"
	unaryClient  = "rpc.client.grpc.testing.testservice.unarycall"
	duplexServer = "rpc.server.grpc.testing.testservice.fullduplexcall"
	duplexClient = "rpc.client.grpc.testing.testservice.fullduplexcall"
)

type (
	request  = testgrpc.SimpleRequest
	response = testgrpc.SimpleResponse
	piece    = testgrpc.StreamingOutputCallRequest
	answer   = testgrpc.StreamingOutputCallResponse
	duplex   = grpc.BidiStreamingServer[piece, answer]
)

// service is gRPC's own test service.
type service struct {
	testgrpc.UnimplementedTestServiceServer
	unary  func(context.Context, *request) (*response, error)
	duplex func(duplex) error
}

func (s *service) UnaryCall(ctx context.Context, in *request) (*response, error) {
	return s.unary(ctx, in)
}

func (s *service) FullDuplexCall(stream duplex) error { return s.duplex(stream) }

func ok(context.Context, *request) (*response, error) { return &response{}, nil }

// A bench is a server and a client on 127.0.0.1, with what each of them recorded.
type bench struct {
	t              testing.TB
	server, client *slogteltest.Recorder
	tel            *slogtel.Telemetry // of the client
	conn           *grpc.ClientConn
	rpc            testgrpc.TestServiceClient
	stop           func() // waits until the server has recorded all
}

type setup struct {
	server, client *Options
	serverOptions  []grpc.ServerOption
	dialOptions    []grpc.DialOption
}

func start(t testing.TB, s *service, with setup) *bench {
	serverTel, server := tracing(t)
	clientTel, client := tracing(t)
	return startWith(t, s, with, &bench{t: t, server: server, client: client, tel: clientTel}, serverTel)
}

func startWith(t testing.TB, s *service, with setup, b *bench, serverTel *slogtel.Telemetry) *bench {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	srv := grpc.NewServer(append(with.serverOptions, ServerOption(serverTel, with.server))...)
	testgrpc.RegisterTestServiceServer(srv, s)
	healthgrpc.RegisterHealthServer(srv, health.NewServer())
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	b.conn, err = grpc.NewClient("passthrough:///"+l.Addr().String(), append(with.dialOptions,
		grpc.WithTransportCredentials(insecure.NewCredentials()), DialOption(b.tel, with.client))...)
	require.NoError(t, err)
	b.rpc = testgrpc.NewTestServiceClient(b.conn)
	b.stop = func() {
		_ = b.conn.Close()
		srv.GracefulStop()
	}
	t.Cleanup(func() {
		b.stop()
		require.NoError(t, <-served)
	})
	return b
}

// tracing returns a Telemetry that keeps ids.
func tracing(t testing.TB) (*slogtel.Telemetry, *slogteltest.Recorder) {
	rec := slogteltest.NewRecorder(t)
	return slogtel.New(&slogtel.Options{Mode: slogtel.On, StrictScopes: slogtel.On, TraceIDs: true, OnError: rec.OnError}, rec), rec
}

// only returns the one timing of path.
func only(t testing.TB, rec *slogteltest.Recorder, path string) slogtel.Timing {
	t.Helper()
	all := rec.Timings(path)
	require.Len(t, all, 1, "%s among %v", path, rec.Scopes())
	return all[0]
}

// attrs returns the attributes of a timing as plain values.
func attrs(t slogtel.Timing) map[string]any {
	m := make(map[string]any)
	for _, a := range t.Attrs {
		m[a.Key] = a.Value.Any()
	}
	return m
}

func payload(n int) *testgrpc.Payload { return &testgrpc.Payload{Body: make([]byte, n)} }
