package shipping

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/interop/servers"
)

const ready = servers.Ready

// example returns a file of examples/shipping, with other values in the place of those
// that users change too: pairs of old and new, each of which must be there.
func example(t *testing.T, name string, changes ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(examples, name))
	require.NoError(t, err)
	text := string(data)
	for i := 0; i < len(changes); i += 2 {
		require.Contains(t, text, changes[i])
		text = strings.ReplaceAll(text, changes[i], changes[i+1])
	}
	path := filepath.Join(t.TempDir(), filepath.Base(name))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

func local(port int) string { return fmt.Sprintf("http://127.0.0.1:%d", port) }
