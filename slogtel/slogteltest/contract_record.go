package slogteltest

import (
	"context"
	"log/slog"
	"math"
	"slices"
)

// checkRecordUnchanged hands over records whose every part could be written to:
// values that are shared, and spare room behind the attributes.
func checkRecordUnchanged(r *run) {
	for _, form := range []struct {
		name string
		base func(...slog.Attr) slog.Record
	}{
		{"an ordinary record", logRecord},
		{"a timing", timingRecord},
		{"a metric", countRecord},
	} {
		root := r.handler()
		for _, derived := range r.forms() {
			h := derived.derive(root)
			for more := range 10 { // with none to seven places of spare room
				for _, ctx := range contexts {
					rec, want := filled(form.base(), more), filled(form.base(), more)
					r.do("Handle of "+form.name, func() error { return h.Handle(ctx, rec) })
					r.flush(root)
					if r.stuck {
						return // it may be at work on the record still
					}
					compareRecords(r, form.name, rec, want)
				}
			}
		}
	}
}

// filled adds attributes of many kinds to rec. One by one, so that their slice grows
// ahead of its length: there is room then that copies of rec share.
func filled(rec slog.Record, more int) slog.Record {
	for _, a := range []slog.Attr{
		slog.String("text", "a text"),
		slog.Group("group", slog.String("password", "a secret"),
			slog.Group("inner", slog.Int("n", 1), slog.String("token", "a secret"))),
		slog.Any("map", map[string]any{"password": "a secret", "n": 1}),
		slog.Any("list", []any{"b", "a", nil}),
		slog.Any("strings", []string{"b", "a"}),
		slog.Any("bytes", []byte("some bytes")),
		slog.Any("pointer", &struct{ Password string }{"a secret"}),
	} {
		rec.AddAttrs(a)
	}
	for i := range more {
		rec.AddAttrs(slog.Int("more", i))
	}
	return rec
}

func compareRecords(r *run, what string, got, want slog.Record) {
	if got.Message != want.Message || !got.Time.Equal(want.Time) || got.Level != want.Level {
		r.failf("Handle modified %s", what)
	}
	wants := attrsOf(want)
	for i, a := range attrsOf(got) {
		if i >= len(wants) || !sameAttrs([]slog.Attr{a}, wants[i:i+1]) {
			r.failf("Handle modified the attribute %q of %s, which others hold too: copy groups, maps and slices before changing them", a.Key, what)
		}
	}
	got.AddAttrs(slog.Int("mine", 1))
	added := attrsOf(got)[got.NumAttrs()-2:]
	if slices.ContainsFunc(added, func(a slog.Attr) bool { return a.Key == "!BUG" }) {
		r.failf("Handle added attributes to %s in memory that copies of the record share: call Clone before AddAttrs", what)
	}
}

func checkEnabled(r *run) {
	ctx := context.Background()
	levels := []slog.Level{math.MinInt, -1000, slog.LevelDebug - 1, slog.LevelDebug, -1, slog.LevelInfo, 1,
		slog.LevelWarn, 5, slog.LevelError, 9, 1000, math.MaxInt}
	root := r.handler()
	enabled := func(h slog.Handler) []bool {
		answers := make([]bool, len(levels))
		r.do("Enabled", func() error {
			for i, l := range levels {
				answers[i] = h.Enabled(ctx, l)
			}
			return nil
		})
		return answers
	}
	want := enabled(root)
	if r.stuck {
		return
	}
	for i, l := range levels {
		if i > 0 && want[i-1] && !want[i] {
			r.failf("Enabled is true for level %v and false for %v, which is higher", levels[i-1], l)
		}
		if l == slog.LevelInfo && !want[i] {
			r.failf("Enabled is false for level %v: the suite needs a handler that is enabled for Info and above", l)
		}
	}
	for _, form := range r.forms() {
		if got := enabled(form.derive(root)); !r.stuck && !slices.Equal(got, want) {
			r.failf("Enabled of what %s returns answers %v where its parent answers %v, for the levels %v", form.name, got, want, levels)
		}
	}
}

func checkCanceledContext(r *run) {
	root := r.handler()
	text := r.seen(root, func() { r.emit(canceled(), root, id("after_cancel")) })
	r.shows(text, "after_cancel", "Handle with a context that was canceled, which should not affect it")
}
