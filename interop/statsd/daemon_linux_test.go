package statsd

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long a daemon may take for anything. The machine may be busy with
// other tests.
const patience = 90 * time.Second

// eventually waits until f is true.
func eventually(t *testing.T, f func() bool, format string, args ...any) {
	t.Helper()
	require.Eventually(t, f, patience, 20*time.Millisecond, fmt.Sprintf(format, args...))
}
