package logfile

import (
	"fmt"
	"os"
	"time"
)

var errShutdown = fmt.Errorf("logfile: the file was shut down: %w", os.ErrClosed)

// setError is a function of its own so that only an error costs an allocation.
func (f *File) setError(err error) { f.lastError.Store(&err) }

// failed counts a failure that costs no line. The mutex is held.
func (f *File) failed(err error) {
	f.failures.Add(1)
	f.say(err)
}

// say remembers an error, for OnError to be told when the mutex is free.
func (f *File) say(err error) {
	f.setError(err)
	if f.opts.OnError != nil {
		f.news = append(f.news, err)
	}
}

// lost counts lines that are dropped. OnError is told once a second at the most.
func (f *File) lost(lines int64, err error) {
	f.dropped.Add(lines)
	f.setError(err)
	if f.opts.OnError == nil {
		return
	}
	if now := time.Now(); f.toldDrop.IsZero() || now.Sub(f.toldDrop) >= lookEvery {
		f.toldDrop = now
		f.news = append(f.news, err)
	}
}

// unlockAndTell frees the mutex and tells OnError what has happened under it.
func (f *File) unlockAndTell() {
	news := f.news
	f.news = nil
	f.mu.Unlock()
	for _, err := range news {
		f.tell(err)
	}
}

// failedNow is failed without the mutex.
func (f *File) failedNow(err error) {
	f.mu.Lock()
	f.failed(err)
	f.unlockAndTell()
}

// tell calls OnError. A panic in it is remembered as an error: it may be met on a goroutine
// of ours.
func (f *File) tell(err error) {
	defer func() {
		if v := recover(); v != nil {
			f.setError(fmt.Errorf("logfile: panic in OnError: %v", v))
		}
	}()
	f.opts.OnError(err)
}
