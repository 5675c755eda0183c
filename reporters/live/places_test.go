package live_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/slogtel/telemetry/handlers/redact"
	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/live"
	"github.com/slogtel/telemetry/slogtel"
)

// outline is what a trace shows, without times.
func outline(t *testing.T, h *live.Handler, id string) string {
	var walk func(n any) string
	walk = func(n any) string {
		text := in(n, "name").(string)
		kids, _ := in(n, "children").([]any)
		var list []string
		for _, kid := range kids {
			list = append(list, walk(kid))
		}
		if list != nil {
			text += "(" + strings.Join(list, " ") + ")"
		}
		return text
	}
	return walk(object(t, ask(h, "?format=json&trace="+id))["root"])
}

// A timing that was measured elsewhere is no scope that starts or ends, whatever its path is and whether the scope around
// it is still open.
func TestTimingsAreNotTheScopeAroundThem(t *testing.T) {
	tel, log, h := setUp(t, &live.Options{MaxOpen: 2})
	ctx, root := tel.Start(bg, "request")
	now := root.Rename(ctx, "request.checkout")
	tel.Timing(ctx, "checkout", time.Second) // has the path of the root
	tel.Timing(now, "pay", time.Second)
	log.InfoContext(now, "bye")
	assert.EqualValues(t, 1, h.Stats().Open)
	root.End()
	tel.Timing(ctx, "late", time.Second)
	assert.Equal(t, "request.checkout(request.checkout request.checkout.pay bye)", outline(t, h, "1"))

	_, one := tel.Start(bg, "one")
	_, two := tel.Start(bg, "two")
	ctx, three := tel.Start(bg, "three") // for which there is no room
	one.End()
	tel.Timing(ctx, "elsewhere", time.Second)
	three.End()
	two.End()
	s := h.Stats()
	assert.Equal(t, []int64{0, 1, 3}, []int64{s.Open, s.Unlisted, s.Late})
	var roots []string
	for _, k := range h.Page().Slow {
		roots = append(roots, k.Scope)
	}
	assert.ElementsMatch(t, []string{"request.checkout", "one", "two"}, roots)
}

// The end of a scope is known by more than its name, which handlers on the way may change.
func TestRenamedToASecret(t *testing.T) {
	for _, told := range []bool{true, false} {
		h := live.New(nil)
		next := redact.New(nil)(h)
		if !told {
			next = onlyHandles{next}
		}
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, next)
		ctx, root := tel.Start(bg, "request")
		ctx = root.Rename(ctx, "ghp_abcdefghijklmnopqrstuvwxyz0123456789")
		_, span := tel.Start(ctx, "call")
		span.End()
		root.End()
		assert.Equal(t, "[REDACTED]([REDACTED].call)", outline(t, h, "1"))
		assert.Zero(t, h.Stats().Open)
	}
}

func TestScopesInARenamedOne(t *testing.T) {
	tel, _, h := setUp(t, nil)
	ctx, root := tel.Start(bg, "request")
	ctx = root.Rename(ctx, "orders")
	in1, one := tel.Start(ctx, "one")
	in1 = one.Rename(in1, "first")
	_, two := tel.Start(ctx, "two")
	_, span := tel.Start(in1, "call")
	span.End()
	two.End()
	one.End()
	root.End()
	assert.Equal(t, "orders(orders.first(orders.first.call) orders.two)", outline(t, h, "1"))
}

// Those who are told later that scopes start still see the end of a root scope of which they were not.
func TestRootsThatNobodyToldOf(t *testing.T) {
	var level slog.LevelVar
	level.Set(slog.LevelDebug)
	h := live.New(nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, Level: &level}, h)
	ctx, root := tel.Start(bg, "request")
	slog.New(h).InfoContext(ctx, "hello")
	level.Set(slog.LevelInfo)
	for range 2 {
		inner, span := tel.Start(ctx, "inner")
		tel.Count(inner, "n", 1)
		span.End()
	}
	root.End()
	assert.Equal(t, "request(hello request.inner(request.inner.n) request.inner(request.inner.n))", outline(t, h, "1"))
	assert.Zero(t, h.Stats().Open)
}

// askedContext is a context of the app's, which logs when it is asked for a value.
type askedContext struct {
	context.Context
	asked func()
}

func (c askedContext) Value(key any) any {
	c.asked()
	return c.Context.Value(key)
}

