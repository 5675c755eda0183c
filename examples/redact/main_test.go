package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/examples/internal/runmain"
)

func TestMain(m *testing.M) { runmain.Main(m, main) }

func TestNothingSecretIsLeft(t *testing.T) {
	stdout, stderr, code := runmain.Run(t, ".")
	assert.Zero(t, code)
	assert.Empty(t, stderr)
	before, after, ok := strings.Cut(stdout, "# after\n")
	require.True(t, ok)
	for _, secret := range []string{"correct-horse", "Ann Example", "XX00EXAMPLE", "c2hvcDpzZWNyZXQ=", "4242", "abc123"} {
		assert.Contains(t, before, secret)
		assert.NotContains(t, after, secret)
	}
	assert.Contains(t, after, `"scope":"checkout"`, "telemetry is still telemetry")
	assert.Contains(t, after, "customer.id=7 customer.name=[REDACTED] refund_iban=[REDACTED]")
	assert.Contains(t, after, `"headers":{"Accept":"*/*","Authorization":"[REDACTED]"}`)
	assert.Contains(t, after, "https://pay.example.com/v1/charges?amount=12&access_token=[REDACTED]")
	assert.Contains(t, after, "# hidden: 3 by name, 3 by shape\n")
}
