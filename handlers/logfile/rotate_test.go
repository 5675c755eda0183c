package logfile_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/logfile"
)

// writeAll has 8 goroutines write 10000 events, and call rotate 50 times meanwhile, one
// of them while the others write on. It returns how many events there are.
func writeAll(t *testing.T, f *logfile.File, rotate func(i int)) (total int) {
	t.Helper()
	const events, times = 10000, 50
	var next atomic.Int64
	var wg sync.WaitGroup
	var rotating sync.Mutex
	for range 8 {
		wg.Go(func() {
			for id := int(next.Add(1) - 1); id < events; id = int(next.Add(1) - 1) {
				if err := writeID(f, id); err != nil {
					t.Error(err)
				}
				if id%(events/times) == 0 {
					rotating.Lock()
					rotate(id / (events / times))
					rotating.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return events
}

func TestFileRotatesUnderLoad(t *testing.T) {
	const times = 50
	size := int64(len(lineOf(12345)))
	for name, o := range map[string]*logfile.Options{
		"by Rotate":           {},
		"by Rotate, buffered": {BufferSize: 5000},
		"compressed":          {Compress: true},
		"by size":             {MaxSize: size * 190},
		"by size, buffered":   {MaxSize: size * 190, BufferSize: 5000, Compress: true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			f := openFile(t, filepath.Join(dir, "t.jsonl"), o)
			total := writeAll(t, f, func(int) {
				if o.MaxSize == 0 {
					assert.NoError(t, f.Rotate())
				}
			})
			// Two calls of Rotate with no event between them are one rotation.
			for ; f.Stats().Rotations < times; total++ {
				require.NoError(t, writeID(f, total))
				require.NoError(t, f.Rotate())
			}
			require.NoError(t, f.Shutdown(ctx))
			s := f.Stats()
			paths := filesIn(t, dir)
			ids, bytes := readIDs(t, paths...)
			requireOnce(t, ids, total)
			assert.Equal(t, logfile.Stats{Lines: int64(total), Bytes: bytes, Rotations: s.Rotations}, s)
			assert.GreaterOrEqual(t, s.Rotations, int64(times))
			assert.Len(t, paths, int(s.Rotations)+1)
			for _, p := range paths {
				assert.Equal(t, o.Compress && p != filepath.Join(dir, "t.jsonl"), strings.HasSuffix(p, ".gz"), p)
				info, err := os.Stat(p)
				require.NoError(t, err)
				if o.MaxSize > 0 && !o.Compress {
					assert.LessOrEqual(t, info.Size(), o.MaxSize)
				}
			}
		})
	}
}

// lineOf is the line of an event.
func lineOf(id int) string {
	return string(idLine(id))
}

func TestFileIsRotatedFromOutside(t *testing.T) {
	const times = 50
	for name, o := range map[string]*logfile.Options{"plain": nil, "buffered": {BufferSize: 5000}} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "t.jsonl")
			f := openFile(t, path, o)
			total := writeAll(t, f, func(i int) {
				assert.NoError(t, os.Rename(path, fmt.Sprint(path, ".", i)))
				if i%2 == 0 { // logrotate may also make the new file itself
					made, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
					if !errors.Is(err, os.ErrExist) { // the rename has been noticed already
						assert.NoError(t, err)
						assert.NoError(t, made.Close())
					}
				}
				runtime.Gosched()
				assert.NoError(t, f.Reopen())
			})
			require.NoError(t, f.Shutdown(ctx))
			s := f.Stats()
			paths := filesIn(t, dir)
			ids, bytes := readIDs(t, paths...)
			requireOnce(t, ids, total)
			require.Len(t, paths, times+1)
			// It may also have been noticed before Reopen was called.
			assert.GreaterOrEqual(t, s.Reopened, int64(times))
			assert.Equal(t, logfile.Stats{Lines: int64(total), Bytes: bytes, Reopened: s.Reopened}, s)
		})
	}
}

