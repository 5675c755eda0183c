package tailsampling

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/slogtel/telemetry/reporters/tailsample"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/oteltel"
)

const (
	rate       = 0.05
	slowerThan = time.Second
	keyAsked   = "debug"
)

// A kind is why a trace is kept, or "rest".
type kind string

const (
	failed kind = "failed"
	slow   kind = "slow"
	asked  kind = "asked for"
	rest   kind = "rest"
)

// A both is a Telemetry whose traces go to tailsample and, as spans, to the processor.
type both struct {
	tel  *slogtel.Telemetry
	tail *tailsample.Handler
	otel *collector

	mu     sync.Mutex
	traces map[string][]string // ids of spans that tailsample has kept, by trace
	rates  map[string]float64  // of what it has kept, 0 for 1
	refuse error               // what the handler behind tailsample returns
}

// RecordTiming notes what tailsample has kept.
func (b *both) RecordTiming(_ context.Context, t slogtel.Timing) error {
	if b.refuse != nil {
		return b.refuse
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.traces[t.TraceID] = append(b.traces[t.TraceID], t.SpanID)
	b.rates[t.TraceID] = t.SampleRate
	return nil
}

func (*both) RecordMetric(context.Context, slogtel.Metric) error { return nil }

// start sets both up, with the same policies.
func start(t *testing.T, ours *tailsample.Options, theirs func(*processorConfig)) *both {
	t.Helper()
	b := &both{otel: startCollector(t, theirs), traces: map[string][]string{}, rates: map[string]float64{}}
	o := tailsample.Options{}
	if ours != nil {
		o = *ours
	}
	o.Rate, o.SlowerThan, o.Keep = cmp.Or(o.Rate, rate), slowerThan, wasAsked
	o.OnError = func(context.Context, error) {}
	b.tail = tailsample.New(slogtel.NewHandler(b), &o)
	b.tel = slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true, OnError: o.OnError}, b.tail, oteltel.NewSpans(b.otel, nil))
	return b
}

func wasAsked(_ context.Context, root slogtel.Timing) bool {
	for _, a := range root.Attrs {
		if a.Key == keyAsked {
			return a.Value.String() == "yes"
		}
	}
	return false
}

var errBroken = errors.New("broken")

// trace runs a trace of that kind with so many scopes and returns its id and those of its spans.
func (b *both) trace(r *rand.Rand, k kind, scopes int) (id string, spans []string) {
	ctx, root := b.tel.Start(context.Background(), "request", slog.Int("scopes", scopes))
	fails := r.IntN(scopes)
	if k == failed && fails == 0 {
		root.Fail(errBroken)
	}
	switch {
	case k == asked:
		slogtel.Root(ctx).SetAttrs(slog.String(keyAsked, "yes"))
	case r.IntN(2) == 0:
		root.SetAttrs(slog.String(keyAsked, "no"))
	}
	contexts, open := []context.Context{ctx}, []*slogtel.Span{root}
	for n := 1; n < scopes; n++ {
		in, span := b.tel.Start(contexts[r.IntN(len(contexts))], "step")
		contexts = append(contexts, in)
		time.Sleep(time.Duration(r.IntN(10)) * time.Millisecond)
		if k == failed && fails == n {
			span.Fail(errBroken)
		}
		if r.IntN(2) == 0 {
			span.End()
		} else {
			open = append(open, span)
		}
	}
	if k == slow {
		time.Sleep(slowerThan + 10*time.Millisecond)
	}
	for _, span := range slices.Backward(open) {
		span.End()
	}
	for _, ctx := range contexts {
		spans = append(spans, spanID(ctx))
	}
	return traceID(ctx), spans
}

func traceID(ctx context.Context) string {
	in, _ := scope.FromContext(ctx)
	return in.TraceID
}

func spanID(ctx context.Context) string {
	in, _ := scope.FromContext(ctx)
	return in.SpanID
}
