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
	require.Len(t, o.Where, 2)
	assert.Equal(t, "k = a=b,c", o.Where[0].Key+" "+o.Where[0].Op+" "+o.Where[0].Value)
	assert.Equal(t, "e =", o.Where[1].Key+" "+o.Where[1].Op+o.Where[1].Value)
	o.OnBad(events.Position{Input: "f\x1b", Line: 7}, errors.New("what\x1b"))
	assert.Equal(t, `f\x1b:7: what\x1b`+"\n", errs.String())

	o, _, err = options(t)
	require.NoError(t, err)
	assert.Equal(t, []string{"-"}, o.Inputs)
	assert.Nil(t, o.OnBad)
	for _, args := range [][]string{{"--where", "x"}, {"--where", "=x"}, {"--since", "tomorrow"}, {"--until", "1"}, {"--since", "1h", "--until", "2h"}} {
		_, _, err := options(t, args...)
		var coded cli.ExitCoder
		require.ErrorAs(t, err, &coded)
		assert.Equal(t, ExitUsage, coded.ExitCode())
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

// Where nothing is in the time that was asked for, the last line says which times there are.
func TestFooterOfAnotherTime(t *testing.T) {
	var out bytes.Buffer
	const lines = `{"time":"2026-11-28T06:33:51Z","msg":"telemetry.timing","scope":"a","duration_s":1}
{"time":"2026-11-28T05:33:51Z","msg":"telemetry.timing","scope":"a","duration_s":1}
`
	o, _, err := options(t, "--since", "2026-11-29T00:00:00Z", "-")
	require.NoError(t, err)
	o.Stdin = strings.NewReader(lines)
	counts, err := events.Read(t.Context(), o, func() events.Sink { return none{} })
	require.NoError(t, err)
	Footer(&out, counts)
	at := func(s string) string {
		tm, err := time.Parse(time.RFC3339, s)
		require.NoError(t, err)
		return tm.Local().Format(time.RFC3339)
	}
	assert.Contains(t, out.String(), "outside of --since and --until are events from "+at("2026-11-28T05:33:51Z")+" to "+at("2026-11-28T06:33:51Z"))
}

type none struct{}

func (none) Event(*events.Event) {}

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
