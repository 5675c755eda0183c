package logfile

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Options configure [Open]. With the zero value all lines go to one file, and each is in the
// kernel when Write returns.
type Options struct {
	// Mode is the mode of the files that are made, compressed ones included, whatever
	// the umask. Zero is 0640. A file that is already there keeps its own. A file system
	// without modes keeps what it has, which is told to OnError once.
	Mode fs.FileMode

	// DirMode is the mode, before the umask, of the folders that are made. Zero is 0750.
	DirMode fs.FileMode

	// MaxSize is the most bytes of a file: the line that would exceed it goes to the next
	// file. Zero or less is no limit. A line longer than that has a file of its own.
	MaxSize int64

	// Interval is the time that a file is written to: with 24h a new one begins with the
	// first line after midnight UTC, with an hour after each full hour. Zero or less is
	// no limit. It also holds for a file found at the start, by its modification time.
	Interval time.Duration

	// MaxBackups is how many rotated files are kept, the youngest. Zero or less keeps all.
	MaxBackups int

	// MaxAge is how long rotated files are kept, from the time in their names on. Zero or
	// less keeps all.
	MaxAge time.Duration

	// MaxTotalSize is how many bytes of rotated files, compressed or not, are kept, the
	// youngest. Zero or less keeps all.
	MaxTotalSize int64

	// Compress makes .gz files of rotated files, in the background.
	Compress bool

	// BufferSize is how many bytes of lines are gathered before they are written. Zero or
	// less is none. What is gathered is lost when the process is killed.
	BufferSize int

	// FlushInterval is the longest that a line is gathered. Zero or less is one second.
	FlushInterval time.Duration

	// BeforeRemove, if not nil, is called before a rotated file is removed by MaxBackups,
	// MaxAge or MaxTotalSize, with the path of the file, which it may read, move or remove.
	// An error keeps the file and is counted among Failures; the file is offered again at
	// the next rotation. It runs on the goroutine that tidies up; its context ends when
	// Shutdown gives up. With several processes each may be asked about the same file.
	BeforeRemove func(ctx context.Context, path string) error

	// OnError, if not nil, is told of each failure that costs no line, and of dropped
	// lines once a second at the most. It is called without a lock, on the goroutine that
	// met the error, and may write to the file. It must
	// neither block nor call Shutdown or Close.
	OnError func(error)
}

const (
	defaultFileMode      = 0o640
	defaultDirMode       = 0o750
	defaultFlushInterval = time.Second
)

// rotates reports whether the file is rotated without a call of Rotate.
func (o *Options) rotates() bool { return o.MaxSize > 0 || o.Interval > 0 }

// tidies reports whether rotated files are compressed or removed.
func (o *Options) tidies() bool {
	return o.Compress || o.MaxBackups > 0 || o.MaxAge > 0 || o.MaxTotalSize > 0
}

// Stats counts what became of the lines that were given to a [File]: each is among Lines,
// Dropped or Buffered.
type Stats struct {
	Lines    int64 // in the kernel, whole
	Bytes    int64 // of these lines
	Dropped  int64 // lost: the file could not be written, or was shut down
	Buffered int64 // gathered, not written yet

	Rotations int64 // by MaxSize, Interval and Rotate
	Reopened  int64 // by Reopen, or because another file, or none, had the file's name
	Failures  int64 // rotations, reopenings, compressions and removals that failed; no line is lost by them

	// Torn counts last lines that were not whole: of a process that was killed, found when
	// the file was opened or before a line was written, and those that a failed Write left
	// and that could not be taken back. They were ended with a newline.
	Torn int64

	// Unlinked counts lines, some of those in Lines, that may be gone because the file was
	// deleted: those written since it was last seen at its path, a second before or at the
	// last line before that.
	Unlinked int64

	LastError error // of whatever kind; nil if there was none
}

// A File is a log file, see the package's documentation. It is safe for concurrent use.
type File struct {
	path string // absolute
	opts settings

	mu     sync.Mutex // guards what follows, and is held while writing
	closed bool
	file   osFile // nil when it was deleted and could not be made again
	lock   *os.File
	info   fs.FileInfo
	real   string // path without symbolic links
	size   int64  // as far as is known: others may append too
	mend   bool   // the file ends inside a line: the next write begins with a newline
	shared bool   // others may be appending: the end is looked at before each write

	looked     time.Time // when the path was last compared with the file
	locked     bool      // that others must not compress or remove the file
	idle       *time.Timer
	since      int64     // lines written since then
	nextPeriod time.Time // when Interval ends
	retry      time.Time // not to rotate before, after a rotation that failed
	lastName   time.Time // of a backup; zero: not known yet

	buf     []byte
	scratch []byte      // of a line that had no newline
	last    [1]byte     // of the file, for endOf
	timer   *time.Timer // nil until a line is gathered

	news     []error   // not yet told to OnError
	toldDrop time.Time // when OnError was last told of a dropped line
	modeTold bool

	keeper keeper

	lines, bytes, dropped, buffered, torn, unlinked atomic.Int64
	rotations, reopened, failures                   atomic.Int64
	lastError                                       atomic.Pointer[error]
}

var _ io.WriteCloser = (*File)(nil)

