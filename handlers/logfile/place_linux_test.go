package logfile_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/logfile"
)

// A single file that is mounted, as into a container, cannot be renamed: that is said when it
// is opened, in Stats and to OnError, and the lines go on into it.
func TestMountedFile(t *testing.T) {
	dir := t.TempDir()
	path, outside := filepath.Join(dir, "t.jsonl"), filepath.Join(t.TempDir(), "outside.jsonl")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	require.NoError(t, os.WriteFile(outside, nil, 0o600))
	if err := syscall.Mount(outside, path, "", syscall.MS_BIND, ""); err != nil {
		t.Skipf("cannot mount a file: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(path, syscall.MNT_DETACH)) })
	var heard []error
	f := openFile(t, path, &logfile.Options{MaxSize: 1000, OnError: func(err error) { heard = append(heard, err) }})
	require.Len(t, heard, 1)
	assert.ErrorContains(t, heard[0], "cannot be rotated")
	assert.Equal(t, heard[0], f.Stats().LastError)
	assert.Equal(t, int64(1), f.Stats().Failures)
	for i := range 20 {
		require.NoError(t, writeID(f, i))
	}
	require.Len(t, heard, 2, "tried once")
	assert.ErrorIs(t, heard[1], syscall.EBUSY)
	require.NoError(t, f.Shutdown(ctx))
	ids, _ := readIDs(t, path)
	requireOnce(t, ids, 20)
	assert.Equal(t, []string{path}, filesIn(t, dir))

	// A file that is not to be rotated has nothing to be said of.
	assert.Zero(t, openFile(t, path, nil).Stats().Failures)
}

// What a link leads to gets the mode that was asked for, whatever the umask, and its folder
// is made.
func TestModeThroughLinks(t *testing.T) {
	before := syscall.Umask(0o077)
	defer syscall.Umask(before)
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "real"), 0o700))
	require.NoError(t, os.Symlink("real", filepath.Join(dir, "folder")))
	require.NoError(t, os.Symlink("../new/file", filepath.Join(dir, "real", "second")))
	require.NoError(t, os.Symlink("folder/second", filepath.Join(dir, "first")))
	f := openFile(t, filepath.Join(dir, "first"), &logfile.Options{Mode: 0o664})
	require.NoError(t, writeID(f, 0))
	info, err := os.Stat(filepath.Join(dir, "new", "file"))
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o664), info.Mode())
	ids, _ := readIDs(t, filepath.Join(dir, "first"))
	requireOnce(t, ids, 1)
}
