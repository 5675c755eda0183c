package sqltel

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// server is the PostgreSQL of all tests, or the reason why there is none. TestMain ends it.
var server struct {
	once sync.Once
	dir  string
	cmd  *exec.Cmd
	dsn  string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if server.cmd != nil {
		_ = server.cmd.Process.Signal(syscall.SIGQUIT)
		_ = server.cmd.Wait()
	}
	if server.dir != "" {
		_ = os.RemoveAll(server.dir)
	}
	os.Exit(code)
}

// postgres returns the data source name of a server on a port of its own of 127.0.0.1, or ""
// and says why there is none.
func postgres(t *testing.T) string {
	t.Helper()
	server.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		server.err = startServer(ctx)
	})
	if server.err != nil {
		t.Logf("PostgreSQL is left out: %v", server.err)
		return ""
	}
	return server.dsn
}

func startServer(ctx context.Context) error {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return fmt.Errorf("it is not installed (Debian package postgresql)")
	}
	bin := filepath.Dir(found[len(found)-1])
	var err error
	if server.dir, err = os.MkdirTemp("", "sqltel-postgres-"); err != nil {
		return err
	}
	as, err := unprivileged(server.dir)
	if err != nil {
		return err
	}
	data := filepath.Join(server.dir, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", data, "-U", "tester", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
	initdb.SysProcAttr, initdb.Dir = as, server.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	if err := l.Close(); err != nil {
		return err
	}
	cmd := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-h", "127.0.0.1", "-p", port, "-k", "", "-F")
	cmd.SysProcAttr, cmd.Dir = as, server.dir
	if err := cmd.Start(); err != nil {
		return err
	}
	server.cmd = cmd
	server.dsn = "postgres://tester:unused@127.0.0.1:" + port + "/postgres?sslmode=disable"
	db, err := sql.Open("pgx", server.dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	for {
		err := db.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// unprivileged returns what makes a command run as a user that is not root, as PostgreSQL
// wants it, and gives dir to that user.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if os.Getuid() != 0 {
		return attr, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, os.Chown(dir, uid, gid)
}
