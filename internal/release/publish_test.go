package main

import (
	"archive/zip"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// publish makes all modules, as they are in the checkout, version in a folder that GOPROXY=file://
// can name (go.dev/ref/mod#goproxy-protocol). Their paths have no capital letters to be escaped.
func (r *repository) publish(folder, version string) error {
	for _, m := range r.modules {
		dir := filepath.Join(folder, filepath.FromSlash(m.path), "@v")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		info, err := json.Marshal(map[string]any{"Version": version, "Time": time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			return err
		}
		mod, err := os.ReadFile(filepath.Join(r.root, m.dir, "go.mod"))
		if err != nil {
			return err
		}
		for name, data := range map[string][]byte{"list": []byte(version + "\n"), version + ".info": info, version + ".mod": mod} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
				return err
			}
		}
		if err := m.pack(r.root, filepath.Join(dir, version+".zip"), version); err != nil {
			return err
		}
	}
	return nil
}

// pack writes the zip file of a module: its regular files, without those of modules inside.
func (m module) pack(root, file, version string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	z := zip.NewWriter(f)
	top := filepath.Join(root, m.dir)
	err = filepath.WalkDir(top, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == top:
			return nil
		case entry.IsDir():
			if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil || entry.Name() == "vendor" || strings.HasPrefix(entry.Name(), ".git") {
				return filepath.SkipDir
			}
			return nil
		case !entry.Type().IsRegular():
			return nil
		}
		inside, err := filepath.Rel(top, name)
		if err != nil {
			return err
		}
		w, err := z.Create(path.Join(m.path+"@"+version, filepath.ToSlash(inside)))
		if err != nil {
			return err
		}
		in, err := os.Open(name)
		if err != nil {
			return err
		}
		defer in.Close()
		_, err = io.Copy(w, in)
		return err
	})
	if err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return f.Close()
}

// published is the environment of a go command that finds the modules in folder, and others where it
// finds them otherwise, or in the module cache if that has them. What it unpacks goes to cache.
func published(folder, cache string) ([]string, error) {
	proxy, err := output(".", "go", "env", "GOPROXY")
	if err != nil {
		return nil, err
	}
	had, err := output(".", "go", "env", "GOMODCACHE")
	if err != nil {
		return nil, err
	}
	before := "file://" + filepath.ToSlash(folder) + ",file://" + filepath.ToSlash(filepath.Join(had, "cache", "download"))
	return []string{
		"GOPROXY=" + strings.TrimSuffix(before+","+proxy, ","), "GOMODCACHE=" + cache, "GOFLAGS=-mod=mod -modcacherw", "GOWORK=off",
		"GONOSUMDB=*", "GONOPROXY=none", "GOPRIVATE=",
	}, nil
}