// Without Reopen a file that was renamed, deleted or truncated is noticed a second later.
func TestFileNoticesWhatBecameOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "t.jsonl")
		f := openFile(t, path, &logfile.Options{MaxSize: 1 << 20})
		write := func(id int) { require.NoError(t, writeID(f, id)) }
		write(0)

		// Renamed: nothing is lost.
		require.NoError(t, os.Rename(path, path+".1"))
		write(1)
		time.Sleep(time.Second)
		write(2)
		ids, _ := readIDs(t, filesIn(t, dir)...)
		requireOnce(t, ids, 3)
		ids, _ = readIDs(t, path)
		assert.Equal(t, "[2]", sortedIDs(ids))
		s := f.Stats()
		assert.Equal(t, int64(1), s.Reopened)
		assert.Zero(t, s.Unlinked)

		// Deleted: what was written meanwhile is lost, and counted.
		require.NoError(t, os.Remove(path))
		write(3)
		write(4)
		time.Sleep(time.Second)
		write(5)
		ids, _ = readIDs(t, path)
		assert.Equal(t, "[5]", sortedIDs(ids))
		s = f.Stats()
		assert.Equal(t, int64(2), s.Reopened)
		assert.Equal(t, int64(3), s.Unlinked, "events 2, which was there before, 3 and 4")
		assert.Equal(t, int64(6), s.Lines)

		// Deleted with its folder.
		require.NoError(t, os.RemoveAll(dir))
		time.Sleep(time.Second)
		write(6)
		ids, _ = readIDs(t, path)
		assert.Equal(t, "[6]", sortedIDs(ids))

		// Truncated, as logrotate's copytruncate does.
		write(7)
		require.NoError(t, os.Truncate(path, 0))
		write(8)
		time.Sleep(time.Second)
		write(9)
		ids, _ = readIDs(t, path)
		assert.Equal(t, "[8 9]", sortedIDs(ids))
		assert.Zero(t, f.Stats().Failures+f.Stats().Dropped)
	})
}

// When the file is gone and there is no way to make it again, lines are dropped and
// counted, until there is.
func TestFileIsGoneForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "logs")
		path := filepath.Join(dir, "t.jsonl")
		f := openFile(t, path, nil)
		require.NoError(t, writeID(f, 0))
		require.NoError(t, os.RemoveAll(dir))
		require.NoError(t, os.WriteFile(dir, nil, 0o644)) // a file in the folder's place
		time.Sleep(time.Second)
		require.Error(t, writeID(f, 1))
		require.Error(t, writeID(f, 2))
		require.Error(t, f.Reopen())
		require.NoError(t, f.Rotate())
		time.Sleep(time.Second)
		require.Error(t, writeID(f, 3))
		s := f.Stats()
		assert.Equal(t, int64(3), s.Dropped)
		assert.Equal(t, int64(1), s.Unlinked)
		assert.Equal(t, int64(3), s.Failures, "two attempts of its own and one by Reopen")
		assert.ErrorContains(t, s.LastError, "not a directory")

		require.NoError(t, os.Remove(dir))
		require.Error(t, writeID(f, 4), "it is not tried again at once")
		time.Sleep(time.Second)
		require.NoError(t, writeID(f, 5))
		ids, _ := readIDs(t, path)
		assert.Equal(t, "[5]", sortedIDs(ids))
		s = f.Stats()
		assert.Equal(t, int64(4), s.Dropped)
		assert.Equal(t, int64(2), s.Lines)
	})
}

func TestFileRotatesByTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which begins at midnight UTC
		dir := t.TempDir()
		path := filepath.Join(dir, "t.jsonl")
		o := &logfile.Options{Interval: time.Hour}
		f := openFile(t, path, o)
		write := func(id int) { require.NoError(t, writeID(f, id)) }
		expect := func(files int) {
			t.Helper()
			require.Len(t, filesIn(t, dir), files)
		}
		time.Sleep(59 * time.Minute)
		write(0)
		time.Sleep(time.Minute - 1)
		write(1)
		expect(1)
		time.Sleep(time.Nanosecond)
		write(2)
		expect(2)
		time.Sleep(3 * time.Hour) // quiet hours make no files
		write(3)
		write(4)
		expect(3)

		// An empty file is not rotated, not even when its hour is over.
		require.NoError(t, f.Rotate())
		require.NoError(t, f.Rotate())
		expect(4)
		time.Sleep(time.Hour)
		write(5)
		write(6)
		expect(4)
		time.Sleep(time.Hour)
		write(7)
		expect(5)

		// A file from an earlier hour is found at the start.
		require.NoError(t, f.Shutdown(ctx))
		require.NoError(t, os.Chtimes(path, time.Time{}, time.Now().Add(-time.Hour)))
		f = openFile(t, path, o)
		write(8)
		write(9)
		expect(6)
		require.NoError(t, f.Shutdown(ctx))
		time.Sleep(30 * time.Minute)
		require.NoError(t, os.Chtimes(path, time.Time{}, time.Now().Add(-20*time.Minute)))
		f = openFile(t, path, o)
		write(10)
		expect(6)

		// One from the future, which a clock that was set back leaves, is of now.
		require.NoError(t, f.Shutdown(ctx))
		require.NoError(t, os.Chtimes(path, time.Time{}, time.Now().Add(100*time.Hour)))
		f = openFile(t, path, o)
		write(11)
		expect(6)
		time.Sleep(time.Hour)
		write(12)
		expect(7)
		ids, _ := readIDs(t, filesIn(t, dir)...)
		requireOnce(t, ids, 13)
	})
}

