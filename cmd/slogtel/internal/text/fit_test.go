package text

import (
	"io"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func fitted(t *testing.T, width int, columns ...string) (lines, out []string) {
	t.Helper()
	table := NewTable("NAME", "ONE", "TWO", "THREE")
	table.Row("short", "1", "22222222", "3")
	table.Row("  long.é."+strings.Repeat("x", 60)+".the_end", "1", "2", "3")
	out = table.Fit(width, columns...)
	var b strings.Builder
	_, err := table.WriteTo(&b)
	require.NoError(t, err)
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n"), out
}

func TestFit(t *testing.T) {
	whole, out := fitted(t, 0, "TWO")
	assert.Empty(t, out)
	same, out := fitted(t, 1000, "TWO")
	assert.Empty(t, out)
	assert.Equal(t, whole, same)

	for width := 24; width < 120; width++ {
		lines, out := fitted(t, width, "TWO", "no such column", "THREE")
		for _, line := range lines {
			assert.LessOrEqual(t, utf8.RuneCountInString(line), width, line)
			assert.True(t, utf8.ValidString(line))
		}
		assert.Equal(t, width < 32+5+10+7, len(out) > 0 && out[0] == "TWO", width)
		assert.Equal(t, width < 32+5+7, len(out) > 1 && out[1] == "THREE", width)
		assert.Contains(t, lines[2], "  long", "the indent stays")
		assert.Contains(t, lines[2], "_end", "the end stays")
	}
	lines, out := fitted(t, 1, "TWO", "THREE") // as far as it can be done
	assert.Equal(t, []string{"TWO", "THREE"}, out)
	assert.Equal(t, []string{"NAME          ONE", "short           1", "  lon…he_end    1"}, lines)
}

func TestFitText(t *testing.T) {
	table := NewTable("NAME", "N", "TEXT")
	table.Text = true
	table.Row(strings.Repeat("n", 40), "1", strings.Repeat("t", 100))
	assert.Empty(t, table.Fit(80))
	var b strings.Builder
	_, err := table.WriteTo(&b)
	require.NoError(t, err)
	_, row, _ := strings.Cut(b.String(), "\n")
	assert.Equal(t, strings.Repeat("n", 15)+"…"+strings.Repeat("n", 16)+"  1  "+strings.Repeat("t", 42)+"…\n", row)
}

func TestWidth(t *testing.T) {
	assert.Zero(t, Width(io.Discard))
	null, err := os.Open(os.DevNull)
	require.NoError(t, err)
	defer null.Close()
	assert.Zero(t, Width(null))
	assert.Empty(t, LeftOut(80, nil))
	assert.Equal(t, "left out, for a terminal of 80 columns: A, B", LeftOut(80, []string{"A", "B"}))
}
