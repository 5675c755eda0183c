package logfile_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/slogtel/telemetry/handlers/logfile"
)

// An app's own log in a file that rotates: a new one every 100 MB, and those of the last
// seven are kept, compressed.
func ExampleOpen() {
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)

	file, err := logfile.Open(filepath.Join(dir, "log", "app.log"), &logfile.Options{
		MaxSize:    100 << 20,
		MaxBackups: 7,
		Compress:   true,
		OnError:    func(err error) { fmt.Fprintln(os.Stderr, err) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	logger := slog.New(slog.NewTextHandler(file, nil))
	logger.Info("started", "pid", os.Getpid())

	if err := file.Close(); err != nil {
		fmt.Println(err)
	}
	stats := file.Stats()
	fmt.Printf("%d line written, %d dropped\n", stats.Lines, stats.Dropped)
	// Output: 1 line written, 0 dropped
}