func TestFileKeepsBackups(t *testing.T) {
	for _, compress := range []bool{false, true} {
		dir := t.TempDir()
		path := filepath.Join(dir, "t.jsonl")
		// What only looks like ours is left alone.
		theirs := []string{path + ".1", path + ".20060102T150405.000000000Z.bak", path + ".x.gz", filepath.Join(dir, "other.20060102T150405.000000000Z")}
		for _, name := range theirs {
			require.NoError(t, os.WriteFile(name, []byte("theirs"), 0o644))
		}
		// A crash between the two steps of a compression leaves both, which are one.
		old := path + ".20060102T150405.000000000Z"
		require.NoError(t, os.WriteFile(old, nil, 0o644))
		require.NoError(t, os.WriteFile(old+".gz", nil, 0o644))

		f := openFile(t, path, &logfile.Options{MaxBackups: 3, Compress: compress})
		for i := range 10 {
			require.NoError(t, writeID(f, i))
			require.NoError(t, f.Rotate())
		}
		require.NoError(t, writeID(f, 10))
		require.NoError(t, f.Shutdown(ctx))
		assert.Zero(t, f.Stats().Failures, f.Stats().LastError)
		var ours []string
		for _, p := range filesIn(t, dir) {
			if text, err := os.ReadFile(p); err == nil && string(text) != "theirs" {
				ours = append(ours, p)
			}
		}
		require.Len(t, ours, 4)
		require.Len(t, filesIn(t, dir), 4+len(theirs))
		ids, _ := readIDs(t, ours...)
		assert.Equal(t, "[7 8 9 10]", sortedIDs(ids))
	}
}

// The names of rotated files rise even where the clock was set back, so that the
// youngest are kept.
func TestFileNamesRise(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "t.jsonl")
	future := path + ".20991231T235959.999999998Z.gz"
	require.NoError(t, os.WriteFile(future, nil, 0o644))
	f := openFile(t, path, nil)
	for i := range 3 {
		require.NoError(t, writeID(f, i))
		require.NoError(t, f.Rotate())
	}
	var names []string
	for _, p := range filesIn(t, dir)[1:] {
		names = append(names, strings.TrimPrefix(p, path+"."))
	}
	assert.Equal(t, []string{"20991231T235959.999999998Z.gz", "20991231T235959.999999999Z",
		"21000101T000000.000000000Z", "21000101T000000.000000001Z"}, names)
}

// A compression that takes longer than Shutdown may is given up and leaves the lines
// where they were.
func TestFileGivesUpCompression(t *testing.T) {
	var dir string
	for try := range 10 { // a busy machine may run the compression, and not this test
		dir = t.TempDir()
		f := openFile(t, filepath.Join(dir, "t.jsonl"), &logfile.Options{Compress: true})
		require.NoError(t, writeText(f, 0, strings.Repeat("0123456789", 1<<20)))
		require.NoError(t, f.Rotate())
		started := time.Now()
		err := f.Shutdown(canceledContext())
		assert.True(t, err == nil || errors.Is(err, context.Canceled), err)
		if time.Since(started) > 10*time.Second {
			t.Error("Shutdown did not give up")
		}
		assert.Zero(t, f.Stats().Failures)
		all := filesIn(t, dir)
		var total int
		for _, p := range all {
			assert.False(t, strings.HasSuffix(p, ".part"), p)
			if !strings.HasSuffix(p, ".gz") {
				lines, _ := scanLines(t, p)
				total += len(lines)
			}
		}
		if total == 1 {
			break
		}
		require.True(t, strings.HasSuffix(all[len(all)-1], ".gz"), all)
		assert.Less(t, try, 9, "the line is never where it was: nothing is given up")
	}

	// The next one to rotate makes up for it.
	f := openFile(t, filepath.Join(dir, "t.jsonl"), &logfile.Options{Compress: true})
	require.NoError(t, writeID(f, 1))
	require.NoError(t, f.Rotate())
	require.NoError(t, f.Shutdown(ctx))
	for _, p := range filesIn(t, dir)[1:] {
		assert.True(t, strings.HasSuffix(p, ".gz"), p)
	}
}

// A line longer than a whole file has one of its own.
func TestFileOfOneLine(t *testing.T) {
	dir := t.TempDir()
	f := openFile(t, filepath.Join(dir, "t.jsonl"), &logfile.Options{MaxSize: 100})
	for i := range 5 {
		require.NoError(t, writeID(f, i))
	}
	require.Len(t, filesIn(t, dir), 5)
	ids, _ := readIDs(t, filesIn(t, dir)...)
	requireOnce(t, ids, 5)
}
