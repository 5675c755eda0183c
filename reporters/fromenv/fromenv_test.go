package fromenv_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/fromenv"
	"github.com/slogtel/telemetry/slogtel"
)

// environ sets variables, a list of name=value, and takes all other ones of ours away.
func environ(t *testing.T, list ...string) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "SLOGTEL_") || strings.HasPrefix(name, "GEMINI_BATCH") || name == "DEBUG" {
			t.Setenv(name, "")
			require.NoError(t, os.Unsetenv(name))
		}
	}
	for _, entry := range list {
		name, value, _ := strings.Cut(entry, "=")
		t.Setenv(name, value)
	}
}

// work is what an app does.
func work(setup *fromenv.Setup) {
	ctx, span := setup.Telemetry.Start(context.Background(), "job", slog.String("password", "hunter2"))
	slog.New(setup.Handler).InfoContext(ctx, "working", "password", "hunter2")
	slog.New(setup.Handler).DebugContext(ctx, "details")
	setup.Telemetry.Count(ctx, "done", 2)
	span.End()
}

func TestAppWithHandler(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "t.jsonl")
	environ(t, "SLOGTEL_REPORTERS=app, json="+path+",memory", "SLOGTEL_REDACT=on", "SLOGTEL_SERVICE=shop", "SLOGTEL_LEVEL=info,job=debug")
	var app, output bytes.Buffer
	setup, err := fromenv.New(slogjson.New(&app, &slog.HandlerOptions{Level: slog.LevelDebug}), &fromenv.Options{Output: &output})
	require.NoError(t, err)
	work(setup)
	require.NoError(t, setup.Shutdown(t.Context()))
	require.NoError(t, setup.Shutdown(t.Context()))

	own := testkit.JSONLines(t, app.String())
	require.Len(t, own, 4, app.String())
	assert.Equal(t, "working", own[0]["msg"])
	assert.Equal(t, "job", own[0]["scope"])
	assert.Equal(t, "[REDACTED]", own[0]["password"])
	assert.Equal(t, "details", own[1]["msg"])
	file := testkit.JSONFile(t, path)
	require.Len(t, file, 2)
	assert.Equal(t, "shop", file[1]["service"])
	assert.Equal(t, "[REDACTED]", file[1]["password"])
	assert.Contains(t, output.String(), "job.done")
	assert.Equal(t, 1, strings.Count(output.String(), "job.done"), "one report")
}

func TestAppWithoutHandler(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.jsonl")
	environ(t, "SLOGTEL_TELEMETRY=1", "SLOGTEL_REPORTERS=ecs="+path+",console")
	var output bytes.Buffer
	setup, err := fromenv.New(nil, &fromenv.Options{Output: &output})
	require.NoError(t, err)
	work(setup)
	require.NoError(t, setup.Shutdown(t.Context()))
	file := testkit.JSONFile(t, path)
	require.Len(t, file, 3)
	assert.Equal(t, "working", file[0]["message"])
	assert.Contains(t, output.String(), "working")
}

// The app's logs stand in the tree of their scope.
func TestConsoleTree(t *testing.T) {
	environ(t, "SLOGTEL_REPORTERS=console=tree")
	var output bytes.Buffer
	setup, err := fromenv.New(nil, &fromenv.Options{Output: &output})
	require.NoError(t, err)
	ctx, span := setup.Telemetry.Start(t.Context(), "job")
	slog.New(setup.Handler).InfoContext(ctx, "working")
	assert.Empty(t, output.String())
	span.End()
	require.NoError(t, setup.Shutdown(t.Context()))
	assert.Regexp(t, `(?s) job .*─ working at `, output.String())
}

func TestOnOff(t *testing.T) {
	for _, tc := range []struct {
		env  []string
		mode slogtel.Mode
		want bool
	}{
		{nil, slogtel.FromEnv, false},
		{[]string{"SLOGTEL_TELEMETRY=yes"}, slogtel.FromEnv, true},
		{[]string{"SLOGTEL_REPORTERS=memory"}, slogtel.FromEnv, true},
		{[]string{"SLOGTEL_REPORTERS=memory", "DEBUG=0"}, slogtel.FromEnv, true},
		{[]string{"SLOGTEL_REPORTERS=memory", "SLOGTEL_TELEMETRY=0"}, slogtel.FromEnv, false},
		{[]string{"SLOGTEL_REPORTERS=memory", "GEMINI_BATCH_TELEMETRY=off"}, slogtel.FromEnv, false},
		{[]string{"SLOGTEL_TELEMETRY=0", "DEBUG=1"}, slogtel.FromEnv, false},
		{[]string{"SLOGTEL_TELEMETRY=0"}, slogtel.On, true},
		{[]string{"SLOGTEL_TELEMETRY=1"}, slogtel.Off, false},
	} {
		environ(t, tc.env...)
		setup, err := fromenv.New(slog.DiscardHandler, &fromenv.Options{Telemetry: slogtel.Options{Mode: tc.mode, OnError: func(context.Context, error) {}}, Output: new(bytes.Buffer)})
		require.NoError(t, err)
		assert.Equal(t, tc.want, setup.Telemetry.Enabled(), "%v", tc)
		require.NoError(t, setup.Shutdown(t.Context()))
	}
}

