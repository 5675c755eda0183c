package shipping

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ready is how long a daemon may take until it answers, and a line until it is stored.
// The machine may be busy with other tests.
const ready = 60 * time.Second

// start starts a daemon in a process group of its own, which is ended with the test, or
// with this process. What it printed is logged if the test fails.
func start(t *testing.T, env []string, path string, args ...string) {
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
			t.Logf("%s (ended by itself: %v) printed:\n%s", filepath.Base(path), early, last(printed, 4000))
		}
	})
}

// waitFor waits until a GET of url is answered with 200.
func waitFor(t *testing.T, url string) {
	t.Helper()
	require.Eventually(t, func() bool {
		resp, err := http.Get(url)
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	}, ready, 20*time.Millisecond, "%s does not answer", url)
}

// example returns a file of examples/shipping, with other values in the place of those
// that users change too: pairs of old and new, each of which must be there.
func example(t *testing.T, name string, changes ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(examples, name))
	require.NoError(t, err)
	text := string(data)
	for i := 0; i < len(changes); i += 2 {
		require.Contains(t, text, changes[i])
		text = strings.ReplaceAll(text, changes[i], changes[i+1])
	}
	path := filepath.Join(t.TempDir(), filepath.Base(name))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

func local(port int) string { return fmt.Sprintf("http://127.0.0.1:%d", port) }
