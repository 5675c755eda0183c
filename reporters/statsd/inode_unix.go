//go:build unix

package statsd

import (
	"os"
	"syscall"
)

// cgroupInode returns the inode of the folder at path, or 0.
func cgroupInode(path string) uint64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(st.Ino)
	}
	return 0
}
