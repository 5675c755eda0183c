package live_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers/sample"
	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/live"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
)

// A million scopes that never end, in traces of all sizes, take no more memory than is stated.
func TestAMillionOpenScopes(t *testing.T) {
	n := 1_000_000
	if testing.Short() || testkit.Race {
		n = 100_000
	}
	h := live.New(nil)
	tel, log := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h), slog.New(h)
	before := testkit.Heap()
	ctx, _ := tel.Start(bg, "batch")
	text := strings.Repeat("x", 1000)
	for i := range n {
		in := ctx
		if i%3 == 0 {
			in = bg
		}
		in, _ = tel.Start(in, "item", slog.Int("n", i))
		if i%100 == 0 {
			log.InfoContext(in, "a log", "text", text)
			tel.Count(in, "n", 1)
		}
	}
	grown := testkit.Heap() - before
	s := h.Stats()
	assert.EqualValues(t, 10_000, s.Open)
	assert.EqualValues(t, n+1-10_000, s.Unlisted)
	assert.Less(t, grown, int64(64<<20))
	p := page(t, h)
	assert.Equal(t, 10_000.0, p["open_count"])
	assert.Equal(t, "batch", in(p, "open", 0, "scope"), "the oldest")
	assert.Contains(t, ask(h, "").Body.String(), "younger ones are not listed")
}

// A million scopes of names that are ever new, with events, that end.
func TestAMillionScopes(t *testing.T) {
	n := 1_000_000
	if testing.Short() || testkit.Race {
		n = 50_000
	}
	h := live.New(&live.Options{MaxScopes: 100})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, OnError: func(context.Context, error) {}}, h)
	before := testkit.Heap()
	for i := range n {
		name := fmt.Sprintf("name%d", i%5000)
		in, root := tel.Start(bg, name, slog.String("text", "x"))
		_, span := tel.Start(in, "kid")
		span.Fail(errors.New("no"))
		span.End()
		tel.Gauge(in, name, 1)
		root.End()
	}
	assert.Less(t, testkit.Heap()-before, int64(32<<20))
	p := page(t, h)
	assert.Len(t, p["scopes"], 100)
	assert.Len(t, p["gauges"], 100)
	assert.NotZero(t, h.Stats().Overflow)
	assert.LessOrEqual(t, len(p["slow"].([]any)), 192)
	assert.Len(t, p["failed"], 32)
	assert.Zero(t, h.Stats().Open)
	assert.Zero(t, h.Stats().TraceBytes)
}

// A trace has a limit, and its root is kept whatever happened before.
func TestALongTrace(t *testing.T) {
	tel, log, h := setUp(t, nil)
	text := strings.Repeat("é", 100_000)
	for _, attrs := range [][]any{nil, {"text", text, "group", slog.GroupValue(slog.String("text", text))}} {
		ctx, root := tel.Start(bg, "long")
		for range 5000 {
			log.InfoContext(ctx, "again", attrs...)
		}
		many := make([]slog.Attr, 1000)
		for i := range many {
			many[i] = slog.Int(fmt.Sprint(i), i)
		}
		root.End(many...)
	}
	p := page(t, h)
	require.Len(t, p["slow"], 2)
	for i := range 2 {
		id := in(p, "slow", i, "id").(string)
		w := ask(h, "?format=json&trace="+id)
		assert.Less(t, w.Body.Len(), 1<<20)
		trace := object(t, w)
		kept := len(in(trace, "root", "children").([]any))
		assert.Less(t, kept, 1000)
		assert.Greater(t, kept, 10)
		assert.Equal(t, 5000.0, trace["cut_events"].(float64)+float64(kept))
		assert.Len(t, in(trace, "root", "attrs"), 32)
		assert.Contains(t, ask(h, "?trace="+id).Body.String(), "more events had no room")
	}
	assert.NotZero(t, h.Stats().Cut)
}

// The ends that nobody told of do not fill the table for ever.
func TestEndsThatWereNotTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		level := new(slog.LevelVar)
		h := live.New(&live.Options{MaxOpen: 100})
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, gate{h, level})
		for range 3 {
			level.Set(slog.LevelInfo)
			var spans []*slogtel.Span
			for range 150 {
				ctx, root := tel.Start(bg, "a")
				_, span := tel.Start(ctx, "b")
				spans = append(spans, span, root)
			}
			level.Set(slog.LevelError)
			for _, span := range spans {
				span.End()
			}
			time.Sleep(2 * time.Second) // they are looked for once a second
			assert.Empty(t, page(t, h)["open"], "ended ones are not shown")
		}
		level.Set(slog.LevelInfo)
		_, span := tel.Start(bg, "new")
		time.Sleep(time.Second)
		assert.Equal(t, "new", in(page(t, h), "open", 0, "scope"))
		span.End()
		assert.Zero(t, h.Stats().Open)
	})
}

// A gate lets nothing below its level pass, and tells of all scopes.
type gate struct {
	*live.Handler
	level slog.Leveler
}

func (g gate) Enabled(context.Context, slog.Level) bool { return true }

func (g gate) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < g.level.Level() {
		return nil
	}
	return g.Handler.Handle(ctx, r)
}

