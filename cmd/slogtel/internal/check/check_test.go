package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/collect"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/internal/sketch"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
)

func check(t testing.TB, text string, args ...string) (out string, code int) {
	var b bytes.Buffer
	root := &cli.Command{
		Name: "slogtel", Commands: []*cli.Command{Command()}, Reader: strings.NewReader(text), Writer: &b, ErrWriter: &b,
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
	}
	err := root.Run(t.Context(), append([]string{"slogtel", "check"}, args...))
	var coded cli.ExitCoder
	if err != nil {
		require.ErrorAs(t, err, &coded)
		code = coded.ExitCode()
	}
	return b.String(), code
}

// written are lines of the library: a timing that failed, one that did not, a counter, a
// gauge, a plain metric, a summary.
func written(t testing.TB, schema jsonlines.Schema) []string {
	var out bytes.Buffer
	h := jsonlines.New(&out, &jsonlines.Options{Schema: schema, Service: "s"})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, h)
	ctx, span := tel.Start(context.Background(), "pipeline")
	_, in := tel.Start(ctx, "call", slog.Group("g", slog.Int("n", 1)))
	in.Fail(assert.AnError)
	in.End()
	span.End()
	tel.Count(ctx, "tokens", 3)
	tel.Gauge(ctx, "load", 1)
	tel.Metric(ctx, "state", "up")
	var d sketch.Sketch
	d.Add(2e9)
	text, err := d.AppendText(nil)
	require.NoError(t, err)
	r := slog.NewRecord(time.Now(), slog.LevelInfo, slogtel.MessageSummary, 0)
	r.AddAttrs(slog.String("scope", "a"), slog.Int("depth", 0), slog.String("parent_scope", ""), slog.String("metric_type", "timing"),
		slog.Float64("interval_s", 10), slog.Int("count", 1), slog.Int("errors", 0), slog.String("sketch", string(text)))
	for _, key := range []string{"sum", "min", "max", "mean", "p50", "p90", "p95", "p99"} {
		r.AddAttrs(slog.Float64(key, 2))
	}
	require.NoError(t, h.Handle(context.Background(), r))
	slog.New(h).Info("ordinary", "scope", 3)
	return strings.Split(strings.TrimSpace(out.String()), "\n")
}

func TestWhatTheLibraryWritesIsRight(t *testing.T) {
	for name, schema := range map[string]jsonlines.Schema{"flat": jsonlines.Flat, "ecs": jsonlines.ECS} {
		t.Run(name, func(t *testing.T) {
			lines := written(t, schema)
			out, code := check(t, strings.Join(lines, "\n"), "--strict")
			assert.Zero(t, code, out)
			assert.True(t, strings.HasPrefix(out, "0 problems\n7 lines read: 6 used, "), out)
		})
	}
}

