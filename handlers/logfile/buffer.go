package logfile

import (
	"bytes"
	"time"
)

// gather adds lines to the buffer, and writes what is in it when there is no room. It
// returns how many bytes of p were taken: if not all, also an error.
func (f *File) gather(p []byte) (int, error) {
	if len(f.buf) > 0 && len(f.buf)+len(p) > f.opts.BufferSize {
		if err := f.flush(); err != nil && len(f.buf)+len(p) > f.opts.BufferSize {
			return 0, err
		}
	}
	if len(p) > f.opts.BufferSize {
		return f.put(p)
	}
	f.buf = append(f.buf, p...)
	first := f.buffered.Load() == 0
	f.buffered.Add(countLines(p))
	f.arm(first)
	return len(p), nil
}

// arm sees to it that what is gathered will be written.
func (f *File) arm(first bool) {
	if f.timer == nil {
		f.timer = time.AfterFunc(f.opts.FlushInterval, f.tick)
	} else if first {
		f.timer.Reset(f.opts.FlushInterval)
	}
}

func (f *File) tick() {
	f.mu.Lock()
	defer f.unlockAndTell()
	if f.closed {
		return
	}
	if err := f.flush(); err != nil {
		f.setError(err)
		f.timer.Reset(f.opts.FlushInterval)
	}
}

// flush writes the lines that are gathered; those that cannot be written stay.
func (f *File) flush() error {
	if len(f.buf) == 0 {
		return nil
	}
	n, err := f.put(f.buf)
	if n > 0 {
		f.buffered.Add(-countLines(f.buf[:n]))
		f.buf = append(f.buf[:0], f.buf[n:]...)
	}
	return err
}

func (f *File) flushNow() error {
	f.mu.Lock()
	defer f.unlockAndTell()
	if f.closed {
		return nil
	}
	err := f.flush()
	if err != nil {
		f.setError(err)
	}
	return err
}

var newline = []byte("\n")

func countLines(p []byte) int64 { return int64(bytes.Count(p, newline)) }
