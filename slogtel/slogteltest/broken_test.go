package slogteltest_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/slogtel/telemetry/internal/slogattrs"
	"github.com/slogtel/telemetry/internal/testkit"

	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// broken is a JSON handler with one mistake in it: the functions that are set take
// the place of its methods. Attributes and groups are kept, and handed to the
// handler below when a record comes.
type broken struct {
	to   slog.Handler
	with []func(slog.Handler) slog.Handler

	enabled   func(h *broken, l slog.Level) bool
	handle    func(h *broken, ctx context.Context, r slog.Record) error
	withAttrs func(h *broken, attrs []slog.Attr) slog.Handler
	withGroup func(h *broken, name string) slog.Handler
}

func (h *broken) Enabled(ctx context.Context, l slog.Level) bool {
	if h.enabled != nil {
		return h.enabled(h, l)
	}
	return h.to.Enabled(ctx, l)
}

func (h *broken) Handle(ctx context.Context, r slog.Record) error {
	if h.handle != nil {
		return h.handle(h, ctx, r)
	}
	return h.write(ctx, r)
}

// memory guards the slices that mistaken handlers share: their mistake is to be
// found by its effect, not by the race detector.
var memory sync.Mutex

func (h *broken) write(ctx context.Context, r slog.Record) error {
	memory.Lock()
	with := slices.Clone(h.with)
	memory.Unlock()
	to := h.to
	for _, f := range with {
		to = f(to)
	}
	return to.Handle(ctx, r)
}

func (h *broken) WithAttrs(attrs []slog.Attr) slog.Handler {
	if h.withAttrs != nil {
		return h.withAttrs(h, attrs)
	}
	return h.add(slices.Clip(h.with), func(to slog.Handler) slog.Handler { return to.WithAttrs(attrs) })
}

func (h *broken) WithGroup(name string) slog.Handler {
	if h.withGroup != nil {
		return h.withGroup(h, name)
	}
	if name == "" {
		return h
	}
	return h.add(slices.Clip(h.with), func(to slog.Handler) slog.Handler { return to.WithGroup(name) })
}

func (h *broken) add(to []func(slog.Handler) slog.Handler, f func(slog.Handler) slog.Handler) *broken {
	memory.Lock()
	defer memory.Unlock()
	c := *h
	c.with = append(to, f)
	return &c
}

// aliasing forgets to clip.
func aliasing(to slog.Handler) *broken {
	return &broken{to: to, withAttrs: func(h *broken, attrs []slog.Attr) slog.Handler {
		return h.add(h.with, func(to slog.Handler) slog.Handler { return to.WithAttrs(attrs) })
	}}
}