// Each change of a line is found: the line, the key, what was expected.
func TestFinds(t *testing.T) {
	for _, c := range []struct {
		name     string
		line     int
		old, new string
		want     string
	}{
		{"kind", 0, `"depth":1`, `"depth":"1"`, `-:1: depth: expected a whole number that is not negative, found "1"`},
		{"float", 0, `"depth":1`, `"depth":1.0`, `-:1: depth: expected a whole number that is not negative, found 1.0`},
		{"missing", 0, `"parent_scope":"pipeline",`, ``, `-:1: parent_scope: expected a string, found nothing`},
		{"empty scope", 1, `"scope":"pipeline"`, `"scope":""`, `-:1: scope: expected a string that is not empty, found ""`},
		{"strict", 1, `"scope":"pipeline"`, `"scope":"Pipe line"`, `-:1: scope: expected a name of `},
		{"parent", 0, `"parent_scope":"pipeline"`, `"parent_scope":"other"`, `-:1: scope: expected a path below other, found pipeline.call`},
		{"depth", 1, `"depth":0`, `"depth":2`, `-:1: depth: expected 0 at the root`},
		{"type", 0, `"metric_type":"timing"`, `"metric_type":"gauge"`, `-:1: metric_type: expected "timing", found "gauge"`},
		{"duration", 0, `"duration_s":`, `"duration_s":"1ms","x":`, `-:1: duration_s: expected a number that is not negative, found "1ms"`},
		{"negative", 0, `"duration_s":`, `"duration_s":-1,"x":`, `-:1: duration_s: expected a number that is not negative, found -1`},
		{"clock", 0, `"end_monotonic_s":`, `"end_monotonic_s":99,"x":`, `-:1: end_monotonic_s: expected start_monotonic_s + duration_s, found `},
		{"ids", 0, `"trace_id":"`, `"trace_id":"X`, `-:1: trace_id: expected 32 hexadecimal digits`},
		{"error", 0, `"error":"`, `"error":"","x":"`, `-:1: error: expected a string that is not empty, found ""`},
		{"counter", 2, `"value":3`, `"value":-3.5`, `-:1: value: expected a whole number, or one that is not negative, of a counter, found -3.5`},
		{"gauge", 3, `"value":1`, `"value":true`, `-:1: value: expected a number, of a gauge, found true`},
		{"metric type", 2, `"counter"`, `"rate"`, `-:1: metric_type: expected one of counter, gauge, histogram, found "rate"`},
		{"time", 0, `"time":"2`, `"time":"x2`, `-:1: time: expected a time in RFC 3339 form, found "x2`},
		{"twice", 0, `"depth":1`, `"depth":1,"depth":1`, `-:1: depth: expected one such key, found another`},
		{"rate", 0, `"depth":1`, `"depth":1,"sample_rate":0`, `-:1: sample_rate: expected a number above 0, at most 1, found 0`},
		{"errors", 5, `"errors":0`, `"errors":9`, `-:1: errors: expected no more than count, found 9`},
		{"quantiles", 5, `"p90":2`, `"p90":1`, `-:1: p90: expected no less than 2, as quantiles go, found 1`},
		{"sketch", 5, `"count":1`, `"count":2`, `-:1: sketch: expected 2 values, as count says, found 1`},
		{"no sketch", 5, `"sketch":"1:`, `"sketch":"9:`, `-:1: sketch: expected a sketch, found `},
		{"torn", 0, `"depth":1,`, `"depth":1`, `-:1: invalid character`},
	} {
		t.Run(c.name, func(t *testing.T) {
			line := written(t, jsonlines.Flat)[c.line]
			require.Contains(t, line, c.old)
			out, code := check(t, strings.Replace(line, c.old, c.new, 1), "--strict")
			assert.Equal(t, 1, code)
			assert.Contains(t, out, c.want)
		})
	}
	for _, c := range []struct{ old, new, want string }{
		{`"event.duration":`, `"event.duration":0.5,"x":`, `-:1: event.duration: expected a whole number that is not negative, found 0.5`},
		{`"event.outcome":"failure"`, `"event.outcome":"success"`, `-:1: event.outcome: expected failure with an error.message`},
		{`"labels":{`, `"labels":{"n":1,`, `-:1: labels: expected an object of strings, found {`},
		{`"scope":"pipeline.call"`, `"scope":7`, `-:1: slogtel.scope: expected a string that is not empty, found 7`},
		{`"ecs.version"`, `"ecsversion"`, `-:1: ecs.version: expected a string that is not empty, found nothing`},
	} {
		line := written(t, jsonlines.ECS)[0]
		require.Contains(t, line, c.old)
		out, code := check(t, strings.Replace(line, c.old, c.new, 1))
		assert.Equal(t, 1, code)
		assert.Contains(t, out, c.want)
	}
}

const oneLine = `{"time":"2026-01-02T03:04:05Z","level":"INFO","msg":"telemetry.timing","scope":"a","depth":0,"parent_scope":"","metric_type":"timing","call_count":1,"duration_s":1,"start_monotonic_s":0,"end_monotonic_s":1,"start_wall_time_s":1,"end_wall_time_s":2}` + "\n"

