package reporters

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// lineFile is the file of a JSONFile: an io.Writer whose Writes are whole lines.
//
// It is our own, since no library keeps the promises that JSONFile makes. lumberjack v2
// (last release 2023) leaves its goroutine behind when closed (issues 56, 205, 219),
// refuses a line longer than the file, loses every line while a rotation fails, having
// closed the file by then, truncates what another process has put in its place, and
// overwrites a backup of the same millisecond. timberjack, its maintained fork, ends the
// goroutine, and writes and rotates in the same way (sources of 2025). Neither has an
// answer to a partial write, a torn last line, a deleted file, or a pipe in the file's
// place, on which both block at the first write.
type lineFile struct {
	path string // absolute
	opts JSONFileOptions

	mu     sync.Mutex // guards what follows, and is held while writing
	closed bool
	file   osFile // nil when it was deleted and could not be made again
	info   fs.FileInfo
	real   string // path without symbolic links
	size   int64  // as far as is known: others may append too
	mend   bool   // the file ends inside a line: the next write begins with a newline

	looked     time.Time // when the path was last compared with the file
	since      int64     // lines written since then
	nextPeriod time.Time // when Interval ends
	retry      time.Time // not to rotate before, after a rotation that failed
	lastName   time.Time // of a backup; zero: not known yet

	buf   []byte
	timer *time.Timer // nil until a line is gathered

	backups backups

	lines, bytes, dropped, buffered, torn, unlinked atomic.Int64
	rotations, reopened, failures                   atomic.Int64
	lastError                                       atomic.Pointer[error]
}

// osFile is what a lineFile needs of an *os.File.
type osFile interface {
	Write(p []byte) (int, error)
	Truncate(size int64) error
	Stat() (fs.FileInfo, error)
	Close() error
}

// lookEvery is how often the path is compared with the file, and how long it takes until
// what failed is tried again.
const lookEvery = time.Second

var errShutdown = fmt.Errorf("reporters: the JSON file was shut down: %w", os.ErrClosed)

func newLineFile(path string, o *JSONFileOptions) (*lineFile, error) {
	if path == "" || os.IsPathSeparator(path[len(path)-1]) {
		return nil, fmt.Errorf("the path %q names no file", path)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	f := &lineFile{path: abs, opts: *o}
	f.backups.failed = f.failed
	opened, err := openAppend(f.path, o)
	if err != nil {
		return nil, err
	}
	f.use(opened)
	return f, nil
}

// use goes on in a file that was just opened.
func (f *lineFile) use(o openedFile) {
	f.file, f.info, f.real, f.size, f.mend = o.file, o.info, o.real, o.info.Size(), o.torn
	if o.torn {
		f.torn.Add(1)
	}
	now := time.Now()
	f.looked, f.since = now, 0
	if f.size > 0 {
		now = o.info.ModTime()
	}
	f.setPeriod(now)
}

// Write writes or gathers one line, all of it or nothing.
func (f *lineFile) Write(line []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var err error
	switch {
	case f.closed:
		err = errShutdown
	case f.opts.BufferSize > 0:
		err = f.gather(line)
	default:
		_, err = f.put(line)
	}
	if err != nil {
		f.dropped.Add(1)
		setError(&f.lastError, err)
		return 0, err
	}
	return len(line), nil
}

var newline = []byte("\n")

// put writes whole lines to the file, in one write, and returns how many bytes of whole
// lines are in it: if not all, also an error.
func (f *lineFile) put(p []byte) (int, error) {
	f.prepare(int64(len(p)))
	if f.file == nil {
		return 0, *f.lastError.Load() // why there is none
	}
	b, mending := p, 0
	if f.mend {
		b, mending = append([]byte("\n"), p...), 1
	}
	n, err := f.file.Write(b)
	mending = min(mending, n)
	f.mend = f.mend && mending == 0
	whole, part := n-mending, 0
	if err != nil {
		whole = bytes.LastIndexByte(p[:whole], '\n') + 1
		part = n - mending - whole
	}
	f.size += int64(mending + whole)
	if part > 0 && !f.takeBack(part) {
		f.size += int64(part)
		f.mend = true
		if p[whole+part] == '\n' { // it lacks nothing but what mending brings
			whole += part + 1
		} else {
			f.torn.Add(1)
		}
	}
	lines := int64(bytes.Count(p[:whole], newline))
	f.lines.Add(lines)
	f.bytes.Add(int64(whole))
	f.since += lines
	if whole == len(p) {
		if err != nil {
			setError(&f.lastError, err)
		}
		return whole, nil
	}
	return whole, err
}

// takeBack removes the part of a line that a failed write has left at the end, unless it
// is not at the end any more, and reports whether it did.
func (f *lineFile) takeBack(part int) bool {
	info, err := f.file.Stat()
	return err == nil && info.Size() == f.size+int64(part) && f.file.Truncate(f.size) == nil
}

// endLine ends the last line of the file, if need be and if it can be done: it is called
// before the file is left.
func (f *lineFile) endLine() {
	if f.file != nil && f.mend {
		if n, _ := f.file.Write(newline); n == 1 {
			f.mend = false
			f.size++
		}
	}
}

func (f *lineFile) stats() JSONFileStats {
	s := JSONFileStats{
		Lines: f.lines.Load(), Bytes: f.bytes.Load(), Dropped: f.dropped.Load(), Buffered: f.buffered.Load(),
		Rotations: f.rotations.Load(), Reopened: f.reopened.Load(), Failures: f.failures.Load(),
		Torn: f.torn.Load(), Unlinked: f.unlinked.Load(),
	}
	if err := f.lastError.Load(); err != nil {
		s.LastError = *err
	}
	return s
}

// failed counts a failure that costs no line.
func (f *lineFile) failed(err error) {
	f.failures.Add(1)
	setError(&f.lastError, err)
}

func (f *lineFile) shutdown(ctx context.Context) error {
	err := within(ctx, f.close)
	f.backups.wait(ctx)
	return err
}

func (f *lineFile) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil
	}
	f.closed = true
	if f.timer != nil {
		f.timer.Stop()
	}
	err := f.flush()
	if lost := f.buffered.Swap(0); lost > 0 {
		f.dropped.Add(lost)
		f.buf = nil
		setError(&f.lastError, err)
	}
	if f.file == nil {
		return err
	}
	f.endLine()
	return errors.Join(err, f.file.Close())
}
