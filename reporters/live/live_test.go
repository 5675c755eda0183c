package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/handlers/async"
	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/live"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

var bg = context.Background()

// setUp returns a Telemetry, a logger and the page of both.
func setUp(t testing.TB, opts *live.Options) (*slogtel.Telemetry, *slog.Logger, *live.Handler) {
	h := live.New(opts)
	t.Cleanup(func() { assert.NoError(t, h.Shutdown(bg)) })
	return slogtel.New(&slogtel.Options{Mode: slogtel.On}, h), slog.New(h), h
}

// ask asks for the page as a browser on this machine does.
func ask(h http.Handler, query string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "http://localhost:6060/debug/telemetry/"+query, nil)
	r.RemoteAddr = "127.0.0.1:4711"
	for _, f := range change {
		f(r)
	}
	h.ServeHTTP(w, r)
	return w
}

func page(t testing.TB, h http.Handler) map[string]any {
	t.Helper()
	return object(t, ask(h, "?format=json"))
}

func object(t testing.TB, w *httptest.ResponseRecorder) (m map[string]any) {
	t.Helper()
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &m))
	return m
}

// in returns what is at a path of members and indexes.
func in(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			v = v.(map[string]any)[p]
		case int:
			v = v.([]any)[p]
		}
	}
	return v
}

func TestOpenScopes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, _, h := setUp(t, nil)
		ctx, old := tel.Start(bg, "old", slog.Int("n", 1))
		time.Sleep(time.Minute)
		in1, kid := tel.Start(ctx, "kid")
		_, deep := tel.Start(in1, "deep")
		time.Sleep(time.Second)
		_, young := tel.Start(bg, "young")
		_, done := tel.Start(ctx, "done")
		done.End()
		old.SetAttrs(slog.String("s", "x"), slog.Int("n", 2), slog.Group("g", slog.Bool("b", true)))
		old.Fail(errors.New("so far"))
		time.Sleep(time.Second)

		p := page(t, h)
		assert.Equal(t, 4.0, p["open_count"])
		require.Len(t, p["open"], 2)
		first := in(p, "open", 0)
		assert.Equal(t, "old", in(first, "scope"))
		assert.Equal(t, 62.0, in(first, "age_s"))
		assert.Equal(t, map[string]any{"n": 2.0, "s": "x", "g": map[string]any{"b": true}}, in(first, "attrs"))
		assert.Equal(t, "so far", in(first, "error"))
		assert.Len(t, in(first, "children"), 1)
		assert.Equal(t, "old.kid", in(first, "children", 0, "scope"))
		assert.Equal(t, "old.kid.deep", in(first, "children", 0, "children", 0, "scope"))
		assert.Equal(t, "young", in(p, "open", 1, "scope"))
		assert.Regexp(t, `(?s)1m2s</span> <span class="name">old</span>.*old\.kid\.deep.*young`, ask(h, "").Body.String())

		old.End() // before its children, which are open still
		time.Sleep(time.Second)
		p = page(t, h)
		assert.Equal(t, 3.0, p["open_count"])
		assert.Equal(t, "old.kid", in(p, "open", 0, "scope"))
		_, late := tel.Start(ctx, "late")
		time.Sleep(time.Second)
		assert.Equal(t, 4.0, page(t, h)["open_count"])
		for _, span := range []*slogtel.Span{late, deep, kid, young} {
			span.End()
		}
		time.Sleep(time.Second)
		p = page(t, h)
		assert.Zero(t, p["open_count"])
		assert.Empty(t, p["open"])
		assert.Zero(t, h.Stats().Open)
	})
}

// A value that the app may change is not looked into from another goroutine, and its methods are not called.
func TestAttrsOfOpenScopes(t *testing.T) {
	tel, _, h := setUp(t, nil)
	m := map[string]int{}
	type status int
	_, span := tel.Start(bg, "a", slog.Any("map", m), slog.Any("valuer", valuer{t}), slog.Any("status", status(3)), slog.Any("err", &fault{t}),
		slog.Duration("d", time.Second), slog.Any("nil", nil))
	var all sync.WaitGroup
	all.Go(func() {
		for i := range 1000 {
			m[fmt.Sprint(i)] = i
		}
	})
	attrs := in(page(t, h), "open", 0, "attrs")
	all.Wait()
	assert.Equal(t, map[string]any{"map": "map[string]int", "valuer": "live_test.valuer", "status": "3", "err": "*live_test.fault", "d": "1s", "nil": "<nil>"}, attrs)
	_ = span // has not ended
}

