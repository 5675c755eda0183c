//go:build unix

package logfile_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/logfile"
)

func TestFileModes(t *testing.T) {
	before := syscall.Umask(0o077)
	defer syscall.Umask(before)
	for want, o := range map[fs.FileMode]logfile.Options{
		0o640: {Compress: true},
		0o604: {Compress: true, Mode: 0o604},
		0o600: {Compress: true, Mode: 0o600 | fs.ModeDir},
	} {
		dir := filepath.Join(t.TempDir(), "logs")
		f := openFile(t, filepath.Join(dir, "a.jsonl"), &o)
		for i := range 3 {
			require.NoError(t, writeID(f, i))
			require.NoError(t, f.Rotate())
		}
		require.NoError(t, writeID(f, 3))
		require.NoError(t, f.Shutdown(ctx))
		paths := filesIn(t, dir)
		require.Len(t, paths, 4)
		gz := 0
		for _, p := range paths {
			info, err := os.Stat(p)
			require.NoError(t, err)
			assert.Equal(t, want, info.Mode(), p)
			if strings.HasSuffix(p, ".gz") {
				gz++
			}
		}
		assert.Equal(t, 3, gz)
		ids, _ := readIDs(t, paths...)
		requireOnce(t, ids, 4)
	}

	// A file that is there keeps its mode.
	path := filepath.Join(t.TempDir(), "theirs")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	openFile(t, path, &logfile.Options{Mode: 0o644})
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode())
}
