package logfile_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/logfile"
)

// makeBackup makes a rotated file of an age and a size.
func makeBackup(t *testing.T, path string, age time.Duration, size int, suffix string) string {
	t.Helper()
	name := path + "." + time.Now().Add(-age).UTC().Format("20060102T150405.000000000Z") + suffix
	require.NoError(t, os.WriteFile(name, make([]byte, size), 0o600))
	return name
}

// To open a file tidies up what an earlier process has left.
func TestOpenTidiesUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.jsonl")
	lone := makeBackup(t, path, 4*time.Hour, 10, ".gz.part") // killed after the original was removed by hand
	old := makeBackup(t, path, 3*time.Hour, 10, "")
	part := makeBackup(t, path, 2*time.Hour, 1000, ".gz.part") // killed while compressing
	half := makeBackup(t, path, 2*time.Hour, 2000, "")
	theirs := path + ".gz.part"
	require.NoError(t, os.WriteFile(theirs, nil, 0o600))
	require.NoError(t, openFile(t, path, &logfile.Options{MaxBackups: 1, Compress: true}).Shutdown(ctx))
	assert.Equal(t, []string{path, half + ".gz", theirs}, filesIn(t, filepath.Dir(path)))
	for _, gone := range []string{lone, old, part, half} {
		assert.NoFileExists(t, gone)
	}
}

// Parts go even where nothing is compressed any more.
func TestOpenRemovesParts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.jsonl")
	makeBackup(t, path, time.Hour, 10, ".gz.part")
	whole := makeBackup(t, path, time.Hour, 20, "")
	require.NoError(t, openFile(t, path, nil).Shutdown(ctx))
	assert.Equal(t, []string{path, whole}, filesIn(t, filepath.Dir(path)))
}

func TestRetentionByAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "t.jsonl")
		makeBackup(t, path, 25*time.Hour, 10, ".gz")
		makeBackup(t, path, 24*time.Hour, 10, "")
		young := makeBackup(t, path, 23*time.Hour, 10, "")
		f := openFile(t, path, &logfile.Options{MaxAge: 24 * time.Hour})
		synctest.Wait()
		assert.Equal(t, []string{path, young}, filesIn(t, filepath.Dir(path)))
		time.Sleep(time.Hour) // nothing is written or rotated
		synctest.Wait()
		assert.Equal(t, []string{path}, filesIn(t, filepath.Dir(path)))
		require.NoError(t, f.Shutdown(ctx))
	})
}

func TestRetentionByTotalSize(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.jsonl")
	makeBackup(t, path, 5*time.Hour, 10, "") // small, but older than one that goes
	makeBackup(t, path, 4*time.Hour, 600, "")
	kept := []string{path, makeBackup(t, path, 3*time.Hour, 500, ".gz"), makeBackup(t, path, 2*time.Hour, 500, "")}
	require.NoError(t, openFile(t, path, &logfile.Options{MaxTotalSize: 1000}).Shutdown(ctx))
	assert.Equal(t, kept, filesIn(t, filepath.Dir(path)))
	require.NoError(t, openFile(t, path, &logfile.Options{MaxTotalSize: 499}).Shutdown(ctx))
	assert.Equal(t, kept[:1], filesIn(t, filepath.Dir(path)))

	// What is compressed counts as it is then.
	makeBackup(t, path, 2*time.Hour, 100000, "")
	require.NoError(t, openFile(t, path, &logfile.Options{MaxTotalSize: 5000, Compress: true}).Shutdown(ctx))
	assert.Len(t, filesIn(t, filepath.Dir(path)), 2)
}

