package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// result is where the envelope goes.
type result struct {
	w       io.Writer
	file    *os.File // nil for standard output
	created bool     // the file was not there before
	written bool
}

// openResult makes sure that the result can be written before any work is done. A
// result that is there already is kept until then.
func openResult(path string, stdout io.Writer) (*result, error) {
	if path == "-" {
		return &result{w: stdout}, nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	created := err == nil
	if errors.Is(err, fs.ErrExist) {
		f, err = os.OpenFile(path, os.O_WRONLY, 0)
	}
	if err != nil {
		return nil, err
	}
	return &result{w: f, file: f, created: created}, nil
}

// write leaves all of the envelope or, where the disk is full, what was there before.
func (r *result) write(e *envelope) error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(e); err != nil {
		return err
	}
	if r.file != nil {
		if info, err := r.file.Stat(); err == nil && info.Mode().IsRegular() {
			err := r.replace(buf.Bytes(), info.Mode())
			if r.written = err == nil; !r.written {
				return fmt.Errorf("%s cannot be written: %w", r.file.Name(), err)
			}
			return nil
		}
	}
	_, err := r.w.Write(buf.Bytes()) // a device, a pipe or standard output
	r.written = true
	return err
}

// replace writes a file beside the one that there is, and puts it in its place. Where
// the folder does not allow that, it writes over the old one.
func (r *result) replace(data []byte, mode fs.FileMode) error {
	path, err := filepath.EvalSymlinks(r.file.Name())
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return os.WriteFile(path, data, 0)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(mode.Perm()), f.Close())
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	_ = r.file.Close() // Windows replaces no file that is open
	if os.Rename(f.Name(), path) != nil {
		return errors.Join(os.WriteFile(path, data, 0), os.Remove(f.Name()))
	}
	return nil
}

// close takes back a file into which nothing was written.
func (r *result) close() error {
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	if errors.Is(err, fs.ErrClosed) { // by replace
		err = nil
	}
	if r.created && !r.written {
		err = errors.Join(err, os.Remove(r.file.Name()))
	}
	return err
}
