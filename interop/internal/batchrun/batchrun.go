// Package batchrun runs the batch example for tests, over files of this repository.
package batchrun

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/slogtel"
)

// A Result is what a run left behind.
type Result struct {
	Status  string
	Metrics struct {
		Durations map[string]float64 `json:"durations_s"`
		Memory    memory.Snapshot
		StatsD    struct{ Events, Sent, Dropped, Skipped, Packets int64 }
	}
	Lines  []byte `json:"-"` // of telemetry.jsonl
	Report string `json:"-"` // standard output
}

// Build builds the program into a folder and returns its path.
func Build(ctx context.Context, folder string) (string, error) {
	program := filepath.Join(folder, "batch")
	printed, err := exec.CommandContext(ctx, "go", "build", "-o", program, "github.com/slogtel/telemetry/examples/batch").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, printed)
	}
	return program, nil
}

// Run runs the program in the root of the repository. That it ends with 1 is no error:
// [Result.Status] says so, too.
func Run(ctx context.Context, args ...string) (*Result, error) {
	dir, err := os.MkdirTemp("", "slogtel-batch-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	program, err := Build(ctx, dir)
	if err != nil {
		return nil, err
	}
	out, telemetry := filepath.Join(dir, "result.json"), filepath.Join(dir, "telemetry.jsonl")
	cmd := exec.CommandContext(ctx, program, slices.Concat([]string{"-out", out, "-telemetry", telemetry}, args)...)
	cmd.Dir = "../.." // of a package of interop
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	report, err := cmd.Output()
	if exit := new(exec.ExitError); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		return nil, fmt.Errorf("batch: %w\n%s", err, &stderr)
	}
	r := &Result{Report: string(report)}
	envelope, err := os.ReadFile(out)
	if err != nil {
		return nil, fmt.Errorf("batch: %w\n%s", err, &stderr)
	}
	if err := json.Unmarshal(envelope, r); err != nil {
		return nil, err
	}
	r.Lines, err = os.ReadFile(telemetry)
	return r, err
}

// Record is the record that a line of telemetry.jsonl was written from, with its attributes in the
// order of their keys.
func Record(line []byte) (slog.Record, error) {
	var base struct {
		Time       time.Time
		Level      slog.Level
		Msg        string
		MetricType string `json:"metric_type"`
	}
	var all map[string]any
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	err := errors.Join(json.Unmarshal(line, &base), dec.Decode(&all))
	r := slog.NewRecord(base.Time, base.Level, base.Msg, 0)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if key != slog.TimeKey && key != slog.LevelKey && key != slog.MessageKey {
			r.AddAttrs(slog.Attr{Key: key, Value: valueOf(key, base.MetricType, all[key])})
		}
	}
	return r, err
}

func valueOf(key, typ string, v any) slog.Value {
	n, ok := v.(json.Number)
	if !ok {
		return slog.AnyValue(v)
	}
	float := strings.HasSuffix(key, "_s") || key == slogtel.KeyValue && typ != string(slogtel.TypeCounter)
	if i, err := n.Int64(); err == nil && !float {
		return slog.Int64Value(i)
	}
	f, _ := n.Float64()
	return slog.Float64Value(f)
}
