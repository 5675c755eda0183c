package logfile_test

import (
	"crypto/rand"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/logfile"
)

// On a real file system that is full: nothing waits, what is lost is what Stats says,
// every line is whole, and writing goes on as soon as there is room.
func TestFileOnAFullDisk(t *testing.T) {
	for name, o := range map[string]logfile.Options{
		"plain":    {},
		"buffered": {BufferSize: 20000},
		"rotating": {MaxSize: 50000},
	} {
		t.Run(name, func(t *testing.T) {
			disk := smallDisk(t, "1m")
			dir := filepath.Join(disk, "logs")
			f := openFile(t, filepath.Join(dir, "t.jsonl"), &o)
			text := strings.Repeat("x", 1000)
			var handled, refused atomic.Int64
			write := func(n int) {
				var wg sync.WaitGroup
				for range 4 {
					wg.Go(func() {
						for range n {
							id := int(handled.Add(1)) - 1
							if err := writeText(f, id, text[:id%1000]); err != nil {
								refused.Add(1)
								assert.ErrorIs(t, err, syscall.ENOSPC)
							}
						}
					})
				}
				wg.Wait()
			}
			check := func() logfile.Stats {
				t.Helper()
				ids, size := readIDs(t, filesIn(t, dir)...)
				s := f.Stats()
				require.Equal(t, s.Lines, int64(len(ids)), "each line is there, whole")
				require.Equal(t, s.Bytes, size, "and nothing else")
				require.Equal(t, refused.Load(), s.Dropped)
				require.Equal(t, handled.Load(), s.Lines+s.Dropped+s.Buffered)
				require.Zero(t, s.Torn)
				return s
			}
			for range 3 {
				before := f.Stats()
				ballast := fillDisk(t, disk, 60<<10)
				write(100)
				s := check()
				require.Greater(t, s.Dropped, before.Dropped, "the disk is full")
				require.Greater(t, s.Lines, before.Lines, "it was not from the start")
				require.ErrorIs(t, s.LastError, syscall.ENOSPC)

				require.NoError(t, os.Remove(ballast))
				write(10)
				require.NoError(t, f.Flush(ctx))
				after := check()
				require.Equal(t, s.Dropped, after.Dropped, "with space again nothing is lost")
				require.Equal(t, s.Lines+s.Buffered+40, after.Lines)
			}
			require.NoError(t, f.Shutdown(ctx))
			check()
		})
	}
}

// What is gathered when the file is shut down on a full disk is lost, and counted.
func TestFileShutdownOnAFullDisk(t *testing.T) {
	disk := smallDisk(t, "100k")
	path := filepath.Join(disk, "t.jsonl")
	f, err := logfile.Open(path, &logfile.Options{BufferSize: 1 << 20})
	require.NoError(t, err)
	for i := range 100 {
		require.NoError(t, writeID(f, i))
	}
	fillDisk(t, disk, 10<<10)
	require.ErrorIs(t, f.Flush(ctx), syscall.ENOSPC)
	require.ErrorIs(t, f.Shutdown(ctx), syscall.ENOSPC)
	require.NoError(t, f.Shutdown(ctx))
	s := f.Stats()
	ids, size := readIDs(t, path)
	assert.Positive(t, s.Dropped)
	assert.Positive(t, s.Lines)
	assert.Equal(t, int64(len(ids)), s.Lines)
	assert.Equal(t, size, s.Bytes)
	assert.Equal(t, int64(100), s.Lines+s.Dropped)
}

// A rotation for which there is no room is undone, and tried again later.
func TestFileRotatesOnAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := smallDisk(t, "1m,nr_inodes=3") // the folder itself, the file, and one more
		path := filepath.Join(disk, "t.jsonl")
		f := openFile(t, path, &logfile.Options{MaxSize: 1000})
		other := filepath.Join(disk, "other")
		require.NoError(t, os.WriteFile(other, nil, 0o600))
		for i := range 10 {
			require.NoError(t, writeID(f, i))
		}
		require.ErrorIs(t, f.Rotate(), syscall.ENOSPC)
		require.ElementsMatch(t, []string{path, other}, filesIn(t, disk))
		s := f.Stats()
		assert.Equal(t, int64(2), s.Failures)
		assert.Zero(t, s.Rotations+s.Dropped)

		require.NoError(t, os.Remove(other))
		time.Sleep(time.Second)
		require.NoError(t, writeID(f, 10))
		assert.Equal(t, int64(1), f.Stats().Rotations)
		ids, _ := readIDs(t, filesIn(t, disk)...)
		requireOnce(t, ids, 11)
		require.Len(t, filesIn(t, disk), 2)
	})
}

// A compression for which there is no room costs nothing.
func TestFileCompressesOnAFullDisk(t *testing.T) {
	disk := smallDisk(t, "200k")
	f := openFile(t, filepath.Join(disk, "t.jsonl"), &logfile.Options{Compress: true})
	random := make([]byte, 40<<10)
	_, _ = rand.Read(random)
	require.NoError(t, writeText(f, 0, hex.EncodeToString(random)))
	fillDisk(t, disk, 20<<10)
	require.NoError(t, f.Rotate())
	require.NoError(t, writeID(f, 1))
	require.NoError(t, f.Shutdown(ctx))
	s := f.Stats()
	assert.Positive(t, s.Failures)
	require.ErrorIs(t, s.LastError, syscall.ENOSPC)
	paths := filesIn(t, disk)
	require.Len(t, paths, 3)
	ids, _ := readIDs(t, paths[1:]...)
	requireOnce(t, ids, 2)
}

// fillDisk makes a file that leaves room for about left bytes.
func fillDisk(t *testing.T, disk string, left int64) (path string) {
	t.Helper()
	file, err := os.Create(filepath.Join(disk, "ballast"))
	require.NoError(t, err)
	defer file.Close()
	n, err := io.Copy(file, zeros{})
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.NoError(t, file.Truncate(n-left))
	return file.Name()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
