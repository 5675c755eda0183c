package reporters

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// openedFile is a file that is ready for appending.
type openedFile struct {
	file osFile
	info fs.FileInfo
	real string // its path without symbolic links
	torn bool   // whether it ends inside a line
}

// openAppend opens or makes the file at path. It does not wait, whatever is there.
func openAppend(path string, o *JSONFileOptions) (openedFile, error) {
	var none openedFile
	// Asked before it is opened, since opening a pipe or a device has effects.
	if info, err := os.Stat(path); err == nil {
		if err := regular(path, info); err != nil {
			return none, err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return none, err
	}
	file, err := openOrCreate(path, o)
	if err != nil {
		return none, err
	}
	opened, err := inspect(path, file)
	if err != nil {
		return none, errors.Join(err, file.Close())
	}
	return opened, nil
}

func openOrCreate(path string, o *JSONFileOptions) (*os.File, error) {
	const flags = os.O_RDWR | os.O_APPEND | openNonblock
	file, err := os.OpenFile(path, flags, 0)
	if errors.Is(err, fs.ErrPermission) {
		file, err = os.OpenFile(path, flags&^os.O_RDWR|os.O_WRONLY, 0)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return file, err
	}
	if err := os.MkdirAll(filepath.Dir(path), o.DirMode); err != nil {
		return nil, err
	}
	file, err = os.OpenFile(path, flags|os.O_CREATE|os.O_EXCL, o.Mode.Perm())
	if errors.Is(err, fs.ErrExist) { // another process was faster, or a link leads to where nothing is
		return os.OpenFile(path, flags|os.O_CREATE, o.Mode.Perm())
	}
	if err != nil {
		return nil, err
	}
	if err := file.Chmod(o.Mode); err != nil { // what the umask has taken away
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

func inspect(path string, file *os.File) (openedFile, error) {
	info, err := file.Stat()
	if err != nil {
		return openedFile{}, err
	}
	if err := regular(path, info); err != nil {
		return openedFile{}, err
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		real = path
	}
	return openedFile{file, info, real, endsInLine(file, info.Size())}, nil
}

// endsInLine reports whether the last byte is no newline. Of a file that cannot be read
// it says so: an empty line does less harm than two lines that became one.
func endsInLine(file *os.File, size int64) bool {
	if size == 0 {
		return false
	}
	var last [1]byte
	_, err := file.ReadAt(last[:], size-1)
	return err != nil || last[0] != '\n'
}

func regular(path string, info fs.FileInfo) error {
	mode := info.Mode()
	if mode.IsRegular() {
		return nil
	}
	what := "not a regular file"
	switch {
	case mode.IsDir():
		what = "a directory"
	case mode&fs.ModeNamedPipe != 0:
		what = "a named pipe"
	case mode&fs.ModeSocket != 0:
		what = "a socket"
	case mode&fs.ModeDevice != 0:
		what = "a device"
	}
	return fmt.Errorf("%s is %s; it must be a regular file, for the rest there is NewJSON", path, what)
}
