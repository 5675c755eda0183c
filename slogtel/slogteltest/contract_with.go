package slogteltest

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing/slogtest"
)

func checkSlogtest(r *run) {
	if r.opts.Results == nil {
		r.skipped = "needs Options.Results"
		return
	}
	h := r.handler()
	r.do("testing/slogtest", func() error {
		results := r.opts.Results
		return slogtest.TestHandler(h, func() []map[string]any {
			_ = flush(h) // not r.flush: this is not r's goroutine
			return results()
		})
	})
}

// checkForks forks handlers that have been derived several times: a slice to which
// the handler appends has spare room at some of these lengths, and there a handler
// that does not clip it lets the second fork overwrite what the first one added.
func checkForks(r *run) {
	for _, depth := range []int{0, 1, 2, 3, 5, 7} {
		root := r.handler()
		attrs, groups, both := root, root, root
		for i := range depth {
			base := slog.Int(fmt.Sprintf("base%d", i), i)
			attrs = r.withAttrs(attrs, base)
			groups = r.withGroup(groups, base.Key)
			both = r.withAttrs(r.withGroup(both, base.Key), base)
		}
		withAttrs := func(h slog.Handler, token string) slog.Handler {
			return r.withAttrs(h, slog.String("fork", token))
		}
		withBoth := func(h slog.Handler, token string) slog.Handler {
			return r.withAttrs(r.withGroup(h, "fork"), slog.String("fork", token))
		}
		for _, f := range []fork{
			{"WithAttrs on a handler with %d attributes", attrs, withAttrs, false},
			{"WithAttrs on a handler with %d groups", groups, withAttrs, false},
			{"WithAttrs on a handler with %d groups and attributes in them", both, withAttrs, false},
			{"WithGroup and WithAttrs on a handler with %d groups", groups, withBoth, false},
			{"WithGroup on a handler with %d groups", groups, r.withGroup, true},
		} {
			f.what = fmt.Sprintf(f.what, depth)
			checkFork(r, root, f)
		}
	}
}

// A fork derives two handlers from one.
type fork struct {
	what   string
	parent slog.Handler
	derive func(h slog.Handler, token string) slog.Handler
	named  bool // the token is the name of a group, and nothing else
}

// checkFork makes two siblings, which show their own tokens, and only these.
func checkFork(r *run, root slog.Handler, f fork) {
	tokens := [2]string{"token_of_a", "token_of_b"}
	siblings := [2]slog.Handler{f.derive(f.parent, tokens[0]), f.derive(f.parent, tokens[1])}
	children := [2]slog.Handler{r.withAttrs(siblings[0], slog.Int("n", 0)), r.withAttrs(siblings[1], slog.Int("n", 1))}
	for _, ctx := range contexts {
		for i, which := range [2]string{"first", "second"} {
			text := r.seen(root, func() {
				r.emit(ctx, siblings[i], id("sibling"))
				r.emit(ctx, children[i], id("child"))
			})
			if f.named {
				// Some records may do without the group: a reporter can leave an event's own
				// keys where they are. A form that is its own may do without it altogether.
				text = []string{strings.Join(text, "")}
			}
			if !f.named || r.opts.Results != nil {
				r.shows(text, tokens[i], "%s, the %s of two siblings", f.what, which)
			}
			r.hides(text, tokens[1-i], "%s, the %s of two siblings: it has what the other one added, the two share memory", f.what, which)
		}
		text := r.seen(root, func() { r.emit(ctx, f.parent, id("parent")) })
		r.shows(text, "parent", "%s, the parent", f.what)
		r.hides(text, "token_of", "%s modified the handler that it was called on", f.what)
	}
}

func checkEmptyWith(r *run) {
	for i, ctx := range contexts {
		root := r.handler()
		h := root
		if i > 0 {
			h = r.withAttrs(r.withGroup(r.withAttrs(h, slog.Int("a", 1)), "g"), slog.Int("b", 2))
		}
		text := func(h slog.Handler) []string {
			return r.seen(root, func() { r.emit(ctx, h, id("same")) })
		}
		want := text(h)
		same := func(what string, got []string) {
			if !slices.Equal(got, want) {
				want, got := difference(strings.Join(want, ""), strings.Join(got, ""))
				r.failf("%s changed what is written, from %s to %s", what, want, got)
			}
		}
		same("WithAttrs(nil)", text(r.derive("WithAttrs(nil)", func() slog.Handler { return h.WithAttrs(nil) })))
		same("WithAttrs of an empty slice", text(r.withAttrs(h, make([]slog.Attr, 0, 4)...)))

		unnamed := r.withGroup(h, "")
		if r.opts.StandardQuirks {
			r.shows(text(unnamed), "same", `after WithGroup("")`)
		} else {
			same(`WithGroup("") (slog's own handlers do this too; if that is why, set Options.StandardQuirks)`, text(unnamed))
		}
		same("making derived handlers", text(h))
	}
}

// difference returns the parts of a and b where they begin to differ, quoted.
func difference(a, b string) (string, string) {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	n = max(0, n-40)
	return quote(a[n:]), quote(b[n:])
}
