//go:build unix

package reporters_test

import (
	"syscall"
	"testing"
)

// setUmask is for tests that do not run in parallel with others.
func setUmask(t *testing.T, mask int) {
	before := syscall.Umask(mask)
	t.Cleanup(func() { syscall.Umask(before) })
}
