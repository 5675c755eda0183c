package shipping

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the headings of the page of queries begin with.
const (
	askP95     = "The 95th percentile"
	askErrors  = "The error rate"
	askSlowest = "The slowest scopes"
	askCounter = "A counter"
)

// documented returns the queries of examples/shipping/queries.md below a heading, in the
// order of the page. The kind is what stands behind the fence: logql, or logsql ecs.
func documented(t *testing.T, heading, kind string) []string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(examples, "queries.md"))
	require.NoError(t, err)
	_, section, ok := strings.Cut(string(page), "\n## "+heading)
	require.True(t, ok, "no heading begins with %q", heading)
	section, _, _ = strings.Cut(section, "\n## ")
	var found []string
	for rest := section; ; {
		_, after, ok := strings.Cut(rest, "\n```"+kind+"\n")
		if !ok {
			break
		}
		query, after, ok := strings.Cut(after, "\n```")
		require.True(t, ok, "a fence is open")
		found = append(found, query)
		rest = after
	}
	require.NotEmpty(t, found, "%s has no %s", heading, kind)
	return found
}
