package logfile_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/logfile"
)

func openFile(t testing.TB, path string, opts *logfile.Options) *logfile.File {
	t.Helper()
	f, err := logfile.Open(path, opts)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, f.Shutdown(context.Background())) })
	return f
}

// readIDs returns how often each id is found in the files, compressed or not, and how
// many bytes of lines there are. Every line must be whole.
func readIDs(t testing.TB, paths ...string) (ids map[int]int, size int64) {
	t.Helper()
	ids, size, empty := readLines(t, paths...)
	require.Zero(t, empty, "lines without anything")
	return ids, size
}

// readLines is readIDs where lines may be empty.
func readLines(t testing.TB, paths ...string) (ids map[int]int, size int64, empty int) {
	t.Helper()
	ids = make(map[int]int)
	for _, path := range paths {
		file, err := os.Open(path)
		require.NoError(t, err)
		var in io.Reader = file
		if strings.HasSuffix(path, ".gz") {
			in, err = gzip.NewReader(file)
			require.NoError(t, err)
		}
		text, err := io.ReadAll(in)
		require.NoError(t, err, path)
		require.NoError(t, file.Close())
		size += int64(len(text))
		for line := range strings.Lines(string(text)) {
			if line == "\n" {
				empty++
				continue
			}
			var m struct{ ID *int }
			require.True(t, strings.HasSuffix(line, "\n"), "%s: %q", path, line)
			require.NoError(t, json.Unmarshal([]byte(line), &m), "%s: %q", path, line)
			require.NotNil(t, m.ID, line)
			ids[*m.ID]++
		}
	}
	return ids, size, empty
}

func filesIn(t testing.TB, dir string) (paths []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		paths = append(paths, filepath.Join(dir, e.Name()))
	}
	return paths
}

// requireOnce fails unless the ids from 0 to n were each found once.
func requireOnce(t testing.TB, ids map[int]int, n int) {
	t.Helper()
	require.Len(t, ids, n)
	for id, times := range ids {
		require.Equal(t, 1, times, "event %d", id)
		require.Less(t, id, n)
	}
}

func TestFileWritesAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "folders", "telemetry.jsonl")
	f := openFile(t, path, nil)
	for i := range 10 {
		require.NoError(t, writeID(f, i))
		ids, size := readIDs(t, path)
		requireOnce(t, ids, i+1)
		assert.Equal(t, logfile.Stats{Lines: int64(i + 1), Bytes: size}, f.Stats())
	}
	require.NoError(t, f.Shutdown(ctx))

	again := openFile(t, path, nil)
	require.NoError(t, writeID(again, 10))
	ids, _ := readIDs(t, path)
	requireOnce(t, ids, 11)
}

func TestFileShutdown(t *testing.T) {
	for name, o := range map[string]*logfile.Options{"plain": nil, "buffered": {BufferSize: 1 << 20}} {
		path := filepath.Join(t.TempDir(), name)
		f := openFile(t, path, o)
		require.NoError(t, writeID(f, 0))
		require.NoError(t, writeID(f, 1))
		require.NoError(t, f.Shutdown(context.Context(nil)))
		for i := range 3 {
			for range 3 {
				require.ErrorIs(t, writeID(f, 2), os.ErrClosed)
			}
			require.NoError(t, f.Shutdown(ctx))
			require.NoError(t, f.Flush(ctx))
			require.ErrorIs(t, f.Reopen(), os.ErrClosed)
			require.ErrorIs(t, f.Rotate(), os.ErrClosed)
			s := f.Stats()
			assert.Equal(t, int64(3*(i+1)), s.Dropped)
			assert.Equal(t, int64(2), s.Lines)
			assert.ErrorIs(t, s.LastError, os.ErrClosed)
		}
		ids, _ := readIDs(t, path)
		requireOnce(t, ids, 2)
	}
}

