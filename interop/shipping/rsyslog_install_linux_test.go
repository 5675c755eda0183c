package shipping

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/slogtel/telemetry/interop/servers"
)

// rsyslog is where the daemon and its plug-ins lie.
type rsyslog struct{ bin, modules, libraries string }

var errNoRsyslog = errors.New("no rsyslogd with omelasticsearch was found or unpacked")

// findRsyslog takes the one that is installed, or else unpacks Debian's packages into the
// cache, with those that they need. It changes nothing on the system and needs no rights.
func findRsyslog(t *testing.T) rsyslog {
	t.Helper()
	if r, ok := rsyslogIn("/", ""); ok {
		return r
	}
	root := filepath.Join(servers.CacheDir(t), "rsyslog-debian")
	if r, ok := rsyslogIn(root, root); ok {
		return r
	}
	if err := unpackRsyslog(t.Context(), root); err != nil {
		t.Skipf("rsyslog cannot be installed here: %v", err)
	}
	r, ok := rsyslogIn(root, root)
	if !ok {
		t.Skipf("rsyslog cannot be installed here: %v", errNoRsyslog)
	}
	return r
}

// rsyslogIn looks below root. Libraries are looked for below libraries, unless it is "".
func rsyslogIn(root, libraries string) (rsyslog, bool) {
	bin := filepath.Join(root, "usr/sbin/rsyslogd")
	if _, err := os.Stat(bin); err != nil {
		return rsyslog{}, false
	}
	found, _ := filepath.Glob(filepath.Join(root, "usr/lib/*/rsyslog/omelasticsearch.so"))
	if len(found) == 0 {
		return rsyslog{}, false
	}
	r := rsyslog{bin: bin, modules: filepath.Dir(found[0])}
	if libraries != "" {
		arch := filepath.Base(filepath.Dir(r.modules))
		r.libraries = filepath.Join(libraries, "usr/lib", arch) + ":" + filepath.Join(libraries, "lib", arch)
	}
	return r, true
}

func (r rsyslog) env() []string {
	if r.libraries == "" {
		return nil
	}
	return []string{"LD_LIBRARY_PATH=" + r.libraries}
}

func unpackRsyslog(ctx context.Context, root string) error {
	if _, err := exec.LookPath("apt-get"); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(root), 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(root), "packages-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	lists := filepath.Join(work, "lists")
	for _, dir := range []string{filepath.Join(lists, "partial"), filepath.Join(work, "archives/partial")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	own := []string{"-qq", "-o", "Dir::Cache=" + work, "-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User="}
	download := append([]string{"install", "-y", "--no-install-recommends", "--download-only"}, own...)
	packages := []string{"rsyslog", "rsyslog-elasticsearch"}
	if _, err := servers.Command(ctx, work, nil, "apt-get", append(download, packages...)...); err != nil {
		// The lists are old, or there are none.
		own = append(own, "-o", "Dir::State::lists="+lists)
		if _, err := servers.Command(ctx, work, nil, "apt-get", append([]string{"update"}, own...)...); err != nil {
			return err
		}
		download = append(download, "-o", "Dir::State::lists="+lists)
		if _, err := servers.Command(ctx, work, nil, "apt-get", append(download, packages...)...); err != nil {
			return err
		}
	}
	debs, err := filepath.Glob(filepath.Join(work, "archives", "*.deb"))
	if err != nil || len(debs) == 0 {
		return errNoRsyslog
	}
	unpacked := filepath.Join(work, "root")
	for _, deb := range debs {
		if _, err := servers.Command(ctx, work, nil, "dpkg-deb", "-x", deb, unpacked); err != nil {
			return err
		}
	}
	return os.Rename(unpacked, root)
}
