package logfile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errInjected = errors.New("injected")

// faultyFile is a file whose next writes take only so many bytes.
type faultyFile struct {
	osFile
	takes      []int // of the next writes; when there are no more it is sound
	noTruncate bool
	after      func() // called once, after a write that failed
}

func (f *faultyFile) Write(p []byte) (int, error) {
	if len(f.takes) == 0 || f.takes[0] >= len(p) {
		if len(f.takes) > 0 {
			f.takes = f.takes[1:]
		}
		return f.osFile.Write(p)
	}
	n, err := f.osFile.Write(p[:f.takes[0]])
	f.takes = f.takes[1:]
	if f.after != nil {
		f.after()
		f.after = nil
	}
	return n, errors.Join(err, errInjected)
}

func (f *faultyFile) Truncate(size int64) error {
	if f.noTruncate {
		return errInjected
	}
	return f.osFile.Truncate(size)
}

// faulty opens a file with faults.
func faulty(t *testing.T, o *Options, faults faultyFile) (*File, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f.jsonl")
	f, err := Open(path, o)
	require.NoError(t, err)
	faults.osFile = f.file
	f.file = &faults
	t.Cleanup(func() { _ = f.Shutdown(context.Background()) })
	return f, path
}

func faultLine(id int) string {
	return fmt.Sprintf(`{"text":"%s","id":%d}`+"\n", strings.Repeat("x", 44), id)
}

func writeID(f *File, id int) error {
	_, err := f.Write([]byte(faultLine(id)))
	return err
}

// readFaulty returns the ids found, the number of lines that are not JSON, and what
// stands after the last newline.
func readFaulty(t *testing.T, path string) (ids []int, bad int, rest string) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	lines := strings.Split(string(text), "\n")
	for _, line := range lines[:len(lines)-1] {
		var m struct{ ID int }
		if json.Unmarshal([]byte(line), &m) != nil {
			bad++
			continue
		}
		ids = append(ids, m.ID)
	}
	return ids, bad, lines[len(lines)-1]
}

func TestPartialWriteIsTakenBack(t *testing.T) {
	for _, takes := range []int{0, 1, 10, 60} {
		f, path := faulty(t, nil, faultyFile{takes: []int{1 << 20, takes}})
		require.NoError(t, writeID(f, 0))
		require.ErrorIs(t, writeID(f, 1), errInjected)
		_, _, rest := readFaulty(t, path)
		assert.Empty(t, rest)
		require.NoError(t, writeID(f, 2))
		ids, bad, rest := readFaulty(t, path)
		assert.Equal(t, []int{0, 2}, ids)
		assert.Zero(t, bad)
		assert.Empty(t, rest)
		s := f.Stats()
		assert.Equal(t, int64(1), s.Dropped)
		assert.Equal(t, int64(2), s.Lines)
		assert.Zero(t, s.Torn)
		assert.ErrorIs(t, s.LastError, errInjected)
	}
}

// Where the part of a line cannot be taken back the next write ends it, however many
// attempts that takes.
func TestPartialWriteIsEnded(t *testing.T) {
	f, path := faulty(t, nil, faultyFile{takes: []int{1 << 20, 10, 0, 0, 1, 5}, noTruncate: true})
	want := []bool{true, false, false, false, false, false, true, true}
	for i, ok := range want {
		assert.Equal(t, ok, writeID(f, i) == nil, i)
	}
	ids, bad, rest := readFaulty(t, path)
	assert.Equal(t, []int{0, 6, 7}, ids)
	assert.Empty(t, rest)
	s := f.Stats()
	assert.Equal(t, int64(3), s.Lines)
	assert.Equal(t, int64(5), s.Dropped)
	assert.Equal(t, int64(bad), s.Torn)
	assert.Equal(t, 2, bad, "of ten bytes, and of the five that followed the newline of the first")
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, info.Size(), f.size)
}

// A line that lacks only its newline is no lost line: it gets one.
func TestPartialWriteOfAllButTheNewline(t *testing.T) {
	line := len(faultLine(0)) - 1
	f, path := faulty(t, nil, faultyFile{takes: []int{line, line + 1}, noTruncate: true})
	require.NoError(t, writeID(f, 0))
	assert.ErrorIs(t, f.Stats().LastError, errInjected)
	require.NoError(t, writeID(f, 1))
	require.NoError(t, f.Shutdown(context.Background()))
	ids, bad, rest := readFaulty(t, path)
	assert.Equal(t, []int{0, 1}, ids)
	assert.Zero(t, bad)
	assert.Empty(t, rest)
	s := f.Stats()
	assert.Equal(t, int64(2), s.Lines)
	assert.Zero(t, s.Dropped+s.Torn)
}

// What another process has written behind the part of a line is not cut off with it.
func TestPartialWriteBehindWhichOthersWrote(t *testing.T) {
	var path string
	f, path := faulty(t, nil, faultyFile{takes: []int{10}, after: func() {
		other, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		if assert.NoError(t, err) {
			_, err = other.WriteString("\n{\"id\":7}\n")
			assert.NoError(t, errors.Join(err, other.Close()))
		}
	}})
	require.Error(t, writeID(f, 0))
	require.NoError(t, writeID(f, 1))
	ids, _, rest := readFaulty(t, path)
	assert.Equal(t, []int{7, 1}, ids)
	assert.Empty(t, rest)
}

