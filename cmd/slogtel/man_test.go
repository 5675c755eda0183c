package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v3"
)

// The manual page in docs says what the help texts say. To have it made anew: go run ./cmd/slogtel man > docs/slogtel.1
func TestManPage(t *testing.T) {
	page, errs, code := runWith("", "man")
	require.Zero(t, code, errs)
	kept, err := os.ReadFile("../../docs/slogtel.1")
	require.NoError(t, err)
	assert.Equal(t, page, string(kept), "go run ./cmd/slogtel man > docs/slogtel.1")

	plain := strings.NewReplacer(`\-`, `-`, `\(aq`, `'`, `\(dq`, `"`, `\(ga`, "`", `\(ha`, `^`, `\(ti`, `~`, `\&`, "", `\fB`, "", `\fI`, "", `\fR`, "", `\e`, `\`).Replace(page)
	for _, c := range newCommand().Commands {
		if c.Hidden || c.Name == "completion" {
			continue
		}
		assert.Contains(t, plain, "slogtel "+c.Name, c.Name)
		for line := range strings.SplitSeq(c.Description, "\n") {
			assert.Contains(t, plain, strings.TrimSpace(line), c.Name)
		}
		for _, f := range c.Flags {
			assert.Contains(t, plain, "--"+f.Names()[0], c.Name)
			assert.Contains(t, plain, strings.ReplaceAll(f.(cli.DocGenerationFlag).GetUsage(), "`", ""), c.Name)
		}
	}
	// Only the requests that are meant to be are requests.
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			assert.Regexp(t, `^\.(TH|SH|SS|PP|TP|B|BR|RS|RE|nf|fi)( |\n)`, line)
		}
	}
}

// A typesetter reads the page without a complaint.
func TestManPageIsRead(t *testing.T) {
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("groff is not installed")
	}
	page, _, _ := runWith("", "man")
	cmd := exec.Command(groff, "-man", "-Tutf8", "-ww", "-b", "-k")
	cmd.Stdin = strings.NewReader(page)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if strings.Contains(errs.String(), "preconv") || err != nil {
		t.Skipf("groff cannot be run here: %v %s", err, errs.String())
	}
	for line := range strings.Lines(errs.String()) {
		if !strings.Contains(line, "can't break line") && !strings.Contains(line, "cannot break line") && !strings.Contains(line, "cannot adjust line") {
			t.Error(line)
		}
	}
	text := regexp.MustCompile("\x1b\\[[0-9;]*m|.\x08").ReplaceAllString(string(out), "")
	assert.Contains(t, text, "slogtel report")
	assert.Contains(t, text, "kubectl logs deploy/app | slogtel trace 4bf92f")
}