// mistakes maps the beginning of the violation that must be reported to a handler
// that has it. No other contract may be reported, but for those named.
var mistakes = []struct {
	name string
	want string
	also string // contracts in which the mistake shows too
	make func(to slog.Handler) slog.Handler
}{
	{name: "siblings share memory",
		want: "forks: WithAttrs on a handler with 3 attributes, the first of two siblings: it has what the other one added",
		also: "concurrent",
		make: func(to slog.Handler) slog.Handler { return aliasing(to) }},
	{name: "groups share memory",
		want: "forks: WithGroup on a handler with 3 groups, the first of two siblings",
		make: func(to slog.Handler) slog.Handler {
			return &broken{to: to, withGroup: func(h *broken, name string) slog.Handler {
				if name == "" {
					return h
				}
				return h.add(h.with, func(to slog.Handler) slog.Handler { return to.WithGroup(name) })
			}}
		}},
	{name: "WithAttrs modifies the receiver",
		want: "forks: WithAttrs on a handler with 0 attributes modified the handler that it was called on",
		make: func(to slog.Handler) slog.Handler {
			return &broken{to: to, withAttrs: func(h *broken, attrs []slog.Attr) slog.Handler {
				c := h.add(slices.Clip(h.with), func(to slog.Handler) slog.Handler { return to.WithAttrs(attrs) })
				if len(attrs) == 1 && attrs[0].Key == "fork" {
					h.with = c.with
				}
				return c
			}}
		}},
	{name: "WithAttrs forgets",
		want: `forks: WithAttrs on a handler with 0 attributes, the first of two siblings: "token_of_a" is missing`,
		also: "slogtest, concurrent",
		make: func(to slog.Handler) slog.Handler {
			return &broken{to: to, withAttrs: func(h *broken, _ []slog.Attr) slog.Handler { return h }}
		}},
	{name: "WithGroup takes no name for a name",
		want: `empty_with: WithGroup("")`,
		make: func(to slog.Handler) slog.Handler {
			return &broken{to: to, withGroup: func(h *broken, name string) slog.Handler {
				return h.add(slices.Clip(h.with), func(to slog.Handler) slog.Handler { return to.WithGroup(name) })
			}}
		}},
	{name: "WithAttrs of nothing loses what was there",
		want: "empty_with: WithAttrs(nil) changed what is written",
		make: func(to slog.Handler) slog.Handler {
			return &broken{to: to, withAttrs: func(h *broken, attrs []slog.Attr) slog.Handler {
				if len(attrs) == 0 {
					return &broken{to: h.to}
				}
				return h.add(slices.Clip(h.with), func(to slog.Handler) slog.Handler { return to.WithAttrs(attrs) })
			}}
		}},
	{name: "WithGroup returns nil",
		want: "forks: WithGroup returned a nil slog.Handler",
		also: "slogtest, empty_with, record_unchanged, concurrent, enabled, hostile, telemetry, retains",
		make: func(to slog.Handler) slog.Handler {
			return &broken{to: to, withGroup: func(h *broken, name string) slog.Handler { return nil }}
		}},
	{name: "adds to the record without Clone",
		want: "record_unchanged: Handle added attributes to an ordinary record in memory that copies of the record share: call Clone",
		make: handles(func(h *broken, ctx context.Context, r slog.Record) error {
			c := r
			c.AddAttrs(slog.String("extra", "x"))
			return h.write(ctx, r)
		})},
	{name: "adds several attributes without Clone",
		want: "record_unchanged: Handle added attributes to an ordinary record in memory that copies of the record share: call Clone",
		make: handles(func(h *broken, ctx context.Context, r slog.Record) error {
			c := r
			c.AddAttrs(slog.Int("a", 1), slog.Int("b", 2), slog.Int("c", 3), slog.Int("d", 4))
			return h.write(ctx, r)
		})},
	{name: "redacts a group in place",
		want: `record_unchanged: Handle modified the attribute "group" of an ordinary record`,
		make: handles(func(h *broken, ctx context.Context, r slog.Record) error {
			r.Attrs(func(a slog.Attr) bool {
				if a.Value.Kind() == slog.KindGroup {
					for i, b := range a.Value.Group() {
						if b.Key == "password" {
							a.Value.Group()[i].Value = slog.StringValue("[REDACTED]")
						}
					}
				}
				return true
			})
			return h.write(ctx, r)
		})},
	{name: "redacts a map in place",
		want: `record_unchanged: Handle modified the attribute "map" of an ordinary record`,
		make: handles(func(h *broken, ctx context.Context, r slog.Record) error {
			r.Attrs(func(a slog.Attr) bool {
				if m, ok := a.Value.Any().(map[string]any); ok && m["password"] != nil {
					m["password"] = "[REDACTED]"
				}
				return true
			})
			return h.write(ctx, r)
		})},
	{name: "not enabled for high levels",
		want: "enabled: Enabled is true for level WARN+1 and false for ERROR",
		make: func(to slog.Handler) slog.Handler {
			return &broken{to: to, enabled: func(_ *broken, l slog.Level) bool { return l >= slog.LevelInfo && l < slog.LevelError }}
		}},
	{name: "not enabled for Info",
		want: "enabled: Enabled is false for level INFO: the suite needs",
		also: "slogtest",
		make: func(to slog.Handler) slog.Handler {
			return &broken{to: to, enabled: func(_ *broken, l slog.Level) bool { return l >= slog.LevelWarn }}
		}},
	{name: "derived handlers forget the level",
		want: "enabled: Enabled of what WithAttrs returns answers",
		make: func(to slog.Handler) slog.Handler {
			return &broken{to: to, enabled: func(h *broken, l slog.Level) bool { return l >= slog.LevelInfo || len(h.with) > 0 }}
		}},
	{name: "gives up with the context",
		want: "canceled_context: Handle of an ordinary record: context canceled",
		also: "lifecycle",
		make: handles(func(h *broken, ctx context.Context, r slog.Record) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return h.write(ctx, r)
		})},
	{name: "gives up with the context without a word",
		want: `canceled_context: Handle with a context that was canceled, which should not affect it: "after_cancel" is missing`,
		make: handles(func(h *broken, ctx context.Context, r slog.Record) error {
			if ctx.Err() != nil {
				return nil
			}
			return h.write(ctx, r)
		})},
	{name: "loses records under load",
		want: `concurrent: record "id_0_20_" was written 0 times, want 2`,
		make: handles(func(h *broken, ctx context.Context, r slog.Record) error {
			if textOf(r, "contract_id") == "id_0_20_" {
				return nil
			}
			return h.write(ctx, r)
		})},
	{name: "writes records twice",
		want: `concurrent: record "root_1_1_" was written 2 times, want 1`,
		make: handles(func(h *broken, ctx context.Context, r slog.Record) error {
			if textOf(r, "contract_id") == "root_1_1_" {
				_ = h.write(ctx, r)
			}
			return h.write(ctx, r)
		})},
	{name: "resolves LogValuers without recovering",
		want: "hostile: Handle of a nil LogValuer: panic: runtime error: invalid memory address or nil pointer dereference, at github.com/slogtel/telemetry/slogtel/slogteltest.(*nilValuer).LogValue",
		make: handles(func(h *broken, ctx context.Context, r slog.Record) error {
			r.Attrs(func(a slog.Attr) bool {
				if a.Value.Kind() == slog.KindLogValuer {
					a.Value.LogValuer().LogValue()
				}
				return true
			})
			return h.write(ctx, r)
		})},
	{name: "calls Error of nil pointers",
		want: "hostile: Handle of a nil error pointer: panic",
		make: handles(func(h *broken, ctx context.Context, r slog.Record) error {
			r.Attrs(func(a slog.Attr) bool {
				if err, ok := a.Value.Any().(error); ok {
					_ = err.Error()
				}
				return true
			})
			return h.write(ctx, r)
		})},
	{name: "writes control bytes into its lines",
		want: "hostile: a line that was written is no JSON object",
		make: func(to slog.Handler) slog.Handler {
			return &broken{to: to, handle: func(h *broken, ctx context.Context, r slog.Record) error {
				if text := textOf(r, "bad"); strings.Contains(text, "\x1b") {
					out := to.(*writing).out
					_, _ = fmt.Fprintf(out, "{\"bad\":%q}\n", text)
					return nil
				}
				return h.write(ctx, r)
			}}
		}},
	{name: "is of no use after a bad record",
		want: `hostile: a good record after many bad ones: "still_there" is missing`,
		make: func(to slog.Handler) slog.Handler {
			var dead atomic.Bool
			return &broken{to: to, handle: func(h *broken, ctx context.Context, r slog.Record) error {
				if len(textOf(r, "bad")) > 1<<19 {
					dead.Store(true)
				}
				if dead.Load() {
					return nil
				}
				return h.write(ctx, r)
			}}
		}},
	{name: "rejects an event",
		want: `telemetry: telemetry through the handler itself: slogtel: reporter #0 *slogteltest_test.broken lost an event of "pipeline.plan.tokenize.load": no negative gauges`,
		make: handles(func(h *broken, ctx context.Context, r slog.Record) error {
			if strings.HasSuffix(textOf(r, "scope"), ".load") && strings.HasPrefix(textOf(r, "scope"), "pipeline") {
				return errors.New("no negative gauges")
			}
			return h.write(ctx, r)
		})},
	{name: "derived handlers are not told of scopes",
		want: "telemetry: the handler has ScopeStarted, what comes of WithAttrs (*slogteltest_test.broken) has not",
		also: "hostile",
		make: func(to slog.Handler) slog.Handler {
			return watching{&broken{to: to}}
		}},
	{name: "panics on names of scopes",
		want: `hostile: ScopeStarted of the name "": panic: no name`,
		also: "telemetry", // its derived handlers are not told either
		make: func(to slog.Handler) slog.Handler {
			return watching{&broken{to: to}}
		}},
	{name: "retains records, and denies it",
		want: "retains: the handler itself: RetainsRecords is false, but what was written later is not what was handled: \"token_",
		make: func(to slog.Handler) slog.Handler { return &late{Handler: to, which: slogtel.MessageMetric} }},
	{name: "retains timings, and denies it",
		want: "retains: the handler itself: RetainsRecords is false, but what was written later is not what was handled: \"token_",
		make: func(to slog.Handler) slog.Handler { return &late{Handler: to, which: slogtel.MessageTiming} }},
	{name: "retains records when derived, and denies it",
		want: "retains: WithAttrs: RetainsRecords is false, but what was written later is not what was handled: \"token_",
		make: func(to slog.Handler) slog.Handler { return &lateWith{late{Handler: to}} }},
	{name: "knows only its own types",
		want: "telemetry: Handle of a telemetry record that middleware has changed: unknown metric type",
		make: handles(func(h *broken, ctx context.Context, r slog.Record) error {
			if textOf(r, "metric_type") == "counter" {
				return errors.New("unknown metric type")
			}
			return h.write(ctx, r)
		})},
}

