package live_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/reporters/live"
	"github.com/slogtel/telemetry/slogtel"
)

func TestTraces(t *testing.T) {
	for _, ids := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			h := live.New(nil)
			tel, log := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: ids}, h), slog.New(h).With("service", "shop")
			ctx, root := tel.Start(bg, "order", slog.String("customer", "ann"))
			time.Sleep(time.Millisecond)
			pay, span := tel.Start(ctx, "pay")
			log.WarnContext(pay, "no card", "tries", 2, slog.Group("g", "k", "v"))
			tel.Count(pay, "tries", 2)
			log.DebugContext(pay, "below the level")
			require.NoError(t, tel.Time(pay, "call", func(context.Context) error { time.Sleep(time.Millisecond); return nil }))
			tel.Timing(pay, "elsewhere", time.Millisecond)
			span.Fail(errors.New("declined"))
			span.End(slog.Any("status", struct{ Code int }{402}))
			log.WithGroup("more").InfoContext(ctx, "end", "a", 1)
			root.End()
			log.InfoContext(ctx, "late")

			p := page(t, h)
			require.Len(t, p["failed"], 1)
			require.Len(t, p["slow"], 1)
			head := in(p, "failed", 0)
			assert.Equal(t, "declined", in(head, "error"))
			assert.Equal(t, 0.002, in(head, "duration_s"))
			trace := object(t, ask(h, "?format=json&trace="+in(head, "id").(string)))
			assert.Equal(t, ids, trace["trace_id"] != nil)
			o := trace["root"]
			assert.Equal(t, "order", in(o, "name"))
			assert.Equal(t, map[string]any{"customer": "ann"}, in(o, "attrs"))
			require.Len(t, in(o, "children"), 2)
			paid := in(o, "children", 0)
			assert.Equal(t, []any{"order.pay", "declined", 0.001, 0.001}, []any{in(paid, "name"), in(paid, "error"), in(paid, "start_s"), in(paid, "duration_s")})
			assert.Equal(t, map[string]any{"status": map[string]any{"Code": 402.0}}, jsonText(in(paid, "attrs")))
			var kinds []any
			for _, kid := range in(paid, "children").([]any) {
				kinds = append(kinds, in(kid, "kind"), in(kid, "name"))
			}
			assert.Equal(t, []any{"log", "no card", "counter", "order.pay.tries", "scope", "order.pay.call", "scope", "order.pay.elsewhere"}, kinds)
			warn := in(paid, "children", 0)
			assert.Equal(t, "WARN", in(warn, "level"))
			assert.Equal(t, map[string]any{"service": "shop", "tries": 2.0, "g": map[string]any{"k": "v"}}, in(warn, "attrs"))
			assert.Equal(t, map[string]any{"service": "shop", "more": map[string]any{"a": 1.0}}, in(o, "children", 1, "attrs"))
			assert.EqualValues(t, 1, h.Stats().Late)
			html := ask(h, "?trace=1").Body.String()
			assert.Contains(t, html, "no card")
			assert.Equal(t, http.StatusNotFound, ask(h, "?trace=77").Code)
		})
	}
}

// jsonText reads text that a struct became.
func jsonText(v any) any {
	m := v.(map[string]any)
	for k, x := range m {
		if s, ok := x.(string); ok && strings.HasPrefix(s, "map[Code:402]") {
			m[k] = map[string]any{"Code": 402.0}
		} else if s == "{Code:402}" {
			m[k] = map[string]any{"Code": 402.0}
		}
	}
	return m
}

// The slowest of each name are kept for an hour, and the last that failed.
func TestWhichTracesAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, _, h := setUp(t, nil)
		run := func(name string, d time.Duration, err error) {
			_, span := tel.Start(bg, name)
			time.Sleep(d)
			span.Fail(err)
			span.End()
		}
		for i := range 50 {
			run("a", time.Duration(i%10)*time.Millisecond, nil)
			run("b", time.Second, nil)
		}
		for i := range 20 {
			run("c", 0, fmt.Errorf("fault %d", i))
		}
		run("a", 0, errors.New("rare"))
		time.Sleep(time.Second)
		took := func() (list []any) {
			for _, k := range page(t, h)["slow"].([]any) {
				if in(k, "scope") == "a" {
					list = append(list, in(k, "duration_s"))
				}
			}
			return list
		}
		assert.Equal(t, []any{0.009, 0.009, 0.009}, took())
		var failed []any
		for _, k := range page(t, h)["failed"].([]any) {
			failed = append(failed, in(k, "error"))
		}
		assert.Equal(t, []any{"rare", "fault 19", "fault 18", "fault 17", "fault 16", "fault 15"}, failed)
		time.Sleep(2 * time.Hour)
		assert.Empty(t, took())
		run("a", time.Millisecond, nil)
		time.Sleep(time.Second)
		assert.Equal(t, []any{0.001}, took(), "an old one does not stand in its way")
	})
}

