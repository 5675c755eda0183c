// Package spancontext gives work the context of its scope, or another.
package spancontext

import (
	"context"
	"net/http"
	"time"

	"github.com/slogtel/telemetry/slogtel"
)

var (
	tel     *slogtel.Telemetry
	verbose bool
)

func work(context.Context) error       { return nil }
func report(context.Context, error)    {}
func flushAll(context.Context) error   { return nil }
func two(context.Context, string) bool { return true }

func thrownAway(ctx context.Context) error {
	_, span := tel.Start(ctx, "a")
	defer span.End()
	return work(ctx) // want `ctx is the context from before the scope that is opened on line \d+, which throws away its own`
}

func thrownAwayBeforeEnd(ctx context.Context) error {
	_, span := tel.Start(ctx, "a")
	err := work(ctx) // want `ctx is the context from before the scope`
	span.End()
	return err
}

func thrownAwayRequest(w http.ResponseWriter, r *http.Request) {
	_, span := tel.Start(r.Context(), "a")
	defer span.End()
	_ = work(r.Context()) // want `r.Context\(\) is the context from before the scope`
}

func otherName(ctx context.Context) error {
	scoped, span := tel.Start(ctx, "a")
	defer span.End()
	if err := work(scoped); err != nil {
		return err
	}
	return work(ctx) // want `ctx is the context from before the scope that is opened on line \d+: scoped is in it`
}

func neverRead(ctx context.Context) {
	scoped, span := tel.Start(ctx, "a")
	_ = scoped
	defer span.End()
	tel.Count(ctx, "n", 1) // want `ctx is the context from before the scope that is opened on line \d+: scoped is in it`
}

func derived(ctx context.Context) error {
	scoped, span := tel.Start(ctx, "a")
	defer span.End()
	ctx, cancel := context.WithTimeout(ctx, time.Second) // want `ctx is the context from before the scope`
	defer cancel()
	_ = work(scoped)
	return work(ctx)
}

func shadowed(ctx context.Context) error {
	if verbose {
		ctx, span := tel.Start(ctx, "a")
		defer span.End()
		_ = work(ctx)
	}
	return work(ctx) // want `ctx is the context from before the scope: the one that is assigned on line \d+ shadows it in an inner block only`
}

func requestAgain(w http.ResponseWriter, r *http.Request) {
	ctx, span := tel.Start(r.Context(), "a")
	defer span.End()
	_ = work(ctx)
	_ = two(r.Context(), r.URL.Path) // want `r.Context\(\) is the context from before the scope that is opened on line \d+: ctx is in it`
}

func passesOn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, span := tel.Start(r.Context(), "request")
		defer span.End()
		next.ServeHTTP(w, r) // want `r has the context from before the scope that is opened on line \d+: give it that of the scope, by WithContext`
	})
}

func passesOnToFunc(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, span := tel.Start(r.Context(), "request")
		defer span.End()
		if work(ctx) == nil {
			next(w, r) // want `r has the context from before the scope`
		}
	}
}

func overwritten(ctx context.Context) error {
	ctx, span := tel.Start(ctx, "a")
	defer span.End()
	ctx = context.Background() // want `ctx is given another context before that of the scope, from line \d+, is used`
	return work(ctx)
}

func overwrittenByDerived(ctx context.Context, r *http.Request) error {
	ctx, span := tel.Start(ctx, "a")
	defer span.End()
	ctx, cancel := context.WithCancel(r.Context()) // want `ctx is given another context before that of the scope`
	defer cancel()
	return work(ctx)
}

func inTime(ctx context.Context) error {
	return tel.Time(ctx, "a", func(c context.Context) error {
		return work(ctx) // want `ctx is the context from before the scope: c is in it`
	})
}

func inTimeBlank(ctx context.Context) error {
	return tel.Time(ctx, "a", func(_ context.Context) error {
		return work(ctx) // want `ctx is the context from before the scope: the function throws away its own`
	})
}

func inTimeUnnamed(ctx context.Context) error {
	return tel.Time(ctx, "a", func(context.Context) error {
		return work(ctx) // want `ctx is the context from before the scope: the function throws away its own`
	})
}

func inDo(ctx context.Context) (int, error) {
	return slogtel.Do(ctx, tel, "a", func(inner context.Context) (int, error) {
		tel.Count(inner, "n", 1)
		return 1, work(ctx) // want `ctx is the context from before the scope: inner is in it`
	})
}

func inDoExplicit(r *http.Request) (string, error) {
	return slogtel.Do[string](r.Context(), tel, "a", func(ctx context.Context) (string, error) {
		return "", work(r.Context()) // want `r.Context\(\) is the context from before the scope: ctx is in it`
	})
}

func handler(ctx context.Context) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx2, span := tel.Start(ctx, "request") // want `ctx is the context of another function: this one has r.Context\(\)`
		defer span.End()
		_ = work(ctx2)
	}
}

func callback(ctx context.Context, each func(func(context.Context) error)) {
	each(func(item context.Context) error {
		func() {
			tel.Count(ctx, "items", 1) // want `ctx is the context of another function: this one has item`
		}()
		return work(item)
	})
}

func loop(ctx context.Context, list []string) {
	var span *slogtel.Span
	for range list {
		ctx, span = tel.Start(ctx, "a") // want `the loop hands the context of this round on to the next, whose scope is opened in it: do not assign it to ctx`
		_ = work(ctx)
		span.End()
	}
}

func loopClause(ctx context.Context) {
	for ctx := ctx; ctx.Err() == nil; {
		scoped, span := tel.Start(ctx, "a") // want `the loop hands the context of this round on`
		ctx = scoped
		_ = work(ctx)
		span.End()
	}
}

