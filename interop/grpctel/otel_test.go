package grpctel

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/attribute"
	otelcodes "go.opentelemetry.io/otel/codes"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/grpctel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// service answers with the status that it is asked for.
type service struct {
	testgrpc.UnimplementedTestServiceServer
}

func (service) UnaryCall(ctx context.Context, in *testgrpc.SimpleRequest) (*testgrpc.SimpleResponse, error) {
	if s := in.GetResponseStatus(); s != nil {
		if s.Message == "wait" {
			<-ctx.Done()
			return nil, status.FromContextError(ctx.Err()).Err()
		}
		return nil, status.Error(codes.Code(s.Code), s.Message)
	}
	return &testgrpc.SimpleResponse{}, nil
}

func (service) FullDuplexCall(stream grpc.BidiStreamingServer[testgrpc.StreamingOutputCallRequest, testgrpc.StreamingOutputCallResponse]) error {
	for {
		in, err := stream.Recv()
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if s := in.GetResponseStatus(); s != nil {
			return status.Error(codes.Code(s.Code), s.Message)
		}
		if err := stream.Send(&testgrpc.StreamingOutputCallResponse{}); err != nil {
			return err
		}
	}
}

// otel is a provider that keeps its spans.
type otel struct {
	spans *tracetest.SpanRecorder
	opts  []otelgrpc.Option
}

func newOtel() otel {
	spans := tracetest.NewSpanRecorder()
	return otel{spans, []otelgrpc.Option{
		otelgrpc.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))),
		otelgrpc.WithMeterProvider(metricnoop.NewMeterProvider()), otelgrpc.WithPropagators(propagation.TraceContext{}),
	}}
}

func (o otel) server() grpc.ServerOption {
	return grpc.StatsHandler(otelgrpc.NewServerHandler(o.opts...))
}
func (o otel) client() grpc.DialOption {
	return grpc.WithStatsHandler(otelgrpc.NewClientHandler(o.opts...))
}

func tracing(t *testing.T) (*slogtel.Telemetry, *slogteltest.Recorder) {
	rec := slogteltest.NewRecorder(t)
	return slogtel.New(&slogtel.Options{Mode: slogtel.On, StrictScopes: slogtel.On, TraceIDs: true, OnError: rec.OnError}, rec), rec
}

