package output

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// page writes text through a pager to a file in place of a terminal.
func page(t *testing.T, env map[string]string, text string) (out, errs string) {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	require.NoError(t, err)
	defer f.Close()
	var e bytes.Buffer
	p := &Pager{out: f, errs: &e, getenv: func(key string) string { return env[key] }}
	for line := range strings.Lines(text) {
		n, err := io.WriteString(p, line)
		require.NoError(t, err)
		assert.Len(t, line, n)
	}
	p.Close()
	p.Close()
	b, err := os.ReadFile(f.Name())
	require.NoError(t, err)
	return string(b), e.String()
}

func script(t *testing.T, text string) string {
	if runtime.GOOS == "windows" {
		t.Skip("no scripts here")
	}
	name := filepath.Join(t.TempDir(), "pager")
	require.NoError(t, os.WriteFile(name, []byte("#!/bin/sh\n"+text), 0o700))
	return name
}

func TestPager(t *testing.T) {
	long := strings.Repeat("a line\n", 100_000)
	out, errs := page(t, map[string]string{"PAGER": script(t, `echo "paged $1 $LESS"; cat`) + " -x"}, long)
	assert.Equal(t, "paged -x FRX\n"+long, out)
	assert.Empty(t, errs)
	out, errs = page(t, map[string]string{"PAGER": script(t, `head -n 1`)}, long) // left early
	assert.Equal(t, "a line\n", out)
	assert.Empty(t, errs)
	for name, pager := range map[string]string{"cat": "cat", "missing": "/nosuch/pager -R", "blank": " "} {
		out, errs = page(t, map[string]string{"PAGER": pager}, "text\n")
		assert.Equal(t, "text\n", out, name)
		assert.Equal(t, name == "missing", strings.Contains(errs, "PAGER"), errs)
	}
	out, errs = page(t, map[string]string{"PAGER": script(t, `exit 7`)}, "text\n")
	assert.Empty(t, out)
	assert.Contains(t, errs, "PAGER: exit status 7")
	out, errs = page(t, map[string]string{"PAGER": script(t, `cat`), "TERM": "dumb"}, "text\n")
	assert.Equal(t, "text\n", out)
	assert.Empty(t, errs)
}

// Nothing is started for what is no terminal, nor where nothing is written.
func TestNoPager(t *testing.T) {
	assert.Nil(t, NewPager(new(bytes.Buffer), io.Discard))
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(t, err)
	defer null.Close()
	assert.Nil(t, NewPager(null, io.Discard))
	out, errs := page(t, map[string]string{"PAGER": "/nosuch"}, "")
	assert.Empty(t, out+errs)
}
