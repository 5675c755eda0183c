package logfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

const (
	// lookEvery is how often the path is compared with the file, and how long it takes
	// until what failed is tried again.
	lookEvery = time.Second

	// firstLook is when that is done first after Open.
	firstLook = 10 * time.Millisecond

	// refusedRetry is how long it takes until a rotation is tried again that the place of
	// the file forbids.
	refusedRetry = time.Minute
)

// use goes on in a file that was just opened.
func (f *File) use(o openedFile) {
	f.file, f.lock, f.info, f.real, f.size, f.mend = o.file, o.file, o.info, o.real, o.info.Size(), o.torn
	f.shared = true
	if o.torn {
		f.torn.Add(1)
	}
	if o.chmod != nil && !f.modeTold {
		f.modeTold = true
		f.say(fmt.Errorf("logfile: the file keeps the mode %v: %w", o.info.Mode().Perm(), o.chmod))
	}
	now := time.Now()
	f.looked, f.since = now, 0
	f.hold(o.locked)
	if f.size > 0 {
		now = o.info.ModTime()
	}
	f.setPeriod(now)
}

// hold is called with each look: for the next second this process may write to the file
// without another, and the lock says so to the others.
func (f *File) hold(locked bool) {
	f.locked = locked
	if !locked {
		return
	}
	if f.idle == nil {
		f.idle = time.AfterFunc(lookEvery, f.release)
	} else {
		f.idle.Reset(lookEvery)
	}
}

// release gives up the lock when nothing was written for a second: there is a look before
// the next write.
func (f *File) release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || !f.locked {
		return
	}
	if left := lookEvery - time.Since(f.looked); left > 0 {
		f.idle.Reset(left)
		return
	}
	unlockFile(f.lock)
	f.locked = false
}

// prepare does what is due before n bytes are written: it sees whether the file is still
// the one at the path, and begins a new one when this one is full or old.
func (f *File) prepare(n int64) {
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
			wait := lookEvery
			if refusesRename(err) {
				wait = refusedRetry
			}
			f.retry = now.Add(wait)
			f.failed(err)
		}
	}
}

func (f *File) setPeriod(now time.Time) {
	if f.opts.Interval > 0 {
		f.nextPeriod = now.UTC().Truncate(f.opts.Interval).Add(f.opts.Interval)
	}
}

// look compares the path with the file that is being written.
func (f *File) look(now time.Time) {
	f.looked = now
	if f.file == nil {
		_ = f.goOn()
		return
	}
	// Locked first: if the file is at its path then, nobody compresses it. Where the lock
	// cannot be had since somebody does, the file is not at its path.
	f.hold(f.opts.lock(f.lock, false) == nil)
	info, err := os.Stat(f.path)
	if err == nil && os.SameFile(info, f.info) {
		// Others may have appended to it, or truncated it: the end is looked at then.
		f.shared = info.Size() != f.size
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
func (f *File) goOn() error {
	err := f.reopen()
	if err != nil {
		f.failed(fmt.Errorf("logfile: the file is gone from its path: %w", err))
	}
	return err
}

// reopen goes on in the file that is now at the path, or in a new one. When that fails
// nothing changes.
func (f *File) reopen() error {
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

// rotate renames the file and begins a new one. When that fails the old one is written on.
func (f *File) rotate(now time.Time) error {
	f.endLine()
	backup := ""
	// If another process has rotated the file in the meantime there is nothing to rename.
	if info, err := os.Stat(f.real); err == nil && os.SameFile(info, f.info) {
		if backup, err = f.renameToBackup(now); err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("logfile: rotate: %w", err)
			}
			backup = "" // another process was faster just now
		}
	}
	opened, err := openAppend(f.real, &f.opts)
	if err != nil {
		err = fmt.Errorf("logfile: rotate: %w", err)
		if backup != "" {
			err = errors.Join(err, f.undo(backup))
		}
		return err
	}
	if f.file != nil {
		_ = f.file.Close()
	}
	f.use(opened)
	f.retry = time.Time{}
	if backup == "" {
		f.reopened.Add(1)
		return nil
	}
	f.rotations.Add(1)
	f.keeper.tidy(f.real)
	return nil
}

// renameToBackup gives the file the name of a backup, and returns it.
func (f *File) renameToBackup(now time.Time) (string, error) {
	var err error
	for _, prefix := range backupPrefixes(f.real) {
		var name string
		if name, err = f.backupName(prefix, now); err == nil {
			err = f.rename(f.real, name)
		}
		if err == nil {
			return name, nil
		}
		if !nameTooLong(err) { // for this file system, which takes shorter ones only
			break
		}
	}
	return "", err
}

// rename closes the file before, where files that are open cannot be renamed.
func (f *File) rename(from, to string) error {
	if renameOpen {
		return f.opts.rename(from, to)
	}
	_ = f.file.Close()
	f.file = nil
	err := f.opts.rename(from, to)
	if err != nil {
		return errors.Join(err, f.reopen())
	}
	return nil
}

// undo gives the file back its name, if nothing else has it.
func (f *File) undo(backup string) error {
	if _, err := f.opts.lstat(f.real); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := f.opts.rename(backup, f.real); err != nil {
		return err
	}
	if f.file == nil {
		return f.reopen()
	}
	return nil
}

// probe returns an error if the file cannot be renamed in its folder, as far as can be seen
// without doing it: a second name for it meets the same obstacles. Its name is that of what
// the next to tidy up removes, should this process die here.
func (f *File) probe() error {
	name, err := f.backupName(backupPrefixes(f.real)[0], time.Now())
	if err != nil {
		return nil // to be met at the rotation
	}
	name += partSuffix
	err = f.opts.link(f.real, name)
	if err == nil {
		if err = os.Remove(name); errors.Is(err, fs.ErrNotExist) {
			return nil // another process has tidied up meanwhile
		}
		return err
	}
	if refusesRename(err) {
		return fmt.Errorf("a file that is mounted by itself, or whose folder cannot be written, cannot be renamed: %w", err)
	}
	return nil // file systems without hard links say nothing
}
