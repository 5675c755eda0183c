//go:build !js

package top

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/slogtel"
)

func timing(scope string, at time.Time, d time.Duration, failure string) *events.Event {
	return &events.Event{Kind: events.Timing, Type: slogtel.TypeTiming, Scope: scope, Time: at, Duration: d, Error: failure, SampleRate: 1}
}

func value(typ slogtel.MetricType, name string, at time.Time, v float64) *events.Event {
	return &events.Event{Kind: events.Metric, Type: typ, Scope: name, Time: at, Value: v, Numeric: true, SampleRate: 1, Unit: "By"}
}

func (b *board) now() *snapshot {
	s := new(snapshot)
	b.fill(s)
	return s
}

// The figures are those of the events of the last 60 seconds, and no others.
func TestBoardHasTheLastMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		b := newBoard(10)
		type event struct {
			second int64
			d      time.Duration
			failed bool
		}
		var all []event
		for range 3000 {
			time.Sleep(time.Duration(r.IntN(100)) * time.Millisecond)
			e := event{time.Now().Unix(), time.Duration(1 + r.IntN(1e9)), r.IntN(10) == 0}
			all = append(all, e)
			failure := ""
			if e.failed {
				failure = "x"
			}
			b.Event(timing("a", time.Now(), e.d, failure))
			b.Event(value(slogtel.TypeCounter, "n", time.Now(), 2))
		}
		got := b.now()
		var durations []time.Duration
		errors := int64(0)
		for _, e := range all {
			if e.second > time.Now().Unix()-window {
				durations = append(durations, e.d)
				if e.failed {
					errors++
				}
			}
		}
		slices.Sort(durations)
		n := len(durations)
		require.Len(t, got.Scopes, 1)
		a := got.Scopes[0]
		assert.EqualValues(t, n, a.Calls)
		assert.Equal(t, errors, a.Errors)
		assert.EqualValues(t, window, got.Seconds)
		assert.InDelta(t, float64(n)/window, a.Rate, 1e-9)
		assert.InDelta(t, 2*float64(n)/window, *got.Counters[0].Rate, 1e-9)
		assert.InEpsilon(t, durations[n/2].Seconds(), *a.P50, 0.05)
		assert.InEpsilon(t, durations[n-1].Seconds(), *a.Max, sketch.RelativeError)

		time.Sleep(2 * time.Minute)
		got = b.now()
		assert.Empty(t, got.Scopes)
		assert.Zero(t, *got.Counters[0].Rate)
		assert.InDelta(t, 120, *got.LastEvent, 0.01)
	})
}

func TestBoardClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := time.Now().Add(-72 * time.Hour)
		b := newBoard(10)
		b.Event(timing("a", old, time.Second, ""))
		b.Event(timing("a", old.Add(10*time.Second), time.Second, ""))
		s := b.now()
		assert.EqualValues(t, 2, s.Scopes[0].Calls, "an old file shows its last minute")
		assert.InDelta(t, 0.2, s.Scopes[0].Rate, 1e-9, "two in the ten seconds that are known")
		assert.InDelta(t, 72*3600-10, *s.LastEvent, 1)

		b.Event(timing("a", old.Add(-time.Hour), time.Second, ""))
		b.Event(timing("a", time.Now().Add(time.Hour), time.Second, ""))
		s = b.now()
		assert.EqualValues(t, 3, s.Scopes[0].Calls)
		assert.Contains(t, strings.Join(s.Notes, "\n"), "1 events left out that came more than a minute late")
		assert.Contains(t, strings.Join(s.Notes, "\n"), "1 events of a time to come")
		assert.Equal(t, old.Add(10*time.Second).Unix(), s.Time.Unix(), "whose clock is wrong does not set that of others")

		b.Event(timing("b", time.Now(), time.Second, ""))
		s = b.now()
		require.Len(t, s.Scopes, 1)
		assert.Equal(t, "b", s.Scopes[0].Scope)
	})
}

func TestBoardGauges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard(10)
		b.Event(value(slogtel.TypeGauge, "g", time.Now(), 3))
		b.Event(value(slogtel.TypeGauge, "g", time.Now().Add(-time.Second), 2))
		b.Event(value(slogtel.TypeHistogram, "h", time.Now(), 7))
		time.Sleep(time.Hour)
		s := b.now()
		assert.EqualValues(t, 3, *s.Gauges[0].Last, "the last by its time, however old")
		assert.Equal(t, "By", s.Gauges[0].Unit)
		assert.Nil(t, s.Histograms[0].P50)
	})
}

// What an aggregate has added up counts as its events did, once.
func TestBoardSummaries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard(10)
		e := timing("a", time.Now(), 0, "")
		e.Kind = events.Summary
		e.Totals = &events.Totals{Interval: 20 * time.Second, Count: 40, Errors: 4, Sum: 40, Min: 1, Max: 1, Mean: 1, P50: 1, P90: 1, P95: 1, P99: 1}
		b.Event(e)
		counted := timing("a", time.Now(), time.Hour, "x")
		counted.InSummary = true
		b.Event(counted)
		a := b.now().Scopes[0]
		assert.EqualValues(t, 40, a.Calls)
		assert.EqualValues(t, 4, a.Errors)
		assert.InDelta(t, 2, a.Rate, 1e-9)
		assert.InEpsilon(t, 1, *a.P99, sketch.RelativeError)
	})
}

// Ever new names do not make memory grow; what is idle makes room.
func TestBoardIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard(10)
		for i := range 1000 {
			b.Event(timing(fmt.Sprintf("scope%d", i), time.Now(), time.Second, ""))
		}
		s := b.now()
		assert.Len(t, s.Scopes, 11)
		assert.Equal(t, overflowName, s.Scopes[0].Scope)
		assert.EqualValues(t, 990, s.Scopes[0].Calls)
		assert.Contains(t, s.Notes[0], "990 events of more than 10 names")
		b.Event(timing(strings.Repeat("x", 1<<20), time.Now(), time.Second, ""))
		time.Sleep(2 * time.Minute)
		b.Event(timing("new", time.Now(), time.Second, ""))
		s = b.now()
		require.Len(t, s.Scopes, 1)
		assert.Equal(t, "new", s.Scopes[0].Scope)
	})
}
