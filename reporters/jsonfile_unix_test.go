//go:build unix

package reporters_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters"
)

func TestJSONFileModes(t *testing.T) {
	before := syscall.Umask(0o077)
	defer syscall.Umask(before)
	for want, o := range map[fs.FileMode]reporters.JSONFileOptions{
		0o640: {Compress: true},
		0o604: {Compress: true, Mode: 0o604},
		0o600: {Compress: true, Mode: 0o600 | fs.ModeDir},
	} {
		dir := filepath.Join(t.TempDir(), "logs")
		f := openJSONFile(t, filepath.Join(dir, "a.jsonl"), &o)
		for i := range 3 {
			require.NoError(t, f.Handle(jsonCtx, idRecord(i)))
			require.NoError(t, f.Rotate())
		}
		require.NoError(t, f.Handle(jsonCtx, idRecord(3)))
		require.NoError(t, f.Shutdown(jsonCtx))
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
	openJSONFile(t, path, &reporters.JSONFileOptions{Mode: 0o644})
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode())
}
