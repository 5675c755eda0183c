//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package logfile

import (
	"errors"
	"os"
	"syscall"
)

// lockFile locks an open file, without waiting. Any number may share a lock; an exclusive
// one lets nobody else have one, and the error is errLocked where that cannot be. A second
// call changes the kind of the lock.
func lockFile(f *os.File, exclusive bool) error {
	how := syscall.LOCK_SH
	if exclusive {
		how = syscall.LOCK_EX
	}
	err := flock(f, how|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errLocked
	}
	return err
}

func unlockFile(f *os.File) { _ = flock(f, syscall.LOCK_UN) }

func flock(f *os.File, how int) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var result error
	err = conn.Control(func(fd uintptr) {
		for {
			if result = syscall.Flock(int(fd), how); result != syscall.EINTR {
				return
			}
		}
	})
	return errors.Join(err, result)
}
