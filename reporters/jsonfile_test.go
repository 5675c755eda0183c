package reporters_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters"
	"github.com/slogtel/telemetry/slogtel"
)

func openJSONFile(t testing.TB, path string, opts *reporters.JSONFileOptions) *reporters.JSONFile {
	t.Helper()
	f, err := reporters.OpenJSONFile(path, opts)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, f.Shutdown(context.Background())) })
	return f
}

// idRecord is an event that is known by its id.
func idRecord(id int) slog.Record { return jsonTiming(slog.Int("id", id)) }

// readIDs returns how often each id is found in the files, compressed or not, and how
// many bytes of lines there are. Every line must be whole.
func readIDs(t testing.TB, paths ...string) (ids map[int]int, size int64) {
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
			var m struct {
				Msg string
				ID  *int
			}
			require.True(t, strings.HasSuffix(line, "\n"), "%s: %q", path, line)
			require.NoError(t, json.Unmarshal([]byte(line), &m), "%s: %q", path, line)
			require.NotNil(t, m.ID, line)
			ids[*m.ID]++
		}
	}
	return ids, size
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

func TestJSONFileWritesAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "folders", "telemetry.jsonl")
	f := openJSONFile(t, path, nil)
	for i := range 10 {
		require.NoError(t, f.Handle(jsonCtx, idRecord(i)))
		ids, size := readIDs(t, path)
		requireOnce(t, ids, i+1)
		assert.Equal(t, reporters.JSONFileStats{Lines: int64(i + 1), Bytes: size}, f.Stats())
	}
	require.NoError(t, f.Shutdown(jsonCtx))

	again := openJSONFile(t, path, nil)
	require.NoError(t, again.Handle(jsonCtx, idRecord(10)))
	ids, _ := readIDs(t, path)
	requireOnce(t, ids, 11)
}

func TestJSONFileSchemas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ecs.jsonl")
	f := openJSONFile(t, path, &reporters.JSONFileOptions{JSONOptions: reporters.JSONOptions{
		Schema: reporters.ECS, Service: "svc", MaxLine: 1024, Level: slog.LevelDebug}})
	assert.True(t, f.Enabled(jsonCtx, slog.LevelDebug))
	require.NoError(t, jsonWith(f).Handle(jsonCtx, jsonTiming()))
	require.NoError(t, f.Handle(jsonCtx, jsonLog(strings.Repeat("x", 10<<20))))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		require.NoError(t, readSpec(t).check(line))
	}
	assert.Equal(t, reporters.JSONFileStats{Lines: 2, Bytes: int64(len(text)), Truncated: 1}, f.Stats())
}

func TestJSONFileShutdown(t *testing.T) {
	for name, o := range map[string]*reporters.JSONFileOptions{"plain": nil, "buffered": {BufferSize: 1 << 20}} {
		path := filepath.Join(t.TempDir(), name)
		f := openJSONFile(t, path, o)
		derived := f.WithGroup("g").(*reporters.JSONFile)
		require.NoError(t, f.Handle(jsonCtx, idRecord(0)))
		require.NoError(t, derived.Handle(jsonCtx, idRecord(1)))
		require.NoError(t, derived.Shutdown(context.Context(nil)))
		for i := range 3 {
			for _, h := range []slog.Handler{f, derived, f.WithAttrs([]slog.Attr{slog.Int("a", 1)})} {
				require.ErrorIs(t, h.Handle(jsonCtx, idRecord(2)), os.ErrClosed)
			}
			require.NoError(t, f.Shutdown(jsonCtx))
			require.NoError(t, f.Flush(jsonCtx))
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

func TestJSONFileFromTelemetry(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.jsonl")
	f := openJSONFile(t, path, &reporters.JSONFileOptions{BufferSize: 1 << 20, FlushInterval: time.Hour})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, jsonWith(f))
	tel.Count(jsonCtx, "c", 1, slog.Int("id", 0))
	assert.Equal(t, int64(1), f.Stats().Buffered)
	require.NoError(t, tel.Flush(jsonCtx))
	assert.Equal(t, int64(1), f.Stats().Lines)
	tel.Count(jsonCtx, "c", 1, slog.Int("id", 1))
	require.NoError(t, tel.Shutdown(jsonCtx))
	ids, _ := readIDs(t, path)
	requireOnce(t, ids, 2)
	require.ErrorIs(t, f.Handle(jsonCtx, idRecord(2)), os.ErrClosed)
}

func TestJSONFileBuffers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "b.jsonl")
		f := openJSONFile(t, path, &reporters.JSONFileOptions{BufferSize: 1200})
		have := func() int { ids, _ := readIDs(t, path); return len(ids) }

		require.NoError(t, f.Handle(jsonCtx, idRecord(0)))
		assert.Zero(t, have())
		time.Sleep(999 * time.Millisecond)
		synctest.Wait()
		assert.Zero(t, have())
		time.Sleep(time.Millisecond)
		synctest.Wait()
		assert.Equal(t, 1, have(), "a line waits for the flush interval at the most")

		for i := range 4 { // of some 350 bytes
			require.NoError(t, f.Handle(jsonCtx, idRecord(1+i)))
		}
		assert.Equal(t, 4, have(), "a full buffer leaves at once")
		s := f.Stats()
		assert.Equal(t, int64(1), s.Buffered)
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Equal(t, 5, have())

		// What is longer than the buffer does not overtake what is in it.
		require.NoError(t, f.Handle(jsonCtx, idRecord(5)))
		r := idRecord(6)
		r.AddAttrs(slog.String("long", strings.Repeat("x", 2000)))
		require.NoError(t, f.Handle(jsonCtx, r))
		assert.Equal(t, 7, have())

		require.NoError(t, f.Handle(jsonCtx, idRecord(7)))
		require.NoError(t, f.Flush(jsonCtx))
		assert.Equal(t, 8, have())
		require.NoError(t, f.Handle(jsonCtx, idRecord(8)))
		require.NoError(t, f.Shutdown(jsonCtx))
		ids, size := readIDs(t, path)
		requireOnce(t, ids, 9)
		assert.Equal(t, reporters.JSONFileStats{Lines: 9, Bytes: size}, f.Stats())
	})
}

