package grpctel

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// sent makes a call with metadata and returns what the server got of it.
func sent(t *testing.T, ctx context.Context, with setup) (metadata.MD, *bench) {
	var got metadata.MD
	b := start(t, &service{unary: func(ctx context.Context, _ *request) (*response, error) {
		got, _ = metadata.FromIncomingContext(ctx)
		return &response{}, nil
	}}, with)
	_, err := b.rpc.UnaryCall(ctx, &request{})
	require.NoError(t, err)
	b.stop()
	return got, b
}

func TestTraceOfTheCallerGoesOn(t *testing.T) {
	ctx := httptel.Extract(t.Context(), http.Header{"Traceparent": {good}, "Tracestate": {"a=1"}})
	ctx = metadata.AppendToOutgoingContext(ctx, "Traceparent", "00-old", "tracestate", "old=1", "tenant", "ann")
	got, b := sent(t, ctx, setup{})
	client, server := only(t, b.client, unaryClient), only(t, b.server, unaryServer)
	assert.Equal(t, []string{"00-" + id32 + "-" + client.SpanID + "-00"}, got["traceparent"])
	assert.Equal(t, []string{"a=1"}, got["tracestate"])
	assert.Equal(t, []string{"ann"}, got["tenant"])
	assert.Equal(t, []string{id32, id32, id16, client.SpanID}, []string{client.TraceID, server.TraceID, client.ParentSpanID, server.ParentSpanID})
}

func TestWhatIsNoTrace(t *testing.T) {
	for name, pairs := range map[string][]string{
		"two":       {"traceparent", good, "traceparent", good},
		"not valid": {"traceparent", good + "-x"},
		"none":      {"tracestate", "a=1"},
	} {
		ctx := metadata.AppendToOutgoingContext(t.Context(), pairs...)
		_, b := sent(t, ctx, setup{client: &Options{NoTraceparent: true}})
		server := only(t, b.server, unaryServer)
		assert.Len(t, server.TraceID, 32, name)
		assert.NotEqual(t, id32, server.TraceID, name)
		assert.Empty(t, server.ParentSpanID, name)
	}
}

func TestNoTraceparent(t *testing.T) {
	got, b := sent(t, metadata.AppendToOutgoingContext(t.Context(), "traceparent", good), setup{client: &Options{NoTraceparent: true}})
	assert.Equal(t, []string{good}, got["traceparent"], "what is there stays")
	assert.Equal(t, id16, only(t, b.server, unaryServer).ParentSpanID)
	got, _ = sent(t, t.Context(), setup{client: &Options{NoTraceparent: true}})
	assert.NotContains(t, got, "traceparent")
}

func TestPublicEndpoint(t *testing.T) {
	_, b := sent(t, t.Context(), setup{server: &Options{PublicEndpoint: true}})
	server := only(t, b.server, unaryServer)
	assert.NotEqual(t, only(t, b.client, unaryClient).TraceID, server.TraceID)
	assert.Empty(t, server.ParentSpanID)
}

// A Telemetry without ids is no participant of a trace: what it got goes on unchanged, from
// server to client.
func TestWithoutIDsTheTraceGoesThrough(t *testing.T) {
	tel, rec := slogteltest.New(t)
	var got metadata.MD
	behind := startWith(t, &service{unary: func(ctx context.Context, _ *request) (*response, error) {
		got, _ = metadata.FromIncomingContext(ctx)
		return &response{}, nil
	}}, setup{}, &bench{t: t, tel: tel}, nil)
	front := startWith(t, &service{unary: func(ctx context.Context, in *request) (*response, error) {
		return behind.rpc.UnaryCall(ctx, in)
	}}, setup{}, &bench{t: t}, tel)
	_, err := front.rpc.UnaryCall(metadata.AppendToOutgoingContext(t.Context(), "traceparent", good, "tracestate", "a=1"), &request{})
	require.NoError(t, err)
	front.stop()
	assert.Equal(t, []string{good}, got["traceparent"])
	assert.Equal(t, []string{"a=1"}, got["tracestate"])
	assert.Empty(t, only(t, rec, unaryServer+"."+unaryClient).TraceID)
	only(t, rec, unaryServer)
}

// Several handlers: one around ours that wraps the context, and ours twice.
func TestBesideOtherHandlers(t *testing.T) {
	tel, rec := tracing(t)
	b := start(t, &service{unary: ok}, setup{
		serverOptions: []grpc.ServerOption{grpc.StatsHandler(wrapping{}), grpc.StatsHandler(NewServerHandler(tel, &Options{ScopeName: func(string) string { return "mine" }}))},
		dialOptions:   []grpc.DialOption{grpc.WithStatsHandler(wrapping{})},
	})
	_, err := b.rpc.UnaryCall(t.Context(), &request{Payload: payload(10)})
	require.NoError(t, err)
	b.stop()
	client := only(t, b.client, unaryClient)
	outer := only(t, rec, "mine")
	assert.Equal(t, client.SpanID, outer.ParentSpanID)
	inner := only(t, b.server, "mine."+unaryServer)
	assert.Equal(t, outer.SpanID, inner.ParentSpanID)
	for _, timing := range []slogtel.Timing{client, outer, inner} {
		assert.EqualValues(t, 1, attrs(timing)[KeyRequestMessages], timing.Scope)
		assert.Equal(t, "OK", attrs(timing)[KeyStatus])
	}
}

type wrapping struct{ connections }

func (wrapping) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context {
	return context.WithValue(ctx, wrapping{}, true)
}
func (wrapping) HandleRPC(context.Context, stats.RPCStats) {}
