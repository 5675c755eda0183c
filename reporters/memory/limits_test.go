package memory_test

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
)

func TestOverflowIsCounted(t *testing.T) {
	mem := memory.New(&memory.Options{MaxSeries: 10})
	for i := range 25 {
		failure := ""
		if i%2 == 0 {
			failure = "failed"
		}
		for range 3 {
			testkit.Handle(t, mem,
				testkit.Timing(fmt.Sprint("s", i), "", 0, 1, failure),
				testkit.Metric(fmt.Sprint("m", i), slogtel.TypeCounter, slog.Int64Value(1)))
		}
	}
	s := mem.Snapshot()
	assert.Len(t, s.Scopes, 10)
	assert.Len(t, s.Counters, 10)
	assert.Equal(t, memory.Forgotten{Timings: 45, Errors: 24, Metrics: 45}, s.Forgotten)
	assert.Contains(t, mem.Report(), "forgotten: 45 timings (24 failed), 45 metrics, 0 values not finite\n")
	for _, scope := range s.Scopes {
		assert.EqualValues(t, 3, scope.Calls)
	}

	mem.Reset()
	assert.Equal(t, memory.New(nil).Snapshot(), mem.Snapshot())
	testkit.Handle(t, mem, testkit.Timing("s24", "", 0, 1, ""))
	assert.Len(t, mem.Snapshot().Scopes, 1, "there is room again")
}

func TestOverlongPath(t *testing.T) {
	mem := memory.New(nil)
	testkit.Handle(t, mem,
		testkit.Timing(strings.Repeat("a", 2048), "", 0, 1, ""),
		testkit.Timing(strings.Repeat("a", 2049), "", 0, 1, ""),
		testkit.Timing("a", strings.Repeat("a", 1<<20), 0, 1, "x"))
	s := mem.Snapshot()
	assert.Len(t, s.Scopes, 1)
	assert.Equal(t, memory.Forgotten{Timings: 2, Errors: 1}, s.Forgotten)
}

func TestLongErrorIsCut(t *testing.T) {
	mem := memory.New(nil)
	for _, text := range []string{strings.Repeat("é", 1<<16), strings.Repeat("\x80", 1<<16), strings.Repeat("日", 1<<16)} {
		testkit.Handle(t, mem, testkit.Timing("a", "", 0, 1, text))
		got := mem.Snapshot().Scopes[0].LastError
		assert.LessOrEqual(t, len(got), 256+len("…"))
		assert.Greater(t, len(got), 250)
		assert.True(t, strings.HasPrefix(text, strings.TrimSuffix(got, "…")))
		assert.Equal(t, utf8.ValidString(text), utf8.ValidString(got))
	}
}

