package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
)

// outcome is what became of one batch.
type outcome struct {
	batch    batch
	answer   answer
	attempts int
	err      error // nil: answered
}

// callAll asks the provider about every batch, so many at once as the options
// allow, and returns the outcomes in the order of the batches. Batches that had
// not begun when ctx ended fail with its cause. Done is called after each, from
// several goroutines.
func (p *pipeline) callAll(ctx context.Context, batches []batch, done func()) []outcome {
	outcomes := make([]outcome, len(batches))
	queue := make(chan int, len(batches))
	for i := range batches {
		queue <- i
	}
	close(queue)
	waiting := level{tel: p.tel, name: "queue", n: len(batches)}

	var workers sync.WaitGroup
	for range min(p.concurrency, len(batches)) {
		workers.Go(func() {
			for i := range queue {
				waiting.add(ctx, -1)
				if ctx.Err() != nil {
					outcomes[i] = outcome{batch: batches[i], err: context.Cause(ctx)}
				} else {
					outcomes[i] = p.call(ctx, batches[i])
				}
				done()
			}
		})
	}
	workers.Wait()
	return outcomes
}

// call asks about one batch, retries included.
func (p *pipeline) call(ctx context.Context, b batch) outcome {
	ctx, span := p.tel.Start(ctx, "batch", slog.Int("batch", b.number), slog.Int("pieces", len(b.pieces)))
	defer span.End()
	out := outcome{batch: b}
	body, err := json.Marshal(p.request(b))
	if err == nil {
		retrier := p.retrier
		retrier.log = p.log.With(slog.Int("batch", b.number))
		out.answer, out.attempts, err = retrier.do(ctx, func(ctx context.Context) (answer, error) {
			return p.provider.generate(ctx, body)
		})
	}
	out.err = err
	if err == nil {
		span.SetAttrs(slog.Int64("tokens", out.answer.usage.TotalTokenCount))
	}
	span.SetAttrs(slog.Int("attempts", out.attempts))
	span.Fail(err)
	return out
}

// request puts each piece into a part of its own, under its name if it has one.
func (p *pipeline) request(b batch) generateRequest {
	parts := make([]part, len(b.pieces))
	for i, piece := range b.pieces {
		parts[i].Text = piece.text
		if piece.name != "" {
			parts[i].Text = fileHeader + piece.name + "\n" + piece.text
		}
	}
	return generateRequest{
		Contents:          []content{{Role: "user", Parts: parts}},
		SystemInstruction: &content{Parts: []part{{Text: p.prompt}}},
		GenerationConfig:  generationConfig{MaxOutputTokens: maxOutputTokens},
	}
}

const (
	fileHeader      = "File: "
	maxOutputTokens = 1024
)

// status is that of the HTTP answer that ended a call, 0 if there was none.
func status(err error) int {
	if e := new(callError); errors.As(err, &e) {
		return e.status
	}
	return 0
}
