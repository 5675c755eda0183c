package follow

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Reading begins with a whole line, wherever the bytes asked for begin.
func TestLastBytes(t *testing.T) {
	text := "one\ntwo\n\nthree\nrest"
	for n := range len(text) + 3 {
		at, err := LastBytes(strings.NewReader(text), int64(len(text)), int64(n))
		require.NoError(t, err)
		assert.True(t, at == 0 || at == int64(len(text)) || text[at-1] == '\n', "%d: %d", n, at)
		assert.GreaterOrEqual(t, at, int64(len(text)-n))
		if at > 0 {
			before := strings.LastIndexByte(text[:at-1], '\n') + 1
			assert.Less(t, before, len(text)-n, "%d: no line is left out that has room", n)
		}
	}
	long := strings.Repeat("x", 200_000)
	at, err := LastBytes(strings.NewReader(long+"\n"+long), 400_001, 300_000)
	require.NoError(t, err)
	assert.EqualValues(t, 200_001, at)
	at, err = LastBytes(strings.NewReader(long), 200_000, 100_000)
	require.NoError(t, err)
	assert.EqualValues(t, 200_000, at, "a line that begins before is not read from its middle")
}

func TestBackward(t *testing.T) {
	for _, text := range []string{"", "one", "one\n", "\n\none\n\ntwo", strings.Repeat("x", 70_000) + "\n" + strings.Repeat("y", 200_000) + "\nz\n"} {
		all := strings.Split(text, "\n")
		next := len(all)
		require.NoError(t, Backward(strings.NewReader(text), int64(len(text)), func(start int64, line []byte) bool {
			next--
			assert.Equal(t, all[next], string(line))
			assert.Equal(t, len(strings.Join(all[:next], "\n"))+min(next, 1), int(start))
			return true
		}))
		assert.Zero(t, next)
	}
	require.NoError(t, Backward(strings.NewReader("a\nb"), 3, func(_ int64, line []byte) bool {
		assert.Equal(t, "b", string(line))
		return false
	}))
	assert.Error(t, Backward(strings.NewReader("a"), 5, func(int64, []byte) bool { return true }), "less than was said")
}

func TestErr(t *testing.T) {
	f := Open(t.TempDir()+"/none", nil)
	assert.ErrorContains(t, f.Err(), "none")
}
