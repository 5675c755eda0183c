package testkit

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Golden compares got with the file of that path, which it writes anew when SLOGTEL_UPDATE_GOLDEN is
// set. Long numbers are rounded first, see [Round].
func Golden(t testing.TB, path, got string) {
	t.Helper()
	got = Round(got)
	if os.Getenv("SLOGTEL_UPDATE_GOLDEN") != "" {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, Round(string(want)), got)
}

var longNumber = regexp.MustCompile(`[0-9]+\.[0-9]+(?:[eE][-+]?[0-9]+)?`)

// Round cuts each number in s that has a fraction, and more digits than ten, to ten of them. The last
// digits of what was computed are not the same on all processors: some fuse a multiplication and an
// addition into one step, which rounds once and not twice.
func Round(s string) string {
	return longNumber.ReplaceAllStringFunc(s, func(number string) string {
		if len(number) <= len("0.")+10 {
			return number
		}
		f, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return number
		}
		return strconv.FormatFloat(f, 'g', 10, 64)
	})
}
