package logfile_test

import (
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/logfile"
)

// Two handlers on one file, as two processes would have it.
func TestFileShared(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shared.jsonl")
	a, b := openFile(t, path, nil), openFile(t, path, &logfile.Options{BufferSize: 3000})
	var wg sync.WaitGroup
	for g, f := range []*logfile.File{a, b, a, b} {
		wg.Go(func() {
			for i := range 500 {
				_ = writeID(f, g*500+i)
			}
		})
	}
	wg.Wait()
	require.NoError(t, b.Flush(ctx))
	ids, size := readIDs(t, path)
	requireOnce(t, ids, 2000)
	assert.Equal(t, size, a.Stats().Bytes+b.Stats().Bytes)
}

// All methods at once, and Shutdown in the middle: what Write took is there.
func TestFileConcurrency(t *testing.T) {
	for name, o := range map[string]*logfile.Options{
		"plain":    {MaxSize: 20000, Compress: true},
		"buffered": {MaxSize: 20000, BufferSize: 2000, FlushInterval: time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			f := openFile(t, filepath.Join(dir, "t.jsonl"), o)
			var next, taken atomic.Int64
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					for {
						id := int(next.Add(1) - 1)
						if writeID(f, id) != nil {
							return
						}
						taken.Add(1)
						switch id % 500 {
						case 0:
							_ = f.Rotate()
						case 100:
							_ = f.Reopen()
						case 200:
							_ = f.Flush(ctx)
						case 300:
							_ = f.Stats()
						}
						if id == 3000 {
							_ = f.Shutdown(ctx)
						}
					}
				})
			}
			wg.Wait()
			require.NoError(t, f.Shutdown(ctx))
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
