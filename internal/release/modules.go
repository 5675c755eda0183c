package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A module is one of the repository.
type module struct {
	path string // as its go.mod says
	dir  string // relative to the root, with slashes; "." is the root
	mod  modFile
}

// A modFile is what matters here of what go mod edit -json prints.
type modFile struct {
	Module  struct{ Path string }
	Require []struct{ Path, Version string }
	Replace []any
}

// find returns the modules below root, the root's first, then by folder.
func find(root string) ([]module, error) {
	var all []module
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && file != root && ignored(entry.Name()):
			return filepath.SkipDir
		case entry.IsDir() || entry.Name() != "go.mod":
			return nil
		}
		dir, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		m := module{dir: filepath.ToSlash(dir)}
		text, err := output(filepath.Dir(file), "go", "mod", "edit", "-json")
		if err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &m.mod); err != nil {
			return err
		}
		m.path = m.mod.Module.Path
		all = append(all, m)
		return nil
	})
	slices.SortFunc(all, func(a, b module) int { return strings.Compare(a.dir, b.dir) })
	if err == nil && (len(all) == 0 || all[0].dir != ".") {
		err = errors.New("no go.mod in " + root)
	}
	return all, err
}

// ignored reports whether the go command takes no package from a folder with this name.
func ignored(name string) bool {
	return name == "testdata" || name == "vendor" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}

// ours reports whether a path is that of one of the modules.
func (r *repository) ours(modulePath string) bool {
	return slices.ContainsFunc(r.modules, func(m module) bool { return m.path == modulePath })
}

// version returns the one at which all modules require each other.
func (r *repository) version() (string, error) {
	found := ""
	for _, m := range r.modules {
		if n := len(m.mod.Replace); n > 0 {
			return "", fmt.Errorf("%s has a replace directive, which its users' go commands ignore or refuse", path.Join(m.dir, "go.mod"))
		}
		for _, q := range m.mod.Require {
			switch {
			case !r.ours(q.Path):
			case found == "":
				found = q.Version
			case found != q.Version:
				return "", fmt.Errorf("%s requires %s %s, another module %s: run prepare", path.Join(m.dir, "go.mod"), q.Path, q.Version, found)
			}
		}
	}
	if found == "" {
		return "", errors.New("no module requires another")
	}
	return found, nil
}

var released = regexp.MustCompile(`^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9a-z.]+)?$`)

// prepare lets all modules require each other at a version, and go.work know that it is not published.
func (r *repository) prepare(version string) error {
	if !released.MatchString(version) {
		return fmt.Errorf("%q is no version such as v0.1.0", version)
	}
	for _, m := range r.modules {
		for _, q := range m.mod.Require {
			if r.ours(q.Path) {
				if _, err := output(filepath.Join(r.root, m.dir), "go", "mod", "edit", "-require="+q.Path+"@"+version); err != nil {
					return err
				}
			}
		}
	}
	return os.WriteFile(filepath.Join(r.root, "go.work"), r.workspace(version), 0o644)
}

// tidy is go mod tidy for each module. No proxy has the version that they require of each other until
// the release: a copy of go.mod replaces them by their folders. So go.sum has no sums of them, which
// would change with each commit.
func (r *repository) tidy() error {
	tmp, err := os.MkdirTemp("", "release")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	file := filepath.Join(tmp, "go.mod")
	replace, drop := []string{"mod", "edit"}, []string{"mod", "edit"}
	for _, m := range r.modules {
		replace = append(replace, "-replace="+m.path+"="+filepath.Join(r.root, m.dir))
		drop = append(drop, "-dropreplace="+m.path)
	}
	for _, m := range r.modules {
		dir := filepath.Join(r.root, m.dir)
		if err := copyFiles(tmp, dir); err != nil {
			return err
		}
		for _, args := range [][]string{append(replace, file), {"mod", "tidy", "-modfile=" + file}, append(drop, file)} {
			if _, err := outputWith([]string{"GOWORK=off", "GOFLAGS=-mod=mod"}, dir, "go", args...); err != nil {
				return err
			}
		}
		if err := copyFiles(dir, tmp); err != nil {
			return err
		}
	}
	_, err = output(r.root, "go", "list", "-deps", "./...")
	return err
}

// copyFiles copies go.mod and go.sum.
func copyFiles(to, from string) error {
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// workspace returns the go.work that joins the modules.
func (r *repository) workspace(version string) []byte {
	var b bytes.Buffer
	b.WriteString("// Written by go run ./internal/release prepare.\n\ngo 1.26.0\n\nuse (\n")
	for _, m := range r.modules {
		fmt.Fprintf(&b, "\t%s\n", local(m.dir))
	}
	fmt.Fprintf(&b, ")\n\n// Until %s is published: a workspace asks for the go.mod of what its modules require.\nreplace (\n", version)
	required := make(map[string]bool)
	for _, m := range r.modules {
		for _, q := range m.mod.Require {
			required[q.Path] = true
		}
	}
	for _, m := range r.modules {
		if required[m.path] {
			fmt.Fprintf(&b, "\t%s %s => %s\n", m.path, version, local(m.dir))
		}
	}
	b.WriteString(")\n")
	return b.Bytes()
}

func local(dir string) string {
	if dir == "." {
		return dir
	}
	return "./" + dir
}

// output runs a program in a folder and returns what it printed, without the white space around it.
func output(dir, name string, args ...string) (string, error) {
	return outputWith(nil, dir, name, args...)
}

func outputWith(env []string, dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s in %s: %w: %s%s", strings.Join(append([]string{name}, args...), " "), dir, err, out, bytes.TrimSpace(stderr.Bytes()))
	}
	return strings.TrimSpace(string(out)), nil
}
