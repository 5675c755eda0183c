package slogteltest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

func TestStandardJSONHandler(t *testing.T) {
	var out slogteltest.Buffer
	slogteltest.TestHandler(t, func(*testing.T) slog.Handler {
		out.Reset()
		return slog.NewJSONHandler(&out, nil)
	}, &slogteltest.Options{Results: out.JSON, StandardQuirks: true})
}

func TestStandardTextHandler(t *testing.T) {
	var out slogteltest.Buffer
	slogteltest.TestHandler(t, func(*testing.T) slog.Handler {
		out.Reset()
		return slog.NewTextHandler(&out, nil)
	}, &slogteltest.Options{Output: out.String, StandardQuirks: true})
}

func TestStandardMultiHandler(t *testing.T) {
	slogteltest.TestHandler(t, func(*testing.T) slog.Handler {
		return slog.NewMultiHandler(slog.NewJSONHandler(io.Discard, nil), slog.NewTextHandler(io.Discard, nil))
	}, nil)
}

func TestRecorderKeepsTheContracts(t *testing.T) {
	var rec *slogteltest.Recorder
	var results []map[string]any
	slogteltest.TestHandler(t, func(*testing.T) slog.Handler {
		rec, results = slogteltest.NewRecorder(nil), nil
		return rec
	}, &slogteltest.Options{Results: func() []map[string]any {
		for _, r := range append(rec.Logs(), rec.Records()...) {
			m := make(map[string]any)
			r.Attrs(func(a slog.Attr) bool {
				put(m, a)
				return true
			})
			m[slog.LevelKey], m[slog.MessageKey] = r.Level, r.Message
			if !r.Time.IsZero() {
				m[slog.TimeKey] = r.Time
			}
			results = append(results, m)
		}
		rec.Reset()
		return results
	}})
}

// put adds an attribute to m as slog's own handlers do.
func put(m map[string]any, a slog.Attr) {
	switch {
	case a.Equal(slog.Attr{}):
	case a.Value.Kind() != slog.KindGroup:
		m[a.Key] = a.Value.Any()
	case len(a.Value.Group()) > 0:
		in := m
		if a.Key != "" {
			in = make(map[string]any)
			m[a.Key] = in
		}
		for _, b := range a.Value.Group() {
			put(in, b)
		}
	}
}

// TestQuirksAreSeen shows that Options.StandardQuirks is needed, and for what. When
// it fails after a new release of Go, the option has had its day.
func TestQuirksAreSeen(t *testing.T) {
	var out slogteltest.Buffer
	err := slogteltest.CheckHandler(func() slog.Handler {
		out.Reset()
		return slog.NewJSONHandler(&out, nil)
	}, &slogteltest.Options{Results: out.JSON})
	require.ErrorContains(t, err, `empty_with: WithGroup("")`)
	require.ErrorContains(t, err, `set Options.StandardQuirks`)
	require.ErrorContains(t, err, "hostile: a line that was written is no JSON object")
	for line := range strings.Lines(err.Error()) {
		assert.True(t, strings.HasPrefix(line, `empty_with: WithGroup("")`) || strings.HasPrefix(line, "hostile: a line that was written is no JSON"), line)
	}
}

func TestCheckHandlerWithoutAHandler(t *testing.T) {
	err := slogteltest.CheckHandler(func() slog.Handler { return nil }, nil)
	require.ErrorContains(t, err, "forks: newHandler returned a nil slog.Handler")
}

// TestGoexitIsSeen: a handler, or Results, that calls t.FailNow does this.
func TestGoexitIsSeen(t *testing.T) {
	err := slogteltest.CheckHandler(func() slog.Handler {
		return handles(func(*broken, context.Context, slog.Record) error {
			runtime.Goexit()
			return nil
		})(slog.NewTextHandler(io.Discard, nil))
	}, nil)
	require.ErrorContains(t, err, "canceled_context: Handle of an ordinary record: ended its goroutine with runtime.Goexit")
}

// TestManyViolationsAreCutShort shows that one mistake does not fill the screen.
func TestManyViolationsAreCutShort(t *testing.T) {
	err := slogteltest.CheckHandler(func() slog.Handler {
		return handles(func(*broken, context.Context, slog.Record) error { return errors.New("no") })(slog.DiscardHandler)
	}, nil)
	require.ErrorContains(t, err, "forks: … and more of that kind")
	assert.Less(t, strings.Count(err.Error(), "\n"), 100)
}

// TestTestHandlerFails runs a broken handler through TestHandler in a process of
// its own, where the failure is not ours.
func TestTestHandlerFails(t *testing.T) {
	const inside = "SLOGTELTEST_INSIDE"
	if os.Getenv(inside) != "" {
		var out slogteltest.Buffer
		slogteltest.TestHandler(t, func(*testing.T) slog.Handler {
			out.Reset()
			return aliasing(slog.NewJSONHandler(&out, nil))
		}, &slogteltest.Options{Results: out.JSON, StandardQuirks: true})
		return
	}
	cmd := testkit.Rerun(t, "-test.run=^TestTestHandlerFails$", "-test.v")
	cmd.Env = append(os.Environ(), inside+"=1")
	output, err := cmd.CombinedOutput()
	require.Error(t, err, "the test of a broken handler passed:\n%s", output)
	assert.Contains(t, string(output), "--- FAIL: TestTestHandlerFails/forks")
	assert.Contains(t, string(output), "the two share memory")
	assert.Contains(t, string(output), "--- PASS: TestTestHandlerFails/hostile")
	assert.Contains(t, string(output), "--- SKIP: TestTestHandlerFails/lifecycle")
	assert.NotContains(t, string(output), "panic")
}

func ExampleCheckHandler() {
	var out slogteltest.Buffer
	err := slogteltest.CheckHandler(func() slog.Handler {
		out.Reset()
		return slog.NewTextHandler(&out, nil)
	}, &slogteltest.Options{Output: out.String, StandardQuirks: true})
	fmt.Println(err)
	// Output: <nil>
}
