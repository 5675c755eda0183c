package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/slogtel/telemetry/slogtel/preview"
)

// outcome is what became of one call, over all its attempts.
type outcome struct {
	call
	callMetrics
	replies      []reply // one for each prompt; nil when err is not
	err          error
	finishReason string
	retries      int // of the attempts, those after one that failed for a reason that may pass
	previews     []preview.Preview
	superseded   bool // its prompts were asked again one by one

	sources  int           // of the estimated tokens, those of the sources
	expected int64         // the estimate once for each attempt that was answered
	usage    usageMetadata // of all attempts that were answered
}

func (c call) newOutcome() outcome {
	return outcome{call: c, callMetrics: callMetrics{Stage: c.stage, Batch: c.batch.number, Prompts: c.prompts}}
}

// callAll makes all calls, so many at once as the options allow, and returns the
// outcomes in the order of the calls. Those that had not begun when ctx ended fail with
// its cause.
func (p *pipeline) callAll(ctx context.Context, calls []call) []outcome {
	outcomes := make([]outcome, len(calls))
	queue := make(chan int, len(calls))
	for i := range calls {
		queue <- i
	}
	close(queue)
	p.screen.startBar(len(calls), "calling the provider")
	defer p.screen.endBar()
	waiting := level{tel: p.tel, name: "queue", n: len(calls)}

	var workers sync.WaitGroup
	for range min(p.concurrency, len(calls)) {
		workers.Go(func() {
			for i := range queue {
				waiting.add(ctx, -1)
				outcomes[i] = calls[i].newOutcome()
				if outcomes[i].err = context.Cause(ctx); outcomes[i].err == nil {
					p.call(ctx, &outcomes[i])
				}
				calls[i].cache.release(ctx)
				p.screen.advance()
			}
		})
	}
	workers.Wait()
	return outcomes
}

// call makes one call: with the cache if there is one, without it if that is gone, and
// with the fallback model if the first one fails.
func (p *pipeline) call(ctx context.Context, out *outcome) {
	start := time.Now()
	ctx, span := p.tel.Start(ctx, "batch", append(out.attrs(), slog.Int("pieces", len(out.batch.pieces)))...)
	defer span.End()

	name := out.cache.acquire(ctx)
	p.try(ctx, out, p.model, name)
	retried := name != "" && cacheGone(out.err)
	if retried {
		out.cache.lose()
		p.try(ctx, out, p.model, "")
	}
	if out.cache != nil {
		out.Cache = p.caches.count(ctx, name != "" && !retried, retried, out.usage.CachedTokenCount)
	}
	if p.fallbackModel != "" && anotherMayDo(out.err) {
		p.log.WarnContext(ctx, "asking the fallback model", slog.Int("batch", out.Batch), slog.String("because", out.err.Error()))
		p.tel.Count(ctx, "fallbacks", 1)
		out.Fallback = true
		p.try(ctx, out, p.fallbackModel, "")
	}

	out.Answered = out.err == nil
	out.Seconds = time.Since(start).Seconds()
	out.NonAPISeconds = max(0, out.Seconds-out.APISeconds)
	out.ActualTokens, out.CachedTokens, out.TotalTokens = out.usage.PromptTokenCount, out.usage.CachedTokenCount, out.usage.TotalTokenCount
	span.SetAttrs(slog.Int64("tokens", out.TotalTokens), slog.Int("attempts", out.Attempts))
	span.Fail(out.err)
}

// try asks one model, retries included, and adds to the outcome.
func (p *pipeline) try(ctx context.Context, out *outcome, model, cache string) {
	q, err := p.query(out.call, model, cache)
	if err != nil {
		out.err = err
		return
	}
	out.EstimatedTokens, out.sources = q.estimated, q.sources
	retrier := p.retrier
	retrier.log = p.log.With(slog.Int("batch", out.Batch))
	a, attempts, err := retrier.do(ctx, func(ctx context.Context) (answer, error) {
		a, err := p.provider.generate(ctx, q)
		out.APISeconds += a.api.Seconds()
		out.usage.add(a.usage)
		if a.usage.PromptTokenCount > 0 {
			out.expected += int64(q.estimated)
		}
		return a, err
	})
	out.Attempts += attempts
	out.retries += max(0, attempts-1)
	out.Model, out.finishReason = a.model, a.finishReason
	if !a.preview.IsZero() {
		out.previews = append(out.previews, a.preview)
	}
	if err == nil {
		out.replies, err = p.replies(out.call, a)
	}
	out.err = err
}

func (u *usageMetadata) add(v usageMetadata) {
	u.PromptTokenCount += v.PromptTokenCount
	u.CandidatesTokenCount += v.CandidatesTokenCount
	u.CachedTokenCount += v.CachedTokenCount
	u.ThoughtsTokenCount += v.ThoughtsTokenCount
	u.TotalTokenCount += v.TotalTokenCount
}

// cacheGone reports whether a call failed for its cache, as far as a status can tell:
// Gemini answers 403 for one that has expired.
func cacheGone(err error) bool {
	return slices.Contains([]int{http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound}, status(err))
}

// anotherMayDo reports whether another model may answer what this one did not. It may
// not where the request or the key is wrong, nothing is there, or the run has ended.
func anotherMayDo(err error) bool {
	e := new(callError)
	return errors.As(err, &e) && !e.dead &&
		!slices.Contains([]int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden}, e.status)
}

// status is that of the HTTP answer that ended a call, 0 if there was none. With 200 the
// answer was of no use.
func status(err error) int {
	if e := new(callError); errors.As(err, &e) {
		return e.status
	}
	return 0
}
