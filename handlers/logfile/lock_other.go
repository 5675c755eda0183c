//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package logfile

import (
	"errors"
	"os"
)

// lockFile knows no locks. Where a file that is open cannot be renamed, it needs none: a
// file that could be rotated was open to nobody.
func lockFile(*os.File, bool) error {
	if renameOpen {
		return errors.ErrUnsupported
	}
	return nil
}

func unlockFile(*os.File) {}