// However many kinds of faults there are, and from however many workers, their number is bounded and their
// count is right.
func TestFaultsAreBounded(t *testing.T) {
	var text strings.Builder
	const lines = 3 * maxFaults
	for i := range lines {
		text.WriteString(strings.Replace(oneLine, `"depth":0`, fmt.Sprintf(`"depth":0,"key%d":1,"key%d":1`, i, i), 1))
	}
	out, code := check(t, text.String(), "--max", "0")
	assert.Equal(t, 1, code)
	assert.Contains(t, out, fmt.Sprintf("%d problems in %d lines", lines, lines))
	assert.Equal(t, maxFaults+1, strings.Count("\n"+out, "\n-:"))
	assert.Contains(t, out, fmt.Sprintf("    %d problems of further kinds, such as this one: also -:", 2*maxFaults), "of which each is another one")
	room := collect.NewRoom[string](maxFaults)
	f := newFaults(room, nil, new(events.Turn))
	for range 4 {
		o := newFaults(room, nil, new(events.Turn))
		for i := range maxFaults + 10 {
			o.add(fmt.Sprint(rand.Int64()), events.Position{Line: int64(i)}, errors.New("x"))
		}
		assert.LessOrEqual(t, len(o.kinds.All), maxFaults+1)
		f.merge(&o)
	}
	assert.Len(t, f.kinds.All, maxFaults+1)
	assert.EqualValues(t, 4*(maxFaults+10), f.count)
	sum := int64(0)
	for _, in := range f.kinds.All {
		assert.LessOrEqual(t, len(in.places), maxPlaces)
		sum += in.count
	}
	assert.Equal(t, f.count, sum)
}

func TestMaxLine(t *testing.T) {
	text := strings.Replace(oneLine, `"depth":0`, `"depth":0,"long":"`+strings.Repeat("x", 1000)+`"`, 1) + oneLine
	out, code := check(t, text, "--max-line", "500")
	assert.Equal(t, 1, code)
	assert.Contains(t, out, "-:1: line longer than 500 bytes\n1 problems in 1 lines\n2 lines read: 1 used, ")
	_, code = check(t, text, "--max-line", "5000")
	assert.Zero(t, code)
	_, code = check(t, text, "--max-line", "0")
	assert.Equal(t, 2, code)
}

func TestMax(t *testing.T) {
	text := strings.Repeat("{torn\n", 7)
	out, code := check(t, text, "--max", "3")
	assert.Equal(t, 1, code)
	assert.Regexp(t, `^-:1: .*\n    7 times: also -:2, -:3, …\n7 problems in 7 lines\n7 lines read: 0 used, `, out)
	out, _ = check(t, text, "-v")
	assert.Contains(t, out, "-:7: ", "each of them")
	var kinds strings.Builder
	for i := range 9 {
		kinds.WriteString(strings.Replace(oneLine, `"depth":0`, fmt.Sprintf(`"depth":0,"k%d":1,"k%d":1`, i, i), 1))
	}
	out, _ = check(t, kinds.String(), "--max", "3")
	assert.Contains(t, out, "-:3: k2: expected one such key")
	assert.NotContains(t, out, "-:4:")
	assert.Contains(t, out, "\nand 6 more of 6 other kinds (--max)\n9 problems in 9 lines\n")
	_, code = check(t, "", "no such file")
	assert.Equal(t, 2, code)
}

func FuzzCheck(f *testing.F) {
	for _, schema := range []jsonlines.Schema{jsonlines.Flat, jsonlines.ECS} {
		for _, line := range written(f, schema) {
			f.Add([]byte(line))
			f.Add([]byte(strings.ReplaceAll(line, "pipeline", `\u001b[31m\u009b\u202e`)))
		}
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		out, _ := check(t, string(line), "-v")
		for _, r := range strings.ReplaceAll(out, "\n", "") {
			assert.False(t, unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp), "%q in %q", r, out)
		}
	})
}
