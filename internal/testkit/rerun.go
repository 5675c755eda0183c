// Package testkit holds what tests of several packages need of the machine, and how they compare
// text that a computation gave.
package testkit

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// canRerun is the error of starting the test program that runs once more, to run no test.
var canRerun = sync.OnceValue(func() error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	out, err := exec.Command(exe, "-test.run=^$").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return err
})

// Rerun returns the test program that runs as a command of its own. The test is skipped where the
// machine cannot start it, as where an emulator runs a program of another architecture.
func Rerun(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err == nil {
		err = canRerun()
	}
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		t.Fatalf("the test program starts from itself, and fails: %v", err)
	}
	if err != nil {
		t.Skipf("the test program cannot be started from itself here: %v", err)
	}
	return exec.CommandContext(t.Context(), exe, args...)
}

// Device opens a file of the system that not every machine has, as /dev/ptmx, or skips the test.
func Device(t testing.TB, name string, flag int) *os.File {
	t.Helper()
	f, err := os.OpenFile(name, flag, 0)
	if err != nil {
		t.Skipf("this machine has no %s for the test: %v", name, err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}
