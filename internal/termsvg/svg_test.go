package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func draw(t testing.TB, in string, p picture) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, run(strings.NewReader(in), &out, p))
	return out.String()
}

// checkXML fails when svg is not well-formed.
func checkXML(t testing.TB, svg string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
	}
}

func TestPictureGolden(t *testing.T) {
	in, err := os.ReadFile(filepath.Join("testdata", "recording.txt"))
	require.NoError(t, err)
	got := draw(t, string(in), picture{title: "a <title> & \"quotes\"", cols: 60, rows: 8})
	checkXML(t, got)
	path := filepath.Join("testdata", "picture.svg")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

func TestPicture(t *testing.T) {
	got := draw(t, "  <a> & \x1b[1mb\x1b[0m  \n\n\n", picture{})
	assert.Contains(t, got, `<text x="30" y="47" textLength="40" lengthAdjust="spacingAndGlyphs" fill="#e6edf3">&lt;a&gt; &amp;</text>`)
	assert.Contains(t, got, `font-weight="bold">b</text>`)
	assert.Contains(t, got, `height="66"`, "empty lines at the end are left out")

	got = draw(t, "1\n2\n3\n4\n", picture{rows: 2})
	assert.Contains(t, got, "… 2 more lines")
	assert.NotContains(t, got, ">3</text>")

	got = draw(t, "\x1b[44m日\x1b[0m \x1b[4m  ", picture{})
	assert.Contains(t, got, `<rect x="14" y="34" width="16" height="18" fill="#539bf5"/>`, "both halves of a wide character")
	assert.Contains(t, got, `text-decoration="underline">  </text>`)
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestRunErrors(t *testing.T) {
	assert.ErrorIs(t, run(brokenReader{}, io.Discard, picture{}), io.ErrUnexpectedEOF)
	r, w := io.Pipe()
	require.NoError(t, r.Close())
	assert.ErrorIs(t, run(strings.NewReader("x"), w, picture{}), io.ErrClosedPipe)
}

func FuzzPicture(f *testing.F) {
	f.Add("\x1b[1;91mred\x1b[0m\r\n10%\r20%\x1b[K", "title", 80, 3)
	f.Add("\x1b[38;5;300m\x1b[48;2;1;2m日\x1b[999C\x1b[2A\x1b[J\x1b]0;", "<&>", 1, 1)
	f.Fuzz(func(t *testing.T, in, title string, cols, rows int) {
		checkXML(t, draw(t, in, picture{title: title, cols: cols & 0xff, rows: rows & 0xff}))
	})
}
