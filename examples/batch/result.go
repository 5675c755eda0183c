package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// result is where the envelope goes: standard output, a device or pipe, or a file beside
// the one whose place it takes when all of it is written.
type result struct {
	w    io.Writer
	file *os.File // nil for standard output
	path string   // that file takes the place of; "": it is no such file
}

// openResult makes sure that the result can be written before any work is done. A
// result that is there already is kept until then.
func openResult(path string, stdout io.Writer) (*result, error) {
	if path == "-" {
		return &result{w: stdout}, nil
	}
	mode := os.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		if !info.Mode().IsRegular() {
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			return &result{w: f, file: f}, err
		}
		mode = info.Mode().Perm()
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return nil, err
		}
	}
	f, err := os.OpenFile(path+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	return &result{f, f, path}, err
}

// write leaves all of the envelope or, where the disk is full, what was there before.
func (r *result) write(e *envelope) error {
	enc := json.NewEncoder(r.w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(e)
	if r.path == "" {
		return err
	}
	if err = errors.Join(err, r.file.Close()); err == nil {
		err = os.Rename(r.file.Name(), r.path)
	}
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", r.path, err)
	}
	r.path = ""
	return nil
}

// close leaves nothing behind of a result that was not written.
func (r *result) close() error {
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	if errors.Is(err, os.ErrClosed) { // by write
		err = nil
	}
	if r.path != "" {
		err = errors.Join(err, os.Remove(r.file.Name()))
	}
	return err
}
