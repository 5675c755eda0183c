package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
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

// A small repository of three modules, one of which is for itself only.
type small struct {
	t    *testing.T
	root string
	out  strings.Builder
}

func newSmall(t *testing.T) *small {
	t.Helper()
	s := &small{t: t, root: t.TempDir()}
	s.write("go.mod", "module example.com/a\n\ngo 1.26.0\n")
	s.write("a.go", "package a\n\nfunc F() {}\n")
	s.write("in/b/go.mod", "module example.com/a/in/b\n\ngo 1.26.0\n\nrequire example.com/a v0.1.0\n")
	s.write("in/b/b.go", "package b\n\nimport _ \"example.com/a\"\n")
	s.write("interop/go.mod", "module example.com/a/interop\n\ngo 1.26.0\n")
	s.write("CHANGELOG.md", "# Changelog\n\n## [0.1.0] - 2026-12-01\n\n## v0.0.1\n")
	s.git("init", "-q")
	s.git("config", "user.name", "a")
	s.git("config", "user.email", "a@example.com")
	require.NoError(t, s.repository().prepare("v0.1.0"))
	s.commit()
	return s
}

func (s *small) write(name, text string) {
	s.t.Helper()
	file := filepath.Join(s.root, filepath.FromSlash(name))
	require.NoError(s.t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(s.t, os.WriteFile(file, []byte(text), 0o644))
}

func (s *small) git(args ...string) string {
	s.t.Helper()
	out, err := output(s.root, "git", args...)
	require.NoError(s.t, err)
	return out
}

func (s *small) commit() {
	s.t.Helper()
	s.git("add", "-A")
	s.git("commit", "-qm", "change")
}

func (s *small) repository() *repository {
	s.t.Helper()
	modules, err := find(s.root)
	require.NoError(s.t, err)
	s.out.Reset()
	return &repository{s.root, modules, &s.out}
}

// A release of a small repository, and all that must stop one.
func TestTag(t *testing.T) {
	s := newSmall(t)
	fails := func(version, why string) {
		t.Helper()
		assert.ErrorContains(t, s.repository().tag(version), why)
		assert.Empty(t, s.git("tag"))
	}
	fails("0.1.0", "no version")
	s.write("in/b/go.mod", "module example.com/a/in/b\n\ngo 1.26.0\n\nrequire example.com/a v0.0.0\n\nreplace example.com/a => ../..\n")
	fails("v0.1.0", "replace")
	s.write("in/b/go.mod", "module example.com/a/in/b\n\ngo 1.26.0\n\nrequire example.com/a v0.0.0\n")
	fails("v0.1.0", "run prepare")
	require.NoError(t, s.repository().prepare("v0.1.0"))
	assert.Empty(t, s.git("status", "--porcelain"), "it is prepared as before")
	s.write("CHANGELOG.md", "# Changelog\n\n## v0.0.1\n")
	fails("v0.1.0", "not committed")
	s.commit()
	fails("v0.1.0", "CHANGELOG.md")
	s.git("revert", "--no-edit", "HEAD")

	require.NoError(t, s.repository().tag("v0.1.0"))
	assert.Equal(t, []string{"in/b/v0.1.0", "v0.1.0"}, strings.Fields(s.git("tag")))
	assert.Contains(t, s.out.String(), "git push origin v0.1.0 in/b/v0.1.0\n")
	_, err := output(filepath.Join(s.root, "in/b"), "go", "build", "./...")
	assert.NoError(t, err, "go.work joins them")
}

// The API is compared with that of the last release that has led to the checkout.
func TestAPI(t *testing.T) {
	s := newSmall(t)
	api := func(want bool) string {
		t.Helper()
		incompatible, err := s.repository().api()
		require.NoError(t, err)
		assert.Equal(t, want, incompatible)
		assert.Empty(t, s.git("status", "--porcelain"))
		assert.Len(t, strings.Split(s.git("worktree", "list"), "\n"), 1)
		return s.out.String()
	}
	assert.Equal(t, "api: there is no release to compare with\n", api(false))
	if testing.Short() {
		t.Skip("-short: compares APIs with a program from the module proxy")
	}
	if _, err := output(s.root, "go", "run", apidiff, "-h"); err != nil {
		t.Skip(err)
	}
	require.NoError(t, s.repository().tag("v0.1.0"))
	assert.Equal(t, "api: nothing has changed since v0.1.0\n", api(false))
	s.write("in/b/b.go", "package b\n\nimport _ \"example.com/a\"\n\nconst New = 1\n")
	s.commit()
	assert.Regexp(t, `(?s)example.com/a/in/b since v0.1.0:.*New: added`, api(false))
	s.write("a.go", "package a\n\nfunc G() {}\n")
	s.write("interop/interop.go", "package interop\n")
	s.commit()
	assert.Regexp(t, `(?s)example.com/a since v0.1.0:.*F: removed.*G: added`, api(true))

	s.write("CHANGELOG.md", "# Changelog\n\n## v0.2.0\n\n## v0.1.1\n\n## v0.1.0\n")
	require.NoError(t, s.repository().prepare("v0.1.1"))
	s.commit()
	assert.ErrorContains(t, s.repository().tag("v0.1.1"), "incompatibly since v0.1.0")
	require.NoError(t, s.repository().prepare("v0.2.0"))
	s.commit()
	require.NoError(t, s.repository().tag("v0.2.0"))
}

// No program and no test links what is under the GNU Affero General Public License.
func TestLicences(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: reads the licence of each module that the packages need")
	}
	require.True(t, affero("\n                    GNU AFFERO GENERAL PUBLIC LICENSE\n"))
	require.False(t, affero("MIT License\n"))
	r := checkout(t)
	args := []string{"list", "-deps", "-test", "-f", "{{with .Module}}{{.Path}} {{.Dir}}{{end}}"}
	for _, m := range r.modules {
		args = append(args, local(m.dir)+"/...")
	}
	out, err := output(r.root, "go", args...)
	require.NoError(t, err)
	modules := map[string]string{}
	for line := range strings.Lines(out) {
		if name, dir, _ := strings.Cut(strings.TrimSpace(line), " "); !r.ours(name) && dir != "" {
			modules[name] = dir
		}
	}
	require.Greater(t, len(modules), 20)
	for name, dir := range modules {
		files, err := os.ReadDir(dir)
		require.NoError(t, err)
		found := false
		for _, f := range files {
			if !licence.MatchString(f.Name()) || f.IsDir() {
				continue
			}
			text, err := os.ReadFile(filepath.Join(dir, f.Name()))
			require.NoError(t, err)
			found = true
			assert.False(t, affero(string(text)), "%s: %s", name, f.Name())
		}
		assert.True(t, found, "%s has no licence in %s", name, dir)
	}
}

// affero reports whether a licence is that licence, as its first lines say: others name it further down.
func affero(text string) bool {
	return strings.Contains(strings.ToLower(text[:min(len(text), 1000)]), "gnu affero")
}

var licence = regexp.MustCompile(`(?i)^(un)?licen[cs]e|^copying|^notice`)

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
