package slogtel_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// An error of http.Client names the URL, in which secrets are.
func TestErrorsKeepNoSecretsOfURLs(t *testing.T) {
	tel, rec := slogteltest.New(t)
	_ = tel.Time(t.Context(), "call", func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://ann:hunter2@127.0.0.1:1/p?token=geheim", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if resp != nil {
			_ = resp.Body.Close()
		}
		return err
	})
	got := rec.Timings("call")[0].Error
	assert.Contains(t, got, `Get "http://127.0.0.1:1/p": `)
	assert.NotContains(t, got, "geheim")
}
