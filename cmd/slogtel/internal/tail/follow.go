package tail

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

// poll is how often files are looked at.
const poll = 200 * time.Millisecond

// A file is one that is followed: through what is appended, through a rename after which
// another file has its name, and through a truncation.
type file struct {
	name   string
	f      *os.File // nil while there is none with this name
	offset int64
	at     int64  // the number of the last line
	rest   []byte // of a line without an end yet
	max    int    // bytes of a line
	long   bool   // rest was cut at max, and the line is bad
}

// Follow reads a file until ctx is done, from its end on: through what is appended, a rotation and a
// truncation. One that is not there yet is waited for.
func Follow(ctx context.Context, name string, sink events.Sink) {
	f := &file{name: name, max: events.DefaultMaxLine}
	if f.open() {
		if info, err := f.f.Stat(); err == nil {
			f.offset = info.Size()
		}
	}
	lines := events.NewLines(events.Options{Attrs: true}, sink)
	follow(ctx, []*file{f}, func(f *file, line []byte) {
		lines.Line(events.Position{Input: f.name, Line: f.at}, line)
	})
	lines.End()
}

// follow reads files until ctx is done, each from its offset.
func follow(ctx context.Context, files []*file, read func(f *file, line []byte)) {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	defer func() {
		for _, f := range files {
			f.close()
		}
	}()
	buf := make([]byte, 64<<10)
	for {
		for _, f := range files {
			f.step(ctx, buf, func(line []byte) { read(f, line) })
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// step reads what there is, and goes on to a new file when there is one.
func (f *file) step(ctx context.Context, buf []byte, read func([]byte)) {
	if f.f == nil && !f.open() {
		return
	}
	// Look at the name first: what was written before a rename is then still read below.
	info, err := os.Stat(f.name)
	own, ownErr := f.f.Stat()
	if ownErr == nil && own.Size() < f.offset {
		f.restart()
	}
	f.drain(ctx, buf, read)
	gone := errors.Is(err, fs.ErrNotExist)
	if gone || err == nil && ownErr == nil && !os.SameFile(info, own) {
		f.drain(ctx, buf, read)
		f.flush(read)
		f.close()
		if !gone && f.open() {
			f.drain(ctx, buf, read)
		}
	}
}

func (f *file) open() bool {
	g, err := os.Open(f.name)
	if err != nil {
		return false
	}
	f.f = g
	f.restart()
	return true
}

func (f *file) restart() {
	f.offset, f.at, f.rest, f.long = 0, 0, f.rest[:0], false
}

func (f *file) close() {
	if f.f != nil {
		f.f.Close()
		f.f = nil
	}
}

func (f *file) drain(ctx context.Context, buf []byte, read func([]byte)) {
	for ctx.Err() == nil {
		n, err := f.f.ReadAt(buf, f.offset)
		f.offset += int64(n)
		f.take(buf[:n], read)
		if err != nil || n == 0 {
			if err != io.EOF && err != nil {
				f.flush(read)
			}
			return
		}
	}
}

func (f *file) take(data []byte, read func([]byte)) {
	for len(data) > 0 {
		end := bytes.IndexByte(data, '\n')
		part := data
		if end >= 0 {
			part, data = data[:end], data[end+1:]
		} else {
			data = nil
		}
		if len(f.rest)+len(part) > f.max {
			f.long = true
			part = part[:max(0, f.max+1-len(f.rest))]
		}
		f.rest = append(f.rest, part...)
		if end >= 0 {
			f.line(read)
		}
	}
}

// line ends a line. One that is longer than max still is by a byte, so that the reader
// says so.
func (f *file) line(read func([]byte)) {
	f.at++
	read(f.rest)
	f.rest, f.long = f.rest[:0], false
	if cap(f.rest) > 1<<20 {
		f.rest = nil
	}
}

// flush ends the last line of a file that will not go on.
func (f *file) flush(read func([]byte)) {
	if len(f.rest) > 0 {
		f.line(read)
	}
}

// lastLines returns where the last n lines of an open file start; a negative n is all.
func lastLines(f io.ReaderAt, size int64, n int) (int64, error) {
	if n < 0 {
		return 0, nil
	}
	buf := make([]byte, 64<<10)
	newlines := 0
	for end := size; end > 0; {
		start := max(0, end-int64(len(buf)))
		b := buf[:end-start]
		if m, err := f.ReadAt(b, start); m < len(b) && err != nil {
			return 0, err
		}
		for i := len(b) - 1; i >= 0; i-- {
			at := start + int64(i)
			if b[i] != '\n' || at == size-1 {
				continue
			}
			if newlines++; newlines == n {
				return at + 1, nil
			}
		}
		end = start
	}
	if n == 0 {
		return size, nil
	}
	return 0, nil
}

var _ events.Sink = (*printer)(nil)
