package async

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/slogjson"
)

// Lines that are gathered for a file are whole and in order, also among those that
// others write to the same handler.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	file, err := os.Create(path)
	require.NoError(t, err)
	defer file.Close()
	next := slogjson.New(file, noTime)
	a := New(next, &Options{Policy: BlockThenDrop, MaxWait: 1 << 40})
	require.NotNil(t, a.queue.gather)
	var wg sync.WaitGroup
	for g := range 3 {
		wg.Go(func() {
			h := a.WithGroup("g").WithAttrs([]slog.Attr{slog.Int("goroutine", g)})
			if g == 2 {
				h = next.WithGroup("g").WithAttrs([]slog.Attr{slog.Int("goroutine", g)})
			}
			for i := range 1000 {
				r := testkit.Message("m")
				r.AddAttrs(slog.Int("n", i), slog.String("pad", strings.Repeat("x", i)))
				if err := h.Handle(ctx, r); err != nil {
					t.Error(err)
				}
				if i%300 == 0 {
					if err := a.Flush(t.Context()); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	require.NoError(t, a.Shutdown(t.Context()))
	s := a.Stats()
	assert.Equal(t, int64(2000), s.Handled)
	requireAccounts(t, 2000, s)

	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var next3 [3]int
	for line := range bytes.Lines(text) {
		var m struct {
			G struct{ Goroutine, N int }
		}
		require.NoError(t, json.Unmarshal(line, &m), "%s", line)
		require.Equal(t, next3[m.G.Goroutine], m.G.N)
		next3[m.G.Goroutine]++
	}
	assert.Equal(t, [3]int{1000, 1000, 1000}, next3)
}

// Flush has the lines in the file, and the report of losses is written with the rest.
func TestFileFlush(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	file, err := os.Create(path)
	require.NoError(t, err)
	a := New(slogjson.New(file, noTime), nil)
	for i := range 5 {
		offer(a, i, i+1)
		require.NoError(t, a.Flush(t.Context()))
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.True(t, strings.HasSuffix(string(text), fmt.Sprintf("{\"level\":\"INFO\",\"msg\":\"%d\"}\n", i)), "%s", text)
	}
	a.queue.panicked.Add(1) // as if one had been lost
	require.NoError(t, a.Shutdown(t.Context()))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Contains(t, string(text), `{"level":"WARN","msg":"async.dropped","dropped":1,"full":0,"failed":0,"panicked":1,`)
}

// A file that cannot be written to loses all that was gathered, and says so.
func TestFileFails(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "a.jsonl"))
	require.NoError(t, err)
	require.NoError(t, file.Close())
	a := New(slogjson.New(file, nil), nil)
	offer(a, 0, 300)
	require.NoError(t, a.Shutdown(t.Context()))
	s := a.Stats()
	requireAccounts(t, 300, s)
	assert.Equal(t, int64(300), s.Failed)
	assert.ErrorIs(t, s.LastError, os.ErrClosed)
}

// Only the lines of files are gathered: other writers get each by itself.
func TestGathersForFilesOnly(t *testing.T) {
	var w writeCounter
	a := New(slogjson.New(&w, nil), nil)
	offer(a, 0, 200)
	require.NoError(t, a.Shutdown(t.Context()))
	assert.Equal(t, 200, w.writes)
	for _, next := range []slog.Handler{slog.NewJSONHandler(os.Stderr, nil), slogjson.New(nil, nil)} {
		_, g := gathering(next)
		assert.Nil(t, g)
	}
}

type writeCounter struct{ writes int }

func (c *writeCounter) Write(p []byte) (int, error) { c.writes++; return len(p), nil }
