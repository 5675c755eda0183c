package logfile

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
)

// errLocked says that somebody else has locked a file.
var errLocked = errors.New("the file is locked")

// compress makes name.gz of the open file called name, removes that, and returns the size
// of the former. The lines are in one of the two at any time.
func compress(ctx context.Context, from *os.File, name string, o *settings) (size int64, err error) {
	part := name + partSuffix
	if err := writeGzip(ctx, part, from, o); err != nil {
		_ = os.Remove(part)
		return 0, err
	}
	if err := o.rename(part, name+gzSuffix); err != nil {
		return 0, errors.Join(err, os.Remove(part))
	}
	gz, err := os.Stat(name + gzSuffix)
	if err != nil {
		return 0, err
	}
	return gz.Size(), os.Remove(name)
}

func writeGzip(ctx context.Context, part string, from *os.File, o *settings) (err error) {
	to, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, o.Mode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	_ = o.chmod(to, o.Mode) // what the umask has taken away, where there are modes
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