func TestRenamed(t *testing.T) {
	tel, log, h := setUp(t, nil)
	ctx, root := tel.Start(bg, "request")
	ctx = root.Rename(ctx, "orders")
	log.InfoContext(ctx, "in it")
	in1, span := tel.Start(ctx, "db")
	span.End()
	assert.Equal(t, "orders", in(page(t, h), "open", 0, "scope"))
	log.InfoContext(in1, "after it")
	root.End()
	trace := object(t, ask(h, "?format=json&trace=1"))
	assert.Equal(t, "orders", trace["scope"])
	assert.Len(t, in(trace, "root", "children"), 3)
	assert.Zero(t, h.Stats().Open)
}

// A grouper puts the attributes of a record into a group, as slog.Logger.WithGroup does.
type grouper struct{ slog.Handler }

func (g grouper) Handle(ctx context.Context, r slog.Record) error {
	all := []slog.Attr{}
	r.Attrs(func(a slog.Attr) bool { all = append(all, a); return true })
	out := slog.NewRecord(r.Time, r.Level, r.Message, 0)
	out.AddAttrs(slog.Attr{Key: "g", Value: slog.GroupValue(all...)})
	return g.Handler.Handle(ctx, out)
}

// An event is read in the same way if it is not in the order in which a Telemetry makes it, and nobody has told of
// scopes that start.
func TestAttributesInAnotherOrder(t *testing.T) {
	h := live.New(nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, grouper{h})
	for range 3 {
		ctx, root := tel.Start(bg, "request", slog.String("route", "/"))
		inner, span := tel.Start(ctx, "query", slog.Int("n", 1))
		tel.NewCounter("rows", &slogtel.InstrumentOptions{Unit: "{row}"}).Add(inner, 3)
		span.Fail(errors.New("no rows"))
		span.End()
		root.End()
	}
	p := page(t, h)
	assert.Equal(t, 3.0, in(p, "scopes", 1, "errors"))
	assert.Equal(t, "{row}", in(p, "counters", 0, "unit"))
	head := in(p, "failed", 0)
	assert.Equal(t, "no rows", in(head, "error"))
	assert.Len(t, in(head, "trace_id"), 32)
	root := object(t, ask(h, "?format=json&trace="+in(head, "id").(string)))["root"]
	assert.Equal(t, map[string]any{"route": "/"}, in(root, "attrs"))
	query := in(root, "children", 0)
	assert.Equal(t, []any{"request.query", "no rows", map[string]any{"n": 1.0}}, []any{in(query, "name"), in(query, "error"), in(query, "attrs")})
	assert.Equal(t, []any{3.0, "{row}"}, []any{in(query, "children", 0, "value"), in(query, "children", 0, "unit")})
}

// A relabeler changes an attribute of the events that pass.
type relabeler struct {
	*live.Handler
	key   string
	value slog.Value
}

func (h *relabeler) Handle(ctx context.Context, r slog.Record) error {
	out := slog.NewRecord(r.Time, r.Level, r.Message, 0)
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == h.key {
			a.Value = h.value
		}
		out.AddAttrs(a)
		return true
	})
	return h.Handler.Handle(ctx, out)
}

// Events that look like earlier ones are not taken for them where they differ in what matters.
func TestEventsThatLookLikeEarlierOnes(t *testing.T) {
	h := &relabeler{Handler: live.New(nil)}
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)
	rows := tel.NewCounter("rows", &slogtel.InstrumentOptions{Unit: "{row}"})
	run := func(key string, v slog.Value) {
		h.key, h.value = key, v
		_, span := tel.Start(bg, "request")
		span.Fail(errors.New("no"))
		span.End()
		rows.Add(bg, 1)
	}
	run("none", slog.Value{})
	run("error", slog.StringValue(""))
	run("error", slog.IntValue(1))
	run("none", slog.Value{})
	run("unit", slog.StringValue("{line}"))
	run("parent_scope", slog.StringValue("other"))
	p := page(t, h)
	var scopes []any
	for _, s := range p["scopes"].([]any) {
		scopes = append(scopes, in(s, "parent"), in(s, "calls"), in(s, "errors"))
	}
	assert.ElementsMatch(t, []any{"", 5.0, 3.0, "other", 1.0, 1.0}, scopes)
	var units []any
	for _, c := range p["counters"].([]any) {
		units = append(units, in(c, "unit"))
	}
	assert.ElementsMatch(t, []any{"{line}", "{row}"}, units)
}
