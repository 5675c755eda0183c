package failures

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
	"github.com/slogtel/telemetry/slogtel"
)

func TestFold(t *testing.T) {
	for s, want := range map[string]string{
		"":                          "",
		`provider: "status 503"`:    "provider: <text>",
		"status 503":                "status <n>",
		"status 429: wait 1.5s":     "status <n>: wait <n>s",
		"took 1h30m10s, not 200ms":  "took <n>h<n>m<n>s, not <n>ms",
		"open 'a b': no such file":  "open <text>: no such file",
		"can't open the user's 'x'": "can't open the user's <text>",
		"don't":                     "don't",
		`torn "quote`:               `torn "quote`,
		"`a` and \"b\\\"c\"":        "<text> and <text>",
		"id 3e4c1a8e-99f1-4f3a-8ce0-0a4e3b9b1c11 gone": "id <uuid> gone",
		"trace 4bf92f3577b34da6a3ce929d0e0e4736":       "trace <hex>",
		"at 0xc000123abc":                              "at <hex>",
		"at 0xC0":                                      "at <hex>",
		"dial tcp 10.0.0.7:5432: connection refused":   "dial tcp <addr>: connection refused",
		"dial tcp [2001:db8::1]:443: i/o timeout":      "dial tcp <addr>: i/o timeout",
		"from fe80::1%eth0: bad":                       "from <addr>%eth<n>: bad",
		"10.0.0.7":                                     "<addr>",
		"read 10.0.0.7:1->10.0.0.8:2: reset":           "read <addr>-><addr>: reset",
		"worker-12 of 30 failed":                       "worker-<n> of <n> failed",
		"worker12":                                     "worker<n>",
		"req_8fK2abCx9 failed":                         "req_<id> failed",
		"ULID 01ARZ3NDEKTSV4RRFFQ69G5FAV":              "ULID <id>",
		"version 1.2.3 of x":                           "version <n> of x",
		"2026-11-28T06:33:51.123Z: late":               "<n>Z: late",
		"-5 is less than 1e-9 and 1.5e+10":             "-<n> is less than <n>e-<n> and <n>",
		"deadbeef":                                     "deadbeef", // a word, by chance
		"decade added":                                 "decade added",
		"deadbeef1":                                    "<hex>",
		"a\n\tb  c ":                                   "a b c",
		"größe 12 é":                                   "größe <n> é",
		"utf8 \xff bytes":                              "utf<n> \xff bytes",
		"context deadline exceeded":                    "context deadline exceeded",
		"/users/123/orders/ab12cd34":                   "/users/<n>/orders/<hex>",
		"https://host:8080/a?b=12":                     "https://host:<n>/a?b=<n>",
		"<n> <text> <uuid>":                            "<n> <text> <uuid>",
	} {
		assert.Equal(t, want, Fold(s), s)
	}
}

func FuzzFold(f *testing.F) {
	f.Add(`a "b" 12 0xff 10.0.0.1:80 [::1]:3 'x`)
	f.Add("::::....----[[[%%%1.2.3.4.5.6:7:8")
	f.Fuzz(func(t *testing.T, s string) {
		p := Fold(s)
		assert.LessOrEqual(t, len(p), 8*maxFolded)
		digits := strings.Map(func(r rune) rune {
			if '0' <= r && r <= '9' {
				return r
			}
			return -1
		}, p)
		assert.Empty(t, digits, "%q", p) // no number gets through
	})
}

func runCommand(t testing.TB, stdin string, args ...string) (out string, err error) {
	var o bytes.Buffer
	root := &cli.Command{
		Name: "slogtel", Commands: []*cli.Command{Command()}, DisableSliceFlagSeparator: true,
		Reader: strings.NewReader(stdin), Writer: &o, ErrWriter: &o,
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
	}
	err = root.Run(t.Context(), append([]string{"slogtel", "errors"}, args...))
	return o.String(), err
}

func failed(at int, scope, err, rest string) string {
	return fmt.Sprintf(`{"time":%q,"msg":"telemetry.timing","scope":%q,"depth":0,"parent_scope":"","duration_s":1,"error":%q%s}`+"\n",
		time.Date(2026, 11, 28, 6, 0, at, 0, time.UTC).Format(time.RFC3339), scope, err, rest)
}

