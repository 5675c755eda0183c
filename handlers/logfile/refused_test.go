package logfile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// told gathers what OnError is told.
type told struct {
	mu   sync.Mutex
	errs []error
}

func (t *told) add(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.errs = append(t.errs, err)
}

func (t *told) all() []error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.errs
}

func filesOf(t *testing.T, path string) (paths []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	for _, e := range entries {
		paths = append(paths, filepath.Join(filepath.Dir(path), e.Name()))
	}
	return paths
}

// requireIDs fails unless the files hold the ids from 0 to n, each once.
func requireIDs(t *testing.T, n int, paths ...string) {
	t.Helper()
	found := map[int]int{}
	for _, path := range paths {
		ids, bad, rest := readFaulty(t, path)
		require.Zero(t, bad)
		require.Empty(t, rest)
		for _, id := range ids {
			found[id]++
		}
	}
	require.Len(t, found, n)
	for id := range n {
		require.Equal(t, 1, found[id], id)
	}
}

// Whatever the file system answers during a rotation, it is an answer or ends the rotation:
// nothing waits, and no line is lost.
func TestErrorsOfARotation(t *testing.T) {
	refused := &fs.PathError{Op: "refused", Path: "x", Err: errInjected}
	for name, fault := range map[string]func(*settings){
		"rename": func(s *settings) { s.rename = func(string, string) error { return refused } },
		"lstat":  func(s *settings) { s.lstat = func(string) (fs.FileInfo, error) { return nil, refused } },
		"all names are taken": func(s *settings) {
			s.lstat = func(string) (fs.FileInfo, error) { return os.Lstat(os.TempDir()) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var heard told
				s := newSettings(&Options{MaxSize: 200, OnError: heard.add})
				fault(&s)
				path := filepath.Join(t.TempDir(), "t.jsonl")
				f, err := open(path, s)
				require.NoError(t, err)
				for i := range 10 {
					require.NoError(t, writeID(f, i))
				}
				stats := f.Stats()
				assert.Equal(t, int64(1), stats.Failures, "tried once a second")
				assert.Zero(t, stats.Rotations+stats.Dropped)
				assert.Equal(t, []error{stats.LastError}, heard.all())
				require.Error(t, f.Rotate())

				f.opts.rename, f.opts.lstat = os.Rename, os.Lstat
				time.Sleep(time.Second)
				require.NoError(t, writeID(f, 10))
				assert.Equal(t, int64(1), f.Stats().Rotations)
				require.NoError(t, f.Close())
				requireIDs(t, 11, filesOf(t, path)...)
			})
		})
	}
}

// A panic in OnError, and one that writes to the file itself, harm nobody.
func TestOnErrorDoesWhatItLikes(t *testing.T) {
	var f *File
	s := newSettings(&Options{MaxSize: 200, OnError: func(error) {
		_ = writeID(f, 99)
		panic("theirs")
	}})
	s.rename = func(string, string) error { return errInjected }
	f, err := open(filepath.Join(t.TempDir(), "t.jsonl"), s)
	require.NoError(t, err)
	for i := range 5 {
		require.NoError(t, writeID(f, i))
	}
	assert.ErrorContains(t, f.Stats().LastError, "theirs")
	require.NoError(t, f.Close())
	assert.Equal(t, int64(6), f.Stats().Lines)
	require.ErrorIs(t, writeID(f, 6), os.ErrClosed)
}

// Where modes cannot be changed, the file is opened and rotated all the same.
func TestModeIsRefused(t *testing.T) {
	var heard told
	s := newSettings(&Options{MaxSize: 200, Compress: true, Mode: 0o604, OnError: heard.add})
	s.chmod = func(*os.File, fs.FileMode) error { return &fs.PathError{Op: "chmod", Path: "x", Err: fs.ErrPermission} }
	path := filepath.Join(t.TempDir(), "t.jsonl")
	f, err := open(path, s)
	require.NoError(t, err)
	for i := range 10 {
		require.NoError(t, writeID(f, i))
	}
	require.NoError(t, f.Close())
	stats := f.Stats()
	assert.Positive(t, stats.Rotations)
	assert.Zero(t, stats.Failures)
	info, err := os.Stat(path)
	require.NoError(t, err)
	if info.Mode().Perm() != 0o604 { // the umask took something away
		require.Len(t, heard.all(), 1, "said once")
		assert.ErrorIs(t, heard.all()[0], fs.ErrPermission)
		assert.ErrorIs(t, stats.LastError, fs.ErrPermission)
	}
}

// A file system that knows no locks: what anybody could still be writing to is left alone,
// for some seconds, and the newest until there is a newer one.
func TestWithoutLocks(t *testing.T) {
	s := newSettings(&Options{Compress: true})
	s.lock = func(*os.File, bool) error { return errors.ErrUnsupported }
	path := filepath.Join(t.TempDir(), "t.jsonl")
	f, err := open(path, s)
	require.NoError(t, err)
	for i := range 3 {
		require.NoError(t, writeID(f, i))
		require.NoError(t, f.Rotate())
	}
	require.NoError(t, f.Close())
	all, _, err := listBackups(path)
	require.NoError(t, err)
	require.Len(t, all, 3)
	for _, b := range all {
		assert.True(t, b.plain && !b.gz, "it was written to just now")
		require.NoError(t, os.Chtimes(b.name, time.Time{}, time.Now().Add(-time.Hour)))
	}
	f, err = open(path, s)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	all, _, err = listBackups(path)
	require.NoError(t, err)
	for i, b := range all {
		assert.Equal(t, i == 2, b.plain)
		assert.Equal(t, i != 2, b.gz)
	}
	assert.Zero(t, f.Stats().Failures)
}

