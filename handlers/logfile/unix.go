//go:build unix

package logfile

import (
	"errors"
	"io/fs"
	"syscall"
)

// openNonblock lets the opening of a pipe that nobody reads fail instead of wait. It
// means nothing for regular files.
const openNonblock = syscall.O_NONBLOCK

// renameOpen says that a file can be renamed while it is open.
const renameOpen = true

// deleted reports whether a file that is open has no name any more.
func deleted(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && s.Nlink == 0
}

// refusesRename reports whether an error says that a file cannot be renamed at its place,
// now or later: it is a mount point, or its folder cannot be written.
func refusesRename(err error) bool {
	return errors.Is(err, syscall.EBUSY) || errors.Is(err, syscall.EXDEV) ||
		errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EROFS)
}

// nameTooLong reports whether an error says that a name is longer than names can be.
func nameTooLong(err error) bool { return errors.Is(err, syscall.ENAMETOOLONG) }
