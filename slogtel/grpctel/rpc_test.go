package grpctel

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/slogtel/telemetry/internal/names"
	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

func TestUnary(t *testing.T) {
	in, out := &request{Payload: payload(1000)}, &response{Payload: payload(20)}
	var inside scope.Info
	var inner *slogtel.Telemetry
	b := start(t, &service{unary: func(ctx context.Context, _ *request) (*response, error) {
		inside, _ = scope.FromContext(ctx)
		inner = slogtel.FromContext(ctx)
		return out, inner.Time(ctx, "load", func(context.Context) error { return nil })
	}}, setup{})
	ctx, span := b.tel.Start(t.Context(), "page")
	_, err := b.rpc.UnaryCall(ctx, in)
	require.NoError(t, err)
	span.End()
	b.stop()

	client, server, load := only(t, b.client, "page."+unaryClient), only(t, b.server, unaryServer), only(t, b.server, unaryServer+".load")
	assert.Equal(t, unaryServer, inside.Path)
	assert.Equal(t, server.SpanID, inside.SpanID)
	page := only(t, b.client, "page")
	assert.Equal(t, []string{page.SpanID, client.SpanID, server.SpanID}, []string{client.ParentSpanID, server.ParentSpanID, load.ParentSpanID})
	assert.Equal(t, page.TraceID, load.TraceID)
	assert.Zero(t, server.Depth)
	want := map[string]any{
		KeySystem: "grpc", KeyMethod: "grpc.testing.TestService/UnaryCall", KeyStatus: "OK",
		KeyRequestMessages: int64(1), KeyRequestSize: int64(proto.Size(in)), KeyResponseMessages: int64(1), KeyResponseSize: int64(proto.Size(out)),
	}
	assert.Equal(t, want, attrs(server))
	want[KeyServer], want[KeyServerPort] = "127.0.0.1", attrs(client)[KeyServerPort]
	assert.IsType(t, int64(0), want[KeyServerPort])
	assert.Equal(t, want, attrs(client))
	for _, timing := range []slogtel.Timing{client, server} {
		assert.Empty(t, timing.Error)
		assert.False(t, timing.Canceled)
	}
	b.server.CheckNoOpenScopes(t)
	b.client.CheckNoOpenScopes(t)
}

func TestCodes(t *testing.T) {
	failsOnServer := map[codes.Code]bool{codes.Unknown: true, codes.DeadlineExceeded: true, codes.Unimplemented: true,
		codes.Internal: true, codes.Unavailable: true, codes.DataLoss: true}
	for code := range codes.Code(19) {
		b := start(t, &service{unary: func(context.Context, *request) (*response, error) {
			return nil, status.Error(code, "no such thing")
		}}, setup{})
		_, err := b.rpc.UnaryCall(t.Context(), &request{})
		b.stop()
		if code == codes.OK {
			continue // a handler that returns neither
		}
		require.Equal(t, code, status.Code(err))
		server, client := only(t, b.server, unaryServer), only(t, b.client, unaryClient)
		name := codeName(code)
		assert.Equal(t, name, attrs(server)[KeyStatus])
		assert.Equal(t, name, attrs(client)[KeyStatus])
		assert.Equal(t, failsOnServer[code], server.Error != "", name)
		assert.Equal(t, code == codes.Canceled, server.Canceled, name)
		assert.Contains(t, client.Error, "no such thing", name)
		assert.False(t, client.Canceled, "it was not the client: %s", name)
		assert.Equal(t, name, attrs(client)[KeyErrorType])
		if failsOnServer[code] {
			assert.Equal(t, name, attrs(server)[KeyErrorType])
		} else {
			assert.NotContains(t, attrs(server), KeyErrorType)
		}
	}
}

