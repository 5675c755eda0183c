package main

import (
	"fmt"
	"strings"

	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel/preview"
)

// The states that a run ends in.
const (
	statusOK          = "ok"          // all was done
	statusPartial     = "partial"     // some was done
	statusFailed      = "failed"      // there is no answer at all
	statusInterrupted = "interrupted" // Ctrl-C; what was done until then is there
)

// envelope is the result as it is written to result.json.
type envelope struct {
	Status   string        `json:"status"`
	Endpoint string        `json:"endpoint"`
	Model    string        `json:"model,omitempty"` // as the provider names it
	Input    input         `json:"input"`
	Answer   string        `json:"answer"` // of the whole run
	Answers  []batchAnswer `json:"answers"`
	Failures []failure     `json:"failures"`
	Metrics  metrics       `json:"metrics"`
}

type input struct {
	Files           int   `json:"files"`
	Blank           int   `json:"blank_files"` // nothing to ask about
	Bytes           int64 `json:"bytes"`
	Batches         int   `json:"batches"`
	EstimatedTokens int   `json:"estimated_tokens"`
}

type batchAnswer struct {
	Batch        int      `json:"batch"`
	Files        []string `json:"files"`
	Text         string   `json:"text"`
	FinishReason string   `json:"finish_reason"`
	Attempts     int      `json:"attempts"`
	Tokens       int64    `json:"tokens"`
}

// failure is one thing that was not done.
type failure struct {
	Stage      string   `json:"stage"`
	Batch      int      `json:"batch,omitempty"` // 0 while reading
	Files      []string `json:"files,omitempty"`
	Attempts   int      `json:"attempts,omitempty"`
	HTTPStatus int      `json:"http_status,omitempty"`
	Error      string   `json:"error"`
}

// String is one line for a human reader.
func (f failure) String() string {
	if f.Batch == 0 {
		return fmt.Sprintf("%s %s: %s", f.Stage, strings.Join(f.Files, ", "), f.Error)
	}
	return fmt.Sprintf("%s batch %d (attempts: %d): %s", f.Stage, f.Batch, f.Attempts, f.Error)
}

// metrics is what was measured. Memory and statsd are missing when telemetry is off.
type metrics struct {
	Durations  map[string]float64 `json:"durations_s,omitempty"` // seconds by scope, all its calls together
	Usage      usage              `json:"usage"`
	RawPreview *rawPreview        `json:"raw_preview,omitempty"`

	Memory *memory.Snapshot `json:"memory,omitempty"` // all that the memory reporter saw
	StatsD *forwarded       `json:"statsd,omitempty"` // with -statsd: what became of each event
}

// usage is over all stages, in tokens as the provider counted them. It holds every call
// that was answered, also where the answer has no text.
type usage struct {
	Requests      int64 `json:"requests"` // attempts, retries included
	Retries       int64 `json:"retries"`
	PromptTokens  int64 `json:"prompt_tokens"`
	CachedTokens  int64 `json:"cached_tokens"` // of those of the prompts
	OutputTokens  int64 `json:"output_tokens"`
	ThoughtTokens int64 `json:"thought_tokens"`
	TotalTokens   int64 `json:"total_tokens"`
}

// rawPreview shows the provider's answers, also those that were not understood, in the
// order of the batches.
type rawPreview struct {
	Model     string         `json:"model,omitempty"`
	Batch     []batchPreview `json:"batch"`               // of the batches
	Aggregate []batchPreview `json:"aggregate,omitempty"` // of the answers to answers
	Dropped   int            `json:"dropped,omitempty"`   // beyond maxPreviews
}

type batchPreview struct {
	Batch int `json:"batch"` // of the batch in its stage, from 1
	preview.Preview
}

// maxPreviews is how many previews the envelope holds; more are counted.
const maxPreviews = 100

// show adds the preview of a call, if there is one.
func (e *envelope) show(stage string, o outcome) {
	if o.answer.preview.IsZero() {
		return
	}
	if e.Metrics.RawPreview == nil {
		e.Metrics.RawPreview = &rawPreview{Batch: []batchPreview{}}
	}
	r := e.Metrics.RawPreview
	if len(r.Batch)+len(r.Aggregate) == maxPreviews {
		r.Dropped++
		return
	}
	if r.Model == "" {
		r.Model = o.answer.preview.Model
	}
	list := &r.Batch
	if stage == stageAggregate {
		list = &r.Aggregate
	}
	*list = append(*list, batchPreview{o.batch.number, o.answer.preview})
}

// durations adds up the calls of each scope.
func durations(s memory.Snapshot) map[string]float64 {
	d := make(map[string]float64, len(s.Scopes))
	for _, scope := range s.Scopes {
		d[scope.Scope] += scope.TotalSeconds
	}
	return d
}

// note adds the answers, failures and usage of a stage.
func (e *envelope) note(stage string, outcomes []outcome) {
	for _, o := range outcomes {
		e.count(o)
		e.show(stage, o)
		switch {
		case o.err != nil:
			e.Failures = append(e.Failures, failure{
				Stage: stage, Batch: o.batch.number, Files: o.batch.names(),
				Attempts: o.attempts, HTTPStatus: status(o.err), Error: o.err.Error(),
			})
		case stage == stageCall:
			e.Answers = append(e.Answers, batchAnswer{
				Batch: o.batch.number, Files: o.batch.names(), Text: o.answer.text,
				FinishReason: o.answer.finishReason, Attempts: o.attempts, Tokens: o.answer.usage.TotalTokenCount,
			})
		}
	}
}

func (e *envelope) count(o outcome) {
	u := &e.Metrics.Usage
	u.Requests += int64(o.attempts)
	u.Retries += int64(max(0, o.attempts-1))
	u.PromptTokens += o.answer.usage.PromptTokenCount
	u.CachedTokens += o.answer.usage.CachedTokenCount
	u.OutputTokens += o.answer.usage.CandidatesTokenCount
	u.ThoughtTokens += o.answer.usage.ThoughtsTokenCount
	u.TotalTokens += o.answer.usage.TotalTokenCount
	if e.Model == "" {
		e.Model = o.answer.model
	}
}

// finish sets the status; cause is why the run was ended early, or nil.
func (e *envelope) finish(cause error) {
	switch {
	case cause != nil:
		e.Status = statusInterrupted
	case len(e.Answers) == 0 && (len(e.Failures) > 0 || e.Input.Batches > 0):
		e.Status = statusFailed
	case len(e.Failures) > 0:
		e.Status = statusPartial
	default:
		e.Status = statusOK
	}
}
