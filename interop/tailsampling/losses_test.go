package tailsampling

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/tailsample"
	"github.com/slogtel/telemetry/slogtel"
)

// onlyReasons lets neither keep anything by chance.
func onlyReasons(cfg *processorConfig) { cfg.PolicyCfgs = cfg.PolicyCfgs[:3] }

// names returns what is kept of a trace on each side, by the names of the scopes.
func (b *both) names(t *testing.T, id string, names map[string]string) (ours, theirs string) {
	t.Helper()
	var mine, other []string
	for _, s := range b.traces[id] {
		mine = append(mine, names[s])
	}
	for _, s := range b.otel.traces[id] {
		require.Equal(t, s.Name()[strings.LastIndexByte(s.Name(), '.')+1:], names[idOf(s)])
		other = append(other, names[idOf(s)])
	}
	return strings.Join(mine, " "), strings.Join(other, " ")
}

// A scope that is opened when its root has ended is of a trace that is decided on.
func TestLate(t *testing.T) {
	for name, c := range map[string]struct {
		root, late   error
		forgotten    bool
		ours, theirs string
	}{
		"of a kept trace":              {errBroken, nil, false, "request late", "request late"},
		"of a dropped trace":           {nil, nil, false, "", ""},
		"failed, of a dropped trace":   {nil, errBroken, false, "late", ""},
		"of a kept trace, forgotten":   {errBroken, nil, true, "request late", "request"},
		"failed, of a forgotten trace": {nil, errBroken, true, "late", "late"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const most = 100
				b := start(t, &tailsample.Options{Rate: -1}, func(cfg *processorConfig) {
					onlyReasons(cfg)
					cfg.NumTraces = most
				})
				ctx, root := b.tel.Start(context.Background(), "request")
				root.Fail(c.root)
				root.End()
				b.otel.wait(t)
				if c.forgotten { // by the processor
					for range most {
						b.trace(rand.New(rand.NewPCG(1, 1)), rest, 1)
					}
					b.otel.wait(t)
				}
				in, late := b.tel.Start(ctx, "late")
				late.Fail(c.late)
				late.End()
				b.finish(t)
				ours, theirs := b.names(t, traceID(ctx), map[string]string{spanID(ctx): "request", spanID(in): "late"})
				assert.Equal(t, c.ours, ours)
				assert.Equal(t, c.theirs, theirs)
			})
		})
	}
}

// A trace whose root never ends, or ends after a long time, is decided on early.
func TestLong(t *testing.T) {
	for name, c := range map[string]struct {
		firstFails, lastFails, ends bool
		ours, theirs                string
	}{
		"failed at first":             {true, false, false, "first last", "first last"},
		"failed after the decision":   {false, true, false, "first last", ""},
		"never known to be slow":      {false, false, false, "first last", ""},
		"known to be slow at its end": {false, false, true, "first last root", ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := start(t, &tailsample.Options{Rate: -1}, onlyReasons)
				ctx, root := b.tel.Start(context.Background(), "root")
				step := func(name string, fails bool) string {
					in, span := b.tel.Start(ctx, name)
					if fails {
						span.Fail(errBroken)
					}
					span.End()
					return spanID(in)
				}
				first := step("first", c.firstFails)
				b.otel.wait(t)
				last := step("last", c.lastFails)
				b.otel.wait(t)
				time.Sleep(2 * time.Minute)
				if c.ends {
					root.End()
					b.otel.wait(t)
				}
				require.NoError(t, b.otel.Shutdown(t.Context()))
				require.NoError(t, b.tel.Shutdown(t.Context()))
				ours, theirs := b.names(t, traceID(ctx), map[string]string{first: "first", last: "last", spanID(ctx): "root"})
				assert.Equal(t, c.ours, ours)
				assert.Equal(t, c.theirs, theirs)
			})
		})
	}
}

// More traces come than the processor has room for until decision_wait is over: it drops the oldest,
// also those that failed. Tailsample has decided on those that have ended. Where more are open than it
// has room for, it decides on the oldest early, by what is known then.
func TestOverflow(t *testing.T) {
	for name, atOnce := range map[string]bool{"open": false, "ended": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const most, traces = 500, 2000
				b := start(t, &tailsample.Options{Rate: -1, MaxWaiting: 2 * most}, func(cfg *processorConfig) {
					onlyReasons(cfg)
					cfg.NumTraces = most
				})
				var open []*slogtel.Span
				for i := range traces {
					ctx, root := b.tel.Start(context.Background(), "request")
					_, step := b.tel.Start(ctx, "step")
					if i%10 == 0 {
						step.Fail(errBroken)
					}
					step.End()
					if open = append(open, root); atOnce {
						root.End()
					}
				}
				for _, root := range open {
					root.End()
				}
				b.otel.wait(t)
				lost := b.otel.count(t, "sampling_trace_dropped_too_early")
				require.NoError(t, b.otel.Shutdown(t.Context()))
				require.NoError(t, b.tel.Shutdown(t.Context()))
				s := b.tail.Stats()
				assert.EqualValues(t, traces/10, s.Failed, "all that failed")
				assert.Len(t, b.traces, traces/10)
				for _, spans := range b.traces {
					assert.Len(t, spans, 2)
				}
				assert.Equal(t, atOnce, s.Early == 0, "%d traces were decided on early", s.Early)
				assert.Less(t, len(b.otel.traces), traces/10/2, "the processor has lost most of them")
				assert.GreaterOrEqual(t, lost, int64(traces-most), "and says how many it has lost")
			})
		})
	}
}

// A place behind that takes nothing loses what is handed to it. Tailsample counts that, and tells the caller.
func TestNextFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, &tailsample.Options{Rate: -1}, onlyReasons)
		b.refuse, b.otel.refuse = errors.New("full"), errors.New("full")
		b.trace(rand.New(rand.NewPCG(1, 1)), failed, 5)
		b.otel.wait(t)
		assert.EqualValues(t, 5, b.tail.Stats().Errors)
		assert.EqualValues(t, 1, b.tel.Stats().Reporters[0].Errors, "of one call")
		assert.EqualValues(t, 1, b.otel.count(t, "global_count_traces_sampled"), "counted as any other")
		assert.Equal(t, 1, b.otel.logs.FilterMessageSnippet("Error sending spans").Len())
		require.NoError(t, b.otel.Shutdown(t.Context()))
		_ = b.tel.Shutdown(t.Context())
	})
}

// What is open at the end is decided on by what is known.
func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, &tailsample.Options{Rate: -1}, onlyReasons)
		ctx, _ := b.tel.Start(context.Background(), "request")
		_ = b.tel.Time(ctx, "step", func(context.Context) error { return errBroken })
		require.NoError(t, b.otel.ForceFlush(t.Context()))
		require.NoError(t, b.otel.Shutdown(t.Context()))
		require.NoError(t, b.tail.Shutdown(t.Context()))
		assert.Len(t, b.traces, 1)
		assert.Len(t, b.otel.traces, 1)
	})
}