func loopGoto(ctx context.Context) {
	var span *slogtel.Span
again:
	ctx, span = tel.Start(context.WithValue(ctx, "k", 1), "a") // want `the loop hands the context of this round on`
	span.End()
	if work(ctx) != nil {
		goto again
	}
}

type worker struct{ ctx context.Context }

func (w *worker) loop() {
	for w.ctx.Err() == nil {
		var span *slogtel.Span
		w.ctx, span = tel.Start(w.ctx, "a") // want `the loop hands the context of this round on to the next, whose scope is opened in it: do not assign it to w.ctx`
		span.End()
	}
}

// From here on nothing is wrong.

func same(ctx context.Context) error {
	ctx, span := tel.Start(ctx, "a")
	defer span.End()
	return work(ctx)
}

func leaf(ctx context.Context) int {
	_, span := tel.Start(ctx, "a")
	defer span.End()
	if ctx.Err() != nil {
		return 0
	}
	<-ctx.Done()
	return 1
}

func afterEnd(ctx context.Context) error {
	scoped, span := tel.Start(ctx, "a")
	err := work(scoped)
	span.End()
	_, other := tel.Start(ctx, "b")
	other.End()
	report(ctx, err)
	return work(ctx)
}

func endedInBranch(ctx context.Context) error {
	scoped, span := tel.Start(ctx, "a")
	if err := work(scoped); err != nil {
		span.Fail(err)
		span.End()
		return work(ctx)
	}
	span.End()
	return nil
}

func siblings(ctx context.Context) {
	first, a := tel.Start(ctx, "a")
	defer a.End()
	second, b := tel.Start(ctx, "b")
	defer b.End()
	_, _ = work(first), work(second)
}

func outlives(ctx context.Context) {
	scoped, span := tel.Start(ctx, "a")
	defer span.End()
	defer flushAll(ctx)
	_ = flushAll(ctx)
	go func() { _ = work(ctx) }()
	go work(ctx)
	_ = work(context.WithoutCancel(ctx))
	_ = work(scoped)
}

func endedElsewhere(ctx context.Context) error {
	scoped, span := tel.Start(ctx, "a")
	go func() {
		defer span.End()
		_ = work(scoped)
	}()
	return work(ctx)
}

func background() error {
	ctx, span := tel.Start(context.Background(), "a")
	defer span.End()
	_ = work(ctx)
	return work(context.Background())
}

func innerBlockReturns(ctx context.Context) error {
	if verbose {
		ctx, span := tel.Start(ctx, "a")
		defer span.End()
		return work(ctx)
	}
	return work(ctx)
}

func innerBlockEnds(ctx context.Context) error {
	{
		ctx, span := tel.Start(ctx, "a")
		_ = work(ctx)
		span.End()
	}
	return work(ctx)
}

func rounds(ctx context.Context, list []string) {
	for range list {
		ctx, span := tel.Start(ctx, "a")
		_ = work(ctx)
		span.End()
	}
}

func freshEachRound(parent context.Context, list []context.Context) {
	var span *slogtel.Span
	for range list {
		ctx := parent
		ctx, span = tel.Start(ctx, "a")
		_ = work(ctx)
		span.End()
	}
	for _, ctx := range list {
		ctx, span = tel.Start(ctx, "a")
		_ = work(ctx)
		span.End()
	}
	var ctx context.Context
	for range list {
		ctx, span = tel.Start(parent, "a")
		_ = work(ctx)
		span.End()
	}
}

func timed(ctx context.Context) error {
	return tel.Time(ctx, "a", func(ctx context.Context) error {
		return tel.Time(ctx, "b", work)
	})
}

func timedLeaf(ctx context.Context) error {
	return tel.Time(ctx, "a", func(context.Context) error { return ctx.Err() })
}

func ownHandler(ctx context.Context) http.HandlerFunc {
	tel.Count(ctx, "handlers", 1)
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, span := tel.Start(r.Context(), "request")
		defer span.End()
		_ = work(ctx)
	}
}

func noContextOfItsOwn(ctx context.Context, each func(func(int))) {
	each(func(n int) { tel.Count(ctx, "items", int64(n)) })
}

func requestReplaced(w http.ResponseWriter, r *http.Request) {
	ctx, span := tel.Start(r.Context(), "a")
	defer span.End()
	r = r.WithContext(ctx)
	_ = work(r.Context())
}

func requestOverwritten(w http.ResponseWriter, r *http.Request) {
	ctx, span := tel.Start(r.Context(), "a")
	defer span.End()
	*r = *r.WithContext(ctx)
	_ = work(r.Context())
}

func otherRequest(r *http.Request) http.HandlerFunc {
	ctx, span := tel.Start(r.Context(), "a")
	defer span.End()
	_ = work(ctx)
	return func(w http.ResponseWriter, r *http.Request) { _ = work(r.Context()) }
}

func flushes(ctx context.Context) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { _ = tel.Flush(ctx) }
}

func passesOnWell(next http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, span := tel.Start(r.Context(), "request")
		defer span.End()
		next.ServeHTTP(w, r.WithContext(ctx))
		http.NotFound(w, r)
	}
}

func readsRequest(w http.ResponseWriter, r *http.Request) {
	_, span := tel.Start(r.Context(), "decode")
	defer span.End()
	decode(r)
}

func decode(r *http.Request) {}

func overwrittenWell(ctx, parent context.Context) {
	ctx, span := tel.Start(ctx, "a")
	span.End()
	ctx = parent
	_ = work(ctx)
	ctx, span = tel.Start(parent, "b")
	defer span.End()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	_ = work(ctx)
	ctx = parent
	_ = work(ctx)
}
