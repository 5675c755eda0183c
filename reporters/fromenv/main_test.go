package fromenv_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/fromenv"
)

const childEnv = "FROMENV_TEST_CHILD"

// TestMainChild is the program that the tests below start.
func TestMainChild(t *testing.T) {
	how := os.Getenv(childEnv)
	if how == "" {
		t.Skip("it is for the tests below")
	}
	setup, err := fromenv.New(nil, nil)
	require.NoError(t, err)
	os.Exit(setup.Main(func(ctx context.Context) error {
		_ = setup.Telemetry.Time(ctx, "job", func(context.Context) error { return nil })
		switch how {
		case "error":
			return errors.New("it failed")
		case "panic":
			panic("it panicked")
		case "wait":
			fmt.Println("ready")
			<-ctx.Done()
			return ctx.Err()
		case "wait and fail":
			fmt.Println("ready")
			<-ctx.Done()
			return errors.New("could not stop")
		}
		return nil
	}))
}

// Whatever ends the program, the last interval reaches the file.
func TestMainLosesNothing(t *testing.T) {
	for how, want := range map[string]int{"return": 0, "error": 1, "panic": 2, "wait": 0, "wait and fail": 1} {
		t.Run(how, func(t *testing.T) {
			if how[0] == 'w' && runtime.GOOS == "windows" {
				t.Skip("no signals to send on Windows")
			}
			path := filepath.Join(t.TempDir(), "t.jsonl")
			environ(t, "SLOGTEL_REPORTERS=json="+path, "SLOGTEL_AGGREGATE=1h", childEnv+"="+how)
			cmd := testkit.Rerun(t, "-test.run=^TestMainChild$")
			out, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			if how[0] == 'w' {
				_, err = bufio.NewReader(out).ReadString('\n')
				require.NoError(t, err)
				require.NoError(t, cmd.Process.Signal(os.Interrupt))
			} else {
				_, _ = io.Copy(io.Discard, out)
			}
			_ = cmd.Wait()
			assert.Equal(t, want, cmd.ProcessState.ExitCode())
			var summaries int
			for _, line := range testkit.JSONFile(t, path) {
				if line["msg"] == "telemetry.summary" {
					summaries++
				}
			}
			assert.Equal(t, 1, summaries)
		})
	}
}

// Goexit is what t.FailNow does: the reporters are shut down all the same.
func TestMainGoexit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.jsonl")
	environ(t, "SLOGTEL_REPORTERS=json="+path, "SLOGTEL_AGGREGATE=1h")
	setup, err := fromenv.New(slog.DiscardHandler, nil)
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		setup.Main(func(ctx context.Context) error {
			setup.Telemetry.Count(ctx, "n", 1)
			runtime.Goexit()
			return nil
		})
	}()
	<-done
	assert.Len(t, testkit.JSONFile(t, path), 1)
}
