package reporters

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// prepare does what is due before n bytes are written: it sees whether the file is still
// the one at the path, and begins a new one when this one is full or old.
func (f *lineFile) prepare(n int64) {
	now := time.Now()
	if now.Sub(f.looked) >= lookEvery {
		f.look(now)
	}
	full := f.opts.MaxSize > 0 && f.size+n > f.opts.MaxSize
	old := f.opts.Interval > 0 && !now.Before(f.nextPeriod)
	switch {
	case f.opts.Interval > 0 && (old && f.size == 0 || f.nextPeriod.Sub(now) > f.opts.Interval):
		f.setPeriod(now) // there is nothing to rotate, or the clock was set back
	case f.file != nil && f.size > 0 && (full || old) && !now.Before(f.retry):
		if err := f.rotate(now); err != nil {
			f.retry = now.Add(lookEvery)
			f.failed(err)
		}
	}
}

func (f *lineFile) setPeriod(now time.Time) {
	if f.opts.Interval > 0 {
		f.nextPeriod = now.UTC().Truncate(f.opts.Interval).Add(f.opts.Interval)
	}
}

// look compares the path with the file that is being written.
func (f *lineFile) look(now time.Time) {
	f.looked = now
	if f.file == nil {
		_ = f.goOn()
		return
	}
	info, err := os.Stat(f.path)
	if err == nil && os.SameFile(info, f.info) {
		f.size = info.Size() // others may have appended to it, or truncated it
	} else if open, statErr := f.file.Stat(); statErr == nil {
		gone := deleted(open)
		if gone {
			f.unlinked.Add(f.since)
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return // it is there, but not for us to see just now
		}
		if f.goOn() != nil && gone {
			// What is written now would be lost, and counted as written.
			_ = f.file.Close()
			f.file = nil
		}
	}
	f.since = 0
}

// goOn is reopen for when the file is not at its path any more.
func (f *lineFile) goOn() error {
	err := f.reopen()
	if err != nil {
		f.failed(fmt.Errorf("reporters: the JSON file is gone from its path: %w", err))
	}
	return err
}

// reopen goes on in the file that is now at the path, or in a new one. When that fails
// nothing changes.
func (f *lineFile) reopen() error {
	f.endLine()
	opened, err := openAppend(f.path, &f.opts)
	if err != nil {
		return err
	}
	if f.file != nil {
		_ = f.file.Close() // its lines are in the kernel
	}
	f.use(opened)
	f.reopened.Add(1)
	return nil
}

func (f *lineFile) reopenNow() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return errShutdown
	}
	_ = f.flush() // into the old file, where it belongs; or later, into the new one
	if err := f.reopen(); err != nil {
		err = fmt.Errorf("reporters: reopen a JSON file: %w", err)
		f.failed(err)
		return err
	}
	return nil
}

func (f *lineFile) rotateNow() error {
	f.mu.Lock()
	defer f.mu.Unlock()
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

// rotate renames the file and begins a new one. When that fails the old one is written on.
func (f *lineFile) rotate(now time.Time) error {
	f.endLine()
	backup := ""
	// If another process has rotated the file in the meantime there is nothing to rename.
	if info, err := os.Stat(f.real); err == nil && os.SameFile(info, f.info) {
		backup = f.backupName(now)
		if err := f.rename(f.real, backup); err != nil {
			return fmt.Errorf("reporters: rotate a JSON file: %w", err)
		}
	}
	opened, err := openAppend(f.real, &f.opts)
	if err != nil {
		err = fmt.Errorf("reporters: rotate a JSON file: %w", err)
		if backup != "" {
			err = errors.Join(err, f.undo(backup))
		}
		return err
	}
	if f.file != nil {
		_ = f.file.Close()
	}
	f.use(opened)
	f.rotations.Add(1)
	f.backups.tidy(f.real, &f.opts)
	return nil
}

// rename closes the file before, where files that are open cannot be renamed.
func (f *lineFile) rename(from, to string) error {
	if renameOpen {
		return os.Rename(from, to)
	}
	_ = f.file.Close()
	f.file = nil
	err := os.Rename(from, to)
	if err != nil {
		return errors.Join(err, f.reopen())
	}
	return nil
}

// undo gives the file back its name, if nothing else has it.
func (f *lineFile) undo(backup string) error {
	if _, err := os.Lstat(f.real); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := os.Rename(backup, f.real); err != nil {
		return err
	}
	if f.file == nil {
		return f.reopen()
	}
	return nil
}
