package jsonlines_test

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/slogtel/telemetry/reporters/jsonlines"
)

func ExampleNew_ecs() {
	h := jsonlines.New(os.Stdout, &jsonlines.Options{Schema: jsonlines.ECS, Service: "checkout"})
	r := slog.NewRecord(time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC), slog.LevelInfo, "order placed", 0)
	r.AddAttrs(slog.String("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736"), slog.Int("items", 3))
	_ = h.Handle(context.Background(), r)
	// Output:
	// {"@timestamp":"2026-02-03T04:05:06.000000000Z","log.level":"info","message":"order placed","ecs.version":"1.6.0","service.name":"checkout","event.dataset":"checkout","trace.id":"4bf92f3577b34da6a3ce929d0e0e4736","labels":{"items":"3"}}
}