// What somebody may still write to is neither compressed nor removed, and is when they let
// go of it.
func TestLockedBackupsAreLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.jsonl")
	first, err := Open(path, nil)
	require.NoError(t, err)
	require.NoError(t, writeID(first, 0))
	probe, err := os.Open(path)
	require.NoError(t, err)
	defer probe.Close()
	if lockFile(probe, true) == nil {
		t.Skip("there are no locks here")
	}
	f, err := Open(path, &Options{Compress: true, MaxBackups: 1})
	require.NoError(t, err)
	require.NoError(t, f.Rotate())
	require.NoError(t, writeID(f, 1))
	require.NoError(t, f.Rotate())
	require.NoError(t, f.Close())
	all, _, err := listBackups(path)
	require.NoError(t, err)
	require.Len(t, all, 2)
	assert.True(t, all[0].plain && !all[0].gz, "the other may still write to it")
	assert.True(t, all[1].gz && !all[1].plain)
	require.NoError(t, writeID(first, 2))
	assert.Zero(t, f.Stats().Failures)
	require.NoError(t, first.Close())

	f, err = Open(path, &Options{Compress: true})
	require.NoError(t, err)
	require.NoError(t, f.Close())
	all, _, err = listBackups(path)
	require.NoError(t, err)
	require.Len(t, all, 2)
	for _, b := range all {
		assert.True(t, b.gz && !b.plain)
	}
}

// One that writes nothing for a second lets go of the file, and looks before it writes again.
func TestIdleFileIsNotLocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "t.jsonl")
		idle, err := Open(path, nil)
		require.NoError(t, err)
		require.NoError(t, writeID(idle, 0))
		f, err := Open(path, &Options{Compress: true})
		require.NoError(t, err)
		require.NoError(t, f.Rotate())
		time.Sleep(10 * time.Second)
		synctest.Wait()
		require.NoError(t, writeID(idle, 1))
		require.NoError(t, f.Close())
		require.NoError(t, idle.Close())
		all, _, err := listBackups(path)
		require.NoError(t, err)
		require.Len(t, all, 1)
		assert.True(t, all[0].gz && !all[0].plain)
		ids, _, _ := readFaulty(t, path)
		assert.Equal(t, []int{1}, ids)
	})
}

// A name too long for a time behind it is shortened, and two such names stay apart.
func TestLongNames(t *testing.T) {
	for _, length := range []int{220, 221, 226, 255} {
		for _, char := range []string{"x", "é"} {
			name := strings.Repeat(char, length/len(char))
			name += strings.Repeat("y", length-len(name))
			dir := t.TempDir()
			path, other := filepath.Join(dir, name), filepath.Join(dir, name[:length-1]+"z")
			for _, p := range []string{path, other} {
				f, err := Open(p, &Options{MaxSize: 1, Compress: true, MaxBackups: 2})
				require.NoError(t, err)
				for i := range 5 {
					require.NoError(t, writeID(f, i))
				}
				require.NoError(t, f.Close())
				assert.Equal(t, int64(4), f.Stats().Rotations, length)
				assert.Zero(t, f.Stats().Failures)
			}
			for _, p := range []string{path, other} {
				all, parts, err := listBackups(p)
				require.NoError(t, err)
				assert.Len(t, all, 2)
				assert.Empty(t, parts)
			}
			assert.Len(t, filesOf(t, path), 6)
		}
	}
}

// File systems that encrypt names take shorter ones.
func TestNamesOfAnEncryptedFolder(t *testing.T) {
	s := newSettings(&Options{MaxSize: 1, MaxBackups: 2})
	const limit = 143
	s.lstat = func(path string) (fs.FileInfo, error) {
		if len(filepath.Base(path)) > limit {
			_, err := os.Lstat(strings.Repeat("x", 1000)) // what the system says of it
			return nil, err
		}
		return os.Lstat(path)
	}
	path := filepath.Join(t.TempDir(), strings.Repeat("x", 140))
	f, err := open(path, s)
	require.NoError(t, err)
	if _, err := s.lstat(strings.Repeat("y", 200)); !nameTooLong(err) {
		t.Skip("the system has another error for long names")
	}
	for i := range 5 {
		require.NoError(t, writeID(f, i))
	}
	require.NoError(t, f.Shutdown(context.Background()))
	assert.Equal(t, int64(4), f.Stats().Rotations)
	assert.Zero(t, f.Stats().Failures)
	all, _, err := listBackups(path)
	require.NoError(t, err)
	assert.Len(t, all, 2)
}

// Another process may remove the second name with which Open tries whether the file can be renamed: it is
// what a compression that was broken off would have left.
func TestAnotherProcessTidiesUpDuringOpen(t *testing.T) {
	var heard told
	s := newSettings(&Options{MaxSize: 200, OnError: heard.add})
	s.link = func(from, to string) error { return errors.Join(os.Link(from, to), os.Remove(to)) }
	f, err := open(filepath.Join(t.TempDir(), "t.jsonl"), s)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	assert.Empty(t, heard.all())
	assert.Zero(t, f.Stats().Failures)
}
