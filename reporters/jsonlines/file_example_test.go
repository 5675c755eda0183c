//go:build unix

package jsonlines_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
)

// A file that rotates itself: a new one each day or every 100 MB, and the last week's
// are kept, compressed.
func ExampleOpen() {
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "log", "telemetry.jsonl")

	file, err := jsonlines.Open(path, &jsonlines.FileOptions{
		Options:    jsonlines.Options{Service: "checkout", Version: "1.4.2"},
		MaxSize:    100 << 20,
		Interval:   24 * time.Hour,
		MaxBackups: 7,
		Compress:   true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, file)
	tel.Count(context.Background(), "orders", 1)

	if err := tel.Shutdown(context.Background()); err != nil { // also shuts the file down
		fmt.Println(err)
	}
	stats := file.Stats()
	fmt.Printf("%d line written, %d dropped\n", stats.Lines, stats.Dropped)
	// Output: 1 line written, 0 dropped
}

// A file that logrotate renames. Its configuration says, for this program,
//
//	/var/log/checkout/telemetry.jsonl {
//		daily
//		rotate 7
//		delaycompress
//		postrotate
//			pkill --signal HUP --exact checkout
//		endscript
//	}
//
// and the program opens the file anew when it gets the signal.
func ExampleFile_Reopen() {
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "telemetry.jsonl")

	file, err := jsonlines.Open(path, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	reopened := make(chan struct{}) // only for this example to wait for
	go func() {
		defer close(reopened)
		for range hup {
			if err := file.Reopen(); err != nil {
				slog.Error("telemetry goes on in the old file", "error", err)
			}
			reopened <- struct{}{}
		}
	}()
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, file)

	tel.Count(context.Background(), "before", 1)
	_ = os.Rename(path, path+".1")                     // what logrotate does
	_ = syscall.Kill(syscall.Getpid(), syscall.SIGHUP) // and then
	<-reopened
	tel.Count(context.Background(), "after", 1)

	signal.Stop(hup)
	close(hup)
	<-reopened
	_ = tel.Shutdown(context.Background())
	for _, name := range []string{path + ".1", path} {
		text, _ := os.ReadFile(name)
		fmt.Println(filepath.Base(name), bytes.Contains(text, []byte("before")), bytes.Contains(text, []byte("after")))
	}
	// Output:
	// telemetry.jsonl.1 true false
	// telemetry.jsonl false true
}
