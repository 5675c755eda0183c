package testkit

import (
	"os"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// OpenPTY opens a pseudo terminal: what is written to the terminal can be read from its master, and the
// other way round. Where there is none the test is skipped.
func OpenPTY(t testing.TB) (master, terminal *os.File) {
	t.Helper()
	master = Device(t, "/dev/ptmx", os.O_RDWR|unix.O_NOCTTY)
	var number int
	Control(t, master, func(fd int) (err error) {
		if err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err == nil {
			number, err = unix.IoctlGetInt(fd, unix.TIOCGPTN)
		}
		return err
	})
	return master, Device(t, "/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY)
}

// Control does something with the descriptor of a file.
func Control(t testing.TB, f *os.File, do func(fd int) error) {
	t.Helper()
	conn, err := f.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var done error
	if err := conn.Control(func(fd uintptr) { done = do(int(fd)) }); err != nil || done != nil {
		t.Fatal(err, done)
	}
}
