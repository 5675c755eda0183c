package sample_test

import (
	"bytes"
	"log/slog"
	"testing"
	"testing/slogtest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/sample"
	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// sampling has everything that can be sampled go through it, and drops none.
var sampling = &sample.Options{Rate: 0.9, Metrics: true, Random: func() float64 { return 0 }}

func TestContract(t *testing.T) {
	var out slogteltest.Buffer
	for name, opts := range map[string]*sample.Options{"nil": nil, "most": sampling} {
		t.Run(name, func(t *testing.T) {
			slogteltest.TestHandler(t, func(*testing.T) slog.Handler {
				out.Reset()
				return sample.New(opts).Middleware(slogjson.New(&out, nil))
			}, &slogteltest.Options{Results: out.JSON, StandardQuirks: true})
		})
	}
	require.NoError(t, slogteltest.CheckHandler(func() slog.Handler {
		return sample.New(&sample.Options{Rate: -1}).Middleware(slogteltest.NewRecorder(nil))
	}, nil), "one that drops all")
}

func TestSlogtest(t *testing.T) {
	for name, opts := range map[string]*sample.Options{"nil": nil, "most": sampling} {
		var out bytes.Buffer
		h := sample.New(opts).Middleware(slog.NewJSONHandler(&out, nil))
		require.NoError(t, slogtest.TestHandler(h, func() []map[string]any {
			return testkit.JSONLines(t, out.String())
		}), name)
	}
}

// Telemetry's own keys and messages are those that are looked for.
func TestTelemetry(t *testing.T) {
	assert.Equal(t, slogtel.KeySampleRate, sample.KeySampleRate)
	rec := slogteltest.NewRecorder(t)
	s := sample.New(sampling)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: rec.OnError}, s.Middleware(rec))
	ctx, span := tel.Start(t.Context(), "a")
	tel.Count(ctx, "n", 1)
	tel.Metric(ctx, "state", "ready")
	span.End()
	require.Len(t, rec.Timings("a"), 1)
	assert.Equal(t, 0.9, rec.Timings("a")[0].SampleRate)
	assert.Equal(t, 0.9, rec.Metrics("a.n")[0].SampleRate)
	assert.Equal(t, 0.9, rec.Metrics("a.state")[0].SampleRate)
	assert.Equal(t, sample.Stats{Kept: 3}, s.Stats())

	none := sample.New(&sample.Options{Rate: -1})
	rec = slogteltest.NewRecorder(t)
	tel = slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true, OnError: rec.OnError}, none.Middleware(rec))
	for range 10 {
		_ = tel.Time(t.Context(), "a", fails)
		tel.Count(t.Context(), "n", 1)
		_, span := tel.Start(t.Context(), "a")
		span.End()
	}
	assert.Len(t, rec.Timings("a"), 10, "the failures")
	assert.Len(t, rec.Metrics("n"), 10)
	assert.Equal(t, sample.Stats{Kept: 20, Dropped: 10}, none.Stats())
}
