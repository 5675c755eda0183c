// Package runmain runs the main function of an example as a process of its own,
// from its test: the test binary is started again and told to be the program.
package runmain

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"testing"
	"time"
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
// test ends or takes a minute.
func Command(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
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
