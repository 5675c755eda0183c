package diff

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A gate does not open because there was nothing to look at.
func TestFailOnNeedsTelemetry(t *testing.T) {
	some, none := file(t, aRun(1, 1, 0)), file(t, &lines{})
	for _, args := range [][]string{{some, none}, {none, some}, {"--scope", "no.such", some, some}} {
		code, stdout, stderr := command(t, nil, append([]string{"--fail-on", "slower=10%"}, args...)...)
		assert.Equal(t, 2, code, args)
		assert.Contains(t, stderr, "no telemetry", args)
		assert.Contains(t, stdout, "lines read", args)
		code, _, _ = command(t, nil, args...)
		assert.Zero(t, code, args)
	}
}
