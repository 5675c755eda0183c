package grpctel_test

import (
	"context"
	"fmt"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/grpctel"
)

func Example() {
	memory := memory.New(nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, memory)

	server := grpc.NewServer(grpctel.ServerOption(tel, nil))
	healthgrpc.RegisterHealthServer(server, health.NewServer())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go server.Serve(l)

	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()), grpctel.DialOption(tel, nil))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, span := tel.Start(context.Background(), "probe")
	resp, err := healthgrpc.NewHealthClient(conn).Check(ctx, &healthgrpc.HealthCheckRequest{})
	fmt.Println(resp.GetStatus(), err)
	span.End()
	_ = conn.Close()
	server.GracefulStop()

	for _, s := range memory.Snapshot().Scopes {
		fmt.Println(s.Scope, s.Calls, s.Errors)
	}
	// Output:
	// SERVING <nil>
	// probe 1 0
	// probe.rpc.client.grpc.health.v1.health.check 1 0
	// rpc.server.grpc.health.v1.health.check 1 0
}
