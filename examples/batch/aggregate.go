package main

import (
	"context"
	"log/slog"
)

// aggregate joins the replies of all batches to a prompt: they are asked about in turn,
// in as many rounds as it takes until one is left. Replies whose summary fails are left
// out of it and noted as a failure.
func (p *pipeline) aggregate(ctx context.Context, env *envelope) {
	ctx, span := p.tel.Start(ctx, "aggregate", slog.Int("answers", len(env.Parts)))
	defer span.End()
	left := make([][]reply, len(p.prompts)) // by prompt
	for _, part := range env.Parts {
		left[part.Prompt-1] = append(left[part.Prompt-1], part.reply)
	}
	rounds, number := 0, 0
	for ; ; rounds++ {
		var calls []call
		for i, replies := range left {
			if len(replies) < 2 {
				continue
			}
			for _, b := range p.group(replies) {
				number++
				b.number = number
				calls = append(calls, call{stage: stageAggregate, batch: b, prompts: []int{i + 1}, of: len(p.prompts)})
			}
			left[i] = nil
		}
		if len(calls) == 0 {
			break
		}
		outcomes := p.callAll(ctx, calls)
		env.note(outcomes)
		for _, o := range outcomes {
			if o.err == nil {
				i := o.prompts[0] - 1
				left[i] = append(left[i], o.replies[0])
			}
		}
	}
	for i, replies := range left {
		if len(replies) == 1 {
			env.Answers[i].set(replies[0])
		}
	}
	span.SetAttrs(slog.Int("rounds", rounds))
}

// group packs replies into batches of at least two, so that each round leaves fewer.
func (p *pipeline) group(replies []reply) []batch {
	pieces := make([]piece, len(replies))
	for i, r := range replies {
		pieces[i] = piece{text: r.text, tokens: estimateTokens(r.text)}
	}
	return pack(pieces, p.batchTokens, 2)
}
