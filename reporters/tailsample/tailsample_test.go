package tailsample_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/reporters/tailsample"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

var bg = context.Background()

func setUp(opts *tailsample.Options) (*slogtel.Telemetry, *tailsample.Handler, *slogteltest.Buffer) {
	var out slogteltest.Buffer
	h := tailsample.New(jsonlines.New(&out, nil), opts)
	return slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, h), h, &out
}

// scopes returns the scopes of the lines, in their order.
func scopes(out *slogteltest.Buffer) (all []string) {
	for _, line := range out.JSON() {
		s, ok := line["scope"].(string)
		if !ok {
			s = line["msg"].(string)
		}
		all = append(all, s)
	}
	return all
}

func TestReasons(t *testing.T) {
	asked := func(_ context.Context, root slogtel.Timing) bool { return root.Scope == "asked" }
	synctest.Test(t, func(t *testing.T) {
		tel, h, out := setUp(&tailsample.Options{Rate: -1, SlowerThan: time.Second, Keep: asked})
		run := func(name string, inside func(ctx context.Context, root *slogtel.Span)) {
			ctx, root := tel.Start(bg, name)
			_, span := tel.Start(ctx, "in")
			span.End()
			tel.Count(ctx, "n", 1)
			if inside != nil {
				inside(ctx, root)
			}
			root.End()
		}
		run("quick", nil)
		assert.Empty(t, out.String())
		run("slow", func(context.Context, *slogtel.Span) { time.Sleep(1001 * time.Millisecond) })
		run("failed", func(ctx context.Context, _ *slogtel.Span) {
			_ = tel.Time(ctx, "bad", func(context.Context) error { return errors.New("x") })
		})
		run("failed_itself", func(_ context.Context, root *slogtel.Span) { root.Fail(errors.New("x")) })
		run("asked", nil)
		run("from_within", func(ctx context.Context, _ *slogtel.Span) {
			slogtel.Root(ctx).SetAttrs(slog.Bool(tailsample.KeyKeep, true))
		})
		run("not_asked", func(ctx context.Context, _ *slogtel.Span) {
			slogtel.Root(ctx).SetAttrs(slog.Bool(tailsample.KeyKeep, false))
		})
		run("logged", func(ctx context.Context, _ *slogtel.Span) { slog.New(h).ErrorContext(ctx, "oh") })
		assert.Equal(t, []string{
			"slow.in", "slow.n", "slow",
			"failed.in", "failed.n", "failed.bad", "failed",
			"failed_itself.in", "failed_itself.n", "failed_itself",
			"asked.in", "asked.n", "asked",
			"from_within.in", "from_within.n", "from_within",
			"oh", "logged.in", "logged.n", "logged",
		}, scopes(out))
		assert.NotContains(t, out.String(), "sample_rate")
		assert.Equal(t, tailsample.Stats{Failed: 3, Slow: 1, Asked: 2, Dropped: 2, RecordsKept: 19, RecordsDropped: 6}, h.Stats())
		require.NoError(t, tel.Shutdown(bg))
	})
}

// Traces are kept whole, at the rate, and each of their records says so. Sums that weigh them are right.
func TestChance(t *testing.T) {
	const traces = 20_000
	tel, h, out := setUp(&tailsample.Options{Rate: 0.1})
	for range traces {
		ctx, root := tel.Start(bg, "request")
		for range 3 {
			in, span := tel.Start(ctx, "db")
			tel.Count(in, "rows", 2)
			span.End()
		}
		root.End()
	}
	byTrace := map[string]int{}
	rows := 0.0
	for _, line := range out.JSON() {
		byTrace[line["trace_id"].(string)]++
		require.Equal(t, 0.1, line["sample_rate"])
		if line["metric_type"] == "counter" {
			rows += line["value"].(float64) / 0.1
		}
	}
	for id, n := range byTrace {
		require.Equal(t, 7, n, id)
	}
	sigma := math.Sqrt(traces * 0.1 * 0.9)
	assert.InDelta(t, traces*0.1, len(byTrace), 6*sigma)
	assert.InDelta(t, traces*6, rows, 6*sigma*6/0.1)
	s := h.Stats()
	assert.EqualValues(t, len(byTrace), s.Chance)
	assert.EqualValues(t, traces, s.Chance+s.Dropped)
	assert.EqualValues(t, 7*traces, s.RecordsKept+s.RecordsDropped)
	assert.Zero(t, s.Waiting)
	require.NoError(t, tel.Shutdown(bg))
}