// When telemetry is off and the app has a handler, no file is made.
func TestOffOpensNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.jsonl")
	environ(t, "SLOGTEL_TELEMETRY=0", "SLOGTEL_REPORTERS=json="+path, "SLOGTEL_REDACT=secrets")
	var app bytes.Buffer
	setup, err := fromenv.New(slogjson.New(&app, nil), nil)
	require.NoError(t, err)
	work(setup)
	require.NoError(t, setup.Shutdown(t.Context()))
	assert.NoFileExists(t, path)
	assert.Contains(t, app.String(), `"password":"[REDACTED]"`)
}

func TestMistakes(t *testing.T) {
	for entry, want := range map[string]string{
		"SLOGTEL_REPORTERS=jsn=x":                        `SLOGTEL_REPORTERS="jsn=x": "jsn=x" is left out: no such reporter: there are app, console, json, ecs, statsd, memory, live`,
		"SLOGTEL_REPORTERS=console=x":                    "it is console or console=tree",
		"SLOGTEL_REPORTERS=json":                         "it needs a path, stdout or stderr: json=PATH",
		"SLOGTEL_REPORTERS=json=/dev/null/x":             `"json=/dev/null/x" is left out: `,
		"SLOGTEL_REPORTERS=statsd=udp://:x":              `"statsd=udp://:x" is left out: `,
		"SLOGTEL_REPORTERS=statsd=h:1?dialect=morse":     "there is no dialect \"morse\": there are plain, dogstatsd",
		"SLOGTEL_REPORTERS=statsd=h:1?dialekt=plain":     `it may have dialect, prefix and tags`,
		"SLOGTEL_LEVEL=loud":                             `SLOGTEL_LEVEL="loud" is not used: allowed is one of debug, info, warn, error`,
		"SLOGTEL_SAMPLE=10%":                             `SLOGTEL_SAMPLE="10%" is not used: allowed is a share from 0 to 1`,
		"SLOGTEL_SAMPLE=NaN":                             `SLOGTEL_SAMPLE="NaN"`,
		"SLOGTEL_SAMPLE=a=1.5":                           `SLOGTEL_SAMPLE="a=1.5"`,
		"SLOGTEL_SAMPLE==1":                              `SLOGTEL_SAMPLE="=1"`,
		"SLOGTEL_TELEMETRY=maybe":                        `SLOGTEL_TELEMETRY="maybe" counts as not set`,
		"SLOGTEL_REDACT=maybe":                           `SLOGTEL_REDACT="maybe" is not used: allowed is on, off, secrets or personal`,
		"SLOGTEL_AGGREGATE=1":                            `SLOGTEL_AGGREGATE="1" is not used: allowed is a duration`,
		"SLOGTEL_AGGREGATE=-1s":                          `allowed is a duration above zero`,
		"SLOGTEL_REPORTRS=console":                       "SLOGTEL_REPORTRS is not known: did you mean SLOGTEL_REPORTERS?",
		"SLOGTEL_TELEMETRY_RAW_PREVIEWS=1":               "did you mean SLOGTEL_TELEMETRY_RAW_PREVIEW?",
		"SLOGTEL_" + strings.Repeat("X", 100_000) + "=1": "is not known",
	} {
		environ(t, entry)
		var app, output bytes.Buffer
		setup, err := fromenv.New(slogjson.New(&app, nil), &fromenv.Options{Output: &output})
		require.Error(t, err, "%.80s", entry)
		assert.ErrorContains(t, err, want)
		assert.Len(t, strings.Split(err.Error(), "\n"), 1, "one line: %v", err)
		slog.New(setup.Handler).Info("the app goes on")
		assert.Contains(t, app.String(), "the app goes on", "%.80s", entry)
		require.NoError(t, setup.Shutdown(t.Context()))
	}
}

// What is left out does not take the rest along; without any, there is no telemetry.
func TestTheRestWorks(t *testing.T) {
	environ(t, "SLOGTEL_REPORTERS=nothing,memory,,")
	var output bytes.Buffer
	setup, err := fromenv.New(slog.DiscardHandler, &fromenv.Options{Output: &output})
	require.Error(t, err)
	work(setup)
	require.NoError(t, setup.Shutdown(t.Context()))
	assert.Contains(t, output.String(), "job.done")
}

