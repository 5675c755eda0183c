package output

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// names lists a folder.
func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func TestWriteReplaces(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "f")
	require.NoError(t, Write(file, nil, text("one")))
	require.NoError(t, os.Chmod(file, 0o640))
	require.NoError(t, Write(file, nil, text("two")))
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "two", string(data))
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o640), info.Mode().Perm())
	assert.Equal(t, []string{"f"}, names(t, dir))
}

func TestWriteKeepsTheOldFileWhenItFails(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "f")
	require.NoError(t, Write(file, nil, text("one")))
	broken := errors.New("broken")
	err := Write(file, nil, func(w io.Writer) error {
		io.WriteString(w, "half")
		return broken
	})
	assert.ErrorIs(t, err, broken)
	assert.ErrorContains(t, err, "was not written")
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "one", string(data))
	assert.Equal(t, []string{"f"}, names(t, dir))
}

func TestWriteFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "f"), filepath.Join(dir, "link")
	require.NoError(t, Write(file, nil, text("one")))
	if err := os.Symlink(file, link); err != nil {
		t.Skip(err)
	}
	require.NoError(t, Write(link, nil, text("two")))
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "two", string(data))
	assert.Equal(t, []string{"f", "link"}, names(t, dir))
}

func TestWriteErrors(t *testing.T) {
	dir := t.TempDir()
	assert.ErrorContains(t, Write(dir, nil, text("x")), "is a folder")
	assert.ErrorIs(t, Write(filepath.Join(dir, "no", "f"), nil, text("x")), os.ErrNotExist)
	assert.Empty(t, names(t, dir))
}

func TestWriteStdout(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, Write(Stdout, &b, text("x")))
	assert.Equal(t, "x", b.String())
	assert.ErrorContains(t, Write(Stdout, &b, func(io.Writer) error { return io.ErrShortWrite }), "standard output")
	assert.NoError(t, RefuseTerminal(Stdout, &b))
}
