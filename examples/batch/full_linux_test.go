package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestFullDisk writes to the device that is always full.
func TestFullDisk(t *testing.T) {
	dir := files(t, map[string]string{"a.md": prose})

	r := runWith(t, t.Context(), "-telemetry", "/dev/full", dir)
	assert.Equal(t, exitFailed, r.code)
	assert.Equal(t, statusOK, r.env.Status, "the work is done and kept all the same")
	assert.Contains(t, r.stderr, "no space left on device")
	assert.Contains(t, r.stderr, "events did not get everywhere")

	r = runWith(t, t.Context(), "-out", "/dev/full", dir)
	assert.Equal(t, exitFailed, r.code)
	assert.Contains(t, r.stderr, "batch: write /dev/full: no space left on device")
}
