package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/handlers/async"
	"github.com/slogtel/telemetry/internal/testkit"
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
