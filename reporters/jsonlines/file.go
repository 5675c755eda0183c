package jsonlines

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/slogtel/telemetry/handlers/logfile"
)

// FileOptions configure [Open]. The zero value appends flat lines to one file for ever, each
// in the kernel when Handle returns.
type FileOptions struct {
	Options // of the lines

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

// FileStats counts what became of the records that were handed to a [File]: each is among
// Lines, Dropped or Buffered.
type FileStats struct {
	logfile.Stats
	Truncated int64 // cut, see [Options].MaxLine; they are among the others
}

// A File is a handler that appends lines to a file until Shutdown. It is safe for concurrent
// use.
//
// The file is a [logfile.File], whose documentation says what is promised: of lines that
// are written or lost, of rotation by the handler or by logrotate, and of several processes
// that share a file.
type File struct {
	file  *logfile.File // shared by all that are derived
	lines *Handler
}

var _ slog.Handler = (*File)(nil)

// Open opens the file at path as [logfile.Open] does. For a pipe, a terminal or a device use
// [New]. Nil opts are the defaults; they are copied.
func Open(path string, opts *FileOptions) (*File, error) {
	var o FileOptions
	if opts != nil {
		o = *opts
	}
	file, err := logfile.Open(path, o.file())
	if err != nil {
		return nil, fmt.Errorf("jsonlines: open: %w", err)
	}
	return &File{file: file, lines: New(file, &o.Options)}, nil
}

func (f *File) Enabled(ctx context.Context, l slog.Level) bool { return f.lines.Enabled(ctx, l) }

// Handle writes r as a line, or gathers it. Its error says that a line was dropped; after
// Shutdown it wraps [os.ErrClosed].
func (f *File) Handle(ctx context.Context, r slog.Record) error { return f.lines.Handle(ctx, r) }

// RetainsRecords returns false, see slogtel.RetainsRecords.
func (*File) RetainsRecords() bool { return false }

// WithAttrs returns a *File that shares everything but the attributes with f.
func (f *File) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &File{f.file, f.lines.WithAttrs(attrs).(*Handler)}
}

// WithGroup returns a *File that shares everything but the open groups with f.
func (f *File) WithGroup(name string) slog.Handler {
	return &File{f.file, f.lines.WithGroup(name).(*Handler)}
}

// Reopen is [logfile.File.Reopen].
func (f *File) Reopen() error { return f.file.Reopen() }

// Rotate is [logfile.File.Rotate].
func (f *File) Rotate() error { return f.file.Rotate() }

// Flush is [logfile.File.Flush].
func (f *File) Flush(ctx context.Context) error { return f.file.Flush(ctx) }

// Shutdown is [logfile.File.Shutdown].
func (f *File) Shutdown(ctx context.Context) error { return f.file.Shutdown(ctx) }

// Stats returns the counts so far, of f and all that share its file. It never waits.
func (f *File) Stats() FileStats {
	return FileStats{Stats: f.file.Stats(), Truncated: f.lines.out.truncated.Load()}
}
