package prometheus

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/interop/servers"
)

// ready is how long anything may take: the machine may be busy with other tests.
const ready = 90 * time.Second

// find returns where Debian's prometheus and promtool are: installed, or else
// unpacked into a folder of this test, which changes nothing on the system.
func find(t *testing.T) (server, tool string) {
	t.Helper()
	server, err := exec.LookPath("prometheus")
	if err == nil {
		if tool, err = exec.LookPath("promtool"); err == nil {
			return server, tool
		}
	}
	dir := t.TempDir()
	for _, args := range [][]string{
		{"apt-get", "-o", "APT::Sandbox::User=", "download", "prometheus"},
		{"sh", "-c", "dpkg-deb -x prometheus_*.deb ."},
	} {
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Skipf("Prometheus (Debian package prometheus) is not installed and cannot be downloaded: %s: %v: %.300s", args[0], err, out)
		}
	}
	bin := filepath.Join(dir, "usr/bin")
	return filepath.Join(bin, "prometheus"), filepath.Join(bin, "promtool")
}

// A daemon is a running Prometheus that scrapes one target.
type daemon struct {
	t   *testing.T
	url string
}

// start starts Prometheus, and waits until target is up.
func start(t *testing.T, target string, flags ...string) *daemon {
	t.Helper()
	server, _ := find(t)
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
global: {scrape_interval: 500ms, scrape_timeout: 500ms}
scrape_configs:
  - job_name: app
    static_configs: [{targets: [%q]}]
`, target), 0o600))
	address := freeAddress(t)
	servers.Start(t, nil, server, append([]string{"--config.file=" + config, "--storage.tsdb.path=" + filepath.Join(dir, "data"),
		"--web.listen-address=" + address, "--log.level=warn"}, flags...)...)
	d := &daemon{t, "http://" + address}
	require.Eventually(t, func() bool { return d.health() == "up" }, ready, 100*time.Millisecond, "the target is not up")
	return d
}

func freeAddress(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("127.0.0.1:%d", testkit.FreePort(t))
}
