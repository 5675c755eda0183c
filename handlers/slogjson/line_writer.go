package slogjson

import (
	"io"
	"sync"
)

// lineWriter is the destination that a handler shares with all that are derived from it.
type lineWriter struct {
	mu sync.Mutex
	w  io.Writer
}

// writeLine writes b with a single call, one line at a time, even after one whose writer panicked.
func (o *lineWriter) writeLine(b []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.w.Write(b)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	return err
}