// start returns a client of a server, and what waits for the end of both.
func start(t *testing.T, server []grpc.ServerOption, client []grpc.DialOption) (testgrpc.TestServiceClient, *grpc.ClientConn, func()) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	srv := grpc.NewServer(server...)
	testgrpc.RegisterTestServiceServer(srv, service{})
	go func() { _ = srv.Serve(l) }()
	conn, err := grpc.NewClient("passthrough:///"+l.Addr().String(), append(client, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	require.NoError(t, err)
	stop := func() {
		_ = conn.Close()
		srv.GracefulStop()
	}
	t.Cleanup(stop)
	return testgrpc.NewTestServiceClient(conn), conn, stop
}

// rpcs are RPCs of all kinds and ends.
func rpcs(t *testing.T, client testgrpc.TestServiceClient) {
	for code := range codes.Code(17) {
		if code == codes.OK {
			_, err := client.UnaryCall(t.Context(), &testgrpc.SimpleRequest{})
			require.NoError(t, err)
			continue
		}
		want := &testgrpc.EchoStatus{Code: int32(code), Message: "as asked"}
		_, err := client.UnaryCall(t.Context(), &testgrpc.SimpleRequest{ResponseStatus: want})
		require.Equal(t, code, status.Code(err))
		stream, err := client.FullDuplexCall(t.Context())
		require.NoError(t, err)
		for range 3 {
			require.NoError(t, stream.Send(&testgrpc.StreamingOutputCallRequest{}))
			_, err = stream.Recv()
			require.NoError(t, err)
		}
		require.NoError(t, stream.Send(&testgrpc.StreamingOutputCallRequest{ResponseStatus: want}))
		_, err = stream.Recv()
		require.Equal(t, code, status.Code(err))
	}
	wait := &testgrpc.SimpleRequest{ResponseStatus: &testgrpc.EchoStatus{Message: "wait"}}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := client.UnaryCall(ctx, wait)
	require.Equal(t, codes.DeadlineExceeded, status.Code(err))
}

// Both libraries see the same RPCs, the same statuses and the same failures. What differs is
// CANCELLED on a server, which is in ours canceled and in neither a failure.
func TestBothSeeTheSame(t *testing.T) {
	tel, rec := tracing(t)
	clientTel, clientRec := tracing(t)
	server, client := newOtel(), newOtel()
	c, _, stop := start(t, []grpc.ServerOption{server.server(), grpctel.ServerOption(tel, nil)},
		[]grpc.DialOption{client.client(), grpctel.DialOption(clientTel, nil)})
	rpcs(t, c)
	stop()
	for _, side := range []struct {
		name string
		rec  *slogteltest.Recorder
		otel otel
	}{{"server", rec, server}, {"client", clientRec, client}} {
		want, got := map[string]int{}, map[string]int{}
		for _, span := range side.otel.spans.Ended() {
			key := span.Name() + " " + statusOf(span.Attributes())
			if span.Status().Code == otelcodes.Error {
				key += " failed"
			}
			want[key]++
		}
		for _, timing := range side.rec.Timings("") {
			method, code := "", ""
			for _, a := range timing.Attrs {
				switch a.Key {
				case grpctel.KeyMethod:
					method = a.Value.String()
				case grpctel.KeyStatus:
					code = a.Value.String()
				}
			}
			key := method + " " + code
			if timing.Error != "" {
				key += " failed"
			}
			got[key]++
		}
		assert.NotEmpty(t, want)
		assert.Equal(t, want, got, side.name)
	}
}

func statusOf(attrs []attribute.KeyValue) string {
	for _, a := range attrs {
		if string(a.Key) == grpctel.KeyStatus {
			return a.Value.AsString()
		}
	}
	return ""
}

func TestTraceGoesToOpenTelemetry(t *testing.T) {
	tel, rec := tracing(t)
	server := newOtel()
	c, _, stop := start(t, []grpc.ServerOption{server.server()}, []grpc.DialOption{grpctel.DialOption(tel, nil)})
	_, err := c.UnaryCall(t.Context(), &testgrpc.SimpleRequest{})
	require.NoError(t, err)
	stop()
	ours, theirs := rec.Timings(""), server.spans.Ended()
	require.Len(t, ours, 1)
	require.Len(t, theirs, 1)
	assert.Equal(t, ours[0].TraceID, theirs[0].SpanContext().TraceID().String())
	assert.Equal(t, ours[0].SpanID, theirs[0].Parent().SpanID().String())
	assert.True(t, theirs[0].Parent().IsSampled())
}

func TestTraceComesFromOpenTelemetry(t *testing.T) {
	tel, rec := tracing(t)
	client := newOtel()
	c, _, stop := start(t, []grpc.ServerOption{grpctel.ServerOption(tel, nil)}, []grpc.DialOption{client.client()})
	_, err := c.UnaryCall(t.Context(), &testgrpc.SimpleRequest{})
	require.NoError(t, err)
	stop()
	ours, theirs := rec.Timings(""), client.spans.Ended()
	require.Len(t, ours, 1)
	require.Len(t, theirs, 1)
	assert.Equal(t, theirs[0].SpanContext().TraceID().String(), ours[0].TraceID)
	assert.Equal(t, theirs[0].SpanContext().SpanID().String(), ours[0].ParentSpanID)
}

// A gRPC server that is a http.Handler, with the middleware of httptel around it: the RPC is
// inside of the request, and both are in the caller's trace.
func TestBelowNetHTTP(t *testing.T) {
	tel, rec := tracing(t)
	clientTel, clientRec := tracing(t)
	srv := grpc.NewServer(grpctel.ServerOption(tel, nil))
	testgrpc.RegisterTestServiceServer(srv, service{})
	web := httptest.NewUnstartedServer(httptel.NewMiddleware(tel, nil)(srv))
	web.EnableHTTP2 = true
	web.StartTLS()
	defer web.Close()
	pool := credentials.NewTLS(web.Client().Transport.(*http.Transport).TLSClientConfig.Clone())
	conn, err := grpc.NewClient("passthrough:///"+strings.TrimPrefix(web.URL, "https://"), grpc.WithTransportCredentials(pool), grpctel.DialOption(clientTel, nil))
	require.NoError(t, err)
	client := testgrpc.NewTestServiceClient(conn)
	_, err = client.UnaryCall(t.Context(), &testgrpc.SimpleRequest{})
	require.NoError(t, err)
	_, err = client.EmptyCall(t.Context(), &testgrpc.Empty{})
	require.Equal(t, codes.Unimplemented, status.Code(err))
	err = conn.Invoke(t.Context(), "/no.Such/Method", &testgrpc.Empty{}, &testgrpc.Empty{})
	require.Equal(t, codes.Unimplemented, status.Code(err))
	require.NoError(t, conn.Close())
	web.Close()
	calls := map[string]string{}
	for _, call := range clientRec.Timings("") {
		calls[call.SpanID] = call.TraceID
	}
	require.Len(t, calls, 3)
	requests := rec.Timings("http.server.request")
	require.Len(t, requests, 3)
	for _, request := range requests {
		assert.Equal(t, calls[request.ParentSpanID], request.TraceID)
	}
	for _, path := range []string{"rpc.server.grpc.testing.testservice.unarycall", "rpc.server.grpc.testing.testservice.emptycall", "rpc.server.unmatched"} {
		// gRPC tells of the end of an RPC when the client has its answer, and the request may be over by then.
		var inside []slogtel.Timing
		require.Eventually(t, func() bool {
			inside = rec.Timings("http.server.request." + path)
			return len(inside) == 1
		}, time.Minute, time.Millisecond, path)
		assert.Equal(t, 1, inside[0].Depth)
	}
}
