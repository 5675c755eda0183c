package console_test

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/slogtel"
)

// setColorEnv sets the variables that decide on colors; unset ones are empty,
// which means the same.
func setColorEnv(t *testing.T, noColor, forceColor, term string) {
	t.Setenv("NO_COLOR", noColor)
	t.Setenv("FORCE_COLOR", forceColor)
	t.Setenv("TERM", term)
}

// colored writes a line to w and reports whether read returns one with colors.
func colored(t *testing.T, w io.Writer, mode slogtel.Mode, read func() string) bool {
	t.Helper()
	slog.New(console.New(w, &console.Options{Color: mode})).Info("hello")
	got := read()
	require.Contains(t, got, "hello")
	return strings.Contains(got, "\x1b[")
}

func TestColorWithoutTerminal(t *testing.T) {
	for _, c := range []struct {
		mode                      slogtel.Mode
		noColor, forceColor, term string
		want                      bool
	}{
		{slogtel.FromEnv, "", "", "xterm", false},
		{slogtel.FromEnv, "", "1", "xterm", true},
		{slogtel.FromEnv, "", "0", "xterm", true}, // regardless of its value
		{slogtel.FromEnv, "", "1", "dumb", true},
		{slogtel.FromEnv, "1", "1", "xterm", false},
		{slogtel.On, "1", "", "dumb", true},
		{slogtel.Off, "", "1", "xterm", false},
	} {
		setColorEnv(t, c.noColor, c.forceColor, c.term)
		var out bytes.Buffer
		assert.Equal(t, c.want, colored(t, &out, c.mode, out.String), "buffer, %+v", c)

		path := filepath.Join(t.TempDir(), "log")
		f, err := os.Create(path)
		require.NoError(t, err)
		defer f.Close()
		read := func() string {
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			return string(b)
		}
		assert.Equal(t, c.want, colored(t, f, c.mode, read), "file, %+v", c)
	}
}

func TestClosedFile(t *testing.T) {
	setColorEnv(t, "", "", "xterm")
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	require.NoError(t, f.Close())
	assert.NotPanics(t, func() { slog.New(console.New(f, nil)).Info("nowhere") })
}
