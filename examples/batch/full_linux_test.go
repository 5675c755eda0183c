package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/examples/internal/runmain"
)

// TestFullDisk writes to the device that is always full.
func TestFullDisk(t *testing.T) {
	dir := files(t, map[string]string{"a.md": prose})

	r := runWith(t, t.Context(), "-telemetry", "/dev/full", dir)
	assert.Equal(t, exitFailed, r.code)
	assert.Equal(t, statusOK, r.env.Status, "the work is done and kept all the same")
	assert.Contains(t, r.stderr, "no space left on device")
	assert.Contains(t, r.stderr, "events did not get everywhere")

	r = runWith(t, t.Context(), "-out", "/dev/full", dir)
	assert.Equal(t, exitFailed, r.code)
	assert.Contains(t, r.stderr, "batch: write /dev/full: no space left on device")
}

// TestResultDoesNotFit: the result of the run before stays, or none is there at all.
func TestResultDoesNotFit(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell to set a limit on the size of files")
	}
	dir := files(t, map[string]string{"a.md": prose, "old.json": "{}"})
	for _, out := range []string{"old.json", "new.json"} {
		cmd := runmain.Command(t, dir, "-telemetry", "off", "-out", out, "a.md")
		// A block has 512 or 1024 bytes; an envelope is larger than one.
		cmd.Args = slices.Concat([]string{"sh", "-c", `ulimit -f 1 && exec "$0" "$@"`, cmd.Path}, cmd.Args[1:])
		cmd.Path = shell
		printed, _ := cmd.CombinedOutput()
		require.Equal(t, exitFailed, cmd.ProcessState.ExitCode(), "%s", printed)
		assert.Contains(t, string(printed), out+" cannot be written: ")
		assert.Contains(t, string(printed), "- a.md: The quick", "the answer is not lost")
	}
	kept, err := os.ReadFile(filepath.Join(dir, "old.json"))
	require.NoError(t, err)
	assert.Equal(t, "{}", string(kept))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 2, "nothing is left behind")
}
