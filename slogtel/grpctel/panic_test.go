package grpctel

import (
	"context"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
)

const panicVariable = "GRPCTEL_TEST_PANIC"

// A panic that nobody recovers ends the process, as without this package. The event is written before.
func TestPanic(t *testing.T) {
	if os.Getenv(panicVariable) != "" {
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, jsonlines.New(os.Stdout, nil))
		b := startWith(t, &service{
			unary:  func(context.Context, *request) (*response, error) { panic("boom") },
			duplex: func(duplex) error { panic("boom") },
		}, setup{}, &bench{t: t}, tel)
		if os.Getenv(panicVariable) == "unary" {
			_, _ = b.rpc.UnaryCall(t.Context(), &request{})
		} else {
			stream, _ := b.rpc.FullDuplexCall(t.Context())
			_, _ = stream.Recv()
		}
		return
	}
	for kind, path := range map[string]string{"unary": unaryServer, "stream": duplexServer} {
		cmd := testkit.Rerun(t, "-test.run=^TestPanic$")
		cmd.Env = append(os.Environ(), panicVariable+"="+kind)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		require.Error(t, err)
		assert.Contains(t, stderr.String(), "panic: boom")
		line, _, _ := strings.Cut(string(out), "\n")
		event := testkit.JSONLines(t, line+"\n")[0]
		assert.Equal(t, path, event["scope"])
		assert.Equal(t, errPanic.Error(), event["error"])
		assert.Equal(t, "_OTHER", event[KeyErrorType])
		assert.NotContains(t, event, KeyStatus)
	}
}

// An interceptor that makes a status of a panic is seen by it.
func TestPanicThatIsRecovered(t *testing.T) {
	recovering := func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (resp any, err error) {
		defer func() {
			if v := recover(); v != nil {
				err = status.Errorf(codes.Internal, "recovered: %v", v)
			}
		}()
		return handler(ctx, req)
	}
	b := start(t, &service{unary: func(context.Context, *request) (*response, error) { panic("boom") }},
		setup{serverOptions: []grpc.ServerOption{grpc.UnaryInterceptor(recovering)}})
	_, err := b.rpc.UnaryCall(t.Context(), &request{})
	require.Equal(t, codes.Internal, status.Code(err))
	b.stop()
	server := only(t, b.server, unaryServer)
	assert.Contains(t, server.Error, "recovered: boom")
	assert.Equal(t, "INTERNAL", attrs(server)[KeyStatus])
}

func TestGoexit(t *testing.T) {
	b := start(t, &service{unary: func(context.Context, *request) (*response, error) {
		runtime.Goexit()
		return nil, nil
	}}, setup{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for len(b.server.Timings("")) == 0 && ctx.Err() == nil {
			runtime.Gosched()
		}
		cancel() // gRPC never answers
	}()
	_, err := b.rpc.UnaryCall(ctx, &request{})
	require.Equal(t, codes.Canceled, status.Code(err))
	server := only(t, b.server, unaryServer)
	assert.Equal(t, errGoexit.Error(), server.Error)
	assert.NotContains(t, attrs(server), KeyStatus)
}
