//go:build unix

package reporters

import (
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
