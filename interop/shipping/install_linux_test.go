package shipping

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A program is one of a fixed version that the tests build for themselves.
type program struct {
	name, version string

	// build makes the file bin. The folder work is empty and goes afterwards.
	build func(ctx context.Context, work, bin string) error

	once sync.Once
	err  error
}

// path returns where the program is, after building it if need be. A test that cannot
// have it is skipped.
func (p *program) path(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(cacheDir(t), p.name+"-"+p.version)
	bin := filepath.Join(dir, p.name)
	if _, err := os.Stat(bin); err == nil {
		return bin
	}
	p.once.Do(func() { p.err = p.install(t, dir, bin) })
	if p.err != nil {
		t.Skipf("%s %s cannot be installed here: %v", p.name, p.version, p.err)
	}
	return bin
}

func (p *program) install(t *testing.T, dir, bin string) error {
	t.Logf("building %s %s, once, into %s", p.name, p.version, dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(dir, "build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	made := filepath.Join(work, p.name)
	if err := p.build(t.Context(), work, made); err != nil {
		return err
	}
	return os.Rename(made, bin)
}

// cacheDir is outside of the repository, for what takes long to build.
func cacheDir(t *testing.T) string {
	t.Helper()
	dir, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("there is no place for programs: %v", err)
	}
	return filepath.Join(dir, "slogtel-interop")
}

// command runs a program of the build. Its error ends with the last line of the output.
func command(ctx context.Context, dir string, env []string, name string, args ...string) ([]byte, error) {
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

// goEnv keeps settings of this repository's builds out of theirs.
var goEnv = []string{"GOFLAGS=-buildvcs=false", "GOWORK=off", "CGO_ENABLED=0", "GO111MODULE=on"}

var victoriaLogs = &program{
	name: "victoria-logs", version: "v1.52.1",
	build: func(ctx context.Context, work, bin string) error {
		env := append([]string{"GOBIN=" + filepath.Dir(bin)}, goEnv...)
		_, err := command(ctx, work, env, "go", "install", "github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs@v1.52.1")
		return err
	},
}

// telegraf has only the plug-ins that examples/shipping/telegraf.conf names.
var telegraf = &program{
	name: "telegraf", version: "v1.37.2-shipping",
	build: func(ctx context.Context, work, bin string) error {
		env := append([]string{"GOBIN=" + filepath.Dir(bin)}, goEnv...)
		_, err := command(ctx, work, env, "go", "install",
			"-tags", "custom,inputs.tail,outputs.loki,parsers.json,processors.converter,processors.strings",
			"github.com/influxdata/telegraf/cmd/telegraf@v1.37.2")
		return err
	},
}