// A file is there, whole, when BeforeRemove is called, and stays until it agrees.
func TestBeforeRemove(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.jsonl")
	uploaded := map[string]int{}
	refuse := true
	f := openFile(t, path, &logfile.Options{MaxBackups: 1, Compress: true, BeforeRemove: func(_ context.Context, p string) error {
		ids, _ := readIDs(t, p)
		for id := range ids {
			uploaded[fmt.Sprint(id)]++
		}
		switch {
		case refuse:
			refuse = false
			return errors.New("the network is down")
		case len(uploaded) == 2:
			panic("theirs")
		case len(uploaded) == 3:
			return os.Remove(p) // moved away
		}
		return nil
	}})
	for i := range 6 {
		require.NoError(t, writeID(f, i))
		require.NoError(t, f.Rotate())
		require.NoError(t, f.Flush(ctx))
	}
	require.NoError(t, f.Shutdown(ctx))
	for range 3 { // whoever opens the file next goes on
		require.NoError(t, openFile(t, path, &logfile.Options{MaxBackups: 1, Compress: true}).Shutdown(ctx))
	}
	assert.Positive(t, f.Stats().Failures)
	assert.Positive(t, len(uploaded))
	assert.Len(t, filesIn(t, filepath.Dir(path)), 2)
}

// BeforeRemove that hangs holds Shutdown up no longer than its context says.
func TestBeforeRemoveHangs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.jsonl")
	makeBackup(t, path, time.Hour, 10, "")
	makeBackup(t, path, 2*time.Hour, 10, "")
	entered, hang := make(chan struct{}), make(chan struct{})
	defer close(hang)
	f := openFile(t, path, &logfile.Options{MaxBackups: 1, BeforeRemove: func(context.Context, string) error {
		close(entered)
		<-hang
		return errors.New("too late")
	}})
	<-entered
	limited, cancel := context.WithCancel(ctx)
	cancel()
	_ = f.Shutdown(limited)
	assert.Len(t, filesIn(t, filepath.Dir(path)), 3)
}

// However much is gathered, no file is longer than MaxSize.
func TestBufferKeepsMaxSize(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "t.jsonl")
	const maxSize = 3000
	f := openFile(t, path, &logfile.Options{BufferSize: 1 << 20, MaxSize: maxSize})
	for i := range 100 {
		require.NoError(t, writeID(f, i))
	}
	require.NoError(t, f.Flush(ctx))
	_, err := f.Write([]byte(strings.Repeat(string(idLine(100)), 1) + string(idLine(101)))) // several lines at once
	require.NoError(t, err)
	require.NoError(t, f.Shutdown(ctx))
	for _, p := range filesIn(t, dir) {
		info, err := os.Stat(p)
		require.NoError(t, err)
		assert.LessOrEqual(t, info.Size(), int64(maxSize), p)
		if p != path {
			assert.Greater(t, info.Size(), int64(maxSize-len(idLine(100))-2), "and none is shorter than it need be")
		}
	}
	ids, size := readIDs(t, filesIn(t, dir)...)
	requireOnce(t, ids, 102)
	s := f.Stats()
	assert.Equal(t, int64(102), s.Lines)
	assert.Equal(t, size, s.Bytes)
}

// Write takes what a logger gives it: a line without a newline, several lines, nothing.
func TestWriteOfOtherLoggers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.log")
	f := openFile(t, path, nil)
	for _, text := range []string{"one", "two\nthree\n", "", "four\nfive"} {
		n, err := f.Write([]byte(text))
		require.NoError(t, err)
		assert.Equal(t, len(text), n)
	}
	require.NoError(t, f.Close())
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "one\ntwo\nthree\nfour\nfive\n", string(text))
	assert.Equal(t, logfile.Stats{Lines: 5, Bytes: int64(len(text))}, f.Stats())
	n, err := f.Write([]byte("six\nseven"))
	assert.Zero(t, n)
	require.ErrorIs(t, err, fs.ErrClosed)
	assert.Equal(t, int64(2), f.Stats().Dropped)
}

// A line that a neighbour has left torn is ended before the next one, also while the file
// is open.
func TestTornLineOfANeighbour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "t.jsonl")
		f := openFile(t, path, nil)
		other, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		require.NoError(t, err)
		defer other.Close()
		for i := range 5 {
			require.NoError(t, writeID(f, i))
			_, err = other.WriteString(`{"id":77,"te`)
			require.NoError(t, err)
			if i > 2 {
				time.Sleep(time.Minute)
			}
		}
		require.NoError(t, writeID(f, 5))
		lines, torn := scanLines(t, path)
		assert.False(t, torn)
		assert.Len(t, lines, 6+5)
		assert.Equal(t, int64(5), f.Stats().Torn)
		assert.Equal(t, int64(6), f.Stats().Lines)
	})
}
