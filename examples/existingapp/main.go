// Existingapp is an app that logs with slog, as it was before, and three lines
// that put telemetry into the same stream of JSON: its own handler is the reporter.
//
//	go run ./examples/existingapp [file ...]
//
// It prints the SHA-256 sums of the files (by default go.mod and go.sum) on
// standard output, and its log on standard error. It exits with 1 when a file
// cannot be read.
package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/slogtel/telemetry/slogtel"
)

func main() {
	logger := slog.New(slog.NewJSONHandler(os.Stderr, nil)).With("app", "checksum")

	// Line one. Mode is left out where SLOGTEL_TELEMETRY=1 is to decide.
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, logger.Handler())

	files := os.Args[1:]
	if len(files) == 0 {
		files = []string{"go.mod", "go.sum"}
	}
	failed := false
	for _, name := range files {
		if err := checksum(context.Background(), tel, name); err != nil {
			logger.Error("cannot read", "file", name, "error", err)
			failed = true
		}
	}
	logger.Info("done", "files", len(files))
	if failed {
		os.Exit(1)
	}
}

func checksum(ctx context.Context, tel *slogtel.Telemetry, name string) (err error) {
	_, span := tel.Start(ctx, "checksum", slog.String("file", name)) // line two
	defer span.End()                                                 // line three
	defer func() { span.Fail(err) }()                                // and one for functions that return errors

	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	fmt.Printf("%x  %s\n", h.Sum(nil), name)
	return nil
}
