package llmtel

import (
	"context"
	"log/slog"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/preview"
)

// meters are the instruments of a transport.
type meters struct {
	input, output, cached, written, reasoning *slogtel.Counter
	cost, retries                             *slogtel.Counter
	usage, firstToken, perToken               *slogtel.Histogram
}

func newMeters(tel *slogtel.Telemetry, priceUnit string) meters {
	counter := func(name, unit, help string) *slogtel.Counter {
		return tel.NewCounter(name, &slogtel.InstrumentOptions{Unit: unit, Help: help})
	}
	histogram := func(name, unit, help string) *slogtel.Histogram {
		return tel.NewHistogram(name, &slogtel.InstrumentOptions{Unit: unit, Help: help})
	}
	return meters{
		input:      counter(MetricInput, "{token}", "Tokens of prompts, cached ones included."),
		output:     counter(MetricOutput, "{token}", "Tokens of answers, reasoning included."),
		cached:     counter(MetricCached, "{token}", "Tokens of prompts that came from the provider's cache."),
		written:    counter(MetricCacheWritten, "{token}", "Tokens of prompts that went into the provider's cache."),
		reasoning:  counter(MetricReasoning, "{token}", "Tokens of reasoning."),
		cost:       counter(MetricCost, priceUnit, "Cost of calls."),
		retries:    counter(MetricRetries, "{request}", "Requests that were sent again."),
		usage:      histogram(MetricTokenUsage, "{token}", "Number of input and output tokens used."),
		firstToken: histogram(MetricFirstToken, "s", "Time from the request to the first text or tool call of a stream."),
		perToken:   histogram(MetricPerToken, "s", "Time per output token after the first, of a stream."),
	}
}

// count records the tokens of a call.
func (m *meters) count(ctx context.Context, t preview.Tokens, labels []slog.Attr) {
	for _, one := range [...]struct {
		counter *slogtel.Counter
		n       int64
	}{{m.input, t.Input}, {m.output, t.Output}, {m.cached, t.Cached}, {m.written, t.CacheWritten}, {m.reasoning, t.Reasoning}} {
		if one.n > 0 {
			one.counter.Add(ctx, one.n, labels...)
		}
	}
	labels = labels[:len(labels):len(labels)]
	if t.Input > 0 {
		m.usage.Record(ctx, float64(t.Input), append(labels, slog.String(KeyTokenType, "input"))...)
	}
	if t.Output > 0 {
		m.usage.Record(ctx, float64(t.Output), append(labels, slog.String(KeyTokenType, "output"))...)
	}
}
