package testkit

import (
	"testing"

	"github.com/slogtel/telemetry/internal/slogattrs"
)

// NeedsAllocs skips a test that counts allocations where a build has others: under the race
// detector, and with the tag slogtel_safe.
func NeedsAllocs(t testing.TB) {
	t.Helper()
	if Race {
		t.Skip("the race detector allocates")
	}
	if !slogattrs.Known() {
		t.Skip("the attributes of a record are copied with the tag slogtel_safe")
	}
}
