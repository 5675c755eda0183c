package logfile

import (
	"bytes"
	"errors"
	"io"
	"time"
)

// Write writes or gathers p, which is one line or several. Where the last newline is
// missing it is added. A line is written whole or not at all: what Write returns less than
// the length of p, which is with an error, was dropped.
func (f *File) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	f.mu.Lock()
	defer f.unlockAndTell()
	b := p
	if p[len(p)-1] != '\n' {
		b = append(append(f.scratch[:0], p...), '\n')
		if f.scratch = b; cap(b) > maxScratch {
			f.scratch = nil
		}
	}
	var n int
	var err error
	switch {
	case f.closed:
		err = errShutdown
	case f.opts.BufferSize > 0:
		n, err = f.gather(b)
	default:
		n, err = f.put(b)
	}
	if err != nil {
		f.lost(countLines(b[n:]), err)
	}
	return min(n, len(p)), err
}

// maxScratch bounds the memory that is kept for another line.
const maxScratch = 64 << 10

// put writes whole lines, in as few writes as MaxSize allows, and returns how many bytes of
// whole lines are in the kernel: if not all, also an error.
func (f *File) put(p []byte) (done int, err error) {
	for done < len(p) {
		rest := p[done:]
		if f.opts.MaxSize <= 0 {
			f.prepare(int64(len(rest)))
		} else {
			f.prepare(int64(bytes.IndexByte(rest, '\n') + 1))
			rest = f.fitting(rest)
		}
		n, err := f.write(rest)
		if done += n; err != nil {
			return done, err
		}
	}
	return done, nil
}

// fitting returns those of the lines that the file has room for, at least one.
func (f *File) fitting(lines []byte) []byte {
	room := f.opts.MaxSize - f.size
	if int64(len(lines)) <= room || f.size > 0 && !f.retry.IsZero() { // it cannot be rotated now
		return lines
	}
	end := 0
	if room > 0 {
		end = bytes.LastIndexByte(lines[:room], '\n') + 1
	}
	if end == 0 {
		end = bytes.IndexByte(lines, '\n') + 1
	}
	return lines[:end]
}

// write writes whole lines to the file, in one write.
func (f *File) write(p []byte) (int, error) {
	if f.file == nil {
		return 0, *f.lastError.Load() // why there is none
	}
	if f.shared {
		f.lookAtEnd()
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
	lines := countLines(p[:whole])
	f.lines.Add(lines)
	f.bytes.Add(int64(whole))
	f.since += lines
	if whole == len(p) {
		if err != nil {
			f.setError(err)
		}
		return whole, nil
	}
	return whole, err
}

// takeBack removes the part of a line that a failed write has left at the end, unless it
// is not at the end any more, and reports whether it did.
func (f *File) takeBack(part int) bool {
	info, err := f.file.Stat()
	return err == nil && info.Size() == f.size+int64(part) && f.file.Truncate(f.size) == nil
}

// lookAtEnd looks, if others have written since, whether a line of theirs is torn.
func (f *File) lookAtEnd() {
	size, err := f.file.Seek(0, io.SeekEnd)
	if err != nil || size == f.size {
		return
	}
	size, torn, err := endOf(f.file, f.last[:])
	f.size = size
	if err != nil {
		return
	}
	if torn && !f.mend {
		f.torn.Add(1)
	}
	f.mend = torn
}

// endLine ends the last line of the file, if need be and if it can be done: it is called
// before the file is left.
func (f *File) endLine() {
	if f.file != nil && f.mend {
		if n, _ := f.file.Write(newline); n == 1 {
			f.mend = false
			f.size++
		}
	}
}

func (f *File) close() error {
	f.mu.Lock()
	defer f.unlockAndTell()
	if f.closed {
		return nil
	}
	f.closed = true
	for _, t := range []*time.Timer{f.timer, f.idle} {
		if t != nil {
			t.Stop()
		}
	}
	err := f.flush()
	if lost := f.buffered.Swap(0); lost > 0 {
		f.buf = nil
		f.lost(lost, err)
	}
	if f.file == nil {
		return err
	}
	f.endLine()
	return errors.Join(err, f.file.Close())
}
