package aggregate_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
)

// While the next handler blocks, events are recorded as ever, and nothing is lost.
func TestNextBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, agg, sink := withAggregate(t, nil)
		gate := make(chan struct{})
		sink.before = func(slog.Record) error { <-gate; return nil }
		testkit.Handle(t, agg, testkit.Timing("a", "", 0, 1, ""), testkit.Timing("b", "", 0, 1, ""))
		time.Sleep(61 * time.Second) // the goroutine is in the handler now
		synctest.Wait()
		for range 100 {
			testkit.Handle(t, agg, testkit.Timing("a", "", 0, 1, ""))
			time.Sleep(10 * time.Second)
		}

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		before := time.Now()
		err := agg.Flush(ctx)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		err = agg.Shutdown(ctx)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "not sent in time: 3 of them")
		assert.Equal(t, time.Second, time.Since(before))

		close(gate)
		require.NoError(t, agg.Shutdown(t.Context()), "the goroutine went on")
		got, _ := sink.take()
		require.Len(t, got, 3)
		assert.EqualValues(t, 102, got[0].Count+got[1].Count+got[2].Count)
		assert.EqualValues(t, 100, max(got[0].Count, got[1].Count), "one interval as long as the wait")
		assert.Equal(t, []string{"shutdown"}, sink.calls)
		assert.EqualValues(t, 102, agg.Stats().Events)
	})
}

func TestNextFailsAndPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []error
		_, agg, sink := withAggregate(t, &aggregate.Options{OnError: func(ctx context.Context, err error) {
			told = append(told, err)
			panic("in OnError")
		}})
		refused := errors.New("refused")
		sink.before = func(r slog.Record) error {
			if r.Message == "hello" || r.Message == slogtel.MessageTiming {
				panic(refused)
			}
			switch s, _ := slogtel.DecodeSummary(r); s.Scope {
			case "fails":
				return refused
			case "panics":
				panic(refused)
			}
			return nil
		}
		for _, scope := range []string{"fails", "fine", "panics"} {
			for range 5 {
				testkit.Handle(t, agg, testkit.Metric(scope, slogtel.TypeCounter, slog.Int64Value(1)))
			}
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Len(t, told, 2)
		assert.ErrorIs(t, told[0], refused)
		assert.ErrorContains(t, told[0], `lost a summary of 5 events of "fails"`)
		assert.ErrorIs(t, told[1], refused)
		assert.Equal(t, aggregate.Stats{Summaries: 1, Events: 5, LostEvents: 10, Errors: 2}, agg.Stats())

		testkit.Handle(t, agg, testkit.Metric("panics", slogtel.TypeCounter, slog.Int64Value(1)))
		err := agg.Flush(t.Context())
		assert.ErrorIs(t, err, refused)
		assert.ErrorContains(t, err, "lost 1 summaries of 1 events")

		assert.ErrorIs(t, agg.Handle(t.Context(), slog.Record{Message: "hello"}), refused, "the caller is told of what passes")
		assert.ErrorIs(t, agg.Handle(t.Context(), testkit.Timing("a", "", 0, 1, "failed")), refused)
		assert.EqualValues(t, 5, agg.Stats().Errors)
		require.NoError(t, agg.Shutdown(t.Context()))
		got, _ := sink.take()
		assert.Len(t, got, 2)
	})
}

// Without OnError, the loss is logged once an interval.
func TestLogsLoss(t *testing.T) {
	old := slog.Default()
	defer slog.SetDefault(old)
	logged := new(sink)
	slog.SetDefault(slog.New(logged))
	synctest.Test(t, func(t *testing.T) {
		_, agg, sink := withAggregate(t, nil)
		sink.before = func(slog.Record) error { return errors.New("refused") }
		for i := range 100 {
			testkit.Handle(t, agg, testkit.Metric(fmt.Sprint("n", i), slogtel.TypeCounter, slog.Int64Value(1)))
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Len(t, logged.records, 1)
		assert.Contains(t, fmt.Sprint(testkit.Attrs(logged.records[0])), "lost 100 summaries of 100 events: refused")
		testkit.Handle(t, agg, testkit.Metric("n", slogtel.TypeCounter, slog.Int64Value(1)))
		assert.ErrorContains(t, agg.Shutdown(t.Context()), "refused")
	})
}

// Next ends the goroutine that called it, as a failing test does: that is a failure like
// any other, and what comes later is summed up and sent as before.
func TestNextEndsTheGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := 0
		_, agg, sink := withAggregate(t, &aggregate.Options{OnError: func(context.Context, error) {
			told++
			runtime.Goexit()
		}})
		sink.before = func(r slog.Record) error {
			if s, _ := slogtel.DecodeSummary(r); s.Scope != "fine" {
				runtime.Goexit()
			}
			return nil
		}
		for _, scope := range []string{"ends", "fine", "ends.too"} {
			testkit.Handle(t, agg, testkit.Metric(scope, slogtel.TypeCounter, slog.Int64Value(1)))
		}
		assert.ErrorContains(t, agg.Flush(t.Context()), "lost 2 summaries of 2 events: panic: runtime.Goexit was called")
		testkit.Handle(t, agg, testkit.Metric("fine", slogtel.TypeCounter, slog.Int64Value(1)), testkit.Metric("ends", slogtel.TypeCounter, slog.Int64Value(1)))
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Equal(t, aggregate.Stats{Summaries: 2, Events: 2, LostEvents: 3, Errors: 3}, agg.Stats())
		assert.Equal(t, 3, told)
		testkit.Handle(t, agg, testkit.Metric("fine", slogtel.TypeCounter, slog.Int64Value(1)))
		require.NoError(t, agg.Shutdown(t.Context()))
		got, others := sink.take()
		assert.Len(t, got, 3)
		assert.Empty(t, others)
		assert.Equal(t, []string{"flush", "shutdown"}, sink.calls)
	})
}

