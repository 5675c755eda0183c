package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// apidiff compares the APIs of two versions of a module. It runs from the module cache, and is no
// dependency of the library.
const apidiff = "golang.org/x/exp/cmd/apidiff@v0.0.0-20261113113407-e3970619a1a4"

// errMissing: apidiff takes the module proxy where the cache does not have it.
var errMissing = errors.New("apidiff cannot be had here")

// tag checks that all is ready for a release, and makes its tags: that of the root first, so that no
// module requires what is not there.
func (r *repository) tag(version string) error {
	if !released.MatchString(version) {
		return fmt.Errorf("%q is no version such as v0.1.0", version)
	}
	if required, err := r.version(); err != nil {
		return err
	} else if required != version {
		return fmt.Errorf("the modules require each other at %s: run prepare %s, and commit", required, version)
	}
	switch status, err := output(r.root, "git", "status", "--porcelain"); {
	case err != nil:
		return err
	case status != "":
		return errors.New("there are changes that are not committed:\n" + status)
	}
	changelog, err := os.ReadFile(filepath.Join(r.root, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	if !told(string(changelog), version) {
		return fmt.Errorf("CHANGELOG.md has no heading for %s", version)
	}
	last, err := r.last()
	if err != nil {
		return err
	}
	incompatible, err := r.api()
	if err != nil {
		return err
	}
	if incompatible && !mayBreak(last, version) {
		return fmt.Errorf("the API has changed incompatibly since %s: %s is not enough", last, version)
	}
	var tags []string
	for _, m := range r.modules {
		if m.private() {
			continue
		}
		tag := version
		if m.dir != "." {
			tag = path.Join(m.dir, version)
		}
		if _, err := output(r.root, "git", "tag", "-a", "-m", m.path+" "+version, tag); err != nil {
			return err
		}
		tags = append(tags, tag)
		fmt.Fprintln(r.out, "tagged", tag)
	}
	fmt.Fprintln(r.out, "To publish: git push origin", strings.Join(tags, " "))
	return nil
}

// private reports whether a module is for this repository only.
func (m module) private() bool { return strings.HasPrefix(m.dir, "interop") }

// told reports whether a changelog has a heading for a version, with or without its v.
func told(changelog, version string) bool {
	heading := regexp.MustCompile(`(?m)^##? \[?v?` + regexp.QuoteMeta(strings.TrimPrefix(version, "v")) + `(\]|\s|$)`)
	return heading.MatchString(changelog)
}

// mayBreak reports whether a version may have another API than the last one: a new major version, or
// minor where the major one is 0.
func mayBreak(last, version string) bool {
	a, b := released.FindStringSubmatch(last), released.FindStringSubmatch(version)
	if a == nil || b == nil {
		return true
	}
	return a[1] != b[1] || a[1] == "0" && a[2] != b[2]
}

// last returns the tag of the last release that is in the history of the checkout, or "".
func (r *repository) last() (string, error) {
	tags, err := output(r.root, "git", "tag", "--merged", "HEAD", "--sort=-version:refname", "--list", "v*")
	for tag := range strings.FieldsSeq(tags) {
		if released.MatchString(tag) {
			return tag, nil
		}
	}
	return "", err
}

// api prints what has changed in the API of each module since the last release, and returns whether
// code that was compiled with it may not compile any more.
func (r *repository) api() (incompatible bool, _ error) {
	last, err := r.last()
	if err != nil {
		return false, err
	}
	if last == "" {
		fmt.Fprintln(r.out, "api: there is no release to compare with")
		return false, nil
	}
	if _, err := output(r.root, "go", "run", apidiff, "-h"); err != nil {
		return false, fmt.Errorf("%w: %w", errMissing, err)
	}
	tmp, err := os.MkdirTemp("", "release")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(tmp)
	old := filepath.Join(tmp, "old")
	if _, err := output(r.root, "git", "worktree", "add", "--detach", old, last); err != nil {
		return false, err
	}
	defer func() { _, _ = output(r.root, "git", "worktree", "remove", "--force", old) }()
	changed := false
	for i, m := range r.modules {
		if _, err := os.Stat(filepath.Join(old, m.dir, "go.mod")); err != nil || m.private() {
			continue // it is new
		}
		var exports [2]string
		for j, dir := range [...]string{old, r.root} {
			exports[j] = filepath.Join(tmp, fmt.Sprintf("%d.%d", i, j))
			if _, err := output(filepath.Join(dir, m.dir), "go", "run", apidiff, "-m", "-w", exports[j], m.path); err != nil {
				return false, err
			}
		}
		found, err := output(r.root, "go", "run", apidiff, "-m", exports[0], exports[1])
		if err != nil {
			return false, err
		}
		if found != "" {
			fmt.Fprintf(r.out, "%s since %s:\n%s\n", m.path, last, found)
		}
		changed = changed || found != ""
		incompatible = incompatible || strings.Contains(found, "Incompatible changes:")
	}
	if !changed {
		fmt.Fprintln(r.out, "api: nothing has changed since", last)
	}
	return incompatible, nil
}
