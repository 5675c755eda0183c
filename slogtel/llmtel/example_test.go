package llmtel_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/llmtel"
)

// calls is a reporter that prints what a call cost.
type calls struct{}

func (calls) RecordTiming(_ context.Context, t slogtel.Timing) error {
	for _, a := range t.Attrs {
		if strings.HasPrefix(a.Key, "gen_ai.") || a.Key == llmtel.KeyCost {
			fmt.Println(t.Scope, a)
		}
	}
	return nil
}

func (calls) RecordMetric(context.Context, slogtel.Metric) error { return nil }

func ExampleNewTransport() {
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"model":"gpt-4o-2024-08-06","choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}],
			"usage":{"prompt_tokens":900,"completion_tokens":20,"prompt_tokens_details":{"cached_tokens":500}}}`)
	}))
	defer provider.Close()

	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, slogtel.NewHandler(calls{}))
	client := &http.Client{Transport: llmtel.NewTransport(nil, tel, &llmtel.Options{
		Price: func(u llmtel.Usage) float64 { // dollars a million tokens
			return (2.5*float64(u.Input-u.Cached) + 1.25*float64(u.Cached) + 10*float64(u.Output)) / 1e6
		},
	})}
	resp, err := client.Post(provider.URL+"/v1/chat/completions", "application/json", strings.NewReader(`{"model":"gpt-4o","messages":[]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body) // what the provider's library does

	// Output:
	// llm.chat gen_ai.operation.name=chat
	// llm.chat gen_ai.provider.name=openai
	// llm.chat gen_ai.request.model=gpt-4o
	// llm.chat gen_ai.response.model=gpt-4o-2024-08-06
	// llm.chat gen_ai.response.finish_reasons=[stop]
	// llm.chat gen_ai.usage.input_tokens=900
	// llm.chat gen_ai.usage.output_tokens=20
	// llm.chat gen_ai.usage.cache_read.input_tokens=500
	// llm.chat llm.cost=0.001825
}
