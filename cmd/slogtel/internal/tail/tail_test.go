package tail

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/follow"
	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/slogtel"
)

// A buffer is safe for a reader beside the writer.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func start(ctx context.Context, out *buffer, stdin string, args ...string) error {
	root := &cli.Command{
		Name: "slogtel", Commands: []*cli.Command{Command()}, DisableSliceFlagSeparator: true,
		Reader: strings.NewReader(stdin), Writer: out, ErrWriter: out,
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
	}
	return root.Run(ctx, append([]string{"slogtel", "tail"}, args...))
}

func tail(t *testing.T, stdin string, args ...string) string {
	var out buffer
	require.NoError(t, start(t.Context(), &out, stdin, args...))
	return out.String()
}

// The lines are those that the console reporter wrote in the same run, in both schemas.
func TestLooksLikeConsole(t *testing.T) {
	for name, schema := range map[string]jsonlines.Schema{"flat": jsonlines.Flat, "ecs": jsonlines.ECS} {
		t.Run(name, func(t *testing.T) {
			var lines, shown bytes.Buffer
			both := slog.NewMultiHandler(
				jsonlines.New(&lines, &jsonlines.Options{Schema: schema}),
				console.New(&shown, nil))
			tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, both)
			ctx, span := tel.Start(context.Background(), "pipeline", slog.String("model", "m 1"), slog.Int("n", 3))
			tel.Timing(ctx, "call", 2*time.Second, slog.Group("g", slog.String("k", "v")))
			tel.Count(ctx, "tokens", 12345)
			tel.Gauge(ctx, "load", 0.25)
			tel.Histogram(ctx, "size", 12)
			tel.Metric(ctx, "state", "up and running")
			span.Fail(os.ErrNotExist)
			span.End()
			log := slog.New(both)
			log.Info("hello you", "n", 1, "s", "x y")
			log.Warn("warned", "ok", true)
			got := tail(t, lines.String())
			want := shown.String()
			if schema == jsonlines.ECS {
				want = strings.Replace(want, "g.k=v", "g_k=v", 1) // no dots in its labels
			}
			assert.Equal(t, want, got)
		})
	}
}

func TestLastLines(t *testing.T) {
	var text strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&text, `{"time":"2026-01-02T03:04:05Z","level":"INFO","msg":"line %d %s"}`+"\n", i, strings.Repeat("x", 50))
	}
	name := filepath.Join(t.TempDir(), "x.jsonl")
	require.NoError(t, os.WriteFile(name, []byte(text.String()), 0o600))
	count := func(args ...string) int { return strings.Count(tail(t, "", args...), "\n") }
	assert.Equal(t, 10, count(name))
	assert.Equal(t, 4000, count("-n", "4000", name))
	assert.Equal(t, 5000, count("-n", "9999", name))
	assert.Equal(t, 5000, count("--lines=-1", name))
	assert.Equal(t, 0, count("-n", "0", name))
	assert.Contains(t, tail(t, "", "-n", "1", name), "line 4999")
	require.NoError(t, os.WriteFile(name, []byte(strings.TrimSuffix(text.String(), "\n")), 0o600))
	assert.Contains(t, tail(t, "", "-n", "1", name), "line 4999", "without a newline at the end")
	assert.Equal(t, 5000, strings.Count(tail(t, text.String()), "\n"), "standard input")

	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	w.Write([]byte(text.String()))
	w.Close()
	require.NoError(t, os.WriteFile(name, gz.Bytes(), 0o600))
	assert.Equal(t, 5000, count(name), "compressed")
}

func event(scope string) string {
	return fmt.Sprintf(`{"time":"2026-01-02T03:04:05Z","level":"INFO","msg":"telemetry.timing","scope":%q,"depth":0,"parent_scope":"","metric_type":"timing","call_count":1,"duration_s":1}`+"\n", scope)
}

// A file is followed as it grows, is renamed, is truncated, goes and comes.
func TestFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		name := filepath.Join(dir, "x.jsonl")
		add := func(text string) {
			f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			require.NoError(t, err)
			_, err = f.WriteString(text)
			require.NoError(t, err)
			require.NoError(t, f.Close())
		}
		ctx, cancel := context.WithCancel(t.Context())
		var out buffer
		done := make(chan error)
		go func() { done <- start(ctx, &out, "", "-f", "-v", name) }()
		wait := func() { time.Sleep(3 * follow.Poll); synctest.Wait() }
		expect := func(what ...string) {
			t.Helper()
			wait()
			got := out.String()
			assert.Equal(t, len(what), strings.Count(got, "\n"), got)
			for _, w := range what {
				assert.Equal(t, 1, strings.Count(got, w), "%s in %s", w, got)
			}
		}
		expect() // it is not there yet
		add(event("one"))
		expect(" one ")
		add(event("two")[:40])
		expect(" one ")
		add(event("two")[40:])
		expect(" one ", " two ")

		require.NoError(t, os.Rename(name, name+".1"))
		f, err := os.OpenFile(name+".1", os.O_APPEND|os.O_WRONLY, 0o600)
		require.NoError(t, err)
		f.WriteString(event("late")) // by one who has it open
		f.Close()
		add(event("three"))
		expect(" one ", " two ", " late ", " three ")

		require.NoError(t, os.Truncate(name, 0))
		wait()
		add(event("four"))
		expect(" one ", " two ", " late ", " three ", " four ")

		require.NoError(t, os.Remove(name))
		wait()
		add(event("five") + "plain\n{torn\n")
		expect(" one ", " two ", " late ", " three ", " four ", " five ", "plain", "cannot be read")
		cancel()
		require.NoError(t, <-done)
		assert.Contains(t, out.String(), "8 lines read: 6 used, 0 filtered out, 1 skipped (ordinary logs), 1 bad")
	})
}

func TestFollowStartsAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		name := filepath.Join(t.TempDir(), "x.jsonl")
		require.NoError(t, os.WriteFile(name, []byte(strings.Repeat(event("old"), 50)), 0o600))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var out buffer
		require.NoError(t, start(ctx, &out, "", "--follow", "-n", "3", name))
		assert.Equal(t, 3, strings.Count(out.String(), "\n"))
	})
}

func TestFilters(t *testing.T) {
	text := event("a.b") + event("c") + "plain\n"
	assert.Equal(t, 2, strings.Count(tail(t, text, "--scope", "a.*"), "\n"))
	assert.Equal(t, 1, strings.Count(tail(t, text, "--scope", "a.*", "--telemetry"), "\n"))
}

// The last lines are the last of those that filters leave, however far they are from each other.
func TestLastLinesThatMatch(t *testing.T) {
	var text strings.Builder
	for i := range 3000 {
		text.WriteString(event(fmt.Sprintf("rare.n%d", i)))
		text.WriteString(strings.Repeat(event("often"), i%7) + "plain\n\n")
	}
	text.WriteString(strings.Repeat(event("often"), 500) + "{torn\n")
	name := filepath.Join(t.TempDir(), "x.jsonl")
	require.NoError(t, os.WriteFile(name, []byte(text.String()), 0o600))
	shown := func(args ...string) []string {
		return strings.Split(strings.TrimSuffix(tail(t, "", append(args, name)...), "\n"), "\n")
	}
	got := shown("-n", "4", "--telemetry", "--scope", "rare.*")
	require.Len(t, got, 4)
	for i, line := range got[:3] {
		assert.Contains(t, line, fmt.Sprintf("rare.n%d ", 2997+i))
	}
	assert.Contains(t, got[3], "cannot be read", "which says so whatever was asked for")
	assert.Len(t, shown("-n", "5000", "--telemetry", "--scope", "rare.*"), 3001)
	got = shown("-n", "3", "--scope", "rare.*")
	assert.Equal(t, "plain", got[1])
	assert.Contains(t, got[0], "rare.n2999 ")

	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var out buffer
		require.NoError(t, start(ctx, &out, "", "-f", "-n", "3", "--telemetry", "--where", "scope=rare.n7", name))
		assert.Equal(t, 2, strings.Count(out.String(), "\n"), "there are no more")
		assert.Contains(t, out.String(), "rare.n7 ")
	})
}

// Whatever is in a line, nothing reaches the terminal that it could act on, and a line of
// input is one of output.
func FuzzTerminal(f *testing.F) {
	evil := "\x1b[31m\u009b2J\u202e\u2028\x7f\r\x00\xff"
	quoted := fmt.Sprintf("%q", `\u001b[31m\u009b2J\u202e\u2028\u007f\r\u0000`)
	quoted = strings.ReplaceAll(quoted, `\\`, `\`)
	f.Add([]byte(evil))
	f.Add([]byte(`{"time":"2026-01-02T03:04:05Z","level":"INFO","msg":` + quoted + `,` + quoted + `:[` + quoted + `],"g":{` + quoted + `:1}}`))
	f.Add([]byte(strings.ReplaceAll(event("x"), `"x"`, quoted)))
	f.Add([]byte(strings.ReplaceAll(event("x"), `"call_count"`, `"error":`+quoted+`,`+quoted+`:{`+quoted+`:null},"call_count"`)))
	f.Add([]byte(`{"msg":"telemetry.metric","scope":"a","value":[` + quoted + `]}`))
	f.Add([]byte(`{"torn` + evil))
	f.Add([]byte(`{"@timestamp":"x","message":"telemetry.summary","slogtel":{"scope":"a","count":3},"labels":{"a":` + quoted + `}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		if bytes.ContainsAny(line, "\n") {
			return
		}
		var out buffer
		if err := start(t.Context(), &out, string(line), "-v"); err != nil {
			return // compressed, and not really
		}
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		var read int // more than one where the line is an array that has no end
		_, err := fmt.Sscanf(lines[len(lines)-1], "%d lines read", &read)
		require.NoError(t, err, "%q", out.String())
		assert.LessOrEqual(t, len(lines), read+1, "%q", out.String())
		for _, r := range strings.Join(lines, "") {
			bidi := '\u2028' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
			assert.False(t, unicode.IsControl(r) || bidi, "%q in %q", r, out.String())
		}
	})
}