// A status has the text of whatever failed behind the server, such as a call of another service.
func TestSecretsOfURLs(t *testing.T) {
	b := start(t, &service{unary: func(context.Context, *request) (*response, error) {
		return nil, &url.Error{Op: "Get", URL: "https://ann:hunter2@host/path?token=geheim", Err: io.ErrUnexpectedEOF}
	}}, setup{})
	_, err := b.rpc.UnaryCall(t.Context(), &request{})
	require.ErrorContains(t, err, "hunter2", "the app's own is as it was")
	b.stop()
	const want = `rpc error: code = Unknown desc = Get "https://host/path": unexpected EOF`
	assert.Equal(t, want, only(t, b.server, unaryServer).Error)
	assert.Equal(t, want, only(t, b.client, unaryClient).Error)
}

// echo sends each message twice.
func echo(stream duplex) error {
	for {
		in, err := stream.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		for range 2 {
			if err := stream.Send(&answer{Payload: in.Payload}); err != nil {
				return err
			}
		}
	}
}

// talk sends n messages, reading at the same time.
func talk(ctx context.Context, rpc testgrpc.TestServiceClient, n int) error {
	stream, err := rpc.FullDuplexCall(ctx)
	if err != nil {
		return err
	}
	sent := make(chan error, 1)
	go func() {
		for range n {
			if err := stream.Send(&piece{Payload: payload(100)}); err != nil {
				sent <- err
				return
			}
		}
		sent <- stream.CloseSend()
	}()
	for {
		if _, err := stream.Recv(); err == io.EOF {
			return <-sent
		} else if err != nil {
			return err
		}
	}
}

func TestParallelStreams(t *testing.T) {
	const streams, messages = 20, 25
	b := start(t, &service{duplex: func(stream duplex) error {
		in, _ := scope.FromContext(stream.Context())
		assert.Equal(t, duplexServer, in.Path)
		return echo(stream)
	}}, setup{})
	var all sync.WaitGroup
	for range streams {
		all.Go(func() { assert.NoError(t, talk(t.Context(), b.rpc, messages)) })
	}
	all.Wait()
	b.stop()
	size := int64(proto.Size(&piece{Payload: payload(100)}))
	for rec, path := range map[*slogteltest.Recorder]string{b.server: duplexServer, b.client: duplexClient} {
		timings := rec.Timings(path)
		assert.Len(t, timings, streams)
		traces := map[string]bool{}
		for _, timing := range timings {
			got := attrs(timing)
			assert.EqualValues(t, messages, got[KeyRequestMessages], path)
			assert.Equal(t, messages*size, got[KeyRequestSize], path)
			assert.EqualValues(t, 2*messages, got[KeyResponseMessages], path)
			assert.Equal(t, "OK", got[KeyStatus])
			traces[timing.TraceID] = true
		}
		assert.Len(t, traces, streams)
		rec.CheckNoOpenScopes(t)
	}
}

func TestCanceled(t *testing.T) {
	for name, call := range map[string]func(context.Context, context.CancelFunc, *bench, chan struct{}){
		"unary": func(ctx context.Context, cancel context.CancelFunc, b *bench, inside chan struct{}) {
			go func() {
				<-inside
				cancel()
			}()
			_, err := b.rpc.UnaryCall(ctx, &request{})
			assert.Equal(t, codes.Canceled, status.Code(err))
		},
		"stream": func(ctx context.Context, cancel context.CancelFunc, b *bench, inside chan struct{}) {
			stream, err := b.rpc.FullDuplexCall(ctx)
			require.NoError(t, err)
			<-inside
			cancel()
			_, err = stream.Recv()
			assert.Equal(t, codes.Canceled, status.Code(err))
		},
	} {
		t.Run(name, func(t *testing.T) {
			inside, left := make(chan struct{}), make(chan struct{})
			wait := func(ctx context.Context) error {
				close(inside)
				<-ctx.Done()
				close(left)
				return ctx.Err()
			}
			b := start(t, &service{
				unary:  func(ctx context.Context, _ *request) (*response, error) { return nil, wait(ctx) },
				duplex: func(stream duplex) error { return wait(stream.Context()) },
			}, setup{})
			ctx, cancel := context.WithCancel(t.Context())
			call(ctx, cancel, b, inside)
			<-left
			b.stop()
			both := append(b.server.Timings(""), b.client.Timings("")...)
			require.Len(t, both, 2)
			for _, timing := range both {
				assert.True(t, timing.Canceled, timing.Scope)
				assert.Empty(t, timing.Error, timing.Scope)
				assert.Equal(t, "CANCELLED", attrs(timing)[KeyStatus])
			}
		})
	}
}

