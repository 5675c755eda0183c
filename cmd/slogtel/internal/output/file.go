// Package output writes files that are complete or not there.
package output

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/mattn/go-isatty"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

// Stdout is the file name that stands for standard output.
const Stdout = "-"

// ErrTerminal is the error for what is not for the eye and would go to a terminal.
var ErrTerminal = errors.New("standard output is a terminal, which this is not for: name a file with -o, or pipe it on")

// RefuseTerminal returns [ErrTerminal] if name is standard output and that is a terminal.
func RefuseTerminal(name string, stdout io.Writer) error {
	if f, ok := stdout.(*os.File); ok && name == Stdout && isatty.IsTerminal(f.Fd()) {
		return ErrTerminal
	}
	return nil
}

// Write makes the file name of what fill writes. A file of that name is replaced once
// all has been written, and stays as it was if anything fails; a symbolic link goes on
// pointing to what it does. A device or a pipe is written to as it is, as is stdout for
// the name [Stdout]; there, a failure comes after what has been written before.
func Write(name string, stdout io.Writer, fill func(io.Writer) error) error {
	if name == Stdout {
		if err := fill(stdout); err != nil {
			return fmt.Errorf("standard output: %w", err)
		}
		return nil
	}
	mode := fs.FileMode(0o666)
	if target, err := filepath.EvalSymlinks(name); err == nil {
		info, err := os.Stat(target)
		switch {
		case err != nil:
			return err
		case info.IsDir():
			return fmt.Errorf("%s: is a folder", name)
		case !info.Mode().IsRegular():
			return fillFile(name, os.O_WRONLY, mode, fill)
		}
		name, mode = target, info.Mode().Perm()
	}
	temporary := fmt.Sprintf("%s.%016x.tmp", filepath.Join(filepath.Dir(name), "."+filepath.Base(name)), rand.Uint64())
	if err := fillFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode, fill); err != nil {
		os.Remove(temporary)
		return fmt.Errorf("%s was not written: %w", name, err)
	}
	if err := os.Rename(temporary, name); err != nil {
		os.Remove(temporary)
		return err
	}
	return nil
}

func fillFile(name string, flags int, mode fs.FileMode, fill func(io.Writer) error) error {
	f, err := os.OpenFile(name, flags, mode)
	if err != nil {
		return err
	}
	return errors.Join(fill(f), f.Close())
}

// RefuseInput returns an error if the file name is one of the inputs, which writing it
// would destroy. An input that cannot be read is left to whoever reads it.
func RefuseInput(name string, inputs []string) error {
	out, err := os.Stat(name)
	if name == Stdout || err != nil || !out.Mode().IsRegular() {
		return nil
	}
	names, _ := events.Expand(inputs)
	for _, in := range names {
		if info, err := os.Stat(in); err == nil && os.SameFile(out, info) {
			return fmt.Errorf("%s is an input, and would be overwritten: name another file with -o", name)
		}
	}
	return nil
}