type valuer struct{ t *testing.T }

func (v valuer) LogValue() slog.Value { v.t.Error("was called"); return slog.Value{} }

type fault struct{ t *testing.T }

func (f *fault) Error() string { f.t.Error("was called"); return "" }

func TestFigures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, _, h := setUp(t, nil)
		call := func(n int, d time.Duration, err error) {
			for range n {
				_, span := tel.Start(bg, "call")
				time.Sleep(d)
				span.Fail(err)
				span.End()
			}
		}
		windows := func() (calls, errors []float64) {
			time.Sleep(time.Second)
			s := in(page(t, h), "scopes", 0)
			for _, w := range []string{"1m", "10m", "1h"} {
				calls = append(calls, in(s, "windows", w, "calls").(float64))
				errors = append(errors, in(s, "windows", w, "errors").(float64))
			}
			return calls, errors
		}
		call(100, 10*time.Millisecond, nil)
		call(10, 100*time.Millisecond, errors.New("no"))
		calls, errs := windows()
		assert.Equal(t, []float64{110, 110, 110}, calls)
		assert.Equal(t, []float64{10, 10, 10}, errs)
		s := in(page(t, h), "scopes", 0)
		assert.Equal(t, "call", in(s, "scope"))
		assert.InEpsilon(t, 0.01, in(s, "windows", "1m", "p50"), 0.011)
		assert.InEpsilon(t, 0.1, in(s, "windows", "1h", "p99"), 0.011)
		assert.InEpsilon(t, 0.1, in(s, "windows", "10m", "max"), 1e-9)
		assert.InEpsilon(t, 2.0/110, in(s, "windows", "10m", "mean"), 1e-6)
		assert.InEpsilon(t, 110.0/3, in(s, "windows", "10m", "rate"), 0.01)

		time.Sleep(2 * time.Minute)
		calls, _ = windows()
		assert.Equal(t, []float64{0, 110, 110}, calls)
		assert.Nil(t, in(page(t, h), "scopes", 0, "windows", "1m", "p50"))
		call(5, time.Second, nil)
		calls, _ = windows()
		assert.Equal(t, []float64{5, 115, 115}, calls)
		time.Sleep(15 * time.Minute)
		calls, _ = windows()
		assert.Equal(t, []float64{0, 0, 115}, calls)
		assert.InEpsilon(t, 1, in(page(t, h), "scopes", 0, "windows", "1h", "max"), 1e-9)
		call(3, time.Millisecond, nil)
		time.Sleep(58 * time.Minute)
		calls, _ = windows()
		assert.Equal(t, []float64{0, 0, 3}, calls, "the first have passed")
		time.Sleep(24 * time.Hour)
		calls, _ = windows()
		assert.Equal(t, []float64{0, 0, 0}, calls)
		assert.Equal(t, 118.0, in(page(t, h), "scopes", 0, "calls"), "all since New")
	})
}

// Each window has what happened in it, and no more than the slot that is not full beside it.
func TestWindowsHoldWhatTheySay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, _, h := setUp(t, nil)
		_, span := tel.Start(bg, "second")
		span.End()
		for range 4500 {
			time.Sleep(time.Second)
			_, span := tel.Start(bg, "second")
			span.End()
		}
		for _, w := range []string{"1m", "10m", "1h"} {
			got := in(page(t, h), "scopes", 0, "windows", w)
			assert.InDelta(t, in(got, "seconds"), in(got, "calls"), 1, w)
		}
	})
}

func TestMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, _, h := setUp(t, nil)
		n := tel.NewCounter("requests", &slogtel.InstrumentOptions{Unit: "{request}"})
		n.Add(bg, 3)
		tel.Gauge(bg, "queue", 5)
		tel.Gauge(bg, "queue", -2)
		tel.Histogram(bg, "size", 100)
		tel.CountFloat(bg, "cost", 0.5)
		tel.Metric(bg, "plain", "text")
		time.Sleep(25 * time.Second)
		n.Add(bg, 4)
		tel.Gauge(bg, "queue", 1)
		time.Sleep(time.Second)
		p := page(t, h)
		require.Len(t, p["counters"], 2)
		c := in(p, "counters", 1)
		assert.Equal(t, "requests", in(c, "name"))
		assert.Equal(t, "{request}", in(c, "unit"))
		assert.Equal(t, 7.0, in(c, "total"))
		assert.Equal(t, []any{3.0, 0.0, 4.0}, in(c, "points"))
		assert.InEpsilon(t, 7.0/26, in(c, "rate"), 1e-9)
		assert.Equal(t, []any{0.5, 0.0, 0.0}, in(p, "counters", 0, "points"))
		g := in(p, "gauges", 0)
		assert.Equal(t, []any{-2.0, nil, 1.0}, in(g, "points"))
		assert.Equal(t, []any{1.0, -2.0, 5.0}, []any{in(g, "last"), in(g, "min"), in(g, "max")})
		assert.Equal(t, 1.0, in(p, "histograms", 0, "windows", "1m", "calls"))
		assert.Equal(t, 100.0, in(p, "histograms", 0, "windows", "1m", "p50"))
		html := ask(h, "").Body.String()
		assert.Contains(t, html, `<polyline points=`)
		assert.Contains(t, html, `aria-label="requests: the last ten minutes: from 0 to 4, now 4"`)
		time.Sleep(time.Hour)
		points := in(page(t, h), "counters", 1, "points").([]any)
		assert.Len(t, points, 60)
		assert.NotContains(t, points, 3.0)
	})
}

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

// Behind an asynchronous queue, in front of which scopes start earlier than events arrive, and behind a middleware
// that does not tell of them.
func TestBehindMiddleware(t *testing.T) {
	for name, chain := range map[string]func(slog.Handler) slog.Handler{
		"async":   func(h slog.Handler) slog.Handler { return async.New(h, &async.Options{Size: 1 << 16}) },
		"scope":   func(h slog.Handler) slog.Handler { return handlers.Scope()(h) },
		"foreign": func(h slog.Handler) slog.Handler { return testkit.HandleFunc(h.Handle) },
	} {
		t.Run(name, func(t *testing.T) {
			h := live.New(nil)
			tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, chain(h))
			for n := range 20 {
				ctx, root := tel.Start(bg, "request", slog.Int("n", n))
				in, span := tel.Start(ctx, "kid")
				tel.Count(in, "n", 1)
				span.End()
				root.Fail(errors.New("no"))
				root.End()
			}
			require.NoError(t, tel.Flush(bg))
			p := page(t, h)
			require.Len(t, p["failed"], 5)
			for _, k := range p["failed"].([]any) {
				trace := object(t, ask(h, "?format=json&trace="+in(k, "id").(string)))
				var events int
				var walk func(n any)
				walk = func(n any) {
					events++
					kids, _ := in(n, "children").([]any)
					for _, kid := range kids {
						walk(kid)
					}
				}
				walk(trace["root"])
				assert.Equal(t, 3, events)
			}
			assert.Zero(t, h.Stats().Open)
			assert.Zero(t, h.Stats().Late)
			require.NoError(t, tel.Shutdown(bg))
		})
	}
}

