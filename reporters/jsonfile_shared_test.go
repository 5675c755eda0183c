package reporters_test

import (
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters"
)

// Two handlers on one file, as two processes would have it.
func TestJSONFileShared(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shared.jsonl")
	a, b := openJSONFile(t, path, nil), openJSONFile(t, path, &reporters.JSONFileOptions{BufferSize: 3000})
	var wg sync.WaitGroup
	for g, f := range []*reporters.JSONFile{a, b, a, b} {
		wg.Go(func() {
			for i := range 500 {
				_ = f.Handle(jsonCtx, idRecord(g*500+i))
			}
		})
	}
	wg.Wait()
	require.NoError(t, b.Flush(jsonCtx))
	ids, size := readIDs(t, path)
	requireOnce(t, ids, 2000)
	assert.Equal(t, size, a.Stats().Bytes+b.Stats().Bytes)
}

// All methods at once, and Shutdown in the middle: what Handle took is there.
func TestJSONFileConcurrency(t *testing.T) {
	for name, o := range map[string]*reporters.JSONFileOptions{
		"plain":    {MaxSize: 20000, Compress: true},
		"buffered": {MaxSize: 20000, BufferSize: 2000, FlushInterval: time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			f := openJSONFile(t, filepath.Join(dir, "t.jsonl"), o)
			var next, taken atomic.Int64
			var wg sync.WaitGroup
			for g := range 8 {
				wg.Go(func() {
					h := f.WithAttrs([]slog.Attr{slog.Int("g", g)})
					for {
						id := int(next.Add(1) - 1)
						if h.Handle(jsonCtx, idRecord(id)) != nil {
							return
						}
						taken.Add(1)
						switch id % 500 {
						case 0:
							_ = f.Rotate()
						case 100:
							_ = f.Reopen()
						case 200:
							_ = f.Flush(jsonCtx)
						case 300:
							_ = f.Stats()
						}
						if id == 3000 {
							_ = f.Shutdown(jsonCtx)
						}
					}
				})
			}
			wg.Wait()
			require.NoError(t, f.Shutdown(jsonCtx))
			ids, size := readIDs(t, filesIn(t, dir)...)
			for id, times := range ids {
				require.Equal(t, 1, times, id)
			}
			s := f.Stats()
			assert.Len(t, ids, int(taken.Load()))
			assert.Equal(t, taken.Load(), s.Lines)
			assert.Equal(t, size, s.Bytes)
			assert.Equal(t, int64(8), s.Dropped)
			assert.Equal(t, next.Load(), s.Lines+s.Dropped)
			assert.Zero(t, s.Failures)
		})
	}
}