func handles(f func(h *broken, ctx context.Context, r slog.Record) error) func(slog.Handler) slog.Handler {
	return func(to slog.Handler) slog.Handler { return &broken{to: to, handle: f} }
}

func textOf(r slog.Record, key string) (text string) {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == key && a.Value.Kind() == slog.KindString {
			text = a.Value.String()
		}
		return true
	})
	return text
}

// watching has both mistakes of a ScopeWatcher.
type watching struct{ *broken }

func (watching) ScopeStarted(_ context.Context, s scope.Info) {
	if s.Path == "" {
		panic("no name")
	}
}

// writing is a JSON handler with its output at hand.
type writing struct {
	slog.Handler
	out *slogteltest.Buffer
}

func TestMistakesAreFound(t *testing.T) {
	if testkit.Race {
		t.Skip("the mistakes are found by their effects; under the race detector that only takes longer")
	}
	contracts := []string{"slogtest", "forks", "empty_with", "record_unchanged", "enabled", "canceled_context",
		"concurrent", "hostile", "telemetry", "retains", "lifecycle", "goroutines"}
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			if strings.HasPrefix(m.want, "retains") && !slogattrs.Known() {
				t.Skip("with the tag slogtel_safe no memory of a record is used again")
			}
			var out slogteltest.Buffer
			strict := strings.HasPrefix(m.want, "empty_with")
			err := slogteltest.CheckHandler(func() slog.Handler {
				out.Reset()
				return m.make(&writing{slog.NewJSONHandler(&out, nil), &out})
			}, &slogteltest.Options{Results: out.JSON, StandardQuirks: !strict})
			require.ErrorContains(t, err, m.want)
			expected, _, _ := strings.Cut(m.want, ":")
			for line := range strings.Lines(err.Error()) {
				found, rest, _ := strings.Cut(line, ": ")
				if strict && strings.HasPrefix(rest, "a line that was written is no JSON") {
					continue // slog's own mistake
				}
				if slices.Contains(contracts, found) && found != expected && !strings.Contains(m.also, found) {
					t.Errorf("also reported: %s", line)
				}
			}
		})
	}
}
