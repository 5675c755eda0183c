// Package servers builds and starts the real programs that tests of this module talk to. It is
// for tests only.
package servers

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// heavyVariable asks for the tests of programs that take minutes to build.
const heavyVariable = "SLOGTEL_INTEROP_HEAVY"

// Heavy skips a test of such a program, unless it is asked for.
func Heavy(t *testing.T) {
	t.Helper()
	if os.Getenv(heavyVariable) == "" {
		t.Skipf("takes minutes to build: set %s=1", heavyVariable)
	}
}

// A Program is one of a fixed version that the tests build for themselves.
type Program struct {
	Name, Version string

	// Build makes the file bin. The folder work is empty and goes afterwards.
	Build func(ctx context.Context, work, bin string) error

	once sync.Once
	err  error
}

// Path returns where the program is, after building it if need be. A test that cannot
// have it is skipped.
func (p *Program) Path(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(CacheDir(t), p.Name+"-"+p.Version)
	bin := filepath.Join(dir, p.Name)
	if _, err := os.Stat(bin); err == nil {
		return bin
	}
	p.once.Do(func() { p.err = p.install(t, dir, bin) })
	if p.err != nil {
		t.Skipf("%s %s cannot be installed here: %v", p.Name, p.Version, p.err)
	}
	return bin
}

func (p *Program) install(t *testing.T, dir, bin string) error {
	t.Logf("building %s %s, once, into %s", p.Name, p.Version, dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(dir, "build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	made := filepath.Join(work, p.Name)
	if err := p.Build(t.Context(), work, made); err != nil {
		return err
	}
	return os.Rename(made, bin)
}

// CacheDir is outside of the repository, for what takes long to build.
func CacheDir(t *testing.T) string {
	t.Helper()
	dir, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("there is no place for programs: %v", err)
	}
	return filepath.Join(dir, "slogtel-interop")
}

// Command runs a program of the build. Its error ends with the last line of the output.
func Command(ctx context.Context, dir string, env []string, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		last := strings.TrimSpace(stderr.String() + stdout.String())
		last = last[strings.LastIndexByte(last, '\n')+1:]
		return nil, fmt.Errorf("%s %s: %w: %s", name, args[0], err, last)
	}
	return stdout.Bytes(), nil
}

// GoInstall is the Build of a Go program that is named as the last part of its package.
func GoInstall(pkg string, flags ...string) func(ctx context.Context, work, bin string) error {
	return func(ctx context.Context, work, bin string) error {
		env := append([]string{"GOBIN=" + filepath.Dir(bin)}, GoEnv...)
		_, err := Command(ctx, work, env, "go", slices.Concat([]string{"install"}, flags, []string{pkg})...)
		return err
	}
}

// GoEnv keeps settings of this repository's builds out of theirs.
var GoEnv = []string{"GOFLAGS=-buildvcs=false", "GOWORK=off", "CGO_ENABLED=0", "GO111MODULE=on"}
