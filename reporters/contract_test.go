package reporters_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/slogtel/telemetry/reporters"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// TestContract puts every handler of this package through the contract suite. A
// new one joins by a line.
func TestContract(t *testing.T) {
	var out slogteltest.Buffer
	text := &slogteltest.Options{Output: out.String}
	standard := &slogteltest.Options{Results: out.JSON, StandardQuirks: true}
	for _, c := range []struct {
		name string
		new  func(t *testing.T) slog.Handler
		opts *slogteltest.Options
	}{
		{"NewHandler", func(*testing.T) slog.Handler { return reporters.NewHandler(printer{&out}) }, text},
		{"NewConsole", func(*testing.T) slog.Handler { return reporters.NewConsole(&out, nil) }, text},
		{"NewJSON", func(*testing.T) slog.Handler { return reporters.NewJSON(&out, nil) }, standard},
		{"NewJSON ECS", func(*testing.T) slog.Handler {
			return reporters.NewJSON(&out, &reporters.JSONOptions{Schema: reporters.ECS})
		}, text},
		{"NewMemory", func(*testing.T) slog.Handler { return reporters.NewMemory(nil) }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			slogteltest.TestHandler(t, func(t *testing.T) slog.Handler {
				out.Reset()
				return c.new(t)
			}, c.opts)
		})
	}
}

// printer is a Reporter that prints what it is told.
type printer struct{ out *slogteltest.Buffer }

func (p printer) RecordTiming(_ context.Context, t slogtel.Timing) error {
	_, err := fmt.Fprintf(p.out, "%q %v %v\n", t.Scope, t.Duration, t.Attrs)
	return err
}

func (p printer) RecordMetric(_ context.Context, m slogtel.Metric) error {
	_, err := fmt.Fprintf(p.out, "%q %v %v\n", m.Scope, m.Value, m.Attrs)
	return err
}
