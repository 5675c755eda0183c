package input

import (
	"context"
	"errors"
	"io"
	"os"

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

// spool copies until the end, or until ctx is done, which a read of a pipe does not see: what comes later is no
// part of the copy.
func spool(ctx context.Context, f *os.File, in io.ReadCloser) error {
	done := make(chan error, 1)
	go func() {
		defer in.Close()
		_, err := io.Copy(f, in)
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
