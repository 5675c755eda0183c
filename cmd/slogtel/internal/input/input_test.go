package input

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

func options(t *testing.T, args ...string) (o events.Options, errs *bytes.Buffer, err error) {
	errs = new(bytes.Buffer)
	cmd := &cli.Command{
		Name: "x", Flags: shared(), DisableSliceFlagSeparator: true, Reader: strings.NewReader(""), ErrWriter: errs,
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
		Action: func(_ context.Context, cmd *cli.Command) error {
			o, err = Options(cmd)
			return nil
		},
	}
	require.NoError(t, cmd.Run(t.Context(), append([]string{"x"}, args...)))
	return o, errs, err
}

func TestOptions(t *testing.T) {
	o, errs, err := options(t, "--scope", "a.*", "--where", "k=a=b,c", "--where", "e=", "-v", "f", "g")
	require.NoError(t, err)
	assert.Equal(t, []string{"f", "g"}, o.Inputs)
	assert.Equal(t, "a.*", o.Scope)
	assert.Equal(t, []events.Condition{{Key: "k", Value: "a=b,c"}, {Key: "e"}}, o.Where)
	o.OnBad(events.Position{Input: "f\x1b", Line: 7}, errors.New("what\x1b"))
	assert.Equal(t, `f\x1b:7: what\x1b`+"\n", errs.String())

	o, _, err = options(t)
	require.NoError(t, err)
	assert.Equal(t, []string{"-"}, o.Inputs)
	assert.Nil(t, o.OnBad)
	for _, args := range [][]string{{"--where", "x"}, {"--where", "=x"}, {"--since", "yesterday"}, {"--until", "1"}} {
		_, _, err := options(t, args...)
		var coded cli.ExitCoder
		require.ErrorAs(t, err, &coded)
		assert.Equal(t, ExitUsage, coded.ExitCode())
	}
}

func TestParseTime(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for s, want := range map[string]time.Time{
		"":                          {},
		"10m":                       now.Add(-10 * time.Minute),
		"-1h30m":                    now.Add(-90 * time.Minute),
		"2026-01-02T03:04:05Z":      time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		"2026-01-02T03:04:05+02:00": time.Date(2026, 1, 2, 1, 4, 5, 0, time.UTC),
		"2026-01-02":                time.Date(2026, 1, 2, 0, 0, 0, 0, time.Local),
		"2026-01-02 03:04":          time.Date(2026, 1, 2, 3, 4, 0, 0, time.Local),
	} {
		got, err := parseTime(s, now)
		require.NoError(t, err)
		assert.True(t, want.Equal(got), "%s: %s", s, got)
	}
}

func TestDone(t *testing.T) {
	assert.NoError(t, Done(nil))
	for err, want := range map[error]int{context.Canceled: ExitInterrupted, os.ErrNotExist: ExitUsage} {
		var coded cli.ExitCoder
		require.ErrorAs(t, Done(err), &coded)
		assert.Equal(t, want, coded.ExitCode())
	}
}

// The bar appears for what takes long, goes for a message, and is gone at the end.
func TestBar(t *testing.T) { synctest.Test(t, testBar) }

func testBar(t *testing.T) {
	var out bytes.Buffer
	b := &bar{w: &out}
	b.progress(events.Progress{Done: 1e6, Total: 1e8})
	assert.Empty(t, out.String())
	time.Sleep(appears / 2)
	b.around(func() { assert.Empty(t, out.String()) })
	time.Sleep(appears / 2)
	b.progress(events.Progress{Done: 3e7, Total: 1e8})
	time.Sleep(200 * time.Millisecond)
	b.progress(events.Progress{Done: 5e7, Total: 1e8})
	assert.Contains(t, out.String(), "50%")
	assert.Regexp(t, `100 MB/s|95 MB/s`, out.String(), "from the beginning on")
	b.around(func() { out.WriteString("message\n") })
	b.progress(events.Progress{Done: 1e8, Total: 1e8, End: true})
	last := out.String()[strings.Index(out.String(), "message"):]
	assert.NotContains(t, last, "%")
	before := out.Len()
	none := newBar(&out)
	none.progress(events.Progress{Done: 1, Total: 1})
	assert.Equal(t, before, out.Len(), "nothing on what is no terminal")
}
