package statsd

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/statsd"
	"github.com/slogtel/telemetry/slogtel"
)

// contended makes events whose names a daemon takes for one another, or for something
// else. It returns how many metrics they are.
func contended(h slog.Handler) int {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)
	ctx := context.Background()
	tel.Timing(ctx, "x", 5*time.Millisecond)
	tel.Count(ctx, "x", 6)
	tel.Gauge(ctx, "x", 7)
	tel.Count(ctx, "x.count", 8)
	tel.Gauge(ctx, "x_sum", 9)
	tel.Count(ctx, "y.bucket", 10)
	tel.Timing(ctx, "y", 11*time.Millisecond)
	tel.Count(ctx, "_e.z", 12)
	tel.Gauge(ctx, "_sc", 13)
	tel.Gauge(ctx, "go.goroutines", 14, slog.String("quantile", "q"))
	tel.Timing(ctx, "w", 15*time.Millisecond, slog.String("quantile", "q"), slog.String("le", "l"))
	return 11
}

// One path that is a scope, a counter and a gauge arrives as three metrics, in each
// dialect that the daemon has; so does what would stop it.
func TestContendedNamesAtExporter(t *testing.T) {
	for _, d := range []statsd.Dialect{statsd.Plain, statsd.DogStatsD, statsd.InfluxDB, statsd.SignalFX} {
		t.Run(d.String(), func(t *testing.T) {
			e := startExporter(t)
			h := open(t, e.address("tcp"), statsd.Options{Dialect: d, TagKeys: []string{"quantile", "le"}})
			n := contended(h)
			shutdown(t, h)
			require.EqualValues(t, n, h.Stats().Sent)
			var m metrics
			eventually(t, func() bool {
				m = e.mustScrape(t)
				return m.sum("statsd_exporter_samples_total") == float64(n)
			}, "not all has arrived")
			eventually(t, func() bool {
				m = e.mustScrape(t)
				got := fmt.Sprint(m.sum("x_count"), m.sum("x_counter"), m.sum("x_gauge"), m.sum("x_count_counter"), m.sum("x_sum_gauge"),
					m.sum("y_bucket"), m.sum("y_timing_count"), m.sum("m_e_z"), m.sum("m_sc"), m.sum("mgo_goroutines"), m.sum("w_count"))
				return got == "1 6 7 8 9 10 1 12 13 14 1"
			}, "something is missing: %v", m)
			assert.Zero(t, m.bad())
		})
	}
}

func TestContendedNamesAtEtsy(t *testing.T) {
	for _, d := range []statsd.Dialect{statsd.Plain, statsd.Graphite} {
		t.Run(d.String(), func(t *testing.T) {
			e := startEtsy(t)
			h := open(t, e.address("tcp"), statsd.Options{Dialect: d, Sets: []string{"s"}, GaugeDeltas: []string{"delta"}})
			contended(h)
			tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)
			tel.Gauge(t.Context(), "delta", 5)
			tel.Gauge(t.Context(), "delta", -7)
			require.NoError(t, h.Flush(t.Context()))
			tel.Gauge(t.Context(), "delta", 3)
			shutdown(t, h)
			var f flush
			eventually(t, func() bool {
				f = e.flushed(t)
				return f.Counters["x_counter"] == 6 && f.Gauges["x_gauge"] == 7 && f.Timers["x"].Count == 1 && f.Counters["x.count_counter"] == 8 &&
					f.Gauges["x_sum_gauge"] == 9 && f.Timers["y_timing"].Count == 1 && f.Counters["m_e.z"] == 12 && f.Gauges["m_sc"] == 13
			}, "something is missing")
			assert.Equal(t, 1., f.Gauges["delta"], "-2 and then +3")
			stats, err := e.ask("stats")
			require.NoError(t, err)
			assert.Contains(t, stats, "bad_lines_seen: 0")
		})
	}
}

// Times and what the client says of itself are for DataDog's agent, and do no harm at
// statsd_exporter. (The origin does: it drops lines with an id that it does not know.)
func TestAgentsFormsAtExporter(t *testing.T) {
	e := startExporter(t)
	h := open(t, e.address("unixgram"), statsd.Options{Dialect: statsd.DogStatsD, Timestamps: true, ClientTelemetry: true,
		GaugeDeltas: []string{"delta"}})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)
	tel.Count(t.Context(), "c", 3)
	tel.Gauge(t.Context(), "g", -4)
	tel.Gauge(t.Context(), "delta", 5)
	tel.Timing(t.Context(), "t", time.Millisecond)
	shutdown(t, h)
	eventually(t, func() bool {
		m := e.mustScrape(t)
		return m.sum("c") == 3 && m.sum("g") == -4 && m.sum("delta") == 5 && m.sum("t_count") == 1
	}, "something is missing: %v", strings.Split(e.Output(), "\n"))
	assert.Zero(t, e.mustScrape(t).bad())
}