// Each of many goroutines records on scopes of its own and on shared ones, while
// others read: all is there in the end, and never more than was recorded.
func TestConservation(t *testing.T) {
	const workers, rounds, names = 8, 2000, 10
	mem, tel := withMemory(&memory.Options{MaxSeries: names / 2 * (workers + 1)})
	stop := make(chan struct{})
	var readers, writers sync.WaitGroup
	readers.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			assert.NotEmpty(t, mem.Report())
			for _, s := range mem.Snapshot().Scopes {
				assert.InDelta(t, float64(s.Calls)*0.002, s.TotalSeconds, 1e-6, "one event is either in all figures or in none")
				assert.LessOrEqual(t, s.Errors, s.Calls)
			}
		}
	})
	for w := range workers {
		writers.Go(func() {
			for i := range rounds {
				name := fmt.Sprint("shared", i%names)
				if i%2 == 0 {
					name = fmt.Sprint("worker", w, ".", i%names)
				}
				_ = mem.Handle(context.Background(), testkit.Timing(name, "", 0, 0.002, "x"))
				tel.Count(context.Background(), "n", 1)
				tel.Histogram(context.Background(), "h", 1)
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	s := mem.Snapshot()
	calls, failed, total := s.Forgotten.Timings, s.Forgotten.Errors, 0.002*float64(s.Forgotten.Timings)
	for _, scope := range s.Scopes {
		calls += scope.Calls
		failed += scope.Errors
		total += scope.TotalSeconds
	}
	assert.EqualValues(t, workers*rounds, calls)
	assert.EqualValues(t, workers*rounds, failed)
	assert.InDelta(t, workers*rounds*0.002, total, 1e-6)
	assert.Zero(t, s.Forgotten.Timings, "as many series as may be kept")
	assert.EqualValues(t, workers*rounds, s.Counters[0].Sum)
	assert.EqualValues(t, workers*rounds, s.Histograms[0].Count)
}

// New series up to the limit and beyond, from many goroutines at once.
func TestConcurrentOverflow(t *testing.T) {
	const workers, names = 8, 300
	for range 20 {
		mem := memory.New(&memory.Options{MaxSeries: 100})
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for i := range names {
					_ = mem.Handle(context.Background(), testkit.Timing(fmt.Sprint("s", i), "", 0, 1, ""))
				}
			})
		}
		wg.Wait()
		s := mem.Snapshot()
		require.Len(t, s.Scopes, 100)
		calls := s.Forgotten.Timings
		seen := make(map[string]bool)
		for _, scope := range s.Scopes {
			calls += scope.Calls
			assert.False(t, seen[scope.Scope], "%s is there twice", scope.Scope)
			seen[scope.Scope] = true
		}
		assert.EqualValues(t, workers*names, calls)
	}
}

// Two goroutines meet at a scope that neither has seen.
func TestNewScopeAtOnce(t *testing.T) {
	mem := memory.New(nil)
	var turn [2]atomic.Int64
	var wg sync.WaitGroup
	const n = 3000
	for me := range 2 {
		wg.Go(func() {
			for i := range n {
				r := testkit.Timing(strconv.Itoa(i), "", 0, 1, "")
				turn[me].Store(int64(i))
				for turn[1-me].Load() < int64(i) {
					runtime.Gosched()
				}
				_ = mem.Handle(context.Background(), r)
			}
		})
	}
	wg.Wait()
	s := mem.Snapshot()
	assert.Len(t, s.Scopes, n)
	for _, scope := range s.Scopes {
		assert.EqualValues(t, 2, scope.Calls)
	}
}

func TestResetDuringWrites(t *testing.T) {
	mem, tel := withMemory(nil)
	const workers, rounds = 4, 2000
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range rounds {
				tel.Timing(context.Background(), fmt.Sprint("s", i%7), time.Millisecond)
				tel.Count(context.Background(), "n", 1)
			}
		})
	}
	for range 200 {
		mem.Reset()
		for _, s := range mem.Snapshot().Scopes {
			assert.Positive(t, s.Calls)
			assert.LessOrEqual(t, s.Calls, int64(workers*rounds))
		}
	}
	wg.Wait()
	mem.Reset()
	assert.Equal(t, "no telemetry\n", mem.Report())
	tel.Count(context.Background(), "n", 3)
	assert.EqualValues(t, 3, mem.Snapshot().Counters[0].Sum)
}

// A Stringer or an error that uses the Memory itself must not lock up.
type memoryReenters struct{ mem *memory.Handler }

func (r memoryReenters) String() string {
	_ = r.mem.Handle(context.Background(), testkit.Metric("inner", slogtel.TypePlain, slog.StringValue("x")))
	return r.mem.Report()
}

func TestCallsForeignCodeUnderNoLock(t *testing.T) {
	mem := memory.New(nil)
	for range 2 {
		testkit.Handle(t, mem, testkit.Metric("inner", slogtel.TypePlain, slog.AnyValue(memoryReenters{mem})))
	}
	assert.EqualValues(t, 4, mem.Snapshot().Metrics[0].Count)
}
