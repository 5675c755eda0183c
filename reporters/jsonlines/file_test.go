package jsonlines_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/async"
	"github.com/slogtel/telemetry/handlers/logfile"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
)

func openFile(t testing.TB, path string, opts *jsonlines.FileOptions) *jsonlines.File {
	t.Helper()
	f, err := jsonlines.Open(path, opts)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, f.Shutdown(context.Background())) })
	return f
}

// idRecord is an event that is known by its id.
func idRecord(id int) slog.Record { return timingRecord(slog.Int("id", id)) }

// ids returns those of the lines of a file.
func ids(t testing.TB, path string) (all []any) {
	t.Helper()
	for _, line := range testkit.JSONFile(t, path) {
		all = append(all, line["id"])
	}
	return all
}

func TestFileSchemas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ecs.jsonl")
	f := openFile(t, path, &jsonlines.FileOptions{Options: jsonlines.Options{
		Schema: jsonlines.ECS, Service: "svc", MaxLine: 1024, Level: slog.LevelDebug}})
	assert.True(t, f.Enabled(bg, slog.LevelDebug))
	require.NoError(t, withMore(f).Handle(bg, timingRecord()))
	require.NoError(t, f.Handle(bg, logRecord(strings.Repeat("x", 10<<20))))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		require.NoError(t, readSpec(t).check(line))
	}
	assert.Equal(t, jsonlines.FileStats{Stats: logfile.Stats{Lines: 2, Bytes: int64(len(text))}, Truncated: 1}, f.Stats())
}

func TestFileShutdown(t *testing.T) {
	for name, o := range map[string]*jsonlines.FileOptions{"plain": nil, "buffered": {BufferSize: 1 << 20}} {
		path := filepath.Join(t.TempDir(), name)
		f := openFile(t, path, o)
		derived := f.WithGroup("g").(*jsonlines.File)
		require.NoError(t, f.Handle(bg, idRecord(0)))
		require.NoError(t, derived.Handle(bg, idRecord(1)))
		require.NoError(t, derived.Shutdown(context.Context(nil)))
		for i := range 3 {
			for _, h := range []slog.Handler{f, derived, f.WithAttrs([]slog.Attr{slog.Int("a", 1)})} {
				require.ErrorIs(t, h.Handle(bg, idRecord(2)), os.ErrClosed)
			}
			require.NoError(t, f.Shutdown(bg))
			require.NoError(t, f.Flush(bg))
			require.ErrorIs(t, f.Reopen(), os.ErrClosed)
			require.ErrorIs(t, f.Rotate(), os.ErrClosed)
			s := f.Stats()
			assert.Equal(t, int64(3*(i+1)), s.Dropped)
			assert.Equal(t, int64(2), s.Lines)
			assert.ErrorIs(t, s.LastError, os.ErrClosed)
		}
		assert.Equal(t, []any{0.0, 1.0}, ids(t, path))
	}
}

func TestFileFromTelemetry(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.jsonl")
	f := openFile(t, path, &jsonlines.FileOptions{BufferSize: 1 << 20, FlushInterval: time.Hour})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, withMore(f))
	tel.Count(bg, "c", 1, slog.Int("id", 0))
	assert.Equal(t, int64(1), f.Stats().Buffered)
	require.NoError(t, tel.Flush(bg))
	assert.Equal(t, int64(1), f.Stats().Lines)
	tel.Count(bg, "c", 1, slog.Int("id", 1))
	require.NoError(t, tel.Shutdown(bg))
	assert.Equal(t, []any{0.0, 1.0}, ids(t, path))
	require.ErrorIs(t, f.Handle(bg, idRecord(2)), os.ErrClosed)
}

func TestFileStatsOfDerived(t *testing.T) {
	f := openFile(t, filepath.Join(t.TempDir(), "d.jsonl"), nil)
	var derived []*jsonlines.File
	for i := range 4 {
		d := f.WithAttrs([]slog.Attr{slog.Int("id", i)}).(*jsonlines.File)
		derived = append(derived, d, d.WithGroup("g").(*jsonlines.File))
	}
	for _, d := range derived {
		require.NoError(t, d.Handle(bg, timingRecord()))
	}
	for _, d := range derived {
		assert.Equal(t, f.Stats(), d.Stats())
	}
	assert.Equal(t, int64(8), f.Stats().Lines)
}

func TestFileTakesHostileValues(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.jsonl")
	f := openFile(t, path, nil)
	big := strings.Repeat("0123456789", 1<<20)
	for _, v := range append(hostileJSONValues(), slog.StringValue(big), slog.StringValue(strings.Repeat("\xff\x00\n", 1<<16)),
		slog.AnyValue([]byte(big)), slog.AnyValue(map[string]string{big: big})) {
		if v.Kind() == slog.KindTime && (v.Time().Year() > 9999 || v.Time().Year() < 0) {
			continue // of which slog's handlers make what is no JSON
		}
		require.NoError(t, f.Handle(bg, timingRecord(slog.Attr{Key: "a", Value: v})))
		require.NoError(t, f.Handle(bg, logRecord("m\x00\xff\n", slog.Attr{Key: "a\n", Value: v})))
	}
	s := f.Stats()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, s.Bytes, int64(len(text)))
	assert.Len(t, testkit.JSONLines(t, string(text)), int(s.Lines))
	assert.Positive(t, s.Truncated)
	assert.Zero(t, s.Dropped)
	for line := range bytes.Lines(text) {
		require.LessOrEqual(t, len(line), jsonlines.DefaultMaxLine)
	}
}

// Two reporters that end in one file: it is shut down when it has the lines of both.
func TestFileSharedByTwoReporters(t *testing.T) {
	const events = 10000
	path := filepath.Join(t.TempDir(), "t.jsonl")
	f := openFile(t, path, &jsonlines.FileOptions{BufferSize: 4 << 10})
	first := async.New(f, &async.Options{Size: 2 * events})
	second := async.New(f, &async.Options{Size: 2 * events})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, first, second, f)
	for range events {
		tel.Count(bg, "c", 1)
	}
	require.NoError(t, tel.Shutdown(bg))
	assert.Equal(t, int64(3*events), f.Stats().Lines)
	assert.Zero(t, f.Stats().Dropped)
}
