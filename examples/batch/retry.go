package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/slogtel/telemetry/slogtel"
)

// maxWait is the longest wait before a retry, whatever the server asks for.
const maxWait = time.Minute

// retrier tries again what failed for a reason that may pass.
type retrier struct {
	tel     *slogtel.Telemetry
	log     *slog.Logger
	retries int           // after the first attempt
	backoff time.Duration // before the first retry
}

// do calls attempt until it succeeds, fails for good or has been retried often
// enough, and returns how often it was called. Ctx ends a wait at once.
func (r *retrier) do(ctx context.Context, attempt func(context.Context) (answer, error)) (answer, int, error) {
	for n := 1; ; n++ {
		a, err := attempt(ctx)
		var e *callError
		if err == nil || !errors.As(err, &e) || !e.retry || n > r.retries {
			return a, n, err
		}
		if e.wait > maxWait {
			return a, n, fmt.Errorf("%w; it asks to wait %v, and %v is the most that is waited here", err, e.wait, maxWait)
		}
		wait := max(e.wait, jittered(r.backoff, n))
		r.log.WarnContext(ctx, "trying again", slog.Int("attempt", n), slog.Duration("wait", wait.Round(time.Millisecond)),
			slog.String("because", err.Error()))
		if err := r.sleep(ctx, wait); err != nil {
			return a, n, err
		}
		r.tel.Count(ctx, "api.retries", 1, slog.Int("status", e.status))
	}
}

func (r *retrier) sleep(ctx context.Context, d time.Duration) error {
	_, span := r.tel.Start(ctx, "backoff")
	defer span.End()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// jittered is the wait before the nth retry: twice as long each time, less up to a
// half, so that workers that failed together do not come back together.
func jittered(first time.Duration, n int) time.Duration {
	d := min(first<<(n-1), maxWait) // n is at most 10, so that nothing overflows
	return d - rand.N(d/2+1)
}

// retryAfter reads the header Retry-After: seconds or a date (RFC 9110, section
// 10.2.3). It returns 0 for one that is missing, wrong or past.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
