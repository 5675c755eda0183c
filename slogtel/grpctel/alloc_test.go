package grpctel

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/slogtel"
)

type discard = testkit.Discard

// allocs are those of the events of one RPC.
func allocs(h stats.Handler, events ...stats.RPCStats) float64 {
	info := &stats.RPCTagInfo{FullMethodName: "/grpc.testing.TestService/UnaryCall"}
	ctx := context.Background()
	return testing.AllocsPerRun(200, func() {
		rpc := h.TagRPC(ctx, info)
		for _, e := range events {
			h.HandleRPC(rpc, e)
		}
	})
}

func TestAllocs(t *testing.T) {
	testkit.NeedsAllocs(t)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, discard{})
	received := []stats.RPCStats{&stats.InHeader{}, &stats.Begin{}, &stats.InPayload{}, &stats.OutPayload{}, &stats.OutTrailer{}, &stats.End{}}
	joined := append([]stats.RPCStats{&stats.InHeader{Header: metadata.Pairs("traceparent", good)}}, received[1:]...)
	called := []stats.RPCStats{&stats.Begin{Client: true}, &stats.OutHeader{Client: true}, &stats.OutPayload{Client: true}, &stats.InPayload{Client: true}, &stats.End{Client: true}}
	quiet := &Options{Filter: func(string) bool { return false }}

	assert.LessOrEqual(t, allocs(NewServerHandler(tel, nil), received...), 3.0, "the RPC, the span and the ids")
	assert.LessOrEqual(t, allocs(NewServerHandler(tel, nil), joined...), 5.0, "and the caller's")
	assert.LessOrEqual(t, allocs(NewClientHandler(tel, nil), called...), 9.0, "and the metadata")
	assert.LessOrEqual(t, allocs(NewServerHandler(tel, quiet), received...), 1.0, "not recorded")
	assert.Zero(t, allocs(NewServerHandler(nil, nil), received...))
	assert.Zero(t, allocs(NewClientHandler(nil, nil), called...))
}
