package jsonlines

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/slogtel/telemetry/handlers/logfile"
)

// JSONFileOptions configure [OpenJSONFile]. The zero value appends flat lines to one
// file for ever, each in the kernel when Handle returns.
type FileOptions struct {
	// JSONOptions say what the lines look like.
	Options

	// The rest is as in [logfile.Options].
	Mode, DirMode fs.FileMode
	MaxSize       int64
	Interval      time.Duration
	MaxBackups    int
	MaxAge        time.Duration
	MaxTotalSize  int64
	Compress      bool
	BufferSize    int
	FlushInterval time.Duration
	BeforeRemove  func(ctx context.Context, path string) error
	OnError       func(error)
}

func (o *FileOptions) file() *logfile.Options {
	return &logfile.Options{
		Mode: o.Mode, DirMode: o.DirMode, MaxSize: o.MaxSize, Interval: o.Interval, MaxBackups: o.MaxBackups,
		MaxAge: o.MaxAge, MaxTotalSize: o.MaxTotalSize, Compress: o.Compress, BufferSize: o.BufferSize,
		FlushInterval: o.FlushInterval, BeforeRemove: o.BeforeRemove, OnError: o.OnError,
	}
}

// JSONFileStats counts what became of the records that were handed to a [JSONFile]:
// each is among Lines, Dropped or Buffered.
type FileStats struct {
	logfile.Stats
	Truncated int64 // cut, see [JSONOptions].MaxLine; they are among the others
}

// A JSONFile is a handler that appends the lines of [NewJSON] to a file, as long as
// Shutdown has not been called. It is safe for concurrent use.
//
// The file is a [logfile.File], whose documentation says what is promised: of lines that
// are written or lost, of rotation by the handler or by logrotate, and of several processes
// that share a file.
type File struct {
	file *logfile.File // shared by all that are derived
	out  *output
	next slog.Handler
}

var _ slog.Handler = (*File)(nil)

// OpenJSONFile opens the file at path as [logfile.Open] does. For a pipe, a terminal or a
// device use [NewJSON]. Nil opts are the defaults; they are copied.
func Open(path string, opts *FileOptions) (*File, error) {
	var o FileOptions
	if opts != nil {
		o = *opts
	}
	file, err := logfile.Open(path, o.file())
	if err != nil {
		return nil, fmt.Errorf("jsonlines: open: %w", err)
	}
	next, out := newJSON(file, &o.Options)
	return &File{file: file, out: out, next: next}, nil
}

func (f *File) Enabled(ctx context.Context, l slog.Level) bool { return f.next.Enabled(ctx, l) }

// Handle writes r as a line, or gathers it. Its error says that a line was dropped; it
// wraps [os.ErrClosed] after Shutdown.
func (f *File) Handle(ctx context.Context, r slog.Record) error { return f.next.Handle(ctx, r) }

// RetainsRecords returns false, see slogtel.RetainsRecords.
func (*File) RetainsRecords() bool { return false }

// WithAttrs returns a *JSONFile that shares all but the attributes with f.
func (f *File) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &File{f.file, f.out, f.next.WithAttrs(attrs)}
}

// WithGroup returns a *JSONFile that shares all but the open groups with f.
func (f *File) WithGroup(name string) slog.Handler {
	return &File{f.file, f.out, f.next.WithGroup(name)}
}

// Reopen opens the file's path anew and goes on there: call it when something else has
// renamed the file. If that fails, writing goes on where it was, and the error is returned.
func (f *File) Reopen() error { return f.file.Reopen() }

// Rotate ends the file, unless it is empty, and begins the next one, as MaxSize does.
func (f *File) Rotate() error { return f.file.Rotate() }

// Flush hands the lines that are gathered to the kernel. It does not wait for the disk.
// An error says that some could not be written; they are kept. When ctx ends first its
// error is returned and the writing goes on.
func (f *File) Flush(ctx context.Context) error {
	return f.file.Flush(ctx)
}

// Shutdown writes what is gathered, drops and counts what cannot be written, closes the
// file, and waits for the compression of rotated files; when ctx ends first that is given
// up, to be done by the next process to rotate the file. Records handed over later are
// dropped and counted. Only the first call does anything; later ones return nil.
func (f *File) Shutdown(ctx context.Context) error {
	return f.file.Shutdown(ctx)
}

// Stats returns the counts so far, of f and all that share its file. It never waits.
func (f *File) Stats() FileStats {
	return FileStats{Stats: f.file.Stats(), Truncated: f.out.truncated.Load()}
}
