package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadFolder(t *testing.T) {
	dir := files(t, map[string]string{
		"a.md": "\ufeffWith a mark.", "sub/b.go": "package b\n", "c.txt": "not wanted", "blank.md": " \n\t",
		".hidden/d.md": "hidden", "vendor/e.go": "package e\n", "node_modules/f.md": "f",
	})
	require.NoError(t, os.Symlink(filepath.Join(dir, "a.md"), filepath.Join(dir, "link.md")))
	require.NoError(t, os.Symlink(dir, filepath.Join(dir, "loop.md")))

	r := newReader(nil, options{ext: " .md, .go,", maxFile: 100})
	r.read(t.Context(), []string{dir, filepath.Join(dir, "a.md"), filepath.Join(dir, "sub", "..", "a.md"), filepath.Join(dir, "link.md")})

	assert.Equal(t, []document{
		{filepath.Join(dir, "a.md"), "With a mark."},
		{filepath.Join(dir, "sub", "b.go"), "package b\n"},
	}, r.docs, "each once, links and hidden folders left alone")
	assert.Equal(t, 1, r.blank)
	assert.Equal(t, 3, r.repeated)
	assert.EqualValues(t, len("With a mark.")+len("package b\n")+len(" \n\t"), r.bytes)
	assert.Empty(t, r.failures)
}

func TestReadFolderByALink(t *testing.T) {
	dir := files(t, map[string]string{"real/a.md": "text"})
	require.NoError(t, os.Symlink(filepath.Join(dir, "real"), filepath.Join(dir, "link")))
	r := newReader(nil, options{ext: ".md", maxFile: 100})
	r.read(t.Context(), []string{filepath.Join(dir, "link")})
	assert.Equal(t, []document{{filepath.Join(dir, "link", "a.md"), "text"}}, r.docs)
}

func TestReadWhatCannotBeRead(t *testing.T) {
	dir := files(t, map[string]string{
		"good.md": "good", "image.md": "\x89PNG\r\n\x1a\n\x00", "latin1.md": "caf\xe9", "huge.md": strings.Repeat("x", 101),
		"empty/note.txt": "", "ascii.md": "%PDF-1.7\n1 0 obj",
	})
	loop := filepath.Join(dir, "loop")
	require.NoError(t, os.Symlink(loop, loop))
	r := newReader(nil, options{ext: ".md,.go", maxFile: 100})
	r.read(t.Context(), []string{filepath.Join(dir, "gone"), dir, filepath.Join(dir, "empty"), loop, os.DevNull})

	assert.Equal(t, []document{{filepath.Join(dir, "good.md"), "good"}}, r.docs, "the rest is read all the same")
	got := make(map[string]string)
	for _, f := range r.failures {
		assert.Equal(t, stageRead, f.Stage)
		require.Len(t, f.Files, 1)
		got[strings.TrimPrefix(f.Files[0], dir)] = f.Error
		assert.NotContains(t, f.Error, dir, "the path stands beside the error")
	}
	assert.Len(t, got, 8)
	assert.Equal(t, "no such file or directory", got["/gone"])
	assert.Equal(t, "image/png, not text", got["/image.md"])
	assert.Equal(t, "application/pdf, not text", got["/ascii.md"])
	assert.Equal(t, errBinary.Error(), got["/latin1.md"])
	assert.Equal(t, "larger than the limit of 100 bytes (-max-file)", got["/huge.md"])
	assert.Equal(t, "no .md or .go file in this folder", got["/empty"])
	assert.Contains(t, got["/loop"], "symbolic links")
	assert.Equal(t, "not a regular file", got[os.DevNull])
}

func TestReadErrorInTheMiddle(t *testing.T) {
	dir := files(t, map[string]string{"a.md": "a", "b.md": "b"})
	r := newReader(nil, options{ext: ".md", maxFile: 100})
	broken := errors.New("input/output error")
	open := r.open
	r.open = func(path string) (io.ReadCloser, error) {
		if strings.HasSuffix(path, "a.md") {
			return io.NopCloser(io.MultiReader(strings.NewReader("begin"), iotest.ErrReader(broken))), nil
		}
		return open(path)
	}
	r.read(t.Context(), []string{dir})
	assert.Len(t, r.docs, 1)
	require.Len(t, r.failures, 1)
	assert.Equal(t, broken.Error(), r.failures[0].Error)
}

func TestReadStopsAtTheLimits(t *testing.T) {
	dir := files(t, map[string]string{"a.md": "0123456789", "b.md": "0123456789", "c.md": "0"})
	r := newReader(nil, options{ext: ".md", maxFile: 100})
	r.maxInput = 15
	r.read(t.Context(), []string{dir})
	assert.Len(t, r.docs, 2, "what still fits is taken")
	require.Len(t, r.failures, 1)
	assert.Contains(t, r.failures[0].Error, "more than 15 bytes of input")

	// A file that grows without end while it is read.
	r = newReader(nil, options{ext: ".md", maxFile: 100})
	r.open = func(string) (io.ReadCloser, error) { return io.NopCloser(endless{}), nil }
	r.read(t.Context(), []string{filepath.Join(dir, "c.md")})
	require.Len(t, r.failures, 1)
	assert.Contains(t, r.failures[0].Error, "larger than the limit of 100 bytes")
}

// endless is a reader of zeros.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
