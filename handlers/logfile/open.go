package logfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// openedFile is a file that is ready for appending.
type openedFile struct {
	file   *os.File
	info   fs.FileInfo
	real   string // its path without symbolic links
	torn   bool   // whether it ends inside a line
	locked bool
	chmod  error // why it does not have the mode that was asked for
}

// openTries bounds how often a file is opened anew that others rename meanwhile.
const openTries = 20

// openAppend opens or makes the file at path. It does not wait, whatever is there.
func openAppend(path string, o *settings) (openedFile, error) {
	for try := 0; ; try++ {
		opened, err := openOnce(path, o)
		if err != nil {
			return openedFile{}, err
		}
		// It may have been rotated since it was opened. Once it is locked and still at its
		// path, nobody compresses it.
		if info, err := os.Stat(path); err == nil && os.SameFile(info, opened.info) || try == openTries {
			// One that cannot be read counts as torn: an empty line does less harm than two
			// lines that became one.
			_, torn, err := endOf(opened.file, make([]byte, 1))
			opened.torn = torn || err != nil
			return opened, nil
		}
		_ = opened.file.Close()
	}
}

func openOnce(path string, o *settings) (openedFile, error) {
	var none openedFile
	// Asked before it is opened, since opening a pipe or a device has effects.
	if info, err := os.Stat(path); err == nil {
		if err := regular(path, info); err != nil {
			return none, err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return none, err
	}
	file, chmod, err := openOrCreate(path, o)
	if err != nil {
		return none, err
	}
	locked := o.lock(file, false) == nil
	info, err := file.Stat()
	if err == nil {
		err = regular(path, info)
	}
	if err != nil {
		return none, errors.Join(err, file.Close())
	}
	if info.Mode().Perm() == o.Mode {
		chmod = nil // it has the mode all the same
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		real = path
	}
	return openedFile{file: file, info: info, real: real, locked: locked, chmod: chmod}, nil
}

func openOrCreate(path string, o *settings) (file *os.File, chmod, err error) {
	const flags = os.O_RDWR | os.O_APPEND | openNonblock
	for try := 0; ; try++ {
		file, err = os.OpenFile(path, flags, 0)
		if errors.Is(err, fs.ErrPermission) {
			file, err = os.OpenFile(path, flags&^os.O_RDWR|os.O_WRONLY, 0)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return file, nil, err
		}
		// A link that leads to where nothing is: what it names is made.
		if path, err = target(path); err != nil {
			return nil, nil, err
		}
		if err := os.MkdirAll(filepath.Dir(path), o.DirMode); err != nil {
			return nil, nil, err
		}
		file, err = os.OpenFile(path, flags|os.O_CREATE|os.O_EXCL, o.Mode)
		if errors.Is(err, fs.ErrExist) && try < openTries { // another process was faster
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		return file, o.chmod(file, o.Mode), nil // what the umask has taken away
	}
}

// target returns what path names, through symbolic links, whether it is there or not.
func target(path string) (string, error) {
	const maxLinks = 40 // of Linux
	for range maxLinks {
		info, err := os.Lstat(path)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			return path, nil
		}
		to, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(to) {
			// Where the folder itself is a link, ".." starts from where that leads.
			dir := filepath.Dir(path)
			if real, err := filepath.EvalSymlinks(dir); err == nil {
				dir = real
			}
			to = filepath.Join(dir, to)
		}
		path = to
	}
	return "", fmt.Errorf("%s: too many levels of symbolic links", path)
}

// endTries is how often the end of a file is looked at that seems to be inside a line:
// another process may be writing just then, and most of its line may be seen before all is.
const endTries = 1000

// endOf returns how long a file is, and whether its last line is torn. Last is for its last byte.
func endOf(file osFile, last []byte) (size int64, torn bool, err error) {
	for range endTries {
		size, err = file.Seek(0, io.SeekEnd) // unlike Stat it does not allocate
		if err != nil || size == 0 {
			return size, false, err
		}
		_, err = file.ReadAt(last, size-1)
		switch {
		case err == nil && last[0] == '\n':
			return size, false, nil
		case err != nil && !errors.Is(err, io.EOF): // which it is when the file was truncated just now
			return size, false, err
		}
		awaitWrites(file)
		runtime.Gosched()
	}
	return size, true, nil
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
	return fmt.Errorf("%s is %s; it must be a regular file", path, what)
}
