package reporters

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"time"
)

// JSONFileOptions configure [OpenJSONFile]. The zero value appends flat lines to one
// file for ever, each in the kernel when Handle returns.
type JSONFileOptions struct {
	// JSONOptions say what the lines look like.
	JSONOptions

	// Mode is the mode of the files that are made, compressed ones included, whatever
	// the umask. Zero is 0640. A file that is already there keeps its own.
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

	// Compress makes .gz files of rotated files, in the background.
	Compress bool

	// BufferSize is how many bytes of lines are gathered before they are written. Zero or
	// less is none. What is gathered is lost when the process is killed.
	BufferSize int

	// FlushInterval is the longest that a line is gathered. Zero or less is one second.
	FlushInterval time.Duration
}

const (
	defaultFileMode      = 0o640
	defaultDirMode       = 0o750
	defaultFlushInterval = time.Second
)

// JSONFileStats counts what became of the records that were handed to a [JSONFile]:
// each is among Lines, Dropped or Buffered.
type JSONFileStats struct {
	Lines     int64 // in the kernel, whole
	Bytes     int64 // of these lines
	Dropped   int64 // lost: the file could not be written, or was shut down
	Buffered  int64 // gathered, not written yet
	Truncated int64 // cut, see [JSONOptions].MaxLine; they are among the others

	Rotations int64 // by MaxSize, Interval and Rotate
	Reopened  int64 // by Reopen, or because another file, or none, had the file's name
	Failures  int64 // rotations, reopenings and compressions that failed; no line is lost by them

	// Torn counts last lines that were not whole: of a process that was killed, found when
	// the file was opened, and those that a failed Write left and that could not be taken
	// back. They were ended with a newline.
	Torn int64

	// Unlinked counts lines, some of those in Lines, that may be gone because the file was
	// deleted: those written since it was last seen at its path, a second before or at the
	// last record before that.
	Unlinked int64

	LastError error // of whatever kind; nil if there was none
}

// A JSONFile is a handler that appends the lines of [NewJSON] to a file, as long as
// Shutdown has not been called. It is safe for concurrent use.
//
// # What is promised
//
// A line is one write(2) on a file opened for appending. When Handle returns nil the line
// is in the kernel (unless BufferSize is set): it survives the death of the process, by
// kill -9 too, but not that of the machine. A process that is killed inside the write may
// leave part of a line as the last; who opens the file next ends it with a newline.
//
// What cannot be written is dropped, counted, and returned as an error, and the next
// record is tried anew: on a full disk nothing waits, and lines appear again as soon as
// there is room. A line of which the disk took only a part is taken back (or ended with a
// newline, if another process has written behind it). With BufferSize, the lines that are
// gathered are kept for later and it is the new ones that are dropped.
//
// Handle waits as long as the kernel lets write(2) wait, which on a network file system
// can be long. Put a queue in front where that matters.
//
// # Rotation
//
// A full file is renamed to its name, a dot, and the time in UTC, as in
// telemetry.jsonl.20060102T150405.000000000Z, and a new one begins; no name is used twice.
// Lines are neither lost nor cut by it, and where the renaming or the new file fails,
// writing goes on in the old one and it is tried again after a second.
//
// Where something else rotates, it should rename the file and then have [JSONFile.Reopen]
// called (logrotate: create or nocreate, with a postrotate script that sends SIGHUP; see
// the example). Without that call, a file that was renamed, or deleted, is noticed at the
// first record a second later, and a new one is made under the old name.
//
// Several processes may append to the same file, for each line is one write at its end.
// Only one of them should rotate or compress it.
type JSONFile struct {
	file *lineFile // shared by all that are derived
	out  *jsonOutput
	next slog.Handler
}

var _ slog.Handler = (*JSONFile)(nil)

// OpenJSONFile opens the file at path for appending, and makes it and its folders where
// they are missing. It is an error, and not a wait, if that cannot be done or if what is
// there is no regular file: for a pipe, a terminal or a device use [NewJSON]. Symbolic
// links are followed. Nil opts are the defaults; they are copied.
func OpenJSONFile(path string, opts *JSONFileOptions) (*JSONFile, error) {
	var o JSONFileOptions
	if opts != nil {
		o = *opts
	}
	if o.Mode == 0 {
		o.Mode = defaultFileMode
	}
	o.Mode = o.Mode.Perm()
	if o.DirMode == 0 {
		o.DirMode = defaultDirMode
	}
	if o.FlushInterval <= 0 {
		o.FlushInterval = defaultFlushInterval
	}
	file, err := newLineFile(path, &o)
	if err != nil {
		return nil, fmt.Errorf("reporters: open a JSON file: %w", err)
	}
	next, out := newJSON(file, &o.JSONOptions)
	return &JSONFile{file: file, out: out, next: next}, nil
}

func (f *JSONFile) Enabled(ctx context.Context, l slog.Level) bool { return f.next.Enabled(ctx, l) }

// Handle writes r as a line, or gathers it. Its error says that a line was dropped; it
// wraps [os.ErrClosed] after Shutdown.
func (f *JSONFile) Handle(ctx context.Context, r slog.Record) error { return f.next.Handle(ctx, r) }

// RetainsRecords returns false, see slogtel.RetainsRecords.
func (*JSONFile) RetainsRecords() bool { return false }

// WithAttrs returns a *JSONFile that shares all but the attributes with f.
func (f *JSONFile) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &JSONFile{f.file, f.out, f.next.WithAttrs(attrs)}
}

// WithGroup returns a *JSONFile that shares all but the open groups with f.
func (f *JSONFile) WithGroup(name string) slog.Handler {
	return &JSONFile{f.file, f.out, f.next.WithGroup(name)}
}

// Reopen opens the file's path anew and goes on there: call it when something else has
// renamed the file. If that fails, writing goes on where it was, and the error is returned.
func (f *JSONFile) Reopen() error { return f.file.reopenNow() }

// Rotate ends the file, unless it is empty, and begins the next one, as MaxSize does.
func (f *JSONFile) Rotate() error { return f.file.rotateNow() }

// Flush hands the lines that are gathered to the kernel. It does not wait for the disk.
// An error says that some could not be written; they are kept. When ctx ends first its
// error is returned and the writing goes on.
func (f *JSONFile) Flush(ctx context.Context) error {
	return within(ctx, f.file.flushNow)
}

// Shutdown writes what is gathered, drops and counts what cannot be written, closes the
// file, and waits for the compression of rotated files; when ctx ends first that is given
// up, to be done by the next process to rotate the file. Records handed over later are
// dropped and counted. Only the first call does anything; later ones return nil.
func (f *JSONFile) Shutdown(ctx context.Context) error {
	return f.file.shutdown(ctx)
}

// Stats returns the counts so far, of f and all that share its file. It never waits.
func (f *JSONFile) Stats() JSONFileStats {
	s := f.file.stats()
	s.Truncated = f.out.truncated.Load()
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
