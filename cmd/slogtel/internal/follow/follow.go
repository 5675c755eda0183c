// Package follow reads lines from files as they grow. Tail and top share it.
package follow

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"
	"time"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/remote"
)

// Poll is how often files are looked at.
const Poll = 200 * time.Millisecond

// A File is one that is followed: through what is appended, through a rename after which
// another file has its name, and through a truncation.
type File struct {
	Name string
	Line int64 // the number of the last line, from where reading began

	f      *os.File // nil while there is none with this name
	err    error    // why there is none
	offset int64
	rest   []byte // of a line without an end yet
	max    int    // bytes of a line
}

// Open returns a File that begins where start says, if there is a file of that name already; a later one is read from its
// beginning.
func Open(name string, start Start) *File {
	f := &File{Name: name, max: events.DefaultMaxLine}
	if f.open() {
		info, err := f.f.Stat()
		if err == nil {
			f.offset, err = start(f.f, info.Size())
		}
		f.err = err
	}
	return f
}

// Err is nil while there is a file to read, and otherwise says why there is none.
func (f *File) Err() error { return f.err }

// Follow reads files until ctx is done. Read is called with each line, which it is not to keep, and looked,
// if it is not nil, whenever all that there was has been read.
func Follow(ctx context.Context, files []*File, read func(f *File, line []byte), looked func()) {
	tick := time.NewTicker(Poll)
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
		if looked != nil {
			looked()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// step reads what there is, and goes on to a new file when there is one.
func (f *File) step(ctx context.Context, buf []byte, read func([]byte)) {
	if f.f == nil && !f.open() {
		return
	}
	// Look at the name first: what was written before a rename is then still read below.
	info, err := os.Stat(f.Name)
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
		if f.open() {
			f.drain(ctx, buf, read)
		}
	}
}

func (f *File) open() bool {
	g, err := os.Open(f.Name)
	if f.err = err; err != nil {
		return false
	}
	f.f = g
	f.restart()
	return true
}

func (f *File) restart() {
	f.offset, f.Line, f.rest = 0, 0, f.rest[:0]
}

func (f *File) close() {
	if f.f != nil {
		f.f.Close()
		f.f = nil
	}
}

func (f *File) drain(ctx context.Context, buf []byte, read func([]byte)) {
	f.err = nil
	for ctx.Err() == nil {
		n, err := f.f.ReadAt(buf, f.offset)
		f.offset += int64(n)
		f.take(buf[:n], read)
		if err != nil || n == 0 {
			if err != io.EOF && err != nil {
				f.err = err
				f.flush(read)
			}
			return
		}
	}
}

func (f *File) take(data []byte, read func([]byte)) {
	for len(data) > 0 {
		end := bytes.IndexByte(data, '\n')
		part := data
		if end >= 0 {
			part, data = data[:end], data[end+1:]
		} else {
			data = nil
		}
		if len(f.rest)+len(part) > f.max {
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
func (f *File) line(read func([]byte)) {
	f.Line++
	read(f.rest)
	f.rest = f.rest[:0]
	if cap(f.rest) > 1<<20 {
		f.rest = nil
	}
}

// flush ends the last line of a file that will not go on.
func (f *File) flush(read func([]byte)) {
	if len(f.rest) > 0 {
		f.line(read)
	}
}

// Backward hands on the lines of an open file, the last one first, each with where it starts, until line returns false.
func Backward(f io.ReaderAt, size int64, line func(start int64, text []byte) bool) error {
	var rest []byte // of a line whose beginning is not read yet
	for end := size; end > 0; {
		start := max(0, end-64<<10)
		b := make([]byte, end-start, end-start+int64(len(rest)))
		if n, err := f.ReadAt(b, start); n < len(b) && err != nil {
			return err
		}
		b = append(b, rest...)
		for i := bytes.LastIndexByte(b, '\n'); i >= 0; i = bytes.LastIndexByte(b, '\n') {
			if !line(start+int64(i)+1, b[i+1:]) {
				return nil
			}
			b = b[:i]
		}
		rest, end = b, start
	}
	line(0, rest)
	return nil
}

// LastBytes returns where the first line starts that is within the last n bytes of an open file.
func LastBytes(f io.ReaderAt, size, n int64) (int64, error) {
	if size <= n {
		return 0, nil
	}
	at := size - n - 1 // a line that starts with the first byte of them has its newline before
	r := bufio.NewReaderSize(io.NewSectionReader(f, at, n+1), 64<<10)
	for {
		part, err := r.ReadSlice('\n')
		switch at += int64(len(part)); err {
		case nil, io.EOF:
			return at, nil
		case bufio.ErrBufferFull:
		default:
			return 0, err
		}
	}
}

// A Start says where to begin in an open file.
type Start func(f io.ReaderAt, size int64) (int64, error)

// Files returns the files that inputs stand for. One that is not there yet may come. The error is one of usage.
func Files(inputs []string, start Start) (files []*File, err error) {
	for _, in := range inputs {
		if in == "-" || remote.Is(in) {
			return nil, input.Usage(fmt.Errorf("%s cannot be followed together with files", remote.Name(in)))
		}
		names := []string{in}
		if _, err := os.Lstat(in); err != nil && strings.ContainsAny(in, "*?[") {
			if names, err = events.Expand(names); err != nil {
				return nil, err
			}
		}
		for _, name := range names {
			if _, err := os.Stat(name); err == nil && !plain(name) {
				return nil, input.Usage(fmt.Errorf("%s cannot be followed: expected a plain file, which grows", name))
			}
			files = append(files, Open(name, start))
		}
	}
	return files, nil
}

// Read reads inputs to their ends, one after the other: plain files from where start says, others from their beginnings.
func Read(ctx context.Context, opts events.Options, start Start, sink events.Sink) (sum events.Counts, err error) {
	names, err := events.Expand(opts.Inputs)
	for _, name := range names {
		var c events.Counts
		if c, err = readOne(ctx, opts, name, start, sink); err != nil {
			sum.Add(c)
			break
		}
		sum.Add(c)
	}
	return sum, err
}

func readOne(ctx context.Context, opts events.Options, name string, start Start, sink events.Sink) (c events.Counts, err error) {
	opts.Inputs = []string{name}
	if name != "-" && plain(name) {
		f := Open(name, start)
		defer f.close()
		if f.err != nil {
			return c, f.err
		}
		opts.Inputs, opts.Stdin, opts.StdinName = []string{"-"}, io.NewSectionReader(f.f, f.offset, math.MaxInt64-f.offset), name
	}
	return events.ReadInOrder(ctx, opts, sink)
}

// plain reports whether name is a regular file of UTF-8: one that can be read from its middle.
func plain(name string) bool {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [10]byte
	n, _ := io.ReadFull(f, head[:])
	return !events.Encoded(head[:n])
}
