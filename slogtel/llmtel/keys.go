package llmtel

// Keys of the attributes of a call. Those that begin with gen_ai are OpenTelemetry's, and
// so are error.type, server.address and server.port; for the others it has no name. See
// the package documentation.
const (
	KeyOperation     = "gen_ai.operation.name"
	KeyProvider      = "gen_ai.provider.name"
	KeyRequestModel  = "gen_ai.request.model"
	KeyRequestStream = "gen_ai.request.stream"
	KeyResponseModel = "gen_ai.response.model"
	KeyFinishReasons = "gen_ai.response.finish_reasons"
	KeyFirstChunk    = "gen_ai.response.time_to_first_chunk"
	KeyInput         = "gen_ai.usage.input_tokens"
	KeyOutput        = "gen_ai.usage.output_tokens"
	KeyCached        = "gen_ai.usage.cache_read.input_tokens"
	KeyCacheWritten  = "gen_ai.usage.cache_creation.input_tokens"
	KeyReasoning     = "gen_ai.usage.reasoning.output_tokens"
	KeyTokenType     = "gen_ai.token.type" // of MetricTokenUsage: input or output
	KeyErrorType     = "error.type"

	KeyTools        = "llm.tool_names"
	KeyFirstToken   = "llm.time_to_first_token_s"
	KeyPerToken     = "llm.time_per_output_token_s"
	KeyCost         = "llm.cost"
	KeyClosedEarly  = "llm.closed_early"
	KeyUnread       = "llm.unread"
	KeyRetryAfter   = "llm.retry_after_s"
	keyLimitsPrefix = "llm.ratelimit."
)

// Names of the metrics.
const (
	MetricInput        = "llm.tokens.input"
	MetricOutput       = "llm.tokens.output"
	MetricCached       = "llm.tokens.cached"
	MetricCacheWritten = "llm.tokens.cache_written"
	MetricReasoning    = "llm.tokens.reasoning"
	MetricCost         = "llm.cost"
	MetricRetries      = "llm.retries"
	MetricFirstToken   = "llm.time_to_first_token"
	MetricPerToken     = "llm.time_per_output_token"
	MetricTokenUsage   = "gen_ai.client.token.usage"
)

// Values of error.type, besides the status of a response of 400 or more ("429"), and what
// a provider calls an error in the midst of an answer ("overloaded_error").
const (
	timedOut        = "timeout"
	connectionError = "connection_error" // there was no response
	cutOff          = "cut_off"          // the body ended before the answer did
	notJSON         = "not_json"
	emptyBody       = "empty_body"
	blocked         = "blocked"        // a filter held back the prompt or the answer
	providerError   = "provider_error" // one without a name
)