func TestFileBuffers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "b.jsonl")
		f := openFile(t, path, &logfile.Options{BufferSize: 1200})
		have := func() int { ids, _ := readIDs(t, path); return len(ids) }

		require.NoError(t, writeID(f, 0))
		assert.Zero(t, have())
		time.Sleep(999 * time.Millisecond)
		synctest.Wait()
		assert.Zero(t, have())
		time.Sleep(time.Millisecond)
		synctest.Wait()
		assert.Equal(t, 1, have(), "a line waits for the flush interval at the most")

		for i := range 4 { // of some 350 bytes
			require.NoError(t, writeID(f, 1+i))
		}
		assert.Equal(t, 4, have(), "a full buffer leaves at once")
		s := f.Stats()
		assert.Equal(t, int64(1), s.Buffered)
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Equal(t, 5, have())

		// What is longer than the buffer does not overtake what is in it.
		require.NoError(t, writeID(f, 5))
		require.NoError(t, writeText(f, 6, strings.Repeat("x", 2000)))
		assert.Equal(t, 7, have())

		require.NoError(t, writeID(f, 7))
		require.NoError(t, f.Flush(ctx))
		assert.Equal(t, 8, have())
		require.NoError(t, writeID(f, 8))
		require.NoError(t, f.Shutdown(ctx))
		ids, size := readIDs(t, path)
		requireOnce(t, ids, 9)
		assert.Equal(t, logfile.Stats{Lines: 9, Bytes: size}, f.Stats())
	})
}

// A last line that is not whole is ended, and counted, whoever left it.
func TestFileEndsATornLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "torn.jsonl")
	for _, tc := range []struct {
		before string
		torn   int64
	}{
		{"", 0}, {"{}\n", 0}, {"\n", 0}, {`{"id":1}` + "\n" + `{"id":2,"tex`, 1}, {`{"id":1}`, 1},
	} {
		ended := tc.before
		if tc.torn > 0 {
			ended += "\n"
		}
		for _, leave := range []func(*logfile.File) error{
			(*logfile.File).Reopen,
			(*logfile.File).Rotate,
			func(f *logfile.File) error { return f.Shutdown(ctx) },
			func(f *logfile.File) error { return writeID(f, 1) },
		} {
			require.NoError(t, os.WriteFile(path, []byte(tc.before), 0o644))
			f := openFile(t, path, nil)
			assert.Equal(t, tc.torn, f.Stats().Torn)
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, tc.before, string(text), "to open it changes nothing")

			require.NoError(t, leave(f))
			require.NoError(t, f.Shutdown(ctx))
			f = openFile(t, path, nil)
			assert.Zero(t, f.Stats().Torn)
			require.NoError(t, writeID(f, 5))
			all := ""
			for _, p := range filesIn(t, filepath.Dir(path)) {
				text, err = os.ReadFile(p)
				require.NoError(t, err)
				all = string(text) + all // rotated ones come first
				require.NoError(t, os.Remove(p))
			}
			rest, ok := strings.CutPrefix(all, ended)
			require.True(t, ok, "%q", all)
			assert.Equal(t, byte('{'), rest[0])
			assert.True(t, json.Valid([]byte(rest[strings.LastIndexByte(rest[:len(rest)-1], '\n')+1:])))
		}
	}
}

// Inside a bubble of synctest a goroutine that does not end is a deadlock.
func TestFileLeavesNoGoroutine(t *testing.T) {
	for _, ctx := range []context.Context{context.Background(), canceledContext()} {
		synctest.Test(t, func(t *testing.T) {
			f, err := logfile.Open(filepath.Join(t.TempDir(), "g.jsonl"),
				&logfile.Options{BufferSize: 1 << 10, MaxBackups: 1, Compress: true, MaxSize: 2000})
			require.NoError(t, err)
			for i := range 20 {
				require.NoError(t, writeID(f, i))
			}
			_ = f.Shutdown(ctx)
		})
	}
}

func canceledContext() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func TestFileFollowsLinksAndStaysWhereItWas(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "real"), 0o755))
	require.NoError(t, os.Symlink(filepath.Join("real", "file.jsonl"), filepath.Join(dir, "link")))
	t.Chdir(dir)
	f := openFile(t, "link", nil) // relative, and leads to where nothing is
	t.Chdir("/")
	for i := range 3 {
		require.NoError(t, writeID(f, i))
		require.NoError(t, f.Rotate())
		require.NoError(t, f.Reopen())
	}
	require.NoError(t, writeID(f, 3))
	paths := filesIn(t, filepath.Join(dir, "real"))
	require.Len(t, paths, 4)
	ids, _ := readIDs(t, paths...)
	requireOnce(t, ids, 4)
	assert.Len(t, filesIn(t, dir), 2)
}

// scanLines returns the lines of a file that may end inside one.
func scanLines(t testing.TB, path string) (lines []string, torn bool) {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	in := bufio.NewReader(file)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return lines, line != ""
		}
		lines = append(lines, line)
	}
}

// sortedIDs are the ids found, for messages.
func sortedIDs(ids map[int]int) string {
	var all []int
	for id := range ids {
		all = append(all, id)
	}
	slices.Sort(all)
	return fmt.Sprint(all)
}
