//go:build unix

package logfile_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/logfile"
	"github.com/slogtel/telemetry/internal/testkit"
)

const killEnv = "SLOGTEL_TEST_KILL_FILE"

const killWriters = 4

// TestKillChild is the process that is killed. It writes long events as fast as it can
// and says the number of each when Write has returned.
func TestKillChild(t *testing.T) {
	path := os.Getenv(killEnv)
	if path == "" {
		t.Skip("only as a child of TestFileSurvivesKill")
	}
	f, err := logfile.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	first, _ := strconv.Atoi(os.Getenv(killEnv + "_FROM"))
	var next atomic.Int64
	next.Store(int64(first))
	text := strings.Repeat("0123456789abcdef", 8<<10) // of many pages, so that a write can be cut short
	fmt.Printf("\ntorn %d\n", f.Stats().Torn)
	var wg sync.WaitGroup
	for range killWriters { // so that one of them is always writing
		wg.Go(func() {
			for {
				id := int(next.Add(1) - 1)
				if err := writeText(f, id, text); err != nil {
					panic(err)
				}
				fmt.Println("done", id)
			}
		})
	}
	wg.Wait()
}

func TestFileSurvivesKill(t *testing.T) {
	const rounds, events = 20, 10
	path := filepath.Join(t.TempDir(), "k.jsonl")
	handled := map[int]bool{} // those whose Write has returned
	next, torn, said := 0, 0, 0
	for range rounds {
		cmd := testkit.Rerun(t, "-test.run=^TestKillChild$")
		cmd.Env = append(os.Environ(), killEnv+"="+path, killEnv+"_FROM="+strconv.Itoa(next))
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		killed := false
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var id, n int
			if _, err := fmt.Sscanf(lines.Text(), "torn %d", &n); err == nil {
				said += n
			}
			if _, err := fmt.Sscanf(lines.Text(), "done %d", &id); err != nil {
				continue
			}
			handled[id] = true
			if id >= next+events && !killed {
				require.NoError(t, cmd.Process.Kill())
				killed = true // and read on, what it could still say
			}
		}
		require.Error(t, cmd.Wait(), "it ends by the signal")
		for id := range handled {
			next = max(next, id+1+killWriters) // some more may be in the file
		}
		if endsInLine(t, path) {
			torn++
		}
	}

	f := openFile(t, path, nil)
	require.NoError(t, writeID(f, next))
	said += int(f.Stats().Torn)
	handled[next] = true
	lines, unfinished := scanLines(t, path)
	require.False(t, unfinished)
	found, bad := map[int]int{}, 0
	for _, line := range lines {
		var m struct{ ID *int }
		if json.Unmarshal([]byte(line), &m) != nil {
			bad++
			assert.False(t, strings.Contains(line[1:], `{"id"`), "two lines became one")
			continue
		}
		found[*m.ID]++
	}
	assert.Equal(t, torn, bad, "no line is torn but the last of each process")
	assert.Equal(t, torn, said, "and each was counted by the next")
	assert.LessOrEqual(t, bad, rounds)
	for id := range handled {
		require.Equal(t, 1, found[id], "event %d", id)
	}
	assert.LessOrEqual(t, len(found), len(handled)+rounds*killWriters, "besides those, the ones that were being handled")
	t.Logf("%d processes killed, %d events handled, %d found, %d torn", rounds, len(handled), len(found), bad)
}

func endsInLine(t *testing.T, path string) bool {
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	_, err = file.Seek(-1, io.SeekEnd)
	require.NoError(t, err)
	var last [1]byte
	_, err = file.Read(last[:])
	require.NoError(t, err)
	return last[0] != '\n'
}
