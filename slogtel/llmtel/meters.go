package llmtel

import (
	"context"
	"log/slog"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/preview"
)

// tokenKinds are what is counted of tokens.
var tokenKinds = [...]struct {
	key, metric, help string
	of                func(*preview.Tokens) int64
}{
	{KeyInput, MetricInput, "Tokens of prompts, cached ones included.", func(t *preview.Tokens) int64 { return t.Input }},
	{KeyOutput, MetricOutput, "Tokens of answers, reasoning included.", func(t *preview.Tokens) int64 { return t.Output }},
	{KeyCached, MetricCached, "Tokens of prompts that came from the provider's cache.", func(t *preview.Tokens) int64 { return t.Cached }},
	{KeyCacheWritten, MetricCacheWritten, "Tokens of prompts that went into the provider's cache.", func(t *preview.Tokens) int64 { return t.CacheWritten }},
	{KeyReasoning, MetricReasoning, "Tokens of reasoning.", func(t *preview.Tokens) int64 { return t.Reasoning }},
}

// meters are the instruments of a transport.
type meters struct {
	tokens                      [len(tokenKinds)]*slogtel.Counter
	cost, retries               *slogtel.Counter
	usage, firstToken, perToken *slogtel.Histogram
}

func newMeters(tel *slogtel.Telemetry, priceUnit string) meters {
	counter := func(name, unit, help string) *slogtel.Counter {
		return tel.NewCounter(name, &slogtel.InstrumentOptions{Unit: unit, Help: help})
	}
	histogram := func(name, unit, help string) *slogtel.Histogram {
		return tel.NewHistogram(name, &slogtel.InstrumentOptions{Unit: unit, Help: help})
	}
	m := meters{
		cost:       counter(MetricCost, priceUnit, "Cost of calls."),
		retries:    counter(MetricRetries, "{request}", "Requests that were sent again."),
		usage:      histogram(MetricTokenUsage, "{token}", "Number of input and output tokens used."),
		firstToken: histogram(MetricFirstToken, "s", "Time from the request to the first text or tool call of a stream."),
		perToken:   histogram(MetricPerToken, "s", "Time per output token after the first, of a stream."),
	}
	for i, k := range tokenKinds {
		m.tokens[i] = counter(k.metric, "{token}", k.help)
	}
	return m
}

// count records the tokens of a call.
func (m *meters) count(ctx context.Context, t preview.Tokens, labels []slog.Attr) {
	for i, k := range tokenKinds {
		if n := k.of(&t); n > 0 {
			m.tokens[i].Add(ctx, n, labels...)
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
