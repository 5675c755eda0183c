package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/slogtel/telemetry/slogtel"
)

// The stages, as failures name them.
const (
	stageRead      = "read"
	stageCall      = "call"
	stageAggregate = "aggregate"
)

// pipeline is what the stages share.
type pipeline struct {
	options
	tel      *slogtel.Telemetry
	log      *slog.Logger
	screen   *screen
	provider *provider
	retrier  retrier
}

func newPipeline(o options, obs *observation, s *screen) *pipeline {
	return &pipeline{
		options: o, tel: obs.tel, log: obs.log, screen: s,
		provider: newProvider(obs.tel, obs.previews, o),
		retrier:  retrier{tel: obs.tel, log: obs.log, retries: o.retries, backoff: o.backoff},
	}
}

// run does all the work and returns what became of it. What fails is noted, and
// the rest is done.
func (p *pipeline) run(ctx context.Context) *envelope {
	env := &envelope{Endpoint: p.endpoint}
	ctx, span := p.tel.Start(ctx, "pipeline")
	defer span.End()

	in := newReader(p.tel, p.options)
	in.read(ctx, p.paths)
	env.Input = input{Files: len(in.docs), Bytes: in.bytes, Blank: in.blank}
	env.Failures = append(env.Failures, in.failures...)

	batches := makePlan(ctx, p.tel, in.docs, p.batchTokens)
	env.Input.Batches = len(batches)
	for _, b := range batches {
		env.Input.EstimatedTokens += b.tokens
	}

	env.note(stageCall, p.callStage(ctx, batches))
	p.aggregate(ctx, env)
	env.finish(context.Cause(ctx))
	if env.Status != statusOK {
		span.Fail(errors.New(env.Status))
	}
	return env
}

func (p *pipeline) callStage(ctx context.Context, batches []batch) []outcome {
	ctx, span := p.tel.Start(ctx, "call", slog.Int("batches", len(batches)), slog.Int("concurrency", p.concurrency))
	defer span.End()
	p.screen.startBar(len(batches), "calling the provider")
	defer p.screen.endBar()
	return p.callAll(ctx, batches, p.screen.advance)
}
