package input

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

// Again returns options of which the inputs can be read more than once: what is no file is copied into a temporary one, as
// it comes, compressed or not. The function that is returned removes these. With ctx done, the copies are of
// what came so far, and the error is that of ctx.
func Again(ctx context.Context, o events.Options) (events.Options, func(), error) {
	var made []string
	remove := func() {
		for _, name := range made {
			os.Remove(name)
		}
	}
	names, err := events.Expand(o.Inputs)
	if err != nil {
		return o, remove, err
	}
	o.Inputs = nil
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			o.Inputs = append(o.Inputs, name)
			continue
		}
		f, err := os.CreateTemp("", "slogtel-*")
		if err != nil {
			return o, remove, err
		}
		made = append(made, f.Name())
		o.Inputs = append(o.Inputs, f.Name())
		in, err := events.OpenRaw(ctx, &o, name)
		if err != nil {
			f.Close()
			return o, remove, err
		}
		err = spool(ctx, f, in)
		if err := errors.Join(err, f.Close()); err != nil {
			return o, remove, err
		}
	}
	return o, remove, nil
}

// spool copies until the end, or until ctx is done, which a read of a pipe does not see.
func spool(ctx context.Context, f *os.File, in io.ReadCloser) error {
	var mu sync.Mutex // guards f
	done := make(chan error, 1)
	go func() {
		defer in.Close()
		buf := make([]byte, 64<<10)
		for {
			n, err := in.Read(buf)
			mu.Lock()
			stop := ctx.Err()
			if stop == nil && n > 0 {
				if _, werr := f.Write(buf[:n]); werr != nil {
					err = werr
				}
			}
			mu.Unlock()
			if stop != nil || err != nil {
				if err == io.EOF {
					err = nil
				}
				done <- errors.Join(stop, err)
				return
			}
		}
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		mu.Lock() // after it, nothing is written any more
		defer mu.Unlock()
		return ctx.Err()
	}
}
