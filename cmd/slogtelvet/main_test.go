package main_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const app = `package main

import (
	"context"
	"log/slog"
	"os"
)

func main() { run(context.Background(), slog.New(slog.NewTextHandler(os.Stdout, nil))) }

func run(ctx context.Context, log *slog.Logger) {
	log.Info("a", "n", 1)
	slog.Log(context.Background(), slog.LevelDebug, "b")
}
`

// A program is checked by the command, by go vet, and migrated.
func TestCommand(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: builds a program and checks what it imports")
	}
	dir := t.TempDir()
	vet := filepath.Join(dir, "slogtelvet.exe")
	out, err := exec.Command("go", "build", "-o", vet, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	main := filepath.Join(dir, "main.go")
	require.NoError(t, os.WriteFile(main, []byte(app), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/app\n\ngo 1.26.0\n"), 0o600))
	run := func(name string, args ...string) (string, error) {
		var out bytes.Buffer
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &out
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
		err := cmd.Run()
		return out.String(), err
	}

	for _, command := range [][]string{{vet, "./..."}, {vet, "-slogcontext", "."}, {"go", "vet", "-vettool=" + vet, "./..."}} {
		out, err := run(command[0], command[1:]...)
		require.Error(t, err, "%s: there are findings", command)
		assert.Contains(t, out, "main.go:12:2: ctx is in reach: call InfoContext with it", command)
		assert.Contains(t, out, "main.go:13:11: ctx is in reach: log with it instead of context.Background()", command)
	}
	for _, command := range [][]string{{vet, "-slogcontext=false", "."}, {vet, "-spanend", "."}, {"go", "vet", "-vettool=" + vet, "-slogcontext=false", "."}} {
		out, err := run(command[0], command[1:]...)
		require.NoError(t, err, "%s: the migration is left out: %s", command, out)
	}

	text, err := run(vet, "-slogcontext", "-fix", ".")
	require.NoError(t, err, text)
	got, err := os.ReadFile(main)
	require.NoError(t, err)
	assert.Contains(t, string(got), "\tlog.InfoContext(ctx, \"a\", \"n\", 1)\n\tslog.Log(ctx, slog.LevelDebug, \"b\")\n")
	text, err = run("go", "run", ".")
	require.NoError(t, err, text)
	assert.Contains(t, text, "level=INFO msg=a n=1")
	text, err = run(vet, "./...")
	require.NoError(t, err, "nothing is left to report: %s", text)
}
