package shipping

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/interop/internal/batchrun"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
)

const (
	repository = "../.."
	examples   = "../../examples/shipping"
)

// A run is one of the batch example, over files of this repository.
type run struct {
	flat []byte // telemetry.jsonl
	ecs  []byte // the same events as lines of the Elastic Common Schema

	// memory is what the run's memory reporter held at its end, see [theRun].
	memory memory.Snapshot

	durations map[string][]float64 // seconds by scope, sorted, as in telemetry.jsonl
}

func (r *run) lines() int { return bytes.Count(r.flat, []byte("\n")) }

var theRunOnce = sync.OnceValues(newRun)

// theRun is made once for all tests.
//
// The program's memory reporter shows what it holds as a report on standard output, in
// which durations have three digits, and as totals in result.json. To have all digits,
// the events of telemetry.jsonl are handed to another one, of which TestMemoryOfTheRun
// shows that it holds the same.
func theRun(t *testing.T) *run {
	t.Helper()
	r, err := theRunOnce()
	require.NoError(t, err)
	return r.run
}

type runAndOutput struct {
	*run
	report string // standard output
	totals map[string]float64
	again  string // the report of the memory that got the events of telemetry.jsonl
}

func newRun() (*runAndOutput, error) {
	// Few tokens a batch make many requests, and the limit has some of them fail.
	got, err := batchrun.Run(context.Background(), "-v", "-batch-tokens", "1500", "-concurrency", "6",
		"-local-limit", "3", "-local-speed", "3000", "-backoff", "20ms", "-retries", "10", "scope", "slogtel", "handlers")
	if err != nil {
		return nil, err
	}
	if got.Status != "ok" {
		return nil, errors.New(got.Status)
	}
	r := &runAndOutput{run: &run{flat: got.Lines, durations: make(map[string][]float64)}, report: got.Report, totals: got.Metrics.Durations}
	return r, r.replay()
}

// replay hands the events of telemetry.jsonl to a memory reporter and to one that writes
// them as lines of the Elastic Common Schema.
func (r *runAndOutput) replay() error {
	var ecs bytes.Buffer
	memory := memory.New(nil)
	next := slog.NewMultiHandler(memory, jsonlines.New(&ecs, &jsonlines.Options{Schema: jsonlines.ECS, Service: "batch"}))
	for line := range bytes.Lines(r.flat) {
		record, err := batchrun.Record(line)
		if err != nil {
			return fmt.Errorf("%w: %s", err, line)
		}
		if err := next.Handle(context.Background(), record); err != nil {
			return err
		}
		if t, ok := slogtel.DecodeTiming(record); ok {
			r.durations[t.Scope] = append(r.durations[t.Scope], t.Duration.Seconds())
		}
	}
	for _, d := range r.durations {
		slices.Sort(d)
	}
	r.ecs, r.memory, r.again = ecs.Bytes(), memory.Snapshot(), memory.Report()
	return nil
}

// TestMemoryOfTheRun shows that the figures to compare with are those of the memory
// reporter in the run: its report is the same to the letter, but for what depends on the
// order in which events reached it, and its totals are those of result.json.
func TestMemoryOfTheRun(t *testing.T) {
	r, err := theRunOnce()
	require.NoError(t, err)
	same := 0
	for section := range strings.SplitSeq(r.again, "\n\n") {
		if strings.HasPrefix(section, "GAUGE") || strings.HasPrefix(section, "FAILED SCOPE") {
			continue
		}
		assert.Contains(t, r.report, strings.TrimSpace(section))
		same++
	}
	assert.GreaterOrEqual(t, same, 4, "scopes, counters, histograms, and the last line")

	require.NotEmpty(t, r.memory.Scopes)
	require.Len(t, r.totals, len(r.durations))
	failed := int64(0)
	for _, s := range r.memory.Scopes {
		assert.InEpsilon(t, r.totals[s.Scope], s.TotalSeconds, 1e-9, s.Scope)
		failed += s.Errors
	}
	assert.Positive(t, failed, "an error rate wants errors")
	assert.Equal(t, r.lines(), bytes.Count(r.ecs, []byte("\n")))
	assert.Equal(t, memory.Forgotten{}, r.memory.Forgotten)
}

// copyTo writes content as a program with rotation does: half of it, then the file gets
// another name and a new one begins. between waits until the first half has arrived.
func copyTo(t *testing.T, path string, content []byte, between func(lines int)) {
	t.Helper()
	half := len(content)/2 + bytes.IndexByte(content[len(content)/2:], '\n') + 1
	write := func(part []byte) {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o644)
		require.NoError(t, err)
		_, err = io.Copy(f, bytes.NewReader(part))
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}
	write(content[:half])
	between(bytes.Count(content[:half], []byte("\n")))
	require.NoError(t, os.Rename(path, path+".20060102T150405.000000000Z"))
	write(content[half:])
}