// osFile is what a File needs of an *os.File.
type osFile interface {
	io.ReaderAt
	io.Seeker
	Write(p []byte) (int, error)
	Truncate(size int64) error
	Stat() (fs.FileInfo, error)
	Close() error
}

// settings are the options and what is asked of the file system by name, in the place of
// which tests put faults.
type settings struct {
	Options
	rename func(from, to string) error
	link   func(from, to string) error
	lstat  func(path string) (fs.FileInfo, error)
	chmod  func(f *os.File, mode fs.FileMode) error
	lock   func(f *os.File, exclusive bool) error
}

func newSettings(opts *Options) settings {
	s := settings{
		rename: os.Rename, link: os.Link, lstat: os.Lstat,
		chmod: (*os.File).Chmod, lock: lockFile,
	}
	if opts != nil {
		s.Options = *opts
	}
	if s.Mode == 0 {
		s.Mode = defaultFileMode
	}
	s.Mode = s.Mode.Perm()
	if s.DirMode == 0 {
		s.DirMode = defaultDirMode
	}
	if s.FlushInterval <= 0 {
		s.FlushInterval = defaultFlushInterval
	}
	return s
}

// Open opens the file at path for appending, and makes it and its folders where they are
// missing. It is an error, and not a wait, if that cannot be done or if what is there is no
// regular file. Symbolic links are followed. Nil opts are the defaults; they are copied.
//
// That a file which is to be rotated cannot be renamed is no error: it is among the
// Failures of Stats, in LastError, and told to OnError.
func Open(path string, opts *Options) (*File, error) {
	return open(path, newSettings(opts))
}

func open(path string, s settings) (*File, error) {
	if path == "" || os.IsPathSeparator(path[len(path)-1]) {
		return nil, fmt.Errorf("logfile: open: the path %q names no file", path)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("logfile: open: %w", err)
	}
	f := &File{path: abs, opts: s}
	f.keeper = keeper{opts: &f.opts, failed: f.failedNow}
	opened, err := openAppend(f.path, &f.opts)
	if err != nil {
		return nil, fmt.Errorf("logfile: open: %w", err)
	}
	f.mu.Lock()
	f.use(opened)
	// The first look comes soon: until then others are taken to be writing.
	f.looked = f.looked.Add(firstLook - lookEvery)
	if f.opts.rotates() {
		if err := f.probe(); err != nil {
			f.failed(fmt.Errorf("logfile: this file cannot be rotated: %w", err))
		}
	}
	f.unlockAndTell()
	f.keeper.tidy(f.real)
	return f, nil
}

// Reopen opens the file's path anew and goes on there: call it when something else has
// renamed the file. If that fails, writing goes on where it was, and the error is returned.
func (f *File) Reopen() error {
	f.mu.Lock()
	defer f.unlockAndTell()
	if f.closed {
		return errShutdown
	}
	_ = f.flush() // into the old file, where it belongs; or later, into the new one
	if err := f.reopen(); err != nil {
		err = fmt.Errorf("logfile: reopen: %w", err)
		f.failed(err)
		return err
	}
	return nil
}

// Rotate ends the file, unless it is empty, and begins the next one, as MaxSize does.
func (f *File) Rotate() error {
	f.mu.Lock()
	defer f.unlockAndTell()
	if f.closed {
		return errShutdown
	}
	if err := f.flush(); err != nil {
		return err
	}
	if f.file == nil || f.size == 0 {
		return nil
	}
	err := f.rotate(time.Now())
	if err != nil {
		f.failed(err)
	}
	return err
}

// Flush hands the lines that are gathered to the kernel. It does not wait for the disk.
// An error says that some could not be written; they are kept. When ctx ends first its
// error is returned and the writing goes on.
func (f *File) Flush(ctx context.Context) error { return within(ctx, f.flushNow) }

// Shutdown writes what is gathered, drops and counts what cannot be written, closes the
// file, and waits for the compression of rotated files; when ctx ends first that is given
// up, to be done by the next process to open or rotate the file. Lines written later are
// dropped and counted. Only the first call does anything; later ones return nil.
func (f *File) Shutdown(ctx context.Context) error {
	err := within(ctx, f.close)
	f.keeper.wait(ctx)
	return err
}

// Close is Shutdown without a limit of time.
func (f *File) Close() error { return f.Shutdown(context.Background()) }

// Stats returns the counts so far. It never waits.
func (f *File) Stats() Stats {
	s := Stats{
		Lines: f.lines.Load(), Bytes: f.bytes.Load(), Dropped: f.dropped.Load(), Buffered: f.buffered.Load(),
		Rotations: f.rotations.Load(), Reopened: f.reopened.Load(), Failures: f.failures.Load(),
		Torn: f.torn.Load(), Unlinked: f.unlinked.Load(),
	}
	if err := f.lastError.Load(); err != nil {
		s.LastError = *err
	}
	return s
}

// within runs do and waits for it as long as ctx lasts.
func within(ctx context.Context, do func() error) error {
	if ctx == nil || ctx.Done() == nil {
		return do()
	}
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		select {
		case err := <-done:
			return err
		default:
			return context.Cause(ctx)
		}
	}
}
