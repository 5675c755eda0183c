// Package runmain runs the main function of an example as a process of its own,
// from its test: the test binary is started again and told to be the program.
package runmain

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"
)

const variable = "SLOGTEL_EXAMPLE_RUN_MAIN"

// Main is for TestMain. In the started process it calls main and exits.
func Main(m *testing.M, main func()) {
	if os.Getenv(variable) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// Command returns the program as a command that runs in dir and is killed when the
// test ends or takes ten minutes. The test is skipped where it cannot be started.
func Command(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := testkit.Rerun(t, args...)
	late := time.AfterFunc(10*time.Minute, func() { _ = cmd.Cancel() })
	t.Cleanup(func() { late.Stop() })
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), variable+"=1")
	return cmd
}

// Run runs the program in dir to its end.
func Run(t *testing.T, dir string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := Command(t, dir, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err) // it did not start
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}
