package slogteltest_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

func TestCanceledIsShown(t *testing.T) {
	tel, rec := slogteltest.New(t)
	for _, err := range []error{nil, context.Canceled, context.DeadlineExceeded, context.Canceled} {
		_, span := tel.Start(t.Context(), "fetch")
		span.Fail(err)
		span.End()
	}
	assert.Equal(t, "timing  fetch  4 calls, 2 canceled, 1 failed, last: \"context deadline exceeded\"\n", rec.String())
	assert.True(t, rec.Timings("fetch")[1].Canceled)
}

func TestString(t *testing.T) {
	tel, rec := slogteltest.New(nil)
	assert.Equal(t, "nothing was recorded\n", rec.String())
	hostile := "a\x1b[31m\nb"
	tel.Count(t.Context(), hostile, 1)
	tel.Metric(t.Context(), "plain", hostile)
	tel.Metric(t.Context(), "bad", panicking{})
	tel.Metric(t.Context(), "group", slog.GroupValue(slog.Int("a", 1)))
	tel.Count(t.Context(), strings.Repeat("n", 1000), 1)
	for i := range 500 {
		_, span := tel.Start(t.Context(), fmt.Sprintf("scope%03d", i))
		span.Fail(errors.New(strings.Repeat("e", 1000)))
		span.End()
	}
	text := rec.String()
	assert.Contains(t, text, `"a\x1b[31m\nb"`)
	assert.NotContains(t, text, "\x1b")
	assert.Contains(t, text, `last a slogteltest_test.panicking`)
	assert.Contains(t, text, `last a group of 1`)
	assert.Contains(t, text, `(1000 bytes)`)
	assert.Contains(t, text, `… and 305 lines more`)
	assert.Less(t, len(text), 120_000)
}

type panicking struct{}

func (panicking) String() string { panic("String") }
