package statsd

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long a daemon may take for anything. The machine may be busy with
// other tests.
const patience = 90 * time.Second

// A program is one of a fixed version that is installed once.
type program struct {
	name    string                                      // and version
	file    string                                      // below its folder
	install func(ctx context.Context, dir string) error // makes file in dir

	once sync.Once
	err  error
}

// path returns where the program is, after installing it if need be. A test that
// cannot have it is skipped.
func (p *program) path(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("%s: there is no place for programs: %v", p.name, err)
	}
	dir := filepath.Join(cache, "slogtel-interop", p.name)
	file := filepath.Join(dir, p.file)
	if _, err := os.Stat(file); err == nil {
		return file
	}
	p.once.Do(func() {
		t.Logf("installing %s, once, into %s", p.name, dir)
		if p.err = os.MkdirAll(filepath.Dir(dir), 0o755); p.err != nil {
			return
		}
		var work string
		if work, p.err = os.MkdirTemp(filepath.Dir(dir), "install-"); p.err != nil {
			return
		}
		defer os.RemoveAll(work)
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
		defer cancel()
		if p.err = p.install(ctx, work); p.err == nil {
			p.err = os.Rename(work, dir)
		}
	})
	if p.err != nil {
		t.Skipf("%s cannot be installed here: %v", p.name, p.err)
	}
	return file
}

// run runs a command of an installation. Its error ends with the last line printed.
func run(ctx context.Context, dir string, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return fmt.Errorf("%s %s: %w: %s", name, args[0], err, lines[len(lines)-1])
	}
	return nil
}

// goInstall installs a Go program.
func goInstall(pkg string, flags ...string) func(context.Context, string) error {
	return func(ctx context.Context, dir string) error {
		env := []string{"GOBIN=" + dir, "GOFLAGS=-buildvcs=false", "GOWORK=off", "CGO_ENABLED=0"}
		return run(ctx, dir, env, "go", append(append([]string{"install"}, flags...), pkg)...)
	}
}

// A daemon is a process that ends with the test, at the latest.
type daemon struct {
	name   string
	cmd    *exec.Cmd
	out    *os.File
	exited chan struct{}
}

func startDaemon(t *testing.T, path string, args ...string) *daemon {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "output"))
	require.NoError(t, err)
	cmd := exec.Command(path, args...)
	cmd.Dir = t.TempDir()
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	require.NoError(t, cmd.Start())
	d := &daemon{name: filepath.Base(path), cmd: cmd, out: out, exited: make(chan struct{})}
	go func() {
		_ = cmd.Wait()
		close(d.exited)
	}()
	t.Cleanup(func() {
		d.kill()
		if t.Failed() {
			t.Logf("%s printed:\n%.4000s", d.name, d.output())
		}
		_ = out.Close()
	})
	return d
}

func (d *daemon) output() string {
	text, _ := os.ReadFile(d.out.Name())
	return string(bytes.TrimSpace(text))
}

// signal sends a signal to the process and its children.
func (d *daemon) signal(sig syscall.Signal) { _ = syscall.Kill(-d.cmd.Process.Pid, sig) }

// kill ends the process without a warning.
func (d *daemon) kill() {
	select {
	case <-d.exited:
		return
	default:
	}
	d.signal(syscall.SIGKILL)
	<-d.exited
}

// eventually waits until f is true.
func eventually(t *testing.T, f func() bool, format string, args ...any) {
	t.Helper()
	require.Eventually(t, f, patience, 20*time.Millisecond, fmt.Sprintf(format, args...))
}
