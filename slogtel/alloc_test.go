package slogtel_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/internal/slogattrs"
	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

func TestAllocations(t *testing.T) {
	testkit.NeedsAllocs(t)
	ctx := context.Background()
	off, tel := slogtel.Disabled(), on()
	fan, kept := on(discard{}, discard{}, discard{}), on(discard{}, byValue{})
	in, _ := tel.Start(ctx, "a")
	failure := errors.New("no")
	counter, gauge := tel.NewCounter("made", &slogtel.InstrumentOptions{Unit: "By", Attrs: four[:2]}), tel.NewGauge("gauge", nil)
	var r slog.Record
	capturing := on(capture{&r})
	capturing.Timing(ctx, "t", time.Second, slog.Int("n", 1))
	var tm slogtel.Timing
	lent := 0.0 // what a record has beyond five attributes is lent to it, or allocated
	if !slogattrs.Known() {
		lent = 1
	}
	for name, tc := range map[string]struct {
		most float64
		run  func()
	}{
		"off": {0, func() {
			ctx, span := off.Start(ctx, "a", slog.String("model", "m"), slog.Int("n", 1))
			span.SetAttrs(slog.Int("n", 2))
			off.Count(ctx, "c", 1, slog.String("model", "m"))
			off.Gauge(ctx, "g", 1)
			off.Histogram(ctx, "h", 1)
			off.Timing(ctx, "t", 1)
			span.Fail(failure)
			span.End(slog.Int("n", 3))
		}},
		"instruments": {2 * lent, func() {
			counter.Add(in, 1, slog.String("model", "m"))
			counter.AddFloat(in, 0.5)
			gauge.Set(in, 1)
		}},
		"span":                      {1 + lent, func() { _, s := tel.Start(ctx, "a"); s.End() }},
		"span, one attribute":       {1 + lent, func() { _, s := tel.Start(ctx, "a", slog.Int("n", 1)); s.End() }},
		"span, four attributes":     {1 + lent, func() { _, s := tel.Start(ctx, "a", four[:]...); s.End() }},
		"nested span":               {1 + lent, func() { _, s := tel.Start(in, "b", slog.Int("n", 1)); s.End() }},
		"span, three reporters":     {1 + lent, func() { _, s := fan.Start(ctx, "a", slog.Int("n", 1)); s.End() }},
		"span, retained":            {2, func() { _, s := kept.Start(ctx, "a", slog.Int("n", 1)); s.End() }},
		"count, retained":           {1, func() { kept.Count(ctx, "c", 1, slog.String("model", "m")) }},
		"count, no attribute":       {0, func() { tel.Count(in, "c", 1) }},
		"count, one attribute":      {lent, func() { tel.Count(in, "c", 1, slog.String("model", "m")) }},
		"gauge, one attribute":      {lent, func() { tel.Gauge(in, "c", 1, slog.String("model", "m")) }},
		"histogram":                 {0, func() { tel.Histogram(in, "c", 1) }},
		"timing measured elsewhere": {lent, func() { tel.Timing(in, "c", 1) }},
		"scope.FromContext":         {0, func() { scope.FromContext(in) }},
		"scope.FromContext outside": {0, func() { scope.FromContext(ctx) }},
		"IsTelemetry":               {0, func() { slogtel.IsTelemetry(r) }},
		"Timing.Decode":             {0, func() { tm.Decode(r) }},
	} {
		assert.LessOrEqual(t, testing.AllocsPerRun(100, tc.run), tc.most, name)
	}
}

var four = [4]slog.Attr{slog.Int("a", 1), slog.Int("b", 2), slog.Int("c", 3), slog.Int("d", 4)}
