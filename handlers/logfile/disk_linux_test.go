package logfile_test

import (
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// lockFolder makes it impossible to make, rename or remove files in dir, until the
// returned function is called. Root is kept out by the immutable attribute, others by
// the mode.
func lockFolder(t *testing.T, dir string) (unlock func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		require.NoError(t, os.Chmod(dir, 0o500))
		unlock = func() { _ = os.Chmod(dir, 0o700) }
	} else {
		if out, err := exec.Command("chattr", "+i", dir).CombinedOutput(); err != nil {
			t.Skipf("as root this needs chattr and a file system that obeys it: %s", out)
		}
		unlock = func() { _ = exec.Command("chattr", "-i", dir).Run() }
	}
	t.Cleanup(unlock)
	return unlock
}

// smallDisk mounts a file system of that size (and other options of a tmpfs), which it
// takes root to do.
func smallDisk(t *testing.T, size string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("slogtel-test", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("cannot mount a small file system: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	return dir
}
