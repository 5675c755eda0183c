package main

import (
	"encoding/json"

	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel/preview"
)

// The states that a run ends in.
const (
	statusOK      = "ok"      // all was done
	statusPartial = "partial" // some was done
	statusError   = "error"   // no prompt has an answer
)

// envelope is the result as it is written to result.json. Its schema is
// docs/batch-envelope.schema.json, which interop/batch holds against real runs.
type envelope struct {
	Status      string         `json:"status"`
	Interrupted bool           `json:"interrupted"` // as by Ctrl-C; what was done until then is there
	Endpoint    string         `json:"endpoint"`
	Local       bool           `json:"local"`           // the built-in provider answered, and no model
	Model       string         `json:"model,omitempty"` // as the provider names it
	Input       input          `json:"input"`
	Answers     []promptAnswer `json:"answers"` // one for each prompt, in order
	Parts       []partAnswer   `json:"parts"`   // what they are made of, by prompt and batch
	Failures    []failure      `json:"failures"`
	Usage       usage          `json:"usage"`
	Metrics     metrics        `json:"metrics"`

	outcomes []outcome
}

type input struct {
	Files           int   `json:"files"`
	Blank           int   `json:"blank_files"`    // nothing to ask about
	Repeated        int   `json:"repeated_files"` // times that a file was given again; it is read once
	Bytes           int64 `json:"bytes"`
	Batches         int   `json:"batches"`
	EstimatedTokens int   `json:"estimated_tokens"`
	Prompts         int   `json:"prompts"`
}

// promptAnswer is the answer to one prompt, over all sources.
type promptAnswer struct {
	Prompt   int    `json:"prompt"` // from 1
	Question string `json:"question"`
	Answered bool   `json:"answered"`
	Text     string `json:"text"`
	found
}

// found is the JSON of an answer, with -json, and how any JSON was found.
type found struct {
	JSON       json.RawMessage `json:"json,omitempty"`
	Extraction *extraction     `json:"extraction,omitempty"`
}

func (a *promptAnswer) set(r reply) { a.Answered, a.Text, a.found = true, r.text, r.found() }

func (r reply) found() found {
	if r.how == (extraction{}) {
		return found{}
	}
	return found{r.json, &r.how}
}

// partAnswer is the answer to one prompt about the sources of one batch.
type partAnswer struct {
	Prompt       int      `json:"prompt"` // from 1
	Batch        int      `json:"batch"`  // from 1
	Files        []string `json:"files"`
	Text         string   `json:"text"`
	FinishReason string   `json:"finish_reason"`
	found

	reply reply
}

// failure is one thing that was not done.
type failure struct {
	Stage      string   `json:"stage"`
	Batch      int      `json:"batch,omitempty"`   // 0 while reading
	Prompts    []int    `json:"prompts,omitempty"` // that have no answer from it
	Files      []string `json:"files,omitempty"`
	Attempts   int      `json:"attempts,omitempty"`
	HTTPStatus int      `json:"http_status,omitempty"`
	Error      string   `json:"error"`
}

// usage is over all stages, in tokens as the provider counted them. It holds every call
// that was answered, also where the answer was of no use.
type usage struct {
	Requests      int64 `json:"requests"` // attempts, retries included; those about caches are apart
	Retries       int64 `json:"retries"`
	PromptTokens  int64 `json:"prompt_tokens"`
	CachedTokens  int64 `json:"cached_tokens"` // of those of the prompts
	OutputTokens  int64 `json:"output_tokens"`
	ThoughtTokens int64 `json:"thought_tokens"`
	TotalTokens   int64 `json:"total_tokens"`
}

// metrics is what was measured. Memory and statsd are missing when telemetry is off.
type metrics struct {
	Durations       map[string]float64 `json:"durations_s,omitempty"` // seconds by scope, all its calls together
	Totals          totals             `json:"totals"`
	TokenValidation tokenValidation    `json:"token_validation"`
	Concurrency     concurrency        `json:"concurrency"`
	Prompts         []promptMetrics    `json:"prompts"` // in order
	Calls           []callMetrics      `json:"calls"`   // in the order of stages, and of the calls in each
	Cache           *cacheStats        `json:"cache,omitempty"`
	Fallback        *fallbackMetrics   `json:"fallback,omitempty"`
	Savings         savings            `json:"savings"`
	RawPreview      *rawPreview        `json:"raw_preview,omitempty"`

	Memory *memory.Snapshot `json:"memory,omitempty"` // all that the memory reporter saw
	StatsD *forwarded       `json:"statsd,omitempty"` // with -statsd: what became of each event
}

// rawPreview shows the provider's answers, also those that were not understood, in the
// order of the calls.
type rawPreview struct {
	Model     string         `json:"model,omitempty"`
	Batch     []batchPreview `json:"batch"`               // of the batches
	Aggregate []batchPreview `json:"aggregate,omitempty"` // of the answers to answers
	Dropped   int            `json:"dropped,omitempty"`   // beyond maxPreviews
}

type batchPreview struct {
	Batch   int   `json:"batch"`   // of the batch in its stage, from 1
	Prompts []int `json:"prompts"` // that were asked
	preview.Preview
}

// maxPreviews is how many previews the envelope holds; more are counted.
const maxPreviews = 100