// Next may use the Aggregate itself.
func TestNextReenters(t *testing.T) {
	_, agg, sink := withAggregate(t, &aggregate.Options{Interval: time.Hour})
	sink.before = func(r slog.Record) error {
		if r.Message == slogtel.MessageSummary {
			testkit.Handle(t, agg, testkit.Metric("seen", slogtel.TypeCounter, slog.Int64Value(1)), slog.Record{Message: "log"})
			_ = agg.Stats()
		}
		return nil
	}
	testkit.Handle(t, agg, testkit.Metric("n", slogtel.TypeCounter, slog.Int64Value(1)))
	require.NoError(t, agg.Flush(t.Context()))
	require.NoError(t, agg.Flush(t.Context()))
	got, others := sink.take()
	assert.Len(t, got, 2)
	assert.Len(t, others, 2)
}

// From many goroutines, while intervals end all the time: each event is in one summary,
// or passed and in one.
func TestConservation(t *testing.T) {
	const workers, rounds, names = 8, 4000, 12
	mem := memory.New(nil)
	var summaries, passed atomic.Int64
	count := func(_ context.Context, r slog.Record) bool {
		switch r.Message {
		case slogtel.MessageSummary:
			summaries.Add(1)
		case slogtel.MessageTiming:
			passed.Add(1)
		}
		return true
	}
	agg := aggregate.New(&countingHandler{mem, count}, &aggregate.Options{
		Interval: time.Millisecond, MaxSeries: names, Sketch: true, SlowerThan: 2 * time.Millisecond})
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(w)))
			for i := range rounds {
				failure, seconds := "", 0.001
				switch i % 100 {
				case 3:
					failure = "x"
				case 4:
					seconds = 0.003
				}
				name := fmt.Sprint("s", r.IntN(2*names))
				_ = agg.Handle(context.Background(), testkit.Timing(name, "", 0, seconds, failure))
				_ = agg.Handle(context.Background(), testkit.Metric("n", slogtel.TypeCounter, slog.Int64Value(int64(i))))
				if i%500 == 0 {
					_ = agg.Flush(context.Background())
				}
			}
		})
	}
	wg.Wait()
	require.NoError(t, agg.Shutdown(t.Context()))
	s := mem.Snapshot()
	var calls, failed int64
	total := 0.0
	for _, scope := range s.Scopes {
		calls += scope.Calls
		failed += scope.Errors
		total += scope.TotalSeconds
		assert.Zero(t, scope.NoQuantiles)
	}
	assert.EqualValues(t, workers*rounds, calls)
	assert.EqualValues(t, workers*rounds/100, failed)
	assert.InEpsilon(t, float64(workers*rounds)*(0.99*0.001+0.01*0.003), total, 1e-9)
	var events, sum int64
	for _, c := range s.Counters {
		events += c.Count
		sum += c.Sum
	}
	assert.EqualValues(t, workers*rounds, events)
	assert.EqualValues(t, workers*rounds*(rounds-1)/2, sum)
	stats := agg.Stats()
	assert.EqualValues(t, 2*workers*rounds, stats.Events)
	assert.EqualValues(t, workers*rounds/50, stats.Passed)
	assert.Equal(t, passed.Load(), stats.Passed)
	assert.Equal(t, summaries.Load(), stats.Summaries)
	assert.Greater(t, stats.Summaries, int64(8))
	assert.Positive(t, stats.Overflowed)
}

type countingHandler struct {
	slog.Handler
	count func(context.Context, slog.Record) bool
}

func (h *countingHandler) Handle(ctx context.Context, r slog.Record) error {
	h.count(ctx, r)
	return h.Handler.Handle(ctx, r)
}

// Recording, flushing and shutting down at once: what Shutdown came too early for passes.
func TestShutdownDuringEvents(t *testing.T) {
	for range 50 {
		mem := memory.New(nil)
		agg := aggregate.New(mem, nil)
		const workers, rounds = 4, 200
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				for i := range rounds {
					_ = agg.Handle(context.Background(), testkit.Metric("n", slogtel.TypeCounter, slog.Int64Value(1)))
					if w == 0 && i == rounds/2 {
						_ = agg.Shutdown(context.Background())
					}
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, workers*rounds, mem.Snapshot().Counters[0].Sum)
	}
}

// What came through an aggregate.Handler keeps nothing of the events alive.
func TestRetainsNoAttributes(t *testing.T) {
	_, agg, _ := withAggregate(t, &aggregate.Options{Interval: time.Hour, Keys: []string{"big", "text"}})
	freed := make(chan struct{})
	func() {
		big := make([]byte, 1<<20)
		runtime.AddCleanup(&big[0], func(c chan struct{}) { close(c) }, freed)
		r := testkit.Timing("t", "", 0, 1, "")
		r.AddAttrs(slog.Any("big", big), slog.Any("other", big))
		testkit.Handle(t, agg, r)
	}()
	runtime.GC() // only one: the second would empty the pools that events are decoded in
	select {
	case <-freed:
	case <-time.After(time.Minute):
		t.Error("an attribute is still reachable")
	}
	assert.Equal(t, 1, agg.Stats().Series)
}