func TestDeadline(t *testing.T) {
	b := start(t, &service{unary: func(ctx context.Context, _ *request) (*response, error) {
		<-ctx.Done()
		return nil, status.FromContextError(context.DeadlineExceeded).Err()
	}}, setup{})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := b.rpc.UnaryCall(ctx, &request{})
	assert.Equal(t, codes.DeadlineExceeded, status.Code(err))
	b.stop()
	client := only(t, b.client, unaryClient)
	assert.Contains(t, client.Error, "DeadlineExceeded")
	assert.False(t, client.Canceled)
	for _, server := range b.server.Timings(unaryServer) { // none where the deadline came before the request
		assert.NotEmpty(t, server.Error)
		assert.Equal(t, "DEADLINE_EXCEEDED", attrs(server)[KeyStatus])
	}
}

func TestNotConnected(t *testing.T) {
	refused := testkit.Refused(t)
	b := start(t, &service{unary: ok}, setup{dialOptions: []grpc.DialOption{grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", refused)
	})}})
	_, err := b.rpc.UnaryCall(t.Context(), &request{})
	require.Equal(t, codes.Unavailable, status.Code(err))
	client := only(t, b.client, unaryClient)
	assert.Equal(t, "UNAVAILABLE", attrs(client)[KeyStatus])
	assert.NotEmpty(t, client.Error)
	assert.NotContains(t, attrs(client), KeyServer)
	b.client.CheckNoOpenScopes(t)
}

func TestUnmatched(t *testing.T) {
	b := start(t, &service{unary: ok}, setup{})
	for i := range 2000 {
		method := fmt.Sprintf("/shop.Orders%d/Get%d", i, i)
		if i%2 == 0 {
			method = fmt.Sprintf("/grpc.testing.TestService/Get%d", i)
		}
		err := b.conn.Invoke(t.Context(), method, &request{}, &response{})
		require.Equal(t, codes.Unimplemented, status.Code(err))
	}
	_, err := b.rpc.UnaryCall(t.Context(), &request{})
	require.NoError(t, err)
	b.stop()
	unmatched := b.server.Timings("rpc.server.unmatched")
	assert.Len(t, unmatched, 2000)
	assert.Equal(t, "_OTHER", attrs(unmatched[0])[KeyMethod])
	assert.Equal(t, "UNIMPLEMENTED", attrs(unmatched[0])[KeyStatus])
	assert.NotEmpty(t, unmatched[0].Error)
	assert.NotEmpty(t, unmatched[0].ParentSpanID, "it is in the caller's trace")
	assert.Len(t, b.server.Timings(unaryServer), 1, "they leave room for the methods of the server")
	assert.Len(t, b.client.Timings("rpc.client.overflow"), 2000-names.Most+1)
	b.server.CheckNoOpenScopes(t)
}

