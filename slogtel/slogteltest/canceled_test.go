package slogteltest_test

import (
	"context"
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
