package slogjson

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/slogtel/telemetry/internal/testkit"
)

var ctx = context.Background()

func TestJSONKeepsTheContract(t *testing.T) {
	var b bytes.Buffer
	slogtest.Run(t, func(*testing.T) slog.Handler {
		b.Reset()
		return New(&b, nil)
	}, func(t *testing.T) map[string]any {
		var m map[string]any
		if err := json.Unmarshal(b.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		return m
	})
}

// pair is a handler of ours and the standard one, treated alike.
type pair struct {
	ours, std       slog.Handler
	oursOut, stdOut *bytes.Buffer
}

func newPair(opts *slog.HandlerOptions) pair {
	p := pair{oursOut: new(bytes.Buffer), stdOut: new(bytes.Buffer)}
	p.ours, p.std = New(p.oursOut, opts), slog.NewJSONHandler(p.stdOut, opts)
	return p
}

func (p pair) withAttrs(attrs ...slog.Attr) pair {
	p.ours, p.std = p.ours.WithAttrs(attrs), p.std.WithAttrs(attrs)
	return p
}

func (p pair) withGroup(name string) pair {
	p.ours, p.std = p.ours.WithGroup(name), p.std.WithGroup(name)
	return p
}

// check hands r to both and compares what they have written.
func (p pair) check(t testing.TB, r slog.Record) {
	t.Helper()
	for _, h := range []slog.Handler{p.ours, p.std} {
		if err := h.Handle(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	got, want := p.oursOut.String(), p.stdOut.String()
	p.oursOut.Reset()
	p.stdOut.Reset()
	if got != want && withoutStacks(got) != withoutStacks(want) {
		t.Fatalf("\n got %s\nwant %s", got, want)
	}
}

// withoutStacks takes out the call stack with which slog explains the panic of a LogValue method:
// its frames are those of the handler.
func withoutStacks(s string) string {
	const head = `LogValue panicked\n`
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, head)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString(head)
		s = after[strings.Index(after, `"`):] // the end of the string: function names have no quotes
	}
}

func record(attrs ...slog.Attr) slog.Record {
	r := slog.NewRecord(time.Date(2024, 2, 29, 23, 59, 59, 123456789, time.UTC), slog.LevelInfo, "message", 0)
	r.AddAttrs(attrs...)
	return r
}

// forms are the ways in which an attribute reaches a line.
var forms = map[string]func(p pair, a slog.Attr) (pair, slog.Record){
	"alone": func(p pair, a slog.Attr) (pair, slog.Record) { return p, record(a) },
	"among": func(p pair, a slog.Attr) (pair, slog.Record) {
		return p, record(slog.Int("first", 1), a, slog.Int("last", 2))
	},
	"seven times": func(p pair, a slog.Attr) (pair, slog.Record) { return p, record(a, a, a, a, a, a, a) },
	"in a group": func(p pair, a slog.Attr) (pair, slog.Record) {
		return p, record(slog.Any("g", slog.GroupValue(a)), slog.Int("last", 2))
	},
	"in two groups": func(p pair, a slog.Attr) (pair, slog.Record) {
		return p, record(slog.Group("g", slog.Group("h", a, slog.Int("x", 1)), a), a)
	},
	"with":       func(p pair, a slog.Attr) (pair, slog.Record) { return p.withAttrs(a), record(slog.Int("last", 2)) },
	"with alone": func(p pair, a slog.Attr) (pair, slog.Record) { return p.withAttrs(a), record() },
	"with twice": func(p pair, a slog.Attr) (pair, slog.Record) {
		return p.withAttrs(slog.Int("first", 1), a).withAttrs(a), record(a)
	},
	"under a group":      func(p pair, a slog.Attr) (pair, slog.Record) { return p.withGroup("under"), record(a) },
	"with under a group": func(p pair, a slog.Attr) (pair, slog.Record) { return p.withGroup("under").withAttrs(a), record() },
	"with around groups": func(p pair, a slog.Attr) (pair, slog.Record) {
		return p.withAttrs(a).withGroup("g").withAttrs(a).withGroup("h").withGroup("i").withAttrs(a).withGroup("j"), record(a, slog.Int("last", 1))
	},
	"with around groups, but empty": func(p pair, a slog.Attr) (pair, slog.Record) {
		return p.withAttrs(a).withGroup("g").withAttrs().withGroup("h").withAttrs(slog.Group("none")).withGroup("").withAttrs(slog.Attr{}), record()
	},
}

func TestJSONIsTheStandardHandlers(t *testing.T) {
	values := sampleValues()
	keys := []string{"key", "", "a \"quoted\" key\n", slog.TimeKey, slog.MessageKey}
	if testing.Short() || testkit.Race {
		keys = keys[:2]
	}
	for name, replace := range replacers {
		t.Run(name, func(t *testing.T) {
			for _, source := range []bool{false, true} {
				opts := &slog.HandlerOptions{ReplaceAttr: replace, AddSource: source}
				for form, build := range forms {
					for _, v := range values {
						for _, key := range keys {
							p, r := build(newPair(opts), slog.Attr{Key: key, Value: v})
							p.check(t, r)
							if t.Failed() {
								t.Fatalf("%s, key %q", form, key)
							}
						}
					}
				}
			}
		})
	}
}

func TestJSONBuiltIns(t *testing.T) {
	for name, replace := range replacers {
		for _, source := range []bool{false, true} {
			p := newPair(&slog.HandlerOptions{ReplaceAttr: replace, AddSource: source})
			for _, at := range []time.Time{{}, time.Now(), time.Now().Local(), time.Unix(1, 0), time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-12000, 1, 1, 0, 0, 0, 0, time.UTC)} {
				for _, level := range []slog.Level{-100, -4, -1, 0, 1, 4, 5, 8, 100} {
					for _, msg := range []string{"", "message", "\"\xff\n"} {
						for _, pc := range []uintptr{0, 1, here(), here() + 1} {
							p.check(t, slog.NewRecord(at, level, msg, pc))
						}
					}
				}
			}
			if t.Failed() {
				t.Fatal(name)
			}
		}
	}
}
