package slogjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"
)

// Two children of one handler must not write into each other's memory. Attributes of many lengths are
// tried, so that slices with room to spare come up.
func TestJSONForks(t *testing.T) {
	for _, replace := range []func([]string, slog.Attr) slog.Attr{nil, replacers["groups shown"]} {
		for n := range 40 {
			value := strings.Repeat("x", n)
			parents := []pair{
				newPair(&slog.HandlerOptions{ReplaceAttr: replace}),
				newPair(&slog.HandlerOptions{ReplaceAttr: replace}).withAttrs(slog.String("parent", value)),
				newPair(&slog.HandlerOptions{ReplaceAttr: replace}).withGroup("parent" + value),
				newPair(&slog.HandlerOptions{ReplaceAttr: replace}).withGroup("a").withGroup("b").withGroup("c").withAttrs(slog.String("parent", value)),
			}
			for _, parent := range parents {
				var children []pair
				for i := range 4 {
					name := fmt.Sprint("child", i)
					children = append(children,
						parent.withAttrs(slog.String(name, value)),
						parent.withGroup(name),
						parent.withGroup(name).withAttrs(slog.Int(name, i)),
						parent.withAttrs(slog.Int(name, i)).withGroup(name).withGroup(value))
				}
				parent.check(t, record(slog.Int("a", 1)))
				for _, c := range children {
					c.check(t, record(slog.Int("a", 1)))
					c.check(t, record())
				}
			}
		}
	}
}

// What the caller does with his slice after WithAttrs is his business.
func TestJSONKeepsNoAttrs(t *testing.T) {
	p := newPair(nil)
	attrs := []slog.Attr{slog.Int("a", 1), slog.Any("b", []string{"x"})}
	p = p.withAttrs(attrs...)
	attrs[0] = slog.String("changed", "yes")
	p.check(t, record())
}

// lineCounter wants whole lines, one a call, and one call at a time.
type lineCounter struct {
	mu    sync.Mutex
	calls int
	bad   []string
	seen  map[string]int
}

func (c *lineCounter) Write(p []byte) (int, error) {
	if !c.mu.TryLock() {
		panic("two writes at a time")
	}
	defer c.mu.Unlock()
	c.calls++
	var m struct{ Worker, N int }
	if bytes.Count(p, []byte("\n")) != 1 || p[len(p)-1] != '\n' || json.Unmarshal(p, &m) != nil {
		c.bad = append(c.bad, string(p))
	}
	c.seen[fmt.Sprint(m.Worker, " ", m.N)]++
	return len(p), nil
}

func TestJSONWritesWholeLines(t *testing.T) {
	const workers, lines = 8, 500
	c := &lineCounter{seen: map[string]int{}}
	root := slog.New(New(c, &slog.HandlerOptions{AddSource: true}))
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			l := root.With("worker", worker)
			for n := range lines {
				if n%2 == 0 {
					l.With("more", time.Now()).Info("message", "N", n, "text", strings.Repeat("é", n))
				} else {
					l.Info("message", "N", n, slog.Group("g", "f", 1.5, "any", []any{n}))
				}
			}
		})
	}
	wg.Wait()
	if c.calls != workers*lines || len(c.seen) != workers*lines {
		t.Errorf("%d calls with %d records, want %d", c.calls, len(c.seen), workers*lines)
	}
	for _, line := range c.bad {
		t.Errorf("not a line: %q", line)
	}
}

func TestJSONAllocatesNothing(t *testing.T) {
	if testkit.Race {
		t.Skip("the race detector allocates")
	}
	r := record(slog.String("string", "value"), slog.String("escaped", "a \"b\""), slog.Int("int", 1234567), slog.Uint64("uint", 1<<63),
		slog.Float64("float", 0.001234567), slog.Float64("huge", 1e300), slog.Bool("bool", true), slog.Duration("duration", time.Second),
		slog.Time("time", time.Now()), slog.Group("group", slog.Int("a", 1), slog.Group("b", slog.Int("c", 2))),
		slog.Any("error", io.EOF), slog.Any("valuer", valuer{slog.StringValue("x")}), slog.Any("strings", []string{"a", "b"}))
	r.PC = here()
	for name, h := range map[string]slog.Handler{
		"plain":   New(io.Discard, nil),
		"source":  New(io.Discard, &slog.HandlerOptions{AddSource: true}),
		"with":    New(io.Discard, nil).WithAttrs([]slog.Attr{slog.Int("a", 1)}).WithGroup("g").WithAttrs([]slog.Attr{slog.Int("b", 1)}).WithGroup("h"),
		"replace": New(io.Discard, &slog.HandlerOptions{ReplaceAttr: replacers["identity"]}),
	} {
		if got := testing.AllocsPerRun(200, func() {
			if err := h.Handle(ctx, r); err != nil {
				t.Fatal(err)
			}
		}); got != 0 {
			t.Errorf("%s: %v allocations a record", name, got)
		}
	}
}
