package slogteltest

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
)

// checkConcurrent logs through one handler, and through handlers that are derived
// from it meanwhile, on many goroutines at once.
func checkConcurrent(r *run) {
	const goroutines, rounds = 8, 25
	root := r.handler()
	// With three attributes or groups there is spare room where slices grow by doubling.
	parent := root
	for i := range 3 {
		parent = r.withAttrs(parent, slog.Int(fmt.Sprintf("base%d", i), i))
	}
	r.do("many goroutines at once", func() error {
		return inParallel(goroutines, func(g int) error {
			owner := fmt.Sprintf("owner_%d_", g)
			for i := range rounds {
				own := parent.WithAttrs([]slog.Attr{slog.String("owner", owner)})
				event := id("id_%d_%d_", g, i)
				ctx := contexts[g%len(contexts)]
				err := errors.Join(
					own.Handle(ctx, logRecord(event)),
					own.WithGroup("g").Handle(ctx, countRecord(event)),
					root.Handle(ctx, timingRecord(id("root_%d_%d_", g, i))),
					parent.Handle(ctx, timingRecord(id("parent_%d_%d_", g, i))))
				if err != nil {
					return err
				}
			}
			return nil
		})
	})
	if r.stuck || !r.visible() {
		return
	}
	if r.opts.Results == nil {
		text := []string{r.output(root)}
		for g := range goroutines {
			for i := range rounds {
				for _, form := range []string{"id_%d_%d_", "parent_%d_%d_"} {
					r.shows(text, fmt.Sprintf(form, g, i), "%d goroutines at once lost a record", goroutines)
				}
			}
		}
		return
	}
	seen := make(map[string]int)
	for _, m := range r.results(root) {
		event, _ := find(m, idKey).(string)
		seen[event]++
		owner, _ := find(m, "owner").(string)
		if g, ok := strings.CutPrefix(event, "id_"); ok && (owner == "" || !strings.HasPrefix("owner_"+g, owner)) {
			r.failf("record %q has the attribute owner=%q: a goroutine's own handler shows what another one added", event, owner)
		}
	}
	for g := range goroutines {
		for i := range rounds {
			for _, e := range []struct {
				form string
				want int
			}{{"id_%d_%d_", 2}, {"root_%d_%d_", 1}, {"parent_%d_%d_", 1}} {
				event := fmt.Sprintf(e.form, g, i)
				if n := seen[event]; n != e.want {
					r.failf("record %q was written %d times, want %d", event, n, e.want)
				}
			}
		}
	}
}

// inParallel runs f on n goroutines, and returns its first error or panic.
func inParallel(n int, f func(i int) error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = caught(func() error { return f(i) }) })
	}
	wg.Wait()
	return cmp.Or(errs...)
}

// find returns the value of key in m or in a map inside it.
func find(m map[string]any, key string) any {
	if v, ok := m[key]; ok {
		return v
	}
	for _, v := range m {
		if in, ok := v.(map[string]any); ok {
			if found := find(in, key); found != nil {
				return found
			}
		}
	}
	return nil
}