func TestSummaries(t *testing.T) {
	h := live.New(nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, aggregate.New(h, &aggregate.Options{Sketch: true}))
	for i := range 10 {
		tel.Timing(bg, "call", 20*time.Millisecond)
		tel.Count(bg, "n", 2)
		tel.Gauge(bg, "g", float64(i))
		tel.Histogram(bg, "size", 100)
	}
	require.NoError(t, tel.Flush(bg))
	p := page(t, h)
	require.Len(t, p["scopes"], 1)
	assert.Equal(t, 10.0, in(p, "scopes", 0, "calls"))
	assert.Equal(t, 10.0, in(p, "scopes", 0, "windows", "1m", "calls"))
	assert.InEpsilon(t, 0.02, in(p, "scopes", 0, "windows", "1m", "p99"), 0.011)
	assert.Equal(t, 20.0, in(p, "counters", 0, "total"))
	assert.Equal(t, []any{9.0, 0.0, 9.0}, []any{in(p, "gauges", 0, "last"), in(p, "gauges", 0, "min"), in(p, "gauges", 0, "max")})
	assert.Equal(t, 10.0, in(p, "histograms", 0, "windows", "1h", "calls"))
	require.NoError(t, tel.Shutdown(bg))
}

func TestManyGoroutines(t *testing.T) {
	tel, log, h := setUp(t, &live.Options{Interval: time.Microsecond})
	var all, looks sync.WaitGroup
	stop := make(chan struct{})
	looks.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				ask(h, "")
			}
		}
	})
	const goroutines, rounds = 8, 100
	for g := range goroutines {
		all.Go(func() {
			for n := range rounds {
				ctx, root := tel.Start(bg, "request")
				var kids sync.WaitGroup
				for range 3 {
					kids.Go(func() {
						in, span := tel.Start(ctx, "kid", slog.Int("n", n))
						log.InfoContext(in, "log", "g", g)
						tel.Count(in, "n", 1)
						tel.Gauge(in, "g", 1)
						span.SetAttrs(slog.Int("m", n))
						span.End()
					})
				}
				kids.Wait()
				root.End()
			}
		})
	}
	all.Wait()
	close(stop)
	looks.Wait()
	time.Sleep(time.Millisecond)
	p := page(t, h)
	assert.Equal(t, float64(goroutines*rounds), in(p, "scopes", 0, "calls"))
	assert.Equal(t, float64(goroutines*rounds*3), in(p, "scopes", 1, "calls"))
	assert.Equal(t, float64(goroutines*rounds*3), in(p, "counters", 0, "total"))
	assert.Zero(t, h.Stats().Open)
	assert.Zero(t, h.Stats().Late)
}

func TestContract(t *testing.T) {
	slogteltest.TestHandler(t, func(*testing.T) slog.Handler { return live.New(nil) }, nil)
}

func TestAfterShutdown(t *testing.T) {
	tel, log, h := setUp(t, nil)
	ctx, _ := tel.Start(bg, "open")
	require.NoError(t, tel.Shutdown(bg))
	log.InfoContext(ctx, "late")
	require.NoError(t, h.Handle(ctx, testkit.Timing("a", "", 0, 1, "")))
	p := page(t, h)
	assert.Equal(t, true, p["ended"])
	assert.Empty(t, p["scopes"])
	assert.Contains(t, ask(h, "").Body.String(), "Telemetry has ended")
	assert.NoError(t, h.Shutdown(context.Context(nil)))
}

// What was sampled counts as many as it stands for, and what a summary has counted does not count again.
func TestSampled(t *testing.T) {
	tel, _, h := setUp(t, nil)
	tel.Timing(bg, "call", time.Second)
	sampled, counted := testkit.Timing("call", "", 0, 1, "no"), testkit.Timing("call", "", 0, 1, "")
	sampled.AddAttrs(slog.Float64("sample_rate", 0.1))
	counted.AddAttrs(slog.Bool("in_summary", true))
	testkit.Handle(t, h, sampled, counted)
	rows := testkit.Metric("rows", slogtel.TypeCounter, slog.Int64Value(3))
	rows.AddAttrs(slog.Float64("sample_rate", 0.5))
	testkit.Handle(t, h, rows)
	p := page(t, h)
	assert.Equal(t, 11.0, in(p, "scopes", 0, "calls"))
	assert.Equal(t, 10.0, in(p, "scopes", 0, "errors"))
	assert.Equal(t, 11.0, in(p, "scopes", 0, "windows", "1m", "calls"))
	assert.Equal(t, 6.0, in(p, "counters", 0, "total"))
}
