package logfile

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// backupLayout is the time in the name of a rotated file, in UTC. Such names sort by age.
const backupLayout = "20060102T150405.000000000Z"

const (
	gzSuffix   = ".gz"
	partSuffix = ".gz.part" // not yet whole
)

// The longest names that file systems take: most of them, and encrypted ones.
var nameLimits = []int{255, 143}

// backupPrefixes returns what the names of the rotated files of path begin with, the one to
// be preferred first. Long names are shortened, and told apart by a checksum.
func backupPrefixes(path string) (prefixes []string) {
	dir, base := filepath.Split(path)
	for _, limit := range nameLimits {
		short := base
		if room := limit - len("."+backupLayout+partSuffix); len(base) > room {
			mark := fmt.Sprintf("~%08x", crc32.ChecksumIEEE([]byte(base)))
			room -= len(mark)
			for room > 0 && !utf8.RuneStart(base[room]) {
				room--
			}
			short = base[:room] + mark
		}
		if prefix := dir + short + "."; !slices.Contains(prefixes, prefix) {
			prefixes = append(prefixes, prefix)
		}
	}
	return prefixes
}

// nameTries bounds how many names are tried that other files have.
const nameTries = 10000

// backupName returns a name that no file has, later than all before it.
func (f *File) backupName(prefix string, now time.Time) (string, error) {
	if f.lastName.IsZero() {
		f.lastName = newestBackup(f.real)
	}
	if !now.After(f.lastName) { // the clock went back, or is coarse
		now = f.lastName.Add(time.Nanosecond)
	}
	for range nameTries {
		name := prefix + now.UTC().Format(backupLayout)
		taken := false
		for _, n := range []string{name, name + gzSuffix} {
			_, err := f.opts.lstat(n)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return "", err
			}
			taken = taken || err == nil
		}
		if !taken {
			f.lastName = now
			return name, nil
		}
		now = now.Add(time.Nanosecond)
	}
	return "", fmt.Errorf("%s…: all names are taken", prefix)
}

// A backup is a rotated file, compressed or not, or both after a crash.
type backup struct {
	name      string // without .gz
	time      time.Time
	plain, gz bool
	size      int64 // of both
}

// paths are the files that there are of it.
func (b *backup) paths() (paths []string) {
	if b.plain {
		paths = append(paths, b.name)
	}
	if b.gz {
		paths = append(paths, b.name+gzSuffix)
	}
	return paths
}

// listBackups returns the rotated files of path, the oldest first, and what compressions
// that were broken off have left.
func listBackups(path string) (all []*backup, parts []string, err error) {
	dir := filepath.Dir(path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	byName := make(map[string]*backup)
	prefixes := backupPrefixes(path)
	for _, e := range entries {
		full := filepath.Join(dir, e.Name())
		for _, prefix := range prefixes {
			text, ok := strings.CutPrefix(full, prefix)
			if !ok {
				continue
			}
			stamp, part := strings.CutSuffix(text, partSuffix)
			stamp, gz := strings.CutSuffix(stamp, gzSuffix)
			t, err := time.Parse(backupLayout, stamp)
			if err != nil || len(stamp) != len(backupLayout) || part && gz || e.IsDir() {
				continue
			}
			if part {
				parts = append(parts, full)
				break
			}
			name := strings.TrimSuffix(full, gzSuffix)
			b := byName[name]
			if b == nil {
				b = &backup{name: name, time: t}
				byName[name] = b
				all = append(all, b)
			}
			b.gz, b.plain = b.gz || gz, b.plain || !gz
			if info, err := e.Info(); err == nil {
				b.size += info.Size()
			}
			break
		}
	}
	slices.SortFunc(all, func(a, b *backup) int { return a.time.Compare(b.time) })
	return all, parts, nil
}

// newestBackup returns the time in the name of the last one, so that names go on rising
// even where the clock does not.
func newestBackup(path string) time.Time {
	all, _, _ := listBackups(path)
	if len(all) == 0 {
		return time.Time{}
	}
	return all[len(all)-1].time
}
