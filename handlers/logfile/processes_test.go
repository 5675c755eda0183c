//go:build unix

package logfile_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/logfile"
	"github.com/slogtel/telemetry/internal/testkit"
)

const sharedEnv = "SLOGTEL_TEST_SHARED_FILE"

// TestSharedChild is one of the processes that share a file. It writes for a while, with
// breaks in between, and says what became of the lines.
func TestSharedChild(t *testing.T) {
	path := os.Getenv(sharedEnv)
	if path == "" {
		t.Skip("only as a child of TestFileOfSeveralProcesses")
	}
	var o logfile.Options
	require.NoError(t, json.Unmarshal([]byte(os.Getenv(sharedEnv+"_OPTIONS")), &o))
	f, err := logfile.Open(path, &o)
	require.NoError(t, err)
	id, _ := strconv.Atoi(os.Getenv(sharedEnv + "_FROM"))
	lasting := 2500 * time.Millisecond
	if testing.Short() {
		lasting /= 2
	}
	for end := time.Now().Add(lasting); time.Now().Before(end); id++ {
		_ = writeID(f, id)
		if id%20 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	require.NoError(t, f.Shutdown(ctx))
	s := f.Stats()
	fmt.Printf("\ncounted %d %d %d %d %d\n", s.Lines, s.Dropped, s.Torn, s.Unlinked, s.Rotations)
	if s.LastError != nil {
		fmt.Println("error:", s.LastError)
	}
}

// Whichever of the processes that share a file rotate and compress it, every line that was
// counted as written is there, once.
func TestFileOfSeveralProcesses(t *testing.T) {
	rotating := logfile.Options{MaxSize: 100 << 10, Compress: true}
	for name, options := range map[string][]logfile.Options{
		"one rotates": {rotating, {}, {}, {BufferSize: 4 << 10}},
		"all rotate":  {rotating, rotating, rotating},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "t.jsonl")
			var children []*exec.Cmd
			var outputs []*bytes.Buffer
			for i, o := range options {
				text, err := json.Marshal(map[string]any{"MaxSize": o.MaxSize, "Compress": o.Compress, "BufferSize": o.BufferSize})
				require.NoError(t, err)
				cmd := testkit.Rerun(t, "-test.run=^TestSharedChild$", fmt.Sprint("-test.short=", testing.Short()))
				cmd.Env = append(os.Environ(), sharedEnv+"="+path, sharedEnv+"_OPTIONS="+string(text),
					sharedEnv+"_FROM="+strconv.Itoa(i*100_000_000))
				out := &bytes.Buffer{}
				cmd.Stdout, cmd.Stderr = out, out
				require.NoError(t, cmd.Start())
				children, outputs = append(children, cmd), append(outputs, out)
			}
			var total [5]int64 // lines, dropped, torn, unlinked, rotations
			for i, cmd := range children {
				require.NoError(t, cmd.Wait(), outputs[i])
				_, text, ok := strings.Cut(outputs[i].String(), "counted ")
				require.True(t, ok)
				var n [5]int64
				_, err := fmt.Sscan(text, &n[0], &n[1], &n[2], &n[3], &n[4])
				require.NoError(t, err)
				assert.NotContains(t, text, "error:")
				for k := range n {
					total[k] += n[k]
				}
			}
			// What was left locked is compressed by the next.
			require.NoError(t, openFile(t, path, &rotating).Shutdown(ctx))
			empty := 0
			found := map[int]int{}
			for _, p := range filesIn(t, dir) {
				assert.Equal(t, p != path, strings.HasSuffix(p, ".gz"), p)
				ids, _, none := readLines(t, p)
				empty += none
				for id, times := range ids {
					found[id] += times
				}
			}
			for id, times := range found {
				require.Equal(t, 1, times, id)
			}
			t.Logf("%d lines written, %d found, %d dropped, %d unlinked; %d rotations, %d torn, %d empty",
				total[0], len(found), total[1], total[3], total[4], total[2], empty)
			assert.Len(t, found, int(total[0]))
			assert.Zero(t, total[1]+total[3])
			assert.Positive(t, total[4])
		})
	}
}
