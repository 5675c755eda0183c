package tailsampling

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/featuregate"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// A made is a trace that was run.
type made struct {
	kind  kind
	spans []string // their ids, in order
}

// run runs traces of all kinds on several goroutines, and returns them by their ids.
func (b *both) run(traces int) map[string]made {
	var mu sync.Mutex
	all := map[string]made{}
	var wg sync.WaitGroup
	const goroutines = 8
	for g := range goroutines {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(g), 1))
			for range traces / goroutines {
				k := rest
				switch n := r.IntN(100); {
				case n < 3:
					k = failed
				case n < 5:
					k = slow
				case n < 7:
					k = asked
				}
				id, spans := b.trace(r, k, 1+r.IntN(12))
				slices.Sort(spans)
				mu.Lock()
				all[id] = made{k, spans}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return all
}

// kept returns the traces that each has kept, with the ids of their spans in order.
func (b *both) kept() (ours, theirs map[string][]string) {
	ours, theirs = map[string][]string{}, map[string][]string{}
	for id, spans := range b.traces {
		ours[id] = slices.Sorted(slices.Values(spans))
	}
	for id, spans := range b.otel.traces {
		for _, s := range spans {
			theirs[id] = append(theirs[id], idOf(s))
		}
		slices.Sort(theirs[id])
	}
	return ours, theirs
}

func traces(t *testing.T) int {
	if testing.Short() {
		return 2_000
	}
	return 20_000
}

// Both keep all that failed, was slow or was asked for, and of the rest a share, whole.
func TestSameTraces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil, nil)
		all := b.run(traces(t))
		b.otel.wait(t)
		require.NoError(t, b.otel.Shutdown(t.Context()))
		require.NoError(t, b.tel.Shutdown(t.Context()))

		n := map[kind]int{}
		for _, m := range all {
			n[m.kind]++
		}
		ours, theirs := b.kept()
		for side, kept := range map[string]map[string][]string{"tailsample": ours, "processor": theirs} {
			got := map[kind]int{}
			for id, spans := range kept {
				require.Equal(t, all[id].spans, spans, "%s: a trace is kept whole", side)
				got[all[id].kind]++
			}
			for _, k := range []kind{failed, slow, asked} {
				assert.Equal(t, n[k], got[k], "%s: %s", side, k)
			}
			most := float64(n[rest])
			assert.InDelta(t, rate*most, got[rest], 6*math.Sqrt(most*rate*(1-rate)), side)
		}

		// What tailsample has kept says what it stands for. A span of the processor does not.
		sum, variance := 0.0, 0.0
		for id := range ours {
			if r := b.rates[id]; r > 0 {
				assert.Equal(t, rest, all[id].kind)
				sum, variance = sum+1/r, variance+(1-r)/(r*r)
			} else {
				sum++
			}
		}
		assert.InDelta(t, len(all), sum, 6*math.Sqrt(variance))
		for _, spans := range b.otel.traces {
			for _, s := range spans {
				require.Empty(t, s.TraceState().AsRaw())
			}
		}
	})
}

// With its gate usetracestate, for spans that have an ot in their tracestate, the processor decides by
// the trace id as the W3C says. Then it keeps the traces that tailsample keeps, and says the same of them.
func TestSameShare(t *testing.T) {
	const gate = "processor.tailsamplingprocessor.usetracestate"
	require.NoError(t, featuregate.GlobalRegistry().Set(gate, true))
	defer func() { require.NoError(t, featuregate.GlobalRegistry().Set(gate, false)) }()
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil, nil)
		b.otel.state = "ot=th:0" // of a span that an SDK has sampled, as all are
		b.run(traces(t))
		b.otel.wait(t)
		require.NoError(t, b.otel.Shutdown(t.Context()))
		require.NoError(t, b.tel.Shutdown(t.Context()))
		ours, theirs := b.kept()
		require.Equal(t, ours, theirs)
		for id, spans := range b.otel.traces {
			want := b.rates[id]
			if want == 0 {
				want = 1
			}
			for _, s := range spans {
				assert.InEpsilon(t, want, probability(t, s), 1e-9)
			}
		}
	})
}

// probability returns that which a span was kept with, as its tracestate says.
func probability(t *testing.T, s ptrace.Span) float64 {
	digits, ok := strings.CutPrefix(s.TraceState().AsRaw(), "ot=th:")
	require.True(t, ok, s.TraceState().AsRaw())
	threshold, err := strconv.ParseUint((digits + "00000000000000")[:14], 16, 64)
	require.NoError(t, err)
	return 1 - float64(threshold)/(1<<56)
}
