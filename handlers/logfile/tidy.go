package logfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"
)

// A keeper removes and compresses rotated files on a goroutine, which runs only as long as
// there is something to do.
type keeper struct {
	opts   *settings
	failed func(error)

	mu     sync.Mutex
	ended  bool
	again  bool
	path   string
	done   chan struct{} // closed when the goroutine ends; nil when there is none
	cancel context.CancelFunc
	later  *time.Timer // for what could not be done yet
	busy   int         // how often, without a break, something could not
}

// tidy sees to the rotated files of path.
func (k *keeper) tidy(path string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.path, k.busy = path, 0
	k.start()
}

// start starts the goroutine, or makes it go on. The mutex is held.
func (k *keeper) start() {
	switch {
	case k.ended:
	case k.done != nil:
		k.again = true
	default:
		var ctx context.Context
		ctx, k.cancel = context.WithCancel(context.Background())
		k.done = make(chan struct{})
		go k.run(ctx, k.path)
	}
}

func (k *keeper) run(ctx context.Context, path string) {
	for more := true; more; {
		next, err := tidyBackups(ctx, path, k.opts)
		if err != nil && ctx.Err() == nil {
			k.failed(fmt.Errorf("logfile: rotated files: %w", err))
		}
		k.mu.Lock()
		more = k.again && ctx.Err() == nil
		k.again = false
		path = k.path
		if !more {
			k.wake(next)
			k.cancel()
			close(k.done)
			k.done = nil
		}
		k.mu.Unlock()
	}
}

const (
	// settle is how long a file must be unchanged that cannot be locked.
	settle = 3 * lookEvery

	maxWait = time.Minute // for a file that is locked
	maxIdle = 24 * time.Hour
)

// wake sees to it that what is left is done later: after next, where it is not zero. The
// mutex is held.
func (k *keeper) wake(next pending) {
	var wait time.Duration
	switch {
	case k.ended:
		return
	case next.locked:
		wait = min(2*lookEvery<<min(k.busy, 10), maxWait)
		k.busy++
	case !next.expires.IsZero():
		wait = min(max(time.Until(next.expires), lookEvery), maxIdle)
	default:
		return
	}
	if k.later != nil {
		k.later.Stop()
	}
	k.later = time.AfterFunc(wait, func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.start()
	})
}

// wait ends the work: it waits for what is being done as long as ctx lasts, and then for
// that to be given up, which is a matter of milliseconds.
func (k *keeper) wait(ctx context.Context) {
	k.mu.Lock()
	k.ended = true
	done, cancel := k.done, k.cancel
	if k.later != nil {
		k.later.Stop()
	}
	k.mu.Unlock()
	if done == nil {
		return
	}
	if ctx == nil {
		ctx = context.Background()
	}
	select {
	case <-done:
		return
	case <-ctx.Done():
	}
	cancel()
	select {
	case <-done:
	case <-time.After(giveUp): // OnError or BeforeRemove blocks: that must not hold up the app's end
	}
}

// giveUp is how long what is being done may take to notice that it is to end.
const giveUp = time.Second

// pending says what tidyBackups has left to be done later.
type pending struct {
	locked  bool      // files that somebody may still write to
	expires time.Time // when the oldest one that is left is too old
}

// tidyBackups removes what is too much and too old, and compresses the rest, as long as ctx
// lasts.
func tidyBackups(ctx context.Context, path string, o *settings) (next pending, err error) {
	all, parts, err := listBackups(path)
	if err != nil {
		if !o.tidies() {
			err = nil // then it was only for the parts
		}
		return next, err
	}
	t := tidying{ctx: ctx, o: o, all: all}
	for _, part := range parts {
		t.removePart(part)
	}
	for i, b := range all {
		tooMany := o.MaxBackups > 0 && len(all)-i > o.MaxBackups
		tooOld := o.MaxAge > 0 && time.Since(b.time) >= o.MaxAge
		if tooMany || tooOld {
			t.remove(b)
		}
	}
	for _, b := range all {
		if o.Compress && b.plain {
			t.compress(b)
		}
	}
	if o.MaxTotalSize > 0 {
		var total int64
		for i := len(all) - 1; i >= 0; i-- {
			if total += all[i].size; total > o.MaxTotalSize {
				t.remove(all[i])
			}
		}
	}
	for _, b := range all {
		if o.MaxAge > 0 && len(b.paths()) > 0 && t.next.expires.IsZero() {
			t.next.expires = b.time.Add(o.MaxAge)
		}
	}
	if ctx.Err() != nil {
		return pending{}, ctx.Err()
	}
	return t.next, errors.Join(t.errs...)
}

