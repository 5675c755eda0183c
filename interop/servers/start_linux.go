package servers

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Ready is how long a daemon may take until it answers, and a line until it is stored.
// The machine may be busy with other tests.
const Ready = 60 * time.Second

// A Daemon is a process in a group of its own, which ends with the test, at the latest.
type Daemon struct {
	cmd    *exec.Cmd
	out    *os.File
	exited chan struct{}
}

// Start starts a daemon. What it printed is logged if the test fails.
func Start(t *testing.T, env []string, path string, args ...string) *Daemon {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "output"))
	require.NoError(t, err)
	d := &Daemon{exec.Command(path, args...), out, make(chan struct{})}
	d.cmd.Env = append(os.Environ(), env...)
	d.cmd.Dir = t.TempDir()
	d.cmd.Stdout, d.cmd.Stderr = out, out
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	require.NoError(t, d.cmd.Start())
	go func() {
		_ = d.cmd.Wait()
		close(d.exited)
	}()
	t.Cleanup(func() {
		d.Signal(syscall.SIGTERM)
		select {
		case <-d.exited:
		case <-time.After(5 * time.Second):
		}
		d.Kill()
		if t.Failed() {
			printed := d.Output()
			t.Logf("%s printed:\n%s", filepath.Base(path), printed[max(0, len(printed)-4000):])
		}
		_ = out.Close()
	})
	return d
}

// Signal sends a signal to the process and its children.
func (d *Daemon) Signal(s syscall.Signal) { _ = syscall.Kill(-d.cmd.Process.Pid, s) }

// Kill ends them without a warning.
func (d *Daemon) Kill() {
	d.Signal(syscall.SIGKILL)
	<-d.exited
}

// Output returns what was printed so far.
func (d *Daemon) Output() string {
	text, _ := os.ReadFile(d.out.Name())
	return string(text)
}

// WaitFor waits until a GET of url is answered with 200.
func WaitFor(t *testing.T, url string) {
	t.Helper()
	require.Eventually(t, func() bool {
		resp, err := http.Get(url)
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	}, Ready, 20*time.Millisecond, "%s does not answer", url)
}
