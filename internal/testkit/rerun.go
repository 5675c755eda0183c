// Package testkit holds what tests of several packages need of the machine, and how they compare
// text that a computation gave.
package testkit

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// startable is the error of starting the test program that runs once more, to run no test. It
// panics if that starts and fails: then nothing of what is left out would be seen.
var startable = sync.OnceValue(func() error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(exe, "-test.run=^$")
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := cmd.Wait(); err != nil {
		panic(fmt.Sprintf("testkit: %s -test.run=^$: %v", exe, err))
	}
	return nil
})

// Rerun returns the test program that runs as a command of its own. The test is skipped where the
// machine cannot start it, as where an emulator runs a program of another architecture.
func Rerun(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	if err := startable(); err != nil {
		t.Skipf("the test program cannot be started from itself here: %v", err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
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
