package console_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/slogtel"
)

func TestSlogtest(t *testing.T) {
	var out bytes.Buffer
	slogtest.Run(t, func(*testing.T) slog.Handler {
		out.Reset()
		return console.New(&out, &console.Options{TimeFormat: time.RFC3339, Color: slogtel.Off})
	}, func(t *testing.T) map[string]any { return parseConsole(t, out.String()) })
}

// parseConsole reads a line without colors back: an optional time, the level, a
// message of one word, and attributes without spaces.
func parseConsole(t *testing.T, line string) map[string]any {
	line, ok := strings.CutSuffix(line, "\n")
	require.True(t, ok)
	fields, got := strings.Fields(line), map[string]any{}
	if _, err := time.Parse(time.RFC3339, fields[0]); err == nil {
		got[slog.TimeKey], fields = fields[0], fields[1:]
	}
	got[slog.LevelKey], got[slog.MessageKey] = fields[0], fields[1]
	for _, f := range fields[2:] {
		key, value, ok := strings.Cut(f, "=")
		require.True(t, ok, "%q in %q", f, line)
		if s, err := strconv.Unquote(value); err == nil {
			value = s
		}
		in, path := got, strings.Split(key, ".")
		for _, group := range path[:len(path)-1] {
			if in[group] == nil {
				in[group] = map[string]any{}
			}
			in = in[group].(map[string]any)
		}
		in[path[len(path)-1]] = value
	}
	return got
}

func TestSiblings(t *testing.T) {
	var out bytes.Buffer
	var h slog.Handler = console.New(&out, &console.Options{NoTime: true, Color: slogtel.Off})
	for _, name := range []string{"a", "b", "c"} { // whose slice has room to spare
		h = h.WithGroup(name).WithAttrs([]slog.Attr{slog.String("in", name)})
	}
	parent := slog.New(h)
	one, two := parent.WithGroup("one").With("k", 1), parent.WithGroup("two").With("k", 2)
	third := parent.With("k", 3)
	parent.Info("m", "k", 0)
	one.Info("m", "z", slog.GroupValue(slog.Int("y", 1)))
	two.Info("m", "z", slog.GroupValue(slog.Int("y", 1)))
	third.Info("m")
	const in = "INF m a.in=a a.b.in=b a.b.c.in=c "
	assert.Equal(t, in+"a.b.c.k=0\n"+in+"a.b.c.one.k=1 a.b.c.one.z.y=1\n"+in+"a.b.c.two.k=2 a.b.c.two.z.y=1\n"+in+"a.b.c.k=3\n", out.String())
}

// Telemetry is known through any groups and attributes of the handler, and bears them.
func TestTelemetryInGroups(t *testing.T) {
	var out bytes.Buffer
	var h slog.Handler = console.New(&out, &console.Options{NoTime: true, Color: slogtel.Off})
	h = h.WithAttrs([]slog.Attr{slog.String("app", "x")}).WithGroup("g").WithAttrs([]slog.Attr{slog.Int("a", 1)})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)
	tel.Timing(t.Context(), "work", time.Millisecond, slog.Int("k", 2))
	tel.Count(t.Context(), "done", 1)
	assert.Equal(t, "INF work 1ms app=x g.a=1 g.k=2\nINF done +1 app=x g.a=1\n", out.String())
}

// wholeLineWriter fails on writes that are not one line, and on overlapping ones.
type wholeLineWriter struct {
	t       *testing.T
	writing sync.Mutex
	lines   int
}

func (w *wholeLineWriter) Write(b []byte) (int, error) {
	if !w.writing.TryLock() {
		w.t.Error("two writes at once")
		return len(b), nil
	}
	defer w.writing.Unlock()
	if bytes.Count(b, []byte("\n")) != 1 || b[len(b)-1] != '\n' {
		w.t.Errorf("not one line: %q", b)
	}
	w.lines++
	return len(b), nil
}

func TestConcurrency(t *testing.T) {
	const goroutines, each = 8, 200
	w := &wholeLineWriter{t: t}
	var h slog.Handler = console.New(w, &console.Options{Color: slogtel.On})
	for _, name := range []string{"a", "b", "c"} {
		h = h.WithGroup(name)
	}
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			log := slog.New(h.WithAttrs([]slog.Attr{slog.Int("goroutine", g)}))
			for i := range each {
				ctx, s := tel.Start(context.Background(), "work", slog.Int("i", i))
				tel.Metric(ctx, "what", fmt.Sprint("x", i), slog.Group("n", slog.Int("i", i)))
				log.Info("did", "err", fmt.Errorf("no %d", i), slog.Group("n", slog.Int("i", i)))
				s.End()
			}
		})
	}
	wg.Wait()
	assert.Equal(t, 3*goroutines*each, w.lines)
}
