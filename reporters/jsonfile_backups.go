package reporters

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// backupLayout is the time in the name of a rotated file, in UTC. Such names sort by age.
const backupLayout = "20060102T150405.000000000Z"

const (
	gzSuffix   = ".gz"
	partSuffix = ".gz.part" // not yet whole
)

// backupName returns a name that no file has, later than all before it.
func (f *lineFile) backupName(now time.Time) string {
	if f.lastName.IsZero() {
		f.lastName = newestBackup(f.real)
	}
	if !now.After(f.lastName) { // the clock went back, or is coarse
		now = f.lastName.Add(time.Nanosecond)
	}
	for {
		name := f.real + "." + now.UTC().Format(backupLayout)
		if !exists(name) && !exists(name+gzSuffix) {
			f.lastName = now
			return name
		}
		now = now.Add(time.Nanosecond)
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// backupTime returns the time in the name of a rotated file of path, compressed or not.
func backupTime(path, name string) (time.Time, bool) {
	text, ok := strings.CutPrefix(name, filepath.Base(path)+".")
	if !ok {
		return time.Time{}, false
	}
	t, err := time.Parse(backupLayout, strings.TrimSuffix(text, gzSuffix))
	return t, err == nil
}

// listBackups returns the rotated files of path, compressed or not, the oldest first.
func listBackups(path string) (names []string, err error) {
	entries, err := os.ReadDir(filepath.Dir(path)) // sorted by name
	for _, e := range entries {
		if _, ok := backupTime(path, e.Name()); ok {
			names = append(names, filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
	return names, err
}

// newestBackup returns the time in the name of the last one, so that names go on rising
// even where the clock does not.
func newestBackup(path string) (newest time.Time) {
	names, _ := listBackups(path)
	for _, name := range names {
		if t, _ := backupTime(path, filepath.Base(name)); t.After(newest) {
			newest = t
		}
	}
	return newest
}

// backups removes and compresses rotated files on a goroutine, which runs only as long as
// there is something to do.
type backups struct {
	failed func(error)

	mu     sync.Mutex
	ended  bool
	again  bool
	done   chan struct{} // closed when the goroutine ends; nil when there is none
	cancel context.CancelFunc
}

// tidy sees to the rotated files of path.
func (b *backups) tidy(path string, o *JSONFileOptions) {
	if o.MaxBackups <= 0 && !o.Compress {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.ended:
	case b.done != nil:
		b.again = true
	default:
		var ctx context.Context
		ctx, b.cancel = context.WithCancel(context.Background())
		b.done = make(chan struct{})
		go b.run(ctx, path, o)
	}
}

func (b *backups) run(ctx context.Context, path string, o *JSONFileOptions) {
	for more := true; more; {
		if err := tidyBackups(ctx, path, o); err != nil && ctx.Err() == nil {
			b.failed(fmt.Errorf("reporters: rotated JSON files: %w", err))
		}
		b.mu.Lock()
		more = b.again && ctx.Err() == nil
		b.again = false
		if !more {
			b.cancel()
			close(b.done)
			b.done = nil
		}
		b.mu.Unlock()
	}
}

// wait ends the work: it waits for what is being done as long as ctx lasts, and then for
// that to be given up, which is a matter of milliseconds.
func (b *backups) wait(ctx context.Context) {
	b.mu.Lock()
	b.ended = true
	done, cancel := b.done, b.cancel
	b.mu.Unlock()
	if done == nil {
		return
	}
	if ctx != nil {
		defer context.AfterFunc(ctx, cancel)()
	}
	<-done
}

// tidyBackups removes what is more than MaxBackups and compresses the rest, as long as
// ctx lasts.
func tidyBackups(ctx context.Context, path string, o *JSONFileOptions) error {
	names, err := listBackups(path)
	if err != nil {
		return err
	}
	var errs []error
	plain := func(name string) string { return strings.TrimSuffix(name, gzSuffix) }
	// A file and its compressed form, which a crash can leave behind, are one backup.
	distinct := slices.CompactFunc(slices.Clone(names), func(a, b string) bool { return plain(a) == plain(b) })
	keepFrom := ""
	if extra := len(distinct) - o.MaxBackups; o.MaxBackups > 0 && extra > 0 {
		keepFrom = plain(distinct[extra])
	}
	for _, name := range names {
		switch {
		case plain(name) < keepFrom:
			err = os.Remove(name)
		case o.Compress && !strings.HasSuffix(name, gzSuffix):
			err = compress(ctx, name, o.Mode)
		default:
			err = nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// compress makes name.gz of a file and removes it. The lines are in one of the two at any
// time; where both are there, name.gz is whole.
func compress(ctx context.Context, name string, mode fs.FileMode) error {
	if exists(name + gzSuffix) {
		return os.Remove(name)
	}
	from, err := os.Open(name)
	if err != nil {
		return err
	}
	defer from.Close()
	part := name + partSuffix
	if err := writeGzip(ctx, part, from, mode); err != nil {
		_ = os.Remove(part)
		return err
	}
	if err := os.Rename(part, name+gzSuffix); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return os.Remove(name)
}

func writeGzip(ctx context.Context, part string, from *os.File, mode fs.FileMode) (err error) {
	to, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode.Perm())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	if err := to.Chmod(mode); err != nil {
		return err
	}
	gz := gzip.NewWriter(to)
	for err == nil {
		if err = ctx.Err(); err == nil {
			_, err = io.CopyN(gz, from, 256<<10)
		}
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	if err := gz.Close(); err != nil {
		return err
	}
	return to.Sync() // the other copy is about to be removed
}
