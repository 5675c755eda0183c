package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// checkout returns the repository that this test is in.
func checkout(t *testing.T) *repository {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	modules, err := find(root)
	require.NoError(t, err)
	return &repository{root, modules, os.Stdout}
}

// Each go.mod is fit to be published, and go.work joins them all.
func TestModules(t *testing.T) {
	r := checkout(t)
	assert.Greater(t, len(r.modules), 3)
	version, err := r.version()
	require.NoError(t, err)
	for _, m := range r.modules {
		want := r.modules[0].path
		if m.dir != "." {
			want += "/" + m.dir
		}
		assert.Equal(t, want, m.path, "the path says where it is")
	}
	workspace, err := os.ReadFile(filepath.Join(r.root, "go.work"))
	require.NoError(t, err)
	assert.Equal(t, string(r.workspace(version)), string(workspace), "run go run ./internal/release prepare %s", version)
}

// A user gets each module from a proxy, with the versions that its go.mod says, and builds all that it
// has to import, or its commands.
func TestUsersBuild(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: builds a program of each module")
	}
	r := checkout(t)
	version, err := r.version()
	require.NoError(t, err)
	tmp := t.TempDir()
	env, err := published(filepath.Join(tmp, "proxy"), filepath.Join(tmp, "cache"))
	require.NoError(t, err)
	require.NoError(t, r.publish(filepath.Join(tmp, "proxy"), version))
	for i, m := range r.modules {
		if m.private() {
			continue
		}
		t.Run(m.dir, func(t *testing.T) {
			imports, commands := m.public(t, r.root)
			what := []string{"."}
			if len(imports) == 0 {
				what = commands
			}
			user := filepath.Join(tmp, fmt.Sprint("user", i))
			require.NoError(t, os.Mkdir(user, 0o755))
			var program strings.Builder
			program.WriteString("package main\n\nimport (\n")
			for _, p := range imports {
				fmt.Fprintf(&program, "\t_ %q\n", p)
			}
			program.WriteString(")\n\nfunc main() {}\n")
			require.NoError(t, os.WriteFile(filepath.Join(user, "main.go"), []byte(program.String()), 0o644))
			for _, args := range [][]string{
				{"mod", "init", "example.com/user"},
				{"mod", "edit", "-require=" + m.path + "@" + version}, // go get would ask proxies for what our folders are not
				append([]string{"build", "-o", filepath.Join(user, "out") + "/"}, what...),
			} {
				_, err := outputWith(env, user, "go", args...)
				require.NoError(t, err)
			}
			mod, err := os.ReadFile(filepath.Join(user, "go.mod"))
			require.NoError(t, err)
			assert.Contains(t, string(mod), m.path+" "+version)
		})
	}
}

// public returns the packages of m that others can import, and its commands.
func (m module) public(t *testing.T, root string) (imports, commands []string) {
	t.Helper()
	out, err := output(filepath.Join(root, m.dir), "go", "list", "-f", "{{if .GoFiles}}{{.Name}} {{.ImportPath}}{{end}}", "./...")
	require.NoError(t, err)
	for line := range strings.Lines(out) {
		name, p, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case name == "main" && !strings.Contains(p, "/internal/"):
			commands = append(commands, p)
		case name != "main" && !strings.Contains("/"+p+"/", "/internal/"):
			imports = append(imports, p)
		}
	}
	require.NotEmpty(t, append(imports, commands...))
	return imports, commands
}

// A release of a small repository, and all that must stop one.
func TestTag(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	git := func(args ...string) string {
		t.Helper()
		out, err := output(root, "git", args...)
		require.NoError(t, err)
		return out
	}
	commit := func() {
		t.Helper()
		git("add", "-A")
		git("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "change")
	}
	var out strings.Builder
	fails := func(version, why string) {
		t.Helper()
		modules, err := find(root)
		require.NoError(t, err)
		assert.ErrorContains(t, (&repository{root, modules, &out}).tag(version), why)
		assert.Empty(t, git("tag"))
	}
	write("go.mod", "module example.com/a\n\ngo 1.26.0\n")
	write("a.go", "package a\n\nfunc F() {}\n")
	write("in/b/go.mod", "module example.com/a/in/b\n\ngo 1.26.0\n\nrequire example.com/a v0.0.0\n\nreplace example.com/a => ../..\n")
	write("in/b/b.go", "package b\n\nimport _ \"example.com/a\"\n")
	write("interop/go.mod", "module example.com/a/interop\n\ngo 1.26.0\n")
	write("CHANGELOG.md", "# Changelog\n\n## v0.0.1\n")
	git("init", "-q")
	git("config", "user.name", "a")
	git("config", "user.email", "a@example.com")
	commit()

	fails("0.1.0", "no version")
	fails("v0.1.0", "replace")
	write("in/b/go.mod", "module example.com/a/in/b\n\ngo 1.26.0\n\nrequire example.com/a v0.0.0\n")
	fails("v0.1.0", "run prepare")
	modules, err := find(root)
	require.NoError(t, err)
	require.NoError(t, (&repository{root, modules, &out}).prepare("v0.1.0"))
	fails("v0.1.0", "not committed")
	commit()
	fails("v0.1.0", "CHANGELOG.md")
	write("CHANGELOG.md", "# Changelog\n\n## [0.1.0] - 2026-12-01\n\n## v0.0.1\n")
	commit()

	modules, err = find(root)
	require.NoError(t, err)
	require.NoError(t, (&repository{root, modules, &out}).tag("v0.1.0"))
	assert.Equal(t, []string{"in/b/v0.1.0", "v0.1.0"}, strings.Fields(git("tag")))
	assert.Contains(t, out.String(), "git push origin v0.1.0 in/b/v0.1.0\n")
	_, err = output(filepath.Join(root, "in/b"), "go", "build", "./...")
	assert.NoError(t, err, "go.work joins them")
}

func TestMayBreak(t *testing.T) {
	for _, c := range []struct {
		last, next string
		want       bool
	}{
		{"v0.1.0", "v0.1.1", false}, {"v0.1.0", "v0.2.0", true}, {"v0.9.0", "v1.0.0", true},
		{"v1.0.0", "v1.1.0", false}, {"v1.0.0", "v2.0.0", true}, {"", "v0.1.0", true},
	} {
		assert.Equal(t, c.want, mayBreak(c.last, c.next), c)
	}
}