// In the long run a scope costs no allocation beside its own one.
func TestAllocations(t *testing.T) {
	testkit.NeedsAllocs(t)
	count := func(h slog.Handler, inside int, ids bool) float64 {
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: ids}, h)
		scope := func() {
			ctx, root := tel.Start(bg, "request", slog.String("model", "m"))
			for range inside {
				_, span := tel.Start(ctx, "query", slog.Int("n", 1))
				tel.Count(ctx, "rows", 3)
				span.End()
			}
			root.End()
		}
		for range 1000 { // the slowest are kept, and less and less often one is slower
			scope()
		}
		// As testing.AllocsPerRun, which rounds: of what lies next to a whole number that makes one more or less.
		const runs = 1000
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range runs {
			scope()
		}
		runtime.ReadMemStats(&after)
		return float64(after.Mallocs-before.Mallocs) / runs
	}
	for _, inside := range []int{1, 50} {
		for _, ids := range []bool{false, true} {
			assert.InDelta(t, count(discard{}, inside, ids), count(live.New(nil), inside, ids), 0.5+0.05*float64(inside), "the collector empties pools")
		}
	}
}

// A secret at the place where a text is cut is not shown in part.
func TestCutSecrets(t *testing.T) {
	for _, secret := range []string{"4111 1111 1111 1111", "postgres://admin:hunter2@db/x", `{"a":1,"password":"hunter2"}`, strings.Repeat("ghp_abcdefghijklmnopqrstuvwxyz0123456789", 20), "postgres://admin:" + strings.Repeat("hunter2", 100) + "@db"} {
		for before := 900; before < 1024; before++ {
			h := live.New(nil)
			tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)
			_, span := tel.Start(bg, "root", slog.String("text", strings.Repeat("word ", before/5)+strings.Repeat("x", before%5)+" "+secret+" end"))
			span.Fail(errors.New("refused"))
			span.End()
			shown := in(object(t, ask(h, "?format=json&trace=1")), "root", "attrs", "text")
			for _, part := range []string{"1111", "hunt", "admin:h", "ghp_abc"} {
				require.NotContains(t, shown, part, "%s after %d", secret, before)
			}
		}
	}
}

// Many root scopes that are open at the same time, and end in any order.
func TestManyRoots(t *testing.T) {
	tel, _, h := setUp(t, nil)
	const n = 5000
	var roots []*slogtel.Span
	for range n {
		ctx, root := tel.Start(bg, "request")
		_, span := tel.Start(ctx, "query")
		span.Fail(errors.New("no"))
		span.End()
		roots = append(roots, root)
	}
	assert.EqualValues(t, n, h.Stats().Open)
	for i := range roots {
		roots[i*2501%n].End()
	}
	s := h.Stats()
	assert.Zero(t, s.Open)
	assert.Zero(t, s.TraceBytes)
	assert.Zero(t, s.Late)
	p := page(t, h)
	assert.Equal(t, float64(n), in(p, "scopes", 0, "calls"))
	for _, head := range p["failed"].([]any) {
		whole := object(t, ask(h, "?format=json&trace="+in(head, "id").(string)))
		assert.Len(t, in(whole, "root", "children"), 1)
	}
}

// A sampler in front tells of all scopes that start, and drops the ends of most: what it lets through has room.
func TestEndsThatASamplerDrops(t *testing.T) {
	h := live.New(&live.Options{MaxOpen: 1000})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, sample.New(&sample.Options{Rate: -1}).Middleware(h))
	const names = 20
	for i := range 20_000 {
		name := "request"
		if i%1000 == 999 {
			name = fmt.Sprintf("request%d", i/1000)
		}
		ctx, root := tel.Start(bg, name)
		_, span := tel.Start(ctx, "query")
		span.End()
		if name != "request" {
			root.Fail(errors.New("no"))
		}
		root.End()
	}
	assert.Len(t, page(t, h)["failed"], names)
	assert.Less(t, h.Stats().Unlisted, int64(20), "which traces are looked at goes by turns")
}

// The same where one trace has all the scopes.
func TestEndsInsideThatASamplerDrops(t *testing.T) {
	h := live.New(&live.Options{MaxOpen: 1000})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, sample.New(&sample.Options{Rate: -1}).Middleware(h))
	ctx, root := tel.Start(bg, "batch")
	for range 20_000 {
		_, span := tel.Start(ctx, "item")
		span.End()
	}
	root.Fail(errors.New("no"))
	root.End()
	assert.Len(t, page(t, h)["failed"], 1)
	assert.Less(t, h.Stats().Unlisted, int64(20))
}

// A queue in front tells late of ends: scopes that have ended keep their room until then, and so their traces are kept.
func TestEndsThatAreInAQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most, open, atOnce, n = 100, 80, 21, 1000
		h := live.New(&live.Options{MaxOpen: most})
		q := &later{Handler: h}
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, q)
		for range open {
			tel.Start(bg, "open")
		}
		for range n {
			var spans []*slogtel.Span
			for range atOnce {
				_, span := tel.Start(bg, "request")
				spans = append(spans, span)
			}
			for _, span := range spans {
				span.End()
			}
		}
		for _, tell := range q.told {
			tell()
		}
		s := h.Stats()
		assert.EqualValues(t, open, s.Open)
		assert.LessOrEqual(t, s.Late, int64(n*(open+atOnce-most)+most), "of %d; once a second some may go", n*atOnce)
	})
}

// A later tells of nothing before it is asked to.
type later struct {
	*live.Handler
	told []func()
}

func (*later) RetainsRecords() bool { return true }

func (l *later) Handle(ctx context.Context, r slog.Record) error {
	l.told = append(l.told, func() { _ = l.Handler.Handle(ctx, r) })
	return nil
}

func (l *later) ScopeStarted(ctx context.Context, s scope.Info) {
	l.told = append(l.told, func() { l.Handler.ScopeStarted(ctx, s) })
}