// A buffer of which the disk takes a part keeps the rest.
func TestPartialWriteOfTheBuffer(t *testing.T) {
	for _, noTruncate := range []bool{false, true} {
		line := len(faultLine(0))
		f, path := faulty(t, &Options{BufferSize: 5 * line}, faultyFile{takes: []int{2*line + 7, 0, 1}, noTruncate: noTruncate})
		for i := range 5 {
			require.NoError(t, writeID(f, i))
		}
		require.Error(t, f.Flush(context.Background()))
		assert.Equal(t, int64(3), f.Stats().Buffered)
		require.NoError(t, writeID(f, 5))
		require.NoError(t, writeID(f, 6))
		require.Error(t, writeID(f, 7), "the buffer is full")
		require.Error(t, writeID(f, 8))
		require.NoError(t, writeID(f, 9))
		require.NoError(t, f.Shutdown(context.Background()))
		ids, bad, rest := readFaulty(t, path)
		assert.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 9}, ids)
		assert.Empty(t, rest)
		s := f.Stats()
		assert.Equal(t, int64(8), s.Lines)
		assert.Equal(t, int64(2), s.Dropped)
		assert.Equal(t, int64(8*line), s.Bytes)
		assert.Equal(t, int64(bad), s.Torn)
		assert.Equal(t, noTruncate, bad > 0)
	}
}

// What could not be written when it was time is tried again an interval later.
func TestBufferIsFlushedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, path := faulty(t, &Options{BufferSize: 1 << 20, FlushInterval: time.Minute}, faultyFile{takes: []int{0, 0}})
		for i := range 3 {
			require.NoError(t, writeID(f, i))
			time.Sleep(59 * time.Second)
			synctest.Wait()
			ids, _, _ := readFaulty(t, path)
			assert.Empty(t, ids)
		}
		assert.ErrorIs(t, f.Stats().LastError, errInjected)
		assert.Equal(t, int64(3), f.Stats().Buffered)
		time.Sleep(time.Minute)
		synctest.Wait()
		ids, _, _ := readFaulty(t, path)
		assert.Equal(t, []int{0, 1, 2}, ids)
		require.NoError(t, f.Shutdown(context.Background()))
	})
}

// A write that hangs holds up Flush and Shutdown no longer than their contexts say, and
// Stats not at all.
func TestHangingWrite(t *testing.T) {
	f, path := faulty(t, nil, faultyFile{})
	hang := &hangingFile{osFile: f.file, entered: make(chan struct{}), release: make(chan struct{})}
	f.file = hang
	handled := make(chan error)
	go func() { handled <- writeID(f, 0) }()
	<-hang.entered
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	require.ErrorIs(t, f.Flush(ctx), context.DeadlineExceeded)
	require.ErrorIs(t, f.Shutdown(ctx), context.DeadlineExceeded)
	assert.Zero(t, f.Stats().Lines)
	close(hang.release)
	require.NoError(t, <-handled)
	require.NoError(t, f.Shutdown(context.Background()))
	ids, _, _ := readFaulty(t, path)
	assert.Equal(t, []int{0}, ids)
}

type hangingFile struct {
	osFile
	entered, release chan struct{}
}

func (f *hangingFile) Write(p []byte) (int, error) {
	close(f.entered)
	<-f.release
	return f.osFile.Write(p)
}

// Whatever a disk takes of the writes, in whatever order, the accounts are right.
func TestAccountsOfAFailingDisk(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var faults faultyFile
		for range 200 {
			n := rng.IntN(300)
			if rng.IntN(2) == 0 {
				n = 1 << 20
			}
			faults.takes = append(faults.takes, n)
		}
		faults.noTruncate = rng.IntN(2) == 0
		f, path := faulty(t, &Options{BufferSize: rng.IntN(3) * 200}, faults)
		handled := map[int]bool{}
		var dropped int64
		for id := range 200 {
			if writeID(f, id) == nil {
				handled[id] = true
			} else {
				dropped++
			}
			if rng.IntN(20) == 0 {
				_ = f.Flush(context.Background())
			}
			if rng.IntN(50) == 0 {
				_ = f.Reopen()
				f.file = &faultyFile{osFile: f.file, takes: faults.takes, noTruncate: faults.noTruncate}
			}
		}
		require.Equal(t, dropped, f.Stats().Dropped)
		f.file.(*faultyFile).takes = nil
		require.NoError(t, f.Shutdown(context.Background()))
		ids, bad, rest := readFaulty(t, path)
		s := f.Stats()
		require.Len(t, ids, len(handled))
		last := -1
		for _, id := range ids {
			require.True(t, handled[id] && id > last, "%d after %d", id, last)
			last = id
		}
		require.Equal(t, int64(len(ids)), s.Lines)
		require.Equal(t, int64(200), s.Lines+s.Dropped)
		require.Equal(t, int64(bad), s.Torn)
		require.Empty(t, rest)
	}
}