func TestRetry(t *testing.T) {
	var calls atomic.Int64
	b := start(t, &service{unary: func(context.Context, *request) (*response, error) {
		if calls.Add(1) < 3 {
			return nil, status.Error(codes.Unavailable, "not yet")
		}
		return &response{}, nil
	}}, setup{dialOptions: []grpc.DialOption{grpc.WithDefaultServiceConfig(`{"methodConfig": [{"name": [{}], "retryPolicy": {
		"maxAttempts": 4, "initialBackoff": "0.001s", "maxBackoff": "0.001s", "backoffMultiplier": 1, "retryableStatusCodes": ["UNAVAILABLE"]}}]}`)}})
	ctx, span := b.tel.Start(t.Context(), "page")
	_, err := b.rpc.UnaryCall(ctx, &request{})
	require.NoError(t, err)
	_, err = b.rpc.UnaryCall(ctx, &request{})
	require.NoError(t, err)
	span.End()
	b.stop()
	page := only(t, b.client, "page")
	client, server := b.client.Timings("page."+unaryClient), b.server.Timings(unaryServer)
	require.Len(t, client, 4)
	require.Len(t, server, 4)
	behind := map[string]slogtel.Timing{} // in whatever order they ended
	for _, timing := range server {
		behind[timing.ParentSpanID] = timing
	}
	for i, want := range []any{nil, int64(1), int64(2), nil} {
		assert.Equal(t, want, attrs(client[i])[KeyPreviousAttempts])
		assert.Equal(t, want, attrs(behind[client[i].SpanID])[KeyPreviousAttempts])
		assert.Equal(t, i < 2, client[i].Error != "")
		assert.Equal(t, page.SpanID, client[i].ParentSpanID)
		assert.Equal(t, i < 2, behind[client[i].SpanID].Error != "")
	}
}

// Failed calls are forgotten when they are over.
func TestAttemptsAreForgotten(t *testing.T) {
	var a attempts
	ctx, cancel := context.WithCancel(t.Context())
	other, cancelOther := context.WithCancel(t.Context())
	defer cancelOther()
	for i := range 3 {
		assert.Equal(t, i, a.before(context.WithValue(ctx, rpcKey{}, i)))
		a.failed(context.WithValue(ctx, rpcKey{}, i))
	}
	assert.Zero(t, a.before(other))
	cancel()
	assert.Eventually(t, func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return len(a.count) == 0 && a.calls.Load() == 0
	}, time.Minute, time.Millisecond)
	a.failed(ctx)
	a.failed(context.Background())
	assert.Zero(t, a.calls.Load())
}

func TestHealth(t *testing.T) {
	b := start(t, &service{}, setup{})
	_, err := healthgrpc.NewHealthClient(b.conn).Check(t.Context(), &healthgrpc.HealthCheckRequest{Service: "unknown"})
	require.Equal(t, codes.NotFound, status.Code(err))
	b.stop()
	server := only(t, b.server, "rpc.server.grpc.health.v1.health.check")
	assert.Equal(t, "NOT_FOUND", attrs(server)[KeyStatus])
	assert.Empty(t, server.Error)
	assert.NotEmpty(t, only(t, b.client, "rpc.client.grpc.health.v1.health.check").Error)
}

func TestMethods(t *testing.T) {
	m := &methods{prefix: "rpc.server."}
	var fault error
	for full, want := range map[string]string{
		"/grpc.health.v1.Health/Check": "rpc.server.grpc.health.v1.health.check",
		"/Echo/Say":                    "rpc.server.echo.say",
		"/a.B/Wörter":                  "rpc.server.a.b.w_rter",
		"/2.0/9":                       "rpc.server.x2.x0.x9",
		"":                             "rpc.server",
		"/":                            "rpc.server",
		"/\n/\x00":                     "rpc.server",
	} {
		got := m.find(full, &fault)
		assert.Equal(t, got, m.find(full, &fault))
		assert.True(t, strings.HasPrefix(got.name, want), "%q: %s", full, got.name)
		assert.NoError(t, scope.Validate(got.name))
	}
	assert.NotEqual(t, m.find("/a.B/Get", &fault).name, m.find("/a.b/get", &fault).name)
	assert.Equal(t, "rpc.server.overflow", m.find("/"+strings.Repeat("a", maxMethodLength)+"/B", &fault).name)
	for i := range 2 * names.Most {
		m.find(fmt.Sprintf("/s/M%d", i), &fault)
	}
	assert.True(t, m.Full())
	assert.NoError(t, fault)
}
