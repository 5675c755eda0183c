package slogtel_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/handlers/async"
	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/slogtel"
)

// A nil pointer in an interface is no nil reporter. It must not end the app either.
func TestNilPointersAsReporters(t *testing.T) {
	var errs int
	opts := &slogtel.Options{Mode: slogtel.On, OnError: func(context.Context, error) { errs++ }}
	tel := slogtel.New(opts, (*async.Handler)(nil), (*slogjson.Handler)(nil))
	tel.Count(t.Context(), "a", 1)
	_, span := tel.Start(t.Context(), "b")
	span.End()
	_ = tel.Shutdown(t.Context())
	assert.Positive(t, errs)
}
