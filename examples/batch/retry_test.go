package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func testRetrier(retries int) *retrier {
	return &retrier{log: slog.New(slog.NewTextHandler(io.Discard, nil)), retries: retries, backoff: time.Second}
}

// failing fails so often with err, then succeeds.
func failing(times int, err error) func(context.Context) (answer, error) {
	return func(context.Context) (answer, error) {
		if times > 0 {
			times--
			return answer{}, err
		}
		return answer{text: "done"}, nil
	}
}

func TestRetries(t *testing.T) {
	passing, lasting := &callError{text: "busy", retry: true}, &callError{text: "wrong"}
	for name, test := range map[string]struct {
		retries, fails int
		err            error
		attempts       int
		least, most    time.Duration // in all
		ok             bool
	}{
		"at once":         {3, 0, passing, 1, 0, 0, true},
		"third time":      {3, 2, passing, 3, 1500 * time.Millisecond, 3 * time.Second, true},
		"used up":         {2, 9, passing, 3, 1500 * time.Millisecond, 3 * time.Second, false},
		"none wanted":     {0, 9, passing, 1, 0, 0, false},
		"for good":        {3, 9, lasting, 1, 0, 0, false},
		"another error":   {3, 9, io.EOF, 1, 0, 0, false},
		"server's wait":   {3, 1, &callError{retry: true, wait: 7 * time.Second}, 2, 7 * time.Second, 7 * time.Second, true},
		"too long a wait": {3, 1, &callError{retry: true, wait: time.Hour}, 1, 0, 0, false},
		"many":            {10, 10, passing, 11, 123 * time.Second, 303 * time.Second, true}, // 1, 2, 4 … 32, then 60 four times, halved at most
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				a, attempts, err := testRetrier(test.retries).do(t.Context(), failing(test.fails, test.err))
				took := time.Since(start)
				assert.Equal(t, test.attempts, attempts)
				assert.GreaterOrEqual(t, took, test.least)
				assert.LessOrEqual(t, took, test.most)
				if test.ok {
					assert.NoError(t, err)
					assert.Equal(t, "done", a.text)
				} else {
					assert.ErrorIs(t, err, test.err)
				}
			})
		})
	}
}

func TestCancelEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		interrupted := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(3*time.Second, func() { cancel(interrupted) })
		start := time.Now()
		_, attempts, err := testRetrier(3).do(ctx, failing(9, &callError{retry: true, wait: 30 * time.Second}))
		assert.ErrorIs(t, err, interrupted)
		assert.Equal(t, 1, attempts)
		assert.Equal(t, 3*time.Second, time.Since(start))
	})
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"":                              0,
		"0":                             0,
		" 12 ":                          12 * time.Second,
		"-5":                            0,
		"1.5":                           0,
		"99999999999999999999":          0,
		"soon":                          0,
		"Fri, 02 Jan 2026 03:05:05 GMT": time.Minute,
		"Fri, 02 Jan 2026 03:00:00 GMT": 0,
	} {
		assert.Equal(t, want, retryAfter(header, now), "%q", header)
	}
}