// Two processes keep the same traces.
func TestTwoProcesses(t *testing.T) {
	here, _, outHere := setUp(&tailsample.Options{Rate: 0.3})
	there, _, outThere := setUp(&tailsample.Options{Rate: 0.3})
	for range 300 {
		ctx, root := here.Start(bg, "client")
		headers := map[string]string{}
		slogtel.Inject(ctx, func(k, v string) { headers[k] = v })
		_, served := there.Start(slogtel.Extract(bg, func(k string) string { return headers[k] }), "server")
		served.End()
		root.End()
	}
	ids := func(out *slogteltest.Buffer) (all []any) {
		for _, line := range out.JSON() {
			all = append(all, line["trace_id"])
		}
		return all
	}
	assert.NotEmpty(t, ids(outHere))
	assert.Equal(t, ids(outHere), ids(outThere))
}

// With Rest nothing is lost: what is dropped is in summaries, what is kept is not.
func TestRest(t *testing.T) {
	mem := memory.New(nil)
	h := tailsample.New(mem, &tailsample.Options{Rate: 0.2, Rest: aggregate.New(mem, nil)})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, h)
	for i := range 1000 {
		ctx, root := tel.Start(bg, "request")
		tel.Count(ctx, "rows", int64(i))
		if i%10 == 0 {
			root.Fail(errors.New("x"))
		}
		root.End()
	}
	require.NoError(t, tel.Shutdown(bg))
	snap := mem.Snapshot()
	assert.EqualValues(t, 1000, snap.Scopes[0].Calls)
	assert.EqualValues(t, 100, snap.Scopes[0].Errors)
	assert.EqualValues(t, 999*1000/2, snap.Counters[0].Sum)
	assert.EqualValues(t, 100, h.Stats().Failed)
	assert.NotZero(t, h.Stats().Chance)
}

func TestSlowest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, _, out := setUp(&tailsample.Options{Rate: -1, Slowest: 0.99})
		for i := range 200 {
			_, root := tel.Start(bg, "request", slog.Int("i", i))
			time.Sleep(time.Duration(10+i%10) * time.Millisecond)
			root.End()
		}
		assert.Empty(t, out.String())
		_, root := tel.Start(bg, "request")
		time.Sleep(30 * time.Millisecond)
		root.End()
		_, root = tel.Start(bg, "another_path")
		time.Sleep(30 * time.Millisecond)
		root.End()
		assert.Equal(t, []string{"request"}, scopes(out))
		require.NoError(t, tel.Shutdown(bg))
	})
}

func TestLogs(t *testing.T) {
	tel, h, out := setUp(&tailsample.Options{Rate: -1, Logs: true})
	log := slog.New(handlers.Scope()(h)).With("service", "shop").WithGroup("g")
	log.Info("outside")
	for _, fails := range []bool{false, true} {
		ctx, root := tel.Start(bg, "request")
		log.InfoContext(ctx, "hello", "n", 1)
		if fails {
			root.Fail(errors.New("x"))
		}
		root.End()
	}
	lines := out.JSON()
	require.Len(t, lines, 3)
	assert.Equal(t, "outside", lines[0]["msg"])
	assert.Equal(t, "hello", lines[1]["msg"])
	assert.Equal(t, "shop", lines[1]["service"])
	assert.Equal(t, map[string]any{"n": 1.0}, lines[1]["g"])
	assert.Equal(t, "request", lines[2]["scope"])
}

// A log at a rate has it at the root, though the logger has a group.
func TestLogsAtARate(t *testing.T) {
	tel, h, out := setUp(&tailsample.Options{Rate: 0.5, Logs: true})
	log := slog.New(h).WithGroup("g")
	for range 50 {
		ctx, root := tel.Start(bg, "request")
		log.InfoContext(ctx, "hello", "n", 1)
		root.End()
	}
	lines := out.JSON()
	require.NotEmpty(t, lines)
	assert.Equal(t, map[string]any{"n": 1.0}, lines[0]["g"])
	assert.Equal(t, 0.5, lines[0]["sample_rate"])
}

