package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/slogtel/telemetry/slogtel"
)

// The stages, as failures name them.
const (
	stageRead      = "read"
	stageCall      = "call"
	stageAggregate = "aggregate"
	stageCompare   = "compare"
)

// pipeline is what the stages share.
type pipeline struct {
	options
	tel      *slogtel.Telemetry
	log      *slog.Logger
	screen   *screen
	provider *provider
	retrier  retrier
	caches   *caches
}

func newPipeline(o options, obs *observation, s *screen) *pipeline {
	provider := newProvider(obs.tel, obs.previews, o)
	return &pipeline{
		options: o, tel: obs.tel, log: obs.log, screen: s,
		provider: provider,
		retrier:  retrier{tel: obs.tel, log: obs.log, retries: o.retries, backoff: o.backoff},
		caches:   &caches{provider: provider, log: obs.log, model: o.model, ttl: o.cacheTTL},
	}
}

// run does all the work and returns what became of it. What fails is noted, and
// the rest is done.
func (p *pipeline) run(ctx context.Context) *envelope {
	env := newEnvelope(p.options)
	ctx, span := p.tel.Start(ctx, "pipeline")
	defer span.End()

	in := newReader(p.tel, p.options)
	in.read(ctx, p.paths)
	env.Failures = append(env.Failures, in.failures...)
	batches := makePlan(ctx, p.tel, in.docs, p.batchTokens)
	env.Input = input{
		Files: len(in.docs), Blank: in.blank, Repeated: in.repeated, Bytes: in.bytes,
		Batches: len(batches), EstimatedTokens: estimate(batches), Prompts: len(p.prompts),
	}

	env.note(p.callStage(ctx, batches))
	p.aggregate(ctx, env)
	if p.compare {
		env.note(p.compareStage(ctx, batches))
	}
	env.finish(context.Cause(ctx), p)
	if env.Status != statusOK {
		span.Fail(errors.New(env.Status))
	}
	return env
}

// callStage asks every prompt about every batch.
func (p *pipeline) callStage(ctx context.Context, batches []batch) []outcome {
	ctx, span := p.tel.Start(ctx, "call", slog.Int("batches", len(batches)), slog.Int("concurrency", p.concurrency))
	defer span.End()
	if p.oneByOne || len(p.prompts) == 1 {
		return p.callAll(ctx, p.each(stageCall, batches, p.cache))
	}
	outcomes := p.callAll(ctx, p.vectorized(batches))
	var again []batch
	for i, o := range outcomes {
		if status(o.err) == http.StatusOK && ctx.Err() == nil {
			outcomes[i].superseded = true
			again = append(again, o.batch)
		}
	}
	if len(again) > 0 {
		p.log.WarnContext(ctx, "asking one by one", slog.Int("batches", len(again)))
		p.tel.Count(ctx, "asked_again", int64(len(again)))
		outcomes = append(outcomes, p.callAll(ctx, p.each(stageCall, again, p.cache))...)
	}
	return outcomes
}

// compareStage asks everything one by one and without a cache, to measure what the
// other ways save.
func (p *pipeline) compareStage(ctx context.Context, batches []batch) []outcome {
	ctx, span := p.tel.Start(ctx, "compare")
	defer span.End()
	return p.callAll(ctx, p.each(stageCompare, batches, false))
}

// vectorized makes one call a batch, with all prompts.
func (p *pipeline) vectorized(batches []batch) []call {
	all := make([]int, len(p.prompts))
	for i := range all {
		all[i] = i + 1
	}
	var calls []call
	for _, b := range batches {
		calls = append(calls, call{stage: stageCall, batch: b, prompts: all, of: len(all)})
	}
	return calls
}

// each makes one call for each batch and prompt. Those about the same batch come one
// after the other and may share a cache; one prompt has nobody to share it with.
func (p *pipeline) each(stage string, batches []batch, cache bool) []call {
	var calls []call
	for _, b := range batches {
		var shared *sourceCache
		if cache && len(p.prompts) > 1 {
			shared = &sourceCache{caches: p.caches, sources: b.sources(), left: len(p.prompts)}
		}
		for i := range p.prompts {
			calls = append(calls, call{stage, b, []int{i + 1}, len(p.prompts), shared})
		}
	}
	return calls
}
