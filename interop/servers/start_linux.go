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

// Start starts a daemon in a process group of its own, which is ended with the test, or
// with this process. What it printed is logged if the test fails.
func Start(t *testing.T, env []string, path string, args ...string) {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "output"))
	require.NoError(t, err)
	cmd := exec.Command(path, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Dir = t.TempDir()
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	require.NoError(t, cmd.Start())
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(exited)
	}()
	t.Cleanup(func() {
		early := false
		select {
		case <-exited:
			early = true
		default:
		}
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		select {
		case <-exited:
		case <-time.After(5 * time.Second):
		}
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // and its children
		<-exited
		_ = out.Close()
		if t.Failed() || early {
			printed, _ := os.ReadFile(out.Name())
			t.Logf("%s (ended by itself: %v) printed:\n%s", filepath.Base(path), early, printed[max(0, len(printed)-4000):])
		}
	})
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