func TestManyGoroutines(t *testing.T) {
	tel, h, out := setUp(&tailsample.Options{Rate: 0.5})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 200 {
				ctx, root := tel.Start(bg, "request")
				var kids sync.WaitGroup
				for range 3 {
					kids.Go(func() {
						_, span := tel.Start(ctx, "kid")
						span.End()
					})
				}
				kids.Wait()
				if i%50 == 0 {
					root.Fail(io.EOF)
				}
				root.End()
			}
		})
	}
	all.Wait()
	s := h.Stats()
	assert.EqualValues(t, 8*200*4, s.RecordsKept+s.RecordsDropped)
	assert.EqualValues(t, s.RecordsKept, strings.Count(out.String(), "\n"))
	assert.EqualValues(t, 8*4, s.Failed)
	assert.Zero(t, s.Open)
}

// tallies adds up what is kept, by its weight, and counts the records of each trace.
type tallies struct {
	records map[string]int
	sum     float64
	failed  int
}

func (s *tallies) RecordTiming(_ context.Context, e slogtel.Timing) error {
	s.records[e.TraceID]++
	if e.Error != "" {
		s.failed++ // for itself: it is kept in any case
	}
	return nil
}

func (s *tallies) RecordMetric(_ context.Context, m slogtel.Metric) error {
	s.records[m.TraceID]++
	v, _ := m.Number()
	if m.SampleRate > 0 {
		v /= m.SampleRate
	}
	s.sum += v
	return nil
}

// Of ten million events the traces that are kept are whole, all that failed are among them,
// and sums are right within what sampling can do.
func TestTenMillion(t *testing.T) {
	traces := 2_000_000
	if testing.Short() {
		traces = 20_000
	}
	got := &tallies{records: map[string]int{}}
	h := tailsample.New(slogtel.NewHandler(got), &tailsample.Options{Rate: 0.01})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, h)
	failed := 0
	for i := range traces {
		ctx, root := tel.Start(bg, "request")
		for range 2 {
			in, span := tel.Start(ctx, "db")
			tel.Count(in, "rows", 1)
			span.End()
		}
		if i%1000 == 7 {
			failed++
			root.Fail(io.EOF)
		}
		root.End()
	}
	for id, n := range got.records {
		require.Equal(t, 5, n, id)
	}
	s := h.Stats()
	assert.EqualValues(t, failed, s.Failed)
	assert.EqualValues(t, failed, got.failed)
	assert.EqualValues(t, 5*traces, s.RecordsKept+s.RecordsDropped)
	assert.EqualValues(t, len(got.records), s.Failed+s.Chance)
	sigma := math.Sqrt(float64(traces)*0.01*0.99) / 0.01 * 2
	assert.InDelta(t, 2*traces, got.sum, 6*sigma)
}

func TestContract(t *testing.T) {
	var out slogteltest.Buffer
	slogteltest.TestHandler(t, func(*testing.T) slog.Handler {
		out.Reset()
		return tailsample.New(jsonlines.New(&out, nil), &tailsample.Options{Logs: true})
	}, nil)
}

func TestSlogtest(t *testing.T) {
	var out slogteltest.Buffer
	slogtest.Run(t, func(*testing.T) slog.Handler {
		out.Reset()
		return tailsample.New(slog.NewJSONHandler(&out, nil), nil)
	}, func(*testing.T) map[string]any { return out.JSON()[0] })
}

func TestNil(t *testing.T) {
	h := tailsample.New(nil, nil)
	testkit.Handle(t, h, testkit.Record())
	require.NoError(t, h.Flush(bg))
	require.NoError(t, h.Shutdown(context.Context(nil)))
}

func BenchmarkTailSample(b *testing.B) {
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, tailsample.New(jsonlines.New(io.Discard, nil), &tailsample.Options{Rate: 0.01}))
	b.ReportAllocs()
	for b.Loop() {
		ctx, root := tel.Start(bg, "request")
		for range 4 {
			_, span := tel.Start(ctx, "db")
			span.End()
		}
		root.End()
	}
}