func TestErrors(t *testing.T) {
	lines := failed(3, "a.b", "status 503", `,"trace_id":"t3"`) + failed(1, "a", "status 500", `,"trace_id":"t1"`) + failed(9, "a.b", "status 7", "") +
		failed(5, "c", "no route to 10.0.0.1", `,"sample_rate":0.1`) +
		`{"time":"2026-11-28T06:00:00Z","msg":"telemetry.timing","scope":"a","duration_s":1,"canceled":true}` + "\n" +
		`{"time":"2026-11-28T06:00:00Z","msg":"telemetry.timing","scope":"a","duration_s":1}` + "\n" +
		failed(7, "s", "status 9", `,"in_summary":true`) +
		`{"time":"2026-11-28T06:00:30Z","msg":"telemetry.summary","scope":"s","metric_type":"timing","count":10,"errors":4,"sum":1,"min":0,"max":1}` + "\n"
	out, err := runCommand(t, lines, "--json")
	require.NoError(t, err)
	var r Result
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	require.Len(t, r.Failures, 3)
	assert.EqualValues(t, 17, r.Count)
	f := r.Failures[0]
	assert.Equal(t, "no route to <addr>", f.Pattern)
	assert.EqualValues(t, 10, f.Count, "one of ten was kept")
	assert.EqualValues(t, 1, f.Events)
	f = r.Failures[1]
	assert.Equal(t, "status <n>", f.Pattern)
	assert.EqualValues(t, 4, f.Count)
	assert.Equal(t, []Scope{{"a.b", 2}, {"a", 1}, {"s", 1}}, f.Scopes)
	assert.Equal(t, 1, f.First.Second())
	assert.Equal(t, 9, f.Last.Second())
	assert.Equal(t, "status 7", f.Example)
	assert.Equal(t, "t3", f.TraceID)
	f = r.Failures[2]
	assert.Equal(t, noText, f.Pattern)
	assert.EqualValues(t, 3, f.Count, "four failed, one has a line")

	out, err = runCommand(t, lines, "--top", "2", "--sort", "last")
	require.NoError(t, err)
	for _, want := range []string{"4  status <n>", "in     a.b 2, a 1, s 1", "trace  t3", "last   status 7", "17 failures, 3 patterns", "1 patterns are not shown"} {
		assert.Contains(t, out, want)
	}
	out, err = runCommand(t, strings.ReplaceAll(lines, `"error"`, `"x"`), "--scope", "a")
	require.NoError(t, err)
	assert.Contains(t, out, "nothing failed")
	for stdin, want := range map[string]string{lines: "all of it was filtered out", "": "no telemetry"} {
		out, err = runCommand(t, stdin, "--scope", "misspelt")
		require.NoError(t, err)
		assert.Contains(t, out, want)
		assert.NotContains(t, out, "nothing failed", "as nothing was looked at")
	}
	_, err = runCommand(t, "hello\n")
	assert.ErrorContains(t, err, "no telemetry")
}

// More patterns than are told apart are said, and none is lost.
func TestManyPatterns(t *testing.T) {
	var b strings.Builder
	for i := range 100 {
		b.WriteString(failed(i%60, "a", "error "+strings.Repeat("x", 1+i), ""))
	}
	out, err := runCommand(t, b.String(), "--max-series", "7", "--top", "0")
	require.NoError(t, err)
	assert.Contains(t, out, "93  (other)")
	assert.Contains(t, out, "100 failures, 8 patterns")
	assert.Contains(t, out, "93 failures are in (other)")
	out, err = runCommand(t, failed(1, "a", strings.Repeat("long ", 10_000)+"\x1b", ""))
	require.Error(t, err, "\\x1b is no JSON")
	assert.NotContains(t, out, "\x1b")
	out, err = runCommand(t, failed(1, "a", strings.Repeat("long ", 10_000), ""))
	require.NoError(t, err)
	assert.Less(t, len(out), 2000)
	assert.Contains(t, out, text.Clip(strings.Repeat("long ", 100), maxPattern))
}

func TestPatternsOfSeveralReaders(t *testing.T) {
	shared := newRoom(2)
	a, b := newCollector(shared), newCollector(shared)
	texts := []string{"one", "two", "three", "four"}
	for i := range texts {
		for c, text := range map[*Collector]string{a: texts[i], b: texts[len(texts)-1-i]} {
			c.Event(&events.Event{Kind: events.Timing, Type: slogtel.TypeTiming, Scope: text, Error: text, SampleRate: 1})
			c.Event(&events.Event{
				Kind: events.Summary, Type: slogtel.TypeTiming, Scope: text, SampleRate: 1, Totals: &events.Totals{Count: 3, Errors: 3},
			})
		}
	}
	for i := range 2 * maxScopes { // one pattern in many scopes
		for c, k := range map[*Collector]int{a: i, b: 2*maxScopes - 1 - i} {
			c.Event(&events.Event{Kind: events.Timing, Type: slogtel.TypeTiming, Scope: fmt.Sprint("s", k), Error: "one", SampleRate: 1})
		}
	}
	a.merge(b)
	for _, f := range a.Failures("count") {
		if f.Pattern == "one" {
			assert.Len(t, f.Scopes, maxScopes+1)
			for _, s := range f.Scopes {
				assert.True(t, s.Scope == other || s.Count == 2, "%v", s)
			}
		}
	}
	sum, own := int64(0), 0
	for _, f := range a.Failures("count") {
		switch f.Pattern {
		case other, noText:
		default:
			own++
			many := 0
			if f.Pattern == "one" {
				many = 4 * maxScopes
			}
			assert.EqualValues(t, 2+many, f.Count, f.Pattern)
		}
		sum += f.Count
	}
	assert.Equal(t, 2, own)
	assert.EqualValues(t, 8+24+4*maxScopes, sum)
	assert.EqualValues(t, 4, a.Lost())
	for scope, s := range a.sums.All {
		if scope != other {
			assert.InDelta(t, 6, s.errors, 0, scope)
		}
	}
}
