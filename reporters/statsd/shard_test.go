package statsd

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/stripe"
)

// only returns the only series of h.
func only(t *testing.T, h *Handler) *series {
	t.Helper()
	var all []*series
	for i := range h.client.shards {
		all = append(all, h.client.shards[i].all...)
	}
	require.Len(t, all, 1)
	return all[0]
}

// contended lets goroutines have met at the counter of r.
func contended(t *testing.T, h *Handler, x *series) {
	for range stripe.Meetings {
		x.shard.mu.Lock()
		x.meet(&h.client.store)
		x.shard.mu.Unlock()
	}
	require.NotNil(t, x.words.lanes.Load())
}

func sumOf(t *testing.T, packets []string) (sum float64, lines int) {
	t.Helper()
	for _, line := range strings.Split(strings.Join(packets, "\n"), "\n") {
		if line == "" {
			continue
		}
		value, _, ok := strings.Cut(line, "|c")
		_, value, found := strings.Cut(value, ":")
		require.True(t, ok && found, line)
		n, err := strconv.ParseFloat(value, 64)
		require.NoError(t, err)
		sum += n
		lines++
	}
	return sum, lines
}

// A counter that several goroutines add to at once is still one line, of all events.
func TestPartsOfACounter(t *testing.T) {
	const goroutines, events = 8, 500
	n := new(network)
	h := openShards(t, n, "127.0.0.1:8125", nil, 8)
	r := countRecord("hits", 3)
	handle(t, h, r)
	contended(t, h, only(t, h))
	for round := range 3 {
		var wg sync.WaitGroup
		for range goroutines {
			wg.Go(func() {
				for range events {
					_ = h.Handle(context.Background(), r)
				}
			})
		}
		wg.Wait()
		want := int64(goroutines * events)
		if round == 0 {
			want++
		}
		assert.EqualValues(t, want, h.Stats().Pending)
		sum, lines := sumOf(t, sent(t, h, n))
		assert.EqualValues(t, 3*want, sum)
		assert.Equal(t, 1, lines)
		assert.Zero(t, h.Stats().Pending)
	}
	assert.EqualValues(t, 3*goroutines*events+1, h.Stats().Sent)
}

// What has no int64 in a part goes to the counter itself.
func TestPartsAtTheEndOfTheRange(t *testing.T) {
	n := new(network)
	h := openShards(t, n, "127.0.0.1:8125", nil, 8)
	handle(t, h, countRecord("hits", 1))
	contended(t, h, only(t, h))
	for range 3 {
		handle(t, h, countRecord("hits", math.MaxInt64-1))
	}
	sum, _ := sumOf(t, sent(t, h, n))
	assert.InEpsilon(t, 3*float64(math.MaxInt64), sum, 1e-9)
	assert.EqualValues(t, 4, h.Stats().Sent)
}

// However many counters are contended, the parts have a bound.
func TestPartsAreBounded(t *testing.T) {
	h := openShards(t, new(network), "127.0.0.1:8125", nil, 8)
	for i := range 2 * maxLaned {
		handle(t, h, countRecord(fmt.Sprint("c", i), 1))
	}
	st := &h.client.store
	meet := func() (laned int) {
		for i := range st.shards {
			for _, x := range st.shards[i].all {
				for range stripe.Meetings {
					x.meet(st)
				}
				if x.words.lanes.Load() != nil {
					laned++
				}
			}
		}
		return laned
	}
	assert.Equal(t, maxLaned, meet())

	// What is forgotten makes room.
	require.NoError(t, h.Flush(t.Context()))
	st.sweep()
	st.sweep()
	assert.Zero(t, h.Stats().Series)
	handle(t, h, countRecord("new", 1))
	assert.Equal(t, 1, meet())
}

// What is in parts when the handler is shut down is sent, or counted as dropped.
func TestPartsAtShutdown(t *testing.T) {
	n := new(network)
	h := openShards(t, n, "127.0.0.1:8125", nil, 8)
	r := countRecord("hits", 1)
	handle(t, h, r)
	contended(t, h, only(t, h))
	handle(t, h, r, r, r)
	require.NoError(t, h.Shutdown(context.Background()))
	handle(t, h, r)
	sum, _ := sumOf(t, n.take())
	assert.EqualValues(t, 4, sum)
	assert.EqualValues(t, 4, h.Stats().Sent)
	assert.EqualValues(t, 1, h.Stats().Dropped)
}

// What one word has no room for goes on in the next: a large increment, a negative one, and many events.
func TestWordsAreFull(t *testing.T) {
	for _, n := range []int64{0, 1, maxQuick - 1, maxQuick, -1} {
		const events = 1<<16 + 3
		var net network
		h := open(t, &net, "127.0.0.1:8125", nil)
		r := countRecord("hits", n)
		for range events {
			_ = h.Handle(context.Background(), r)
		}
		assert.EqualValues(t, events, h.Stats().Pending)
		assert.Equal(t, []string{fmt.Sprintf("hits:%d|c", events*n)}, sent(t, h, &net))
		assert.EqualValues(t, events, h.Stats().Sent)
	}
}
