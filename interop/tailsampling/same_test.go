package tailsampling

import (
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/featuregate"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/slogtel/telemetry/handlers/sample"
	"github.com/slogtel/telemetry/reporters/tailsample"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/oteltel"
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
		b.finish(t)
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
	useTracestate(t)
	synctest.Test(t, func(t *testing.T) {
		b := start(t, nil, nil)
		b.otel.state = "ot=th:0" // of a span that an SDK has sampled, as all are
		b.run(traces(t))
		b.finish(t)
		b.sayTheSame(t)
	})
}

func useTracestate(t *testing.T) {
	const gate = "processor.tailsamplingprocessor.usetracestate"
	require.NoError(t, featuregate.GlobalRegistry().Set(gate, true))
	t.Cleanup(func() { require.NoError(t, featuregate.GlobalRegistry().Set(gate, false)) })
}

// finish has both decide on all that they were given.
func (b *both) finish(t *testing.T) {
	b.otel.wait(t)
	require.NoError(t, b.otel.Shutdown(t.Context()))
	require.NoError(t, b.tel.Shutdown(t.Context()))
}

// sayTheSame checks that both have kept the same, and say the same of how probable that was.
func (b *both) sayTheSame(t *testing.T) {
	ours, theirs := b.kept()
	require.NotEmpty(t, ours)
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
}

// A share of its own for the traces of a route: a rule here, two policies joined with and there.
func TestSameShareOfARoute(t *testing.T) {
	useTracestate(t)
	const few, route = 0.01, "route"
	synctest.Test(t, func(t *testing.T) {
		share := func(name string, rate float64, others bool) tailsamplingprocessor.PolicyCfg {
			is := tailsamplingprocessor.AndSubPolicyCfg{}
			is.Name, is.Type = "is", tailsamplingprocessor.StringAttribute
			is.StringAttributeCfg = tailsamplingprocessor.StringAttributeCfg{Key: route, Values: []string{"health"}, InvertMatch: others}
			some := tailsamplingprocessor.AndSubPolicyCfg{}
			some.Name, some.Type, some.ProbabilisticCfg.SamplingPercentage = "some", tailsamplingprocessor.Probabilistic, 100*rate
			p := policy(tailsamplingprocessor.And, func(p *tailsamplingprocessor.PolicyCfg) {
				p.AndCfg.SubPolicyCfg = []tailsamplingprocessor.AndSubPolicyCfg{is, some}
			})
			p.Name = name
			return p
		}
		b := start(t, &tailsample.Options{Rules: []sample.Rule{{Scope: "health", Rate: few}}}, func(cfg *processorConfig) {
			cfg.PolicyCfgs = []tailsamplingprocessor.PolicyCfg{share("health", few, false), share("others", rate, true)}
		})
		b.otel.state = "ot=th:0"
		for range traces(t) / 2 {
			for _, name := range []string{"health", "pay"} {
				ctx, root := b.tel.Start(t.Context(), name, slog.String(route, name))
				_, step := b.tel.Start(ctx, "step", slog.String(route, name))
				step.End()
				root.End()
			}
		}
		b.finish(t)
		b.sayTheSame(t)
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

// Behind tailsample, slogtel/oteltel makes spans of the traces that are kept and of no others. What
// OpenTelemetry's own API set on the span of a scope is on it.
func TestSpansOfWhatIsKept(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	tail := tailsample.New(oteltel.NewSpans(recorder, nil), &tailsample.Options{Rate: -1})
	tel := slogtel.New(&slogtel.Options{
		Mode: slogtel.On, TraceIDs: true, TraceParent: oteltel.TraceParent, WithContext: oteltel.WithContext,
	}, tail)
	want := map[string]string{} // parents of spans
	for i := range 100 {
		ctx, root := tel.Start(t.Context(), "request")
		in, step := tel.Start(ctx, "step")
		trace.SpanFromContext(in).SetAttributes(attribute.Int("n", i))
		step.End()
		if i%10 == 0 {
			root.Fail(errBroken)
			want[spanID(ctx)], want[spanID(in)] = "0000000000000000", spanID(ctx)
		}
		root.End()
	}
	require.NoError(t, tel.Shutdown(t.Context()))
	got := map[string]string{}
	for _, s := range recorder.Ended() {
		got[s.SpanContext().SpanID().String()] = s.Parent().SpanID().String()
		if s.Name() == "request.step" {
			assert.Len(t, s.Attributes(), 1)
		}
	}
	assert.Equal(t, want, got)
}
