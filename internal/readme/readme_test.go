// Package readme checks that what the README and the pages of docs show is code that is compiled and
// tested, and that the commands it names are there.
package readme

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "../.."

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, name))
	require.NoError(t, err)
	return string(data)
}

// blocks returns the fenced blocks of a language.
func blocks(text, language string) []string {
	var found []string
	for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```").FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
	}
	return found
}

// flat is code without indentation and blank lines.
func flat(code string) string {
	var lines []string
	for line := range strings.Lines(code) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func TestGoBlocksAreCompiled(t *testing.T) {
	var sources []string
	require.NoError(t, filepath.WalkDir(filepath.Join(root, "examples"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		data, err := os.ReadFile(path)
		sources = append(sources, flat(string(data)))
		return err
	}))
	for _, page := range []string{"README.md", "docs/recipes.md", "docs/opentelemetry.md"} {
		all := blocks(read(t, page), "go")
		require.NotEmpty(t, all)
		for _, block := range all {
			found := false
			for _, source := range sources {
				found = found || strings.Contains(source, flat(block))
			}
			assert.True(t, found, "this block of %s is in no file of examples/:\n%s", page, block)
		}
	}
}

func TestCommandsAreThere(t *testing.T) {
	readme, makefile := read(t, "README.md"), read(t, "Makefile")
	targets := regexp.MustCompile("make ([a-z][a-z-]*)").FindAllStringSubmatch(strings.Join(blocks(readme, "sh"), "\n"), -1)
	require.NotEmpty(t, targets)
	for _, m := range targets {
		assert.Regexp(t, "(?m)^"+m[1]+":", makefile, "README.md names make %s", m[1])
	}
	for _, m := range regexp.MustCompile(`go run (\./\S+)`).FindAllStringSubmatch(readme, -1) {
		assert.FileExists(t, filepath.Join(root, strings.Trim(m[1], "`"), "main.go"))
	}
}

func TestLinksLeadSomewhere(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	require.NoError(t, err)
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"} {
		pages = append(pages, filepath.Join(root, name))
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`).FindAllStringSubmatch(string(text), -1) {
			_, err := os.Stat(filepath.Join(filepath.Dir(page), m[1]))
			assert.NoError(t, err, page)
		}
	}
}
