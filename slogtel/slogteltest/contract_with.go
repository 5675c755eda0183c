package slogteltest

import (
	"context"
	"fmt"
	"log/slog"
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

// checkForks forks handlers that have been derived 0 to 8 times: a slice to which
// the handler appends has spare room at some of these lengths, and there a handler
// that does not clip it lets the second fork overwrite what the first one added.
func checkForks(r *run) {
	for depth := range 9 {
		root := r.handler()
		attrs, groups := root, root
		for i := range depth {
			attrs = r.withAttrs(attrs, slog.Int(fmt.Sprintf("base%d", i), i))
			groups = r.withGroup(groups, fmt.Sprintf("base%d", i))
		}
		checkFork(r, root, attrs, fmt.Sprintf("WithAttrs on a handler with %d attributes", depth),
			func(h slog.Handler, token string) slog.Handler {
				return r.withAttrs(h, slog.String("fork", token))
			})
		checkFork(r, root, groups, fmt.Sprintf("WithAttrs on a handler with %d groups", depth),
			func(h slog.Handler, token string) slog.Handler {
				return r.withAttrs(h, slog.String("fork", token))
			})
		checkFork(r, root, groups, fmt.Sprintf("WithGroup and WithAttrs on a handler with %d groups", depth),
			func(h slog.Handler, token string) slog.Handler {
				return r.withAttrs(r.withGroup(h, "fork"), slog.String("fork", token))
			})
		if r.opts.Results != nil { // others need not show a group's name
			checkFork(r, root, groups, fmt.Sprintf("WithGroup on a handler with %d groups", depth), r.withGroup)
		}
	}
}

// checkFork makes two forks of parent, which show their own tokens, and only these.
func checkFork(r *run, root, parent slog.Handler, what string, fork func(h slog.Handler, token string) slog.Handler) {
	const a, b = "token_of_a", "token_of_b"
	first, second := fork(parent, a), fork(parent, b)
	ctx := context.Background()

	text := r.seen(root, func() { r.emit(ctx, first, id("first")) })
	r.shows(text, a, "%s, first of two siblings", what)
	r.hides(text, b, "%s, first of two siblings: it has what the second one added, the two share memory", what)

	text = r.seen(root, func() { r.emit(ctx, second, id("second")) })
	r.shows(text, b, "%s, second of two siblings", what)
	r.hides(text, a, "%s, second of two siblings: it has what the first one added, the two share memory", what)

	text = r.seen(root, func() { r.emit(ctx, parent, id("parent")) })
	r.shows(text, "parent", "%s, the parent", what)
	r.hides(text, "token_of", "%s modified the handler that it was called on", what)
}

func checkEmptyWith(r *run) {
	ctx := context.Background()
	for _, derived := range []bool{false, true} {
		root := r.handler()
		h := root
		if derived {
			h = r.withAttrs(r.withGroup(r.withAttrs(h, slog.Int("a", 1)), "g"), slog.Int("b", 2))
		}
		text := func(h slog.Handler) string {
			return r.seen(root, func() { r.emit(ctx, h, id("same")) })
		}
		want := text(h)
		same := func(what, got string) {
			if got != want {
				want, got := difference(want, got)
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
