package reporters

import (
	"bytes"
	"time"
)

// gather adds a line to the buffer, and writes what is in it when there is no room.
func (f *lineFile) gather(line []byte) error {
	if len(f.buf) > 0 && len(f.buf)+len(line) > f.opts.BufferSize {
		if err := f.flush(); err != nil && len(f.buf)+len(line) > f.opts.BufferSize {
			return err
		}
	}
	if len(line) > f.opts.BufferSize {
		_, err := f.put(line)
		return err
	}
	f.buf = append(f.buf, line...)
	f.buffered.Add(1)
	f.arm()
	return nil
}

// arm sees to it that what is gathered will be written.
func (f *lineFile) arm() {
	if f.timer == nil {
		f.timer = time.AfterFunc(f.opts.FlushInterval, f.tick)
	} else if f.buffered.Load() == 1 {
		f.timer.Reset(f.opts.FlushInterval)
	}
}

func (f *lineFile) tick() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return
	}
	if err := f.flush(); err != nil {
		setError(&f.lastError, err)
		f.timer.Reset(f.opts.FlushInterval)
	}
}

// flush writes the lines that are gathered; those that cannot be written stay.
func (f *lineFile) flush() error {
	if len(f.buf) == 0 {
		return nil
	}
	n, err := f.put(f.buf)
	if n > 0 {
		f.buffered.Add(-int64(bytes.Count(f.buf[:n], newline)))
		f.buf = append(f.buf[:0], f.buf[n:]...)
	}
	return err
}

func (f *lineFile) flushNow() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil
	}
	err := f.flush()
	if err != nil {
		setError(&f.lastError, err)
	}
	return err
}