// A last line that is not whole is ended, and counted, whoever left it.
func TestJSONFileEndsATornLine(t *testing.T) {
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
		for _, leave := range []func(*reporters.JSONFile) error{
			(*reporters.JSONFile).Reopen,
			(*reporters.JSONFile).Rotate,
			func(f *reporters.JSONFile) error { return f.Shutdown(jsonCtx) },
			func(f *reporters.JSONFile) error { return f.Handle(jsonCtx, idRecord(1)) },
		} {
			require.NoError(t, os.WriteFile(path, []byte(tc.before), 0o644))
			f := openJSONFile(t, path, nil)
			assert.Equal(t, tc.torn, f.Stats().Torn)
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, tc.before, string(text), "to open it changes nothing")

			require.NoError(t, leave(f))
			require.NoError(t, f.Shutdown(jsonCtx))
			f = openJSONFile(t, path, nil)
			assert.Zero(t, f.Stats().Torn)
			require.NoError(t, f.Handle(jsonCtx, idRecord(5)))
			all := ""
			for _, p := range filesIn(t, filepath.Dir(path)) {
				text, err = os.ReadFile(p)
				require.NoError(t, err)
				all = string(text) + all // rotated ones come first
				require.NoError(t, os.Remove(p))
			}
			rest, ok := strings.CutPrefix(all, ended)
			require.True(t, ok, "%q", all)
			assert.NotEmpty(t, jsonLines(t, rest))
		}
	}
}

// Inside a bubble of synctest a goroutine that does not end is a deadlock.
func TestJSONFileLeavesNoGoroutine(t *testing.T) {
	for _, ctx := range []context.Context{context.Background(), canceledContext()} {
		synctest.Test(t, func(t *testing.T) {
			f, err := reporters.OpenJSONFile(filepath.Join(t.TempDir(), "g.jsonl"),
				&reporters.JSONFileOptions{BufferSize: 1 << 10, MaxBackups: 1, Compress: true, MaxSize: 2000})
			require.NoError(t, err)
			for i := range 20 {
				require.NoError(t, f.Handle(jsonCtx, idRecord(i)))
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

func TestJSONFileFollowsLinksAndStaysWhereItWas(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "real"), 0o755))
	require.NoError(t, os.Symlink(filepath.Join("real", "file.jsonl"), filepath.Join(dir, "link")))
	t.Chdir(dir)
	f := openJSONFile(t, "link", nil) // relative, and leads to where nothing is
	t.Chdir("/")
	for i := range 3 {
		require.NoError(t, f.Handle(jsonCtx, idRecord(i)))
		require.NoError(t, f.Rotate())
		require.NoError(t, f.Reopen())
	}
	require.NoError(t, f.Handle(jsonCtx, idRecord(3)))
	paths := filesIn(t, filepath.Join(dir, "real"))
	require.Len(t, paths, 4)
	ids, _ := readIDs(t, paths...)
	requireOnce(t, ids, 4)
	assert.Len(t, filesIn(t, dir), 2)
}

func TestJSONFileStatsOfDerived(t *testing.T) {
	f := openJSONFile(t, filepath.Join(t.TempDir(), "d.jsonl"), nil)
	var derived []*reporters.JSONFile
	for i := range 4 {
		d := f.WithAttrs([]slog.Attr{slog.Int("id", i)}).(*reporters.JSONFile)
		derived = append(derived, d, d.WithGroup("g").(*reporters.JSONFile))
	}
	for _, d := range derived {
		require.NoError(t, d.Handle(jsonCtx, jsonTiming()))
	}
	for _, d := range derived {
		assert.Equal(t, f.Stats(), d.Stats())
	}
	assert.Equal(t, int64(8), f.Stats().Lines)
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
