package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
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
			if err := r.file.Truncate(0); err != nil {
				return err
			}
		}
	}
	r.written = true
	_, err := r.w.Write(buf.Bytes())
	return err
}

// close takes back a file into which nothing was written.
func (r *result) close() error {
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	if r.created && !r.written {
		err = errors.Join(err, os.Remove(r.file.Name()))
	}
	return err
}