// tidying is one round of it.
type tidying struct {
	ctx  context.Context
	o    *settings
	all  []*backup
	errs []error
	next pending
}

func (t *tidying) failed(err error) {
	if err != nil && !errors.Is(err, fs.ErrNotExist) && t.ctx.Err() == nil {
		t.errs = append(t.errs, err)
	}
}

// claim opens a rotated file that nobody writes to any more. It returns nil where it cannot
// be had.
func (t *tidying) claim(name string) *os.File {
	file, err := os.OpenFile(name, os.O_RDWR|openNonblock, 0)
	if errors.Is(err, fs.ErrPermission) {
		file, err = os.OpenFile(name, os.O_RDONLY|openNonblock, 0)
	}
	if err != nil {
		t.failed(err)
		return nil
	}
	opened, err := file.Stat()
	if err == nil {
		err = regular(name, opened)
	}
	if err == nil {
		switch lock := t.o.lock(file, true); {
		case lock == nil:
			// Another process may have compressed and removed it before it was locked.
			var info fs.FileInfo
			if info, err = os.Lstat(name); err == nil && os.SameFile(info, opened) {
				return file
			}
		case errors.Is(lock, errLocked) || !t.settled(name, opened):
			t.next.locked = true
		default:
			return file
		}
	}
	t.failed(err)
	_ = file.Close()
	return nil
}

// settled reports whether a file that cannot be locked is left alone by everybody: it is
// not the newest, and has not changed for some seconds.
func (t *tidying) settled(name string, info fs.FileInfo) bool {
	newest := len(t.all) > 0 && t.all[len(t.all)-1].name == name
	return !newest && time.Since(info.ModTime()).Abs() > settle
}

// removePart removes what a compression has left that was broken off, unless it goes on.
func (t *tidying) removePart(part string) {
	name := strings.TrimSuffix(part, partSuffix)
	if _, err := t.o.lstat(name); err == nil {
		file := t.claim(name)
		if file == nil {
			return
		}
		defer file.Close()
	}
	t.failed(os.Remove(part))
}

// remove removes a backup, after BeforeRemove has had it.
func (t *tidying) remove(b *backup) {
	if b.plain {
		file := t.claim(b.name)
		if file == nil {
			return
		}
		defer file.Close()
	}
	for _, path := range b.paths() {
		if t.ctx.Err() != nil {
			return
		}
		if err := t.offer(path); err != nil {
			t.failed(fmt.Errorf("BeforeRemove: %s: %w", path, err))
			return
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.failed(err)
			return
		}
	}
	b.plain, b.gz, b.size = false, false, 0
}

// offer calls BeforeRemove. When the context ends first the call goes on alone.
func (t *tidying) offer(path string) error {
	if t.o.BeforeRemove == nil {
		return nil
	}
	return within(t.ctx, func() (err error) {
		defer func() {
			if v := recover(); v != nil {
				err = fmt.Errorf("panic: %v", v)
			}
		}()
		return t.o.BeforeRemove(t.ctx, path)
	})
}

// compress makes a .gz file of a backup.
func (t *tidying) compress(b *backup) {
	file := t.claim(b.name)
	if file == nil {
		return
	}
	defer file.Close()
	size, err := compress(t.ctx, file, b.name, t.o)
	if err != nil {
		t.failed(err)
		return
	}
	b.plain, b.gz, b.size = false, true, size
}
