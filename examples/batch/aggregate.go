package main

import (
	"context"
	"log/slog"
)

// aggregate has the answers summarized in turn, in as many rounds as it takes
// until one is left: the answer of the whole run. Answers whose summary fails are
// left out of it and noted as a failure.
func (p *pipeline) aggregate(ctx context.Context, env *envelope) {
	ctx, span := p.tel.Start(ctx, "aggregate", slog.Int("answers", len(env.Answers)))
	defer span.End()
	texts := make([]string, len(env.Answers))
	for i, a := range env.Answers {
		texts[i] = a.Text
	}
	rounds := 0
	for ; len(texts) > 1; rounds++ {
		outcomes := p.callAll(ctx, p.group(texts), func() {})
		env.note(stageAggregate, outcomes)
		texts = texts[:0]
		for _, o := range outcomes {
			if o.err == nil {
				texts = append(texts, o.answer.text)
			}
		}
	}
	if len(texts) == 1 {
		env.Answer = texts[0]
	}
	span.SetAttrs(slog.Int("rounds", rounds))
}

// group packs texts into batches of at least two, so that each round leaves fewer.
func (p *pipeline) group(texts []string) []batch {
	pieces := make([]piece, len(texts))
	for i, text := range texts {
		pieces[i] = piece{text: text, tokens: estimateTokens(text)}
	}
	return pack(pieces, p.batchTokens, 2)
}
