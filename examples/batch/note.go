package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// newEnvelope is the envelope of a run that has done nothing yet.
func newEnvelope(o options) *envelope {
	env := &envelope{
		Endpoint: o.endpoint, Local: o.local,
		Answers: make([]promptAnswer, len(o.prompts)), Parts: []partAnswer{}, Failures: []failure{},
	}
	for i, prompt := range o.prompts {
		env.Answers[i].Prompt, env.Answers[i].Question = i+1, prompt
	}
	return env
}

// note adds what became of the calls of a stage.
func (e *envelope) note(outcomes []outcome) {
	e.outcomes = append(e.outcomes, outcomes...)
	for _, o := range outcomes {
		e.Usage.add(o)
		e.show(o)
		if e.Model == "" {
			e.Model = o.Model
		}
		if o.err != nil && !o.superseded {
			e.Failures = append(e.Failures, failure{
				Stage: o.Stage, Batch: o.Batch, Prompts: o.prompts, Files: o.batch.names(),
				Attempts: o.Attempts, HTTPStatus: status(o.err), Error: o.err.Error(),
			})
		}
		if o.err != nil || o.stage != stageCall {
			continue
		}
		for i, r := range o.replies {
			e.Parts = append(e.Parts, partAnswer{
				Prompt: o.prompts[i], Batch: o.Batch, Files: o.batch.names(), Text: r.text,
				FinishReason: o.finishReason, found: r.found(), reply: r,
			})
		}
	}
	slices.SortStableFunc(e.Parts, func(a, b partAnswer) int {
		return cmp.Or(cmp.Compare(a.Prompt, b.Prompt), cmp.Compare(a.Batch, b.Batch))
	})
}

func (u *usage) add(o outcome) {
	u.Requests += int64(o.Attempts)
	u.Retries += int64(o.retries)
	u.PromptTokens += o.usage.PromptTokenCount
	u.CachedTokens += o.usage.CachedTokenCount
	u.OutputTokens += o.usage.CandidatesTokenCount
	u.ThoughtTokens += o.usage.ThoughtsTokenCount
	u.TotalTokens += o.usage.TotalTokenCount
}

// show adds the previews of a call.
func (e *envelope) show(o outcome) {
	if len(o.previews) == 0 || o.stage == stageCompare {
		return
	}
	if e.Metrics.RawPreview == nil {
		e.Metrics.RawPreview = &rawPreview{Model: o.previews[0].Model, Batch: []batchPreview{}}
	}
	r := e.Metrics.RawPreview
	for _, p := range o.previews {
		if len(r.Batch)+len(r.Aggregate) == maxPreviews {
			r.Dropped++
			continue
		}
		r.Model = cmp.Or(r.Model, p.Model)
		list := &r.Batch
		if o.stage == stageAggregate {
			list = &r.Aggregate
		}
		*list = append(*list, batchPreview{o.Batch, o.prompts, p})
	}
}

// finish sets the status and works out the metrics; cause is why the run was ended
// early, or nil.
func (e *envelope) finish(cause error, p *pipeline) {
	e.Interrupted = cause != nil
	answered := slices.ContainsFunc(e.Answers, func(a promptAnswer) bool { return a.Answered }) || len(e.Parts) > 0
	switch {
	case !answered && (e.Interrupted || len(e.Failures) > 0 || e.Input.Batches > 0):
		e.Status = statusError
	case e.Interrupted || len(e.Failures) > 0:
		e.Status = statusPartial
	default:
		e.Status = statusOK
	}
	e.measure(p)
}

// String is one line for a human reader.
func (f failure) String() string {
	if f.Batch == 0 {
		return fmt.Sprintf("%s %s: %s", f.Stage, strings.Join(f.Files, ", "), f.Error)
	}
	return fmt.Sprintf("%s batch %d (attempts: %d): %s", f.Stage, f.Batch, f.Attempts, f.Error)
}
