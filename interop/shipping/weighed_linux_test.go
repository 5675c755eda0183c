package shipping

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/sample"
	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
)

const askWeighed = "With sampling and aggregation"

// A weighed run has lines of all kinds: of events that nothing was done to, of sampled
// ones, of summaries, and of what passes beside these.
type weighed struct {
	flat, ecs bytes.Buffer
	memory    *memory.Handler // was given what the lines were written from
	lines     int
}

func newWeighed(t *testing.T) *weighed {
	t.Helper()
	w := &weighed{memory: memory.New(nil)}
	end := slog.NewMultiHandler(w.memory, jsonlines.New(&w.flat, nil),
		jsonlines.New(&w.ecs, &jsonlines.Options{Schema: jsonlines.ECS}))
	sampled := sample.New(&sample.Options{Rate: 0.25, Metrics: true}).Middleware
	both := aggregate.New(end, &aggregate.Options{SlowerThan: 80 * time.Millisecond, Sketch: true})
	alone := aggregate.New(end, nil)
	for _, h := range []slog.Handler{end, sampled(end), alone, sampled(both)} {
		tel := slogtel.New(&slogtel.Options{
			Mode: slogtel.On, TraceIDs: true, OnError: func(_ context.Context, err error) { t.Error(err) },
		}, h)
		for i := range 100 {
			ctx, span := tel.Start(t.Context(), "checkout")
			tel.Timing(ctx, "pay", time.Duration(i)*time.Millisecond)
			tel.Count(ctx, "attempts", int64(i))
			tel.Gauge(ctx, "queue", float64(i))
			if i%10 == 3 {
				span.Fail(errors.New("declined"))
			}
			span.End()
		}
	}
	require.NoError(t, alone.Flush(t.Context()))
	require.NoError(t, both.Flush(t.Context()))
	t.Cleanup(func() {
		ctx := context.Background()
		assert.NoError(t, alone.Shutdown(ctx))
		assert.NoError(t, both.Shutdown(ctx))
	})
	w.lines = bytes.Count(w.flat.Bytes(), []byte("\n"))
	require.Contains(t, w.flat.String(), `"in_summary":true`)
	require.Contains(t, w.flat.String(), `"sample_rate":0.25`)
	require.Contains(t, w.flat.String(), slogtel.MessageSummary)
	return w
}

// agree asserts that a store has counted as the memory reporter has.
func (w *weighed) agree(t *testing.T, calls, failed, total, sum map[string]float64) {
	t.Helper()
	held := w.memory.Snapshot()
	require.Len(t, held.Scopes, 2)
	require.Len(t, calls, len(held.Scopes))
	require.Len(t, sum, len(held.Counters))
	for _, s := range held.Scopes {
		assert.InDelta(t, s.Calls, calls[s.Scope], 1e-6, s.Scope)
		assert.InDelta(t, s.Errors, failed[s.Scope], 1e-6, s.Scope)
		assert.InEpsilon(t, s.TotalSeconds, total[s.Scope], 1e-6, s.Scope)
		if s.Scope == "checkout" {
			assert.EqualValues(t, 40, s.Errors)
		}
	}
	for _, c := range held.Counters {
		assert.InDelta(t, c.Sum, sum[c.Scope], 1e-6, c.Scope)
	}
}

// TestWeighed asks VictoriaLogs the documented queries for lines that do not each stand
// for one event.
func TestWeighed(t *testing.T) {
	w, server := newWeighed(t), startVictoriaLogs(t)
	post := func(fields url.Values, lines []byte) {
		resp, err := http.Post(server+"/insert/jsonline?"+fields.Encode(), "application/stream+json", bytes.NewReader(lines))
		require.NoError(t, err)
		defer resp.Body.Close()
		require.Less(t, resp.StatusCode, 300)
	}
	post(url.Values{"_time_field": {"time"}, "_msg_field": {"msg"}}, w.flat.Bytes())
	post(url.Values{"_time_field": {"@timestamp"}, "_msg_field": {"message"}}, w.ecs.Bytes())
	arrived(t, server, `scope:*`, w.lines)
	arrived(t, server, `"slogtel.scope":*`, w.lines)
	for _, kind := range []string{"logsql", "logsql ecs"} {
		t.Run(kind, func(t *testing.T) {
			queries := documented(t, askWeighed, kind)
			require.Len(t, queries, 2)
			calls, sums := logsQL(t, server, queries[0]), logsQL(t, server, queries[1])
			w.agree(t, column(t, calls, "calls", 1), column(t, calls, "errors", 1), column(t, calls, "total", 1), column(t, sums, "sum", 1))
		})
	}
}
