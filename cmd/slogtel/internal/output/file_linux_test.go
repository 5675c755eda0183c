package output

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFullDiskIsReported(t *testing.T) {
	assert.ErrorIs(t, Write("/dev/full", nil, text("x")), syscall.ENOSPC)
	info, err := os.Stat("/dev/full")
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeDevice, "still a device")
}

func TestFullFileSystemLeavesTheOldFile(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("slogtel", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("cannot mount a small file system: %v", err)
	}
	t.Cleanup(func() { assert.NoError(t, syscall.Unmount(dir, 0)) })
	file := filepath.Join(dir, "f")
	require.NoError(t, Write(file, nil, text("one")))
	err := Write(file, nil, func(w io.Writer) error {
		_, err := w.Write(make([]byte, 1<<20))
		return err
	})
	assert.ErrorIs(t, err, syscall.ENOSPC)
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "one", string(data))
	assert.Equal(t, []string{"f"}, names(t, dir))
}

func TestBinaryIsNotForATerminal(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	defer terminal.Close()
	assert.ErrorIs(t, RefuseTerminal(Stdout, terminal), ErrTerminal)
	assert.NoError(t, RefuseTerminal("file", terminal))
}
