package grpctel

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

func TestFilter(t *testing.T) {
	b := start(t, &service{unary: ok}, setup{server: &Options{Filter: NoProbes}, client: &Options{Filter: NoProbes}})
	health := healthgrpc.NewHealthClient(b.conn)
	ctx, span := b.tel.Start(t.Context(), "page")
	_, err := health.Check(ctx, &healthgrpc.HealthCheckRequest{})
	require.NoError(t, err)
	_, err = b.rpc.UnaryCall(ctx, &request{})
	require.NoError(t, err)
	span.End()
	b.stop()
	assert.Equal(t, []string{unaryServer}, b.server.Scopes())
	assert.ElementsMatch(t, []string{"page", "page." + unaryClient}, b.client.Scopes())
	assert.False(t, NoProbes("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"))
	assert.False(t, NoProbes("/grpc.channelz.v1.Channelz/GetServers"))
	assert.True(t, NoProbes("/health.Records/Get"))
}

// Events of an RPC that is not recorded are not those of the RPC around it.
func TestFilteredInsideOfAnRPC(t *testing.T) {
	tel, rec := tracing(t)
	c := NewClientHandler(tel, &Options{Filter: NoProbes})
	outer := c.TagRPC(t.Context(), &stats.RPCTagInfo{FullMethodName: "/a.B/C"})
	inner := c.TagRPC(outer, &stats.RPCTagInfo{FullMethodName: "/grpc.health.v1.Health/Check"})
	c.HandleRPC(inner, &stats.OutPayload{Client: true, Length: 5})
	c.HandleRPC(inner, &stats.End{Client: true})
	assert.Empty(t, rec.Timings(""))
	c.HandleRPC(outer, &stats.End{Client: true})
	assert.Equal(t, int64(0), attrs(only(t, rec, "rpc.client.a.b.c"))[KeyRequestMessages])
	c.HandleRPC(t.Context(), &stats.End{Client: true})
}

func TestOptions(t *testing.T) {
	own := &Options{
		ScopeName: func(full string) string { return strings.ToUpper(full[strings.LastIndexByte(full, '/')+1:]) },
		Attrs: func(ctx context.Context, full string) []slog.Attr {
			in, _ := metadata.FromIncomingContext(ctx)
			out, _ := metadata.FromOutgoingContext(ctx)
			return []slog.Attr{slog.String("tenant", strings.Join(append(in["tenant"], out["tenant"]...), ",")), slog.String("method", full)}
		},
	}
	b := start(t, &service{unary: ok}, setup{server: own, client: own})
	_, err := b.rpc.UnaryCall(metadata.AppendToOutgoingContext(t.Context(), "tenant", "ann"), &request{})
	require.NoError(t, err)
	b.stop()
	for kind, rec := range map[string]*slogteltest.Recorder{"server": b.server, "client": b.client} {
		got := attrs(only(t, rec, "unarycall"))
		assert.Equal(t, kind, got[KeyKind], "the name does not say it")
		assert.Equal(t, "ann", got["tenant"])
		assert.Equal(t, "/grpc.testing.TestService/UnaryCall", got["method"])
	}
}

func TestOptionsThatPanic(t *testing.T) {
	for name, opts := range map[string]*Options{
		"Filter":    {Filter: func(string) bool { panic("boom") }},
		"ScopeName": {ScopeName: func(string) string { panic("boom") }},
		"Attrs":     {Attrs: func(context.Context, string) []slog.Attr { panic("boom") }},
	} {
		b := start(t, &service{unary: ok}, setup{server: opts, client: opts})
		_, err := b.rpc.UnaryCall(t.Context(), &request{})
		require.NoError(t, err)
		b.stop()
		assert.Contains(t, only(t, b.server, unaryServer).Error, "grpctel: Options."+name+": panic: boom")
		assert.Contains(t, only(t, b.client, unaryClient).Error, "grpctel: Options."+name+": panic: boom")
	}
}

func TestOff(t *testing.T) {
	assert.Equal(t, grpc.EmptyServerOption{}, ServerOption(nil, nil))
	assert.Equal(t, grpc.EmptyDialOption{}, DialOption(slogtel.Disabled(), nil))
	for _, h := range []stats.Handler{NewServerHandler(nil, nil), NewClientHandler(slogtel.Disabled(), nil)} {
		assert.Equal(t, t.Context(), h.TagRPC(t.Context(), &stats.RPCTagInfo{FullMethodName: "/a.B/C"}))
		h.HandleRPC(t.Context(), &stats.End{})
		assert.Equal(t, t.Context(), h.TagConn(t.Context(), nil))
		h.HandleConn(t.Context(), &stats.ConnEnd{})
	}
}

func TestAfterShutdown(t *testing.T) {
	b := start(t, &service{unary: ok}, setup{})
	require.NoError(t, b.tel.Shutdown(t.Context()))
	_, err := b.rpc.UnaryCall(t.Context(), &request{})
	require.NoError(t, err)
	assert.Empty(t, b.client.Scopes())
}
