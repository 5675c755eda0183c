// Package llmtel makes calls to language models observable: a line for the client of a
// provider, and each call is a scope with its model, tokens, cost, finish reason and the
// time to its first token, whether the answer is streamed or not.
//
//	client := &http.Client{Transport: llmtel.NewTransport(nil, tel, nil)}
//
// Every library that takes an http.Client can be given this one: google.golang.org/genai
// (ClientConfig.HTTPClient), openai-go and anthropic-sdk-go (option.WithHTTPClient), the AWS
// SDK (Options.HTTPClient). Each attempt of a library that retries is a call of its own.
//
// # What is recognised
//
// POST requests to these, by host and path; where the host is not known, as that of a
// gateway, by the path alone. All others go to the base untouched and unrecorded.
//
//	Gemini, Vertex AI   …/models/M:generateContent, :streamGenerateContent, :embedContent, :predict, :rawPredict …
//	OpenAI and alike    …/chat/completions, /completions, /responses, /embeddings
//	Azure               the same, below /openai, /openai/deployments/D or /models
//	Anthropic           /v1/messages, /v1/complete
//	Bedrock             /model/M/converse, converse-stream, invoke, invoke-with-response-stream
//	Mistral             as OpenAI, and /fim/completions
//	Cohere              /v1 and /v2: chat, embed, rerank; /v1/generate
//	Ollama              /api/chat, /api/generate, /api/embed, /api/embeddings
//
// # What is recorded
//
// The scope is llm.chat, llm.text_completion, llm.embeddings or llm.rerank, inside that of
// the request's context. It begins with the request and ends when the body of the response
// was read to its end, failed or was closed; a body that is never closed has no event. Names
// are those of OpenTelemetry's conventions for generative AI, as of 2026
// (https://github.com/open-telemetry/semantic-conventions-genai), where they have one:
//
//	gen_ai.operation.name                      string   chat, generate_content, text_completion, embeddings; rerank
//	gen_ai.provider.name                       string   openai, anthropic, gcp.gemini, aws.bedrock …, or Options.Provider
//	gen_ai.request.model                       string   from the path or the request's body
//	gen_ai.request.stream                      bool     true, or absent
//	gen_ai.response.model                      string   as the provider names it
//	gen_ai.response.finish_reasons             []string that of the first answer, in the provider's word
//	gen_ai.response.time_to_first_chunk        float    seconds; of streams
//	gen_ai.usage.input_tokens                  int      cached ones included
//	gen_ai.usage.output_tokens                 int      reasoning included
//	gen_ai.usage.cache_read.input_tokens       int
//	gen_ai.usage.cache_creation.input_tokens   int
//	gen_ai.usage.reasoning.output_tokens       int
//	llm.tool_names                             []string the tools that the answer calls
//	llm.time_to_first_token_s                  float    to the first text or tool call of a stream; thoughts are none
//	llm.time_per_output_token_s                float    from then to the last chunk, by the tokens after the first
//	llm.cost                                   float    what Options.Price returned
//	llm.ratelimit.requests_remaining …         int      also _limit, and _reset_s (float); of tokens, input_tokens, output_tokens
//	llm.retry_after_s                          float    what the provider asks for
//	http.request.resend_count                  int      from the headers of the libraries, httptel.WithAttempt, redirects
//	http.response.status_code                  int      absent without a response
//	server.address, server.port                string, int
//	error.type                                 string   see below
//	llm.closed_early                           bool     true: the caller closed the body before the answer's end
//	llm.unread                                 string   the compression of a body that could not be looked at
//	raw_preview                                group    where previews are on, see package preview and Options.RawPreview
//
// What is not known is absent. Cohere's counts are those that are billed.
//
// The counters llm.tokens.input, output, cached, cache_written and reasoning ({token}),
// llm.cost (Options.PriceUnit) and llm.retries ({request}), and the histograms
// gen_ai.client.token.usage ({token}, by gen_ai.token.type), llm.time_to_first_token and
// llm.time_per_output_token (s) have the operation, the provider and both models as
// attributes. They count failed calls, too: a blocked answer is billed. The duration is
// the scope's.
//
// # Failures
//
// Each of these fails the scope and has an error.type of its own:
//
//	429, 500 …          the status of a response of 400 or more
//	blocked             a filter held back the prompt or the answer, whatever the status
//	cut_off             the body ended or broke before the answer did
//	not_json            the body, or a chunk of it, is no JSON
//	empty_body          a response of 200 with nothing in it
//	timeout             a deadline was exceeded
//	connection_error    there was no response
//	overloaded_error …  what the provider itself calls an error within an answer; provider_error without a name
//
// A context that was canceled is no failure: the event carries canceled, true.
//
// # What is promised
//
//   - Bodies are neither held up nor changed. A chunk is looked at while the caller reads it; no byte is read
//     that the caller does not ask for, and no goroutine is started. The body is an io.WriterTo where the base's is.
//   - The request's body goes out as it is. The model's name is found in it from a copy that GetBody gives, or
//     while it is sent, within its first 8 MiB.
//   - The memory of a call is bounded, however long the body is: of strings the first 64 KiB are kept, of
//     arrays the first elements, about 2 MiB at most in all. What stands at the end, such as the usage, is seen.
//   - A body that the caller asked to have compressed reaches it compressed. Of gzip up to 1 MiB is kept and read when
//     the call ends; other compressions, and longer bodies, are marked as unread. (net/http decompresses by itself
//     where nobody asked; such bodies are read as they come.)
//   - When the Telemetry is off, NewTransport returns the base.
//
// All of it is safe for concurrent use. A looked-at chunk costs some microseconds.
package llmtel
