package console_test

import (
	"bufio"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/slogtel"
)

// fdOnly is a writer that has a descriptor but is no *os.File.
type fdOnly struct{ f *os.File }

func (w fdOnly) Write(b []byte) (int, error) { return w.f.Write(b) }
func (w fdOnly) Fd() uintptr                 { return w.f.Fd() }

func TestColorOnTerminal(t *testing.T) {
	master, terminal := testkit.OpenPTY(t)
	lines := bufio.NewReader(master)
	read := func() string {
		s, err := lines.ReadString('\n')
		require.NoError(t, err)
		return s
	}
	for _, c := range []struct {
		mode                      slogtel.Mode
		noColor, forceColor, term string
		want                      bool
	}{
		{slogtel.FromEnv, "", "", "xterm", true},
		{slogtel.FromEnv, "", "", "", true},
		{slogtel.FromEnv, "", "", "dumb", false},
		{slogtel.FromEnv, "0", "", "xterm", false},
		{slogtel.FromEnv, "1", "1", "xterm", false},
		{slogtel.FromEnv, "", "1", "dumb", true},
		{slogtel.Off, "", "1", "xterm", false},
		{slogtel.On, "1", "", "dumb", true},
	} {
		setColorEnv(t, c.noColor, c.forceColor, c.term)
		assert.Equal(t, c.want, colored(t, terminal, c.mode, read), "%+v", c)
	}
	setColorEnv(t, "", "", "xterm")
	assert.True(t, colored(t, fdOnly{terminal}, slogtel.FromEnv, read))
}

// To find out whether a file is a terminal must not make it block: its deadlines
// would stop working.
func TestLeavesFilesNonBlocking(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	defer w.Close()
	setColorEnv(t, "", "", "xterm")
	colored(t, w, slogtel.FromEnv, func() string {
		s, err := bufio.NewReader(r).ReadString('\n')
		require.NoError(t, err)
		return s
	})
	conn, err := w.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, conn.Control(func(fd uintptr) {
		flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_GETFL, 0)
		require.Zero(t, errno)
		assert.NotZero(t, flags&syscall.O_NONBLOCK)
	}))
}
