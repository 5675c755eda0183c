package logfile_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/logfile"
)

// Whatever is at the path, the answer comes at once, and says what is wrong.
func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, []byte("theirs\n"), 0o600))
	fifo := filepath.Join(dir, "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	toFifo := filepath.Join(dir, "link")
	require.NoError(t, os.Symlink(fifo, toFifo))
	loop := filepath.Join(dir, "loop")
	require.NoError(t, os.Symlink(loop, loop))
	socket, err := net.Listen("unix", filepath.Join(dir, "socket"))
	require.NoError(t, err)
	defer socket.Close()
	readFifo := filepath.Join(dir, "read")
	require.NoError(t, syscall.Mkfifo(readFifo, 0o600))
	reader, err := os.OpenFile(readFifo, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	require.NoError(t, err)
	defer reader.Close()

	for path, want := range map[string]string{
		"":                                     "names no file",
		dir:                                    "is a directory",
		dir + "/new/":                          "names no file",
		filepath.Join(file, "telemetry.jsonl"): "not a directory",
		filepath.Join(file, "a", "b.jsonl"):    "not a directory",
		fifo:                                   "is a named pipe",
		toFifo:                                 "is a named pipe",
		readFifo:                               "is a named pipe",
		loop:                                   "too many levels of symbolic links",
		filepath.Join(dir, "socket"):           "is a socket",
		"/dev/null":                            "is a device",
		"/dev/full":                            "is a device",
		"/proc/slogtel/t.jsonl":                "no such file or directory",
		"a\x00b":                               "invalid argument",
		filepath.Join(dir, strings.Repeat("x", 300)): "file name too long",
	} {
		done := make(chan error, 1)
		go func() {
			_, err := logfile.Open(path, nil)
			done <- err
		}()
		select {
		case err := <-done:
			assert.ErrorContains(t, err, want, path)
			assert.ErrorContains(t, err, "logfile: open", path)
		case <-time.After(time.Minute):
			t.Fatalf("%s: it waits", path)
		}
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "theirs\n", string(text))
	assert.NoDirExists(t, filepath.Join(dir, "new"))
}

func TestOpenInAReadOnlyFolder(t *testing.T) {
	dir := t.TempDir()
	lockFolder(t, dir)
	for _, path := range []string{filepath.Join(dir, "t.jsonl"), filepath.Join(dir, "new", "t.jsonl")} {
		_, err := logfile.Open(path, nil)
		assert.ErrorIs(t, err, os.ErrPermission)
		assert.ErrorContains(t, err, dir)
	}
}

func TestOpenOnAReadOnlyDisk(t *testing.T) {
	dir := smallDisk(t, "1m")
	path := filepath.Join(dir, "t.jsonl")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	require.NoError(t, syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	for _, path := range []string{path, filepath.Join(dir, "new.jsonl")} {
		_, err := logfile.Open(path, nil)
		assert.ErrorIs(t, err, syscall.EROFS)
	}
}

// A pipe that takes the file's place while it is written is not opened: the lines go on
// into the file, which still has another name.
func TestFileWhosePlaceIsTaken(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "t.jsonl")
	f := openFile(t, path, nil)
	for i, take := range []func(string) error{
		func(p string) error { return syscall.Mkfifo(p, 0o600) },
		func(p string) error { return os.Mkdir(p, 0o700) },
	} {
		require.NoError(t, writeID(f, 2*i))
		moved := path + ".moved"
		require.NoError(t, os.Rename(path, moved))
		require.NoError(t, take(path))
		require.ErrorContains(t, f.Reopen(), "must be a regular file")
		require.NoError(t, writeID(f, 2*i+1))
		assert.Equal(t, int64(i+1), f.Stats().Failures)
		ids, _ := readIDs(t, moved)
		requireOnce(t, ids, 2*i+2)
		require.NoError(t, os.Remove(path))
		require.NoError(t, os.Rename(moved, path))
		require.NoError(t, f.Reopen())
	}
}

// Where the file cannot be rotated, nothing is lost: writing goes on in the old one, and
// the rotation is tried again.
func TestFileCannotRotate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "t.jsonl")
		f := openFile(t, path, &logfile.Options{MaxSize: 1000})
		write := func(id int) { require.NoError(t, writeID(f, id)) }
		write(0)
		write(1)
		forbid := lockFolder(t, dir)
		for i := range 10 {
			write(2 + i)
		}
		s := f.Stats()
		assert.Equal(t, int64(1), s.Failures, "tried once a second")
		assert.Zero(t, s.Rotations)
		require.Error(t, s.LastError)
		require.Error(t, f.Rotate())
		time.Sleep(time.Second)
		write(12)
		assert.Equal(t, int64(3), f.Stats().Failures)
		forbid()
		time.Sleep(time.Second)
		write(13)
		s = f.Stats()
		assert.Equal(t, int64(1), s.Rotations)
		assert.Zero(t, s.Dropped)
		ids, _ := readIDs(t, filesIn(t, dir)...)
		requireOnce(t, ids, 14)
	})
}