func TestContextsThatLog(t *testing.T) {
	tel, log, h := setUp(t, nil)
	ctx, root := tel.Start(bg, "request")
	n := 0
	asked := askedContext{ctx, func() {
		if n++; n == 1 {
			log.InfoContext(ctx, "asked")
			n = 0
		}
	}}
	log.InfoContext(asked, "text")
	tel.Count(asked, "n", 1)
	_, span := tel.Start(asked, "inner")
	span.End()
	root.End()
	assert.Regexp(t, `^request\(text asked.* request\.n asked.*\)$`, outline(t, h, "1"))
}

// keepsBack drops the events of some scopes, as sampling does.
type keepsBack struct {
	*live.Handler
	path string
}

func (k keepsBack) Handle(ctx context.Context, r slog.Record) error {
	if timing, ok := slogtel.DecodeTiming(r); ok && timing.Scope == k.path {
		return nil
	}
	return k.Handler.Handle(ctx, r)
}

// Traces whose end is never told make room for others, also where they have little more than texts.
func TestTracesWithoutEndMakeRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := live.New(nil)
		tel, log := slogtel.New(&slogtel.Options{Mode: slogtel.On}, keepsBack{h, "dropped"}), slog.New(h)
		text := strings.Repeat("x ", 500)
		for range 300 {
			ctx, root := tel.Start(bg, "dropped")
			for range 200 { // with others more than all traces may take
				log.InfoContext(ctx, text)
			}
			root.End()
		}
		time.Sleep(time.Second)
		ctx, root := tel.Start(bg, "request")
		for range 10 {
			log.InfoContext(ctx, text)
		}
		root.End()
		for _, k := range h.Page().Slow {
			assert.Zero(t, k.CutEvents)
		}
	})
}

// A scope that outlives its root keeps nothing of the trace, and long keys count as texts do.
func TestBytesOfTraces(t *testing.T) {
	tel, log, h := setUp(t, nil)
	for range 5 { // of which some are not kept
		ctx, root := tel.Start(bg, "request")
		_, span := tel.Start(ctx, "background")
		for i := range 900 {
			log.InfoContext(ctx, "text", fmt.Sprint(strings.Repeat("k", 1000), i), i)
		}
		assert.Less(t, h.Stats().TraceBytes, int64(140<<10))
		assert.Greater(t, h.Stats().TraceBytes, int64(100<<10))
		root.End()
		assert.Zero(t, h.Stats().TraceBytes)
		assert.EqualValues(t, 1, h.Stats().Open)
		span.Fail(errors.New("late"))
		span.End()
		assert.Zero(t, h.Stats().Open)
	}
}

// Of scopes of the same name that run at the same time, each has what was opened in it.
func TestWorkersOfOneName(t *testing.T) {
	tel, _, h := setUp(t, nil)
	ctx, root := tel.Start(bg, "batch")
	var spans []*slogtel.Span
	var inside []context.Context
	for i := range 3 {
		worked, worker := tel.Start(ctx, "worker", slog.Int("n", i))
		spans, inside = append(spans, worker), append(inside, worked)
	}
	for i, worked := range inside {
		for range i {
			var step *slogtel.Span
			worked, step = tel.Start(context.WithValue(worked, t, 1), "step", slog.Int("of", i))
			spans = append(spans, step)
		}
	}
	check := func(name func(node any) any, node any) {
		workers := node.(map[string]any)["children"].([]any)
		assert.Len(t, workers, 3)
		for i, w := range workers {
			assert.EqualValues(t, i, in(w, "attrs", "n"))
			for depth := range i {
				w = in(w, "children", 0)
				assert.EqualValues(t, i, in(w, "attrs", "of"), depth)
				assert.Equal(t, "batch.worker"+strings.Repeat(".step", depth+1), name(w))
			}
			assert.Nil(t, w.(map[string]any)["children"])
		}
	}
	check(func(n any) any { return in(n, "scope") }, in(page(t, h), "open", 0))
	for _, span := range slices.Backward(spans) {
		span.End()
	}
	root.End()
	check(func(n any) any { return in(n, "name") }, object(t, ask(h, "?format=json&trace=1"))["root"])
}

// Scopes that are opened in one another without end, and end, do not keep each other.
func TestRollingScopes(t *testing.T) {
	n := 100_000
	if testkit.Race {
		n = 10_000
	}
	tel, _, h := setUp(t, nil)
	_, root := tel.Start(bg, "loop")
	before := testkit.Heap()
	ctx, span := tel.Start(bg, "step")
	for range n {
		next, s := tel.Start(ctx, "step")
		span.End()
		ctx, span = next, s
	}
	assert.Less(t, testkit.Heap()-before, int64(8<<20))
	span.End()
	root.End()
	assert.Zero(t, h.Stats().Open)
}