func TestSampleAndAggregate(t *testing.T) {
	dir := t.TempDir()
	environ(t, "SLOGTEL_REPORTERS=memory,json="+dir+"/t.jsonl", "SLOGTEL_SAMPLE=1, health.* = 0", "SLOGTEL_AGGREGATE=1h")
	var output bytes.Buffer
	setup, err := fromenv.New(slog.DiscardHandler, &fromenv.Options{Output: &output})
	require.NoError(t, err)
	for range 100 {
		setup.Telemetry.Timing(t.Context(), "health.check", time.Millisecond)
		setup.Telemetry.Timing(t.Context(), "pay", time.Millisecond)
	}
	require.NoError(t, setup.Shutdown(t.Context()))
	file := testkit.JSONFile(t, filepath.Join(dir, "t.jsonl"))
	require.Len(t, file, 1)
	assert.Equal(t, "telemetry.summary", file[0]["msg"])
	assert.Equal(t, "pay", file[0]["scope"])
	assert.EqualValues(t, 100, file[0]["count"])
	assert.Regexp(t, `health\.check +100 `, output.String(), "memory has all of it")
}

func TestLevelDoesNotHideMetrics(t *testing.T) {
	environ(t, "SLOGTEL_REPORTERS=app,memory", "SLOGTEL_LEVEL=error")
	var app, output bytes.Buffer
	setup, err := fromenv.New(slogjson.New(&app, nil), &fromenv.Options{Output: &output, Telemetry: slogtel.Options{OnError: func(context.Context, error) {}}})
	require.NoError(t, err)
	work(setup)
	assert.Empty(t, app.String())
	_ = setup.Telemetry.Time(t.Context(), "bad", func(context.Context) error { return errors.New("no") })
	assert.Contains(t, app.String(), `"scope":"bad"`)
	require.NoError(t, setup.Levels.Set("debug"))
	work(setup)
	assert.Contains(t, app.String(), "working")
	require.NoError(t, setup.Shutdown(t.Context()))
	assert.Contains(t, output.String(), "job.done")
}

// A level that is asked for is no mistake in the set-up; one that the app's handler has of itself is.
func TestLevelIsNoMistake(t *testing.T) {
	for text, level := range map[string]slog.Level{"warn": slog.LevelInfo, "warn,job*=debug": slog.LevelInfo, "info": slog.LevelWarn} {
		environ(t, "SLOGTEL_REPORTERS=app", "SLOGTEL_LEVEL="+text)
		var app bytes.Buffer
		var told []error
		o := slogtel.Options{OnError: func(_ context.Context, err error) { told = append(told, err) }}
		setup, err := fromenv.New(slogjson.New(&app, &slog.HandlerOptions{Level: level}), &fromenv.Options{Telemetry: o})
		require.NoError(t, err)
		work(setup)
		assert.Equal(t, text, setup.Levels.String())
		assert.Equal(t, text == "warn,job*=debug", app.Len() > 0, "%s: %s", text, app.String())
		require.NoError(t, setup.Shutdown(t.Context()))
		if level == slog.LevelInfo {
			assert.Empty(t, told, text)
		} else {
			require.Len(t, told, 1)
			assert.ErrorIs(t, told[0], slogtel.ErrNotEnabled)
		}
	}
}

// A shell that has the variables of cmd/slogtel may start the app.
func TestVariablesOfTheCommand(t *testing.T) {
	environ(t, "SLOGTEL_TOKEN=secret", "SLOGTEL_TENANT=shop")
	setup, err := fromenv.New(slog.DiscardHandler, nil)
	require.NoError(t, err)
	require.NoError(t, setup.Shutdown(t.Context()))
}

func TestRegister(t *testing.T) {
	var got string
	name := fmt.Sprintf("test%d", time.Now().UnixNano()) // the test may run twice in a process
	fromenv.Register(name, func(value string) (slog.Handler, error) {
		if got = value; value == "bad" {
			return nil, errors.New("bad address")
		}
		return slogjson.New(nil, nil), nil
	})
	environ(t, "SLOGTEL_REPORTERS="+name+"=a=b")
	setup, err := fromenv.New(slog.DiscardHandler, nil)
	require.NoError(t, err)
	assert.Equal(t, "a=b", got)
	assert.True(t, setup.Telemetry.Enabled())
	require.NoError(t, setup.Shutdown(t.Context()))
	t.Setenv("SLOGTEL_REPORTERS", name+"=bad")
	_, err = fromenv.New(slog.DiscardHandler, nil)
	assert.ErrorContains(t, err, "bad address")
	assert.Panics(t, func() { fromenv.Register(name, func(string) (slog.Handler, error) { return nil, nil }) })
	assert.Panics(t, func() { fromenv.Register("json", func(string) (slog.Handler, error) { return nil, nil }) })
	assert.Panics(t, func() { fromenv.Register("a,b", func(string) (slog.Handler, error) { return nil, nil }) })
}
