package sample

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/internal/event"
	"github.com/slogtel/telemetry/internal/forward"
	"github.com/slogtel/telemetry/internal/testkit"
	"github.com/slogtel/telemetry/scope"
)

// never and always are what chance decides.
func never() float64  { return math.Nextafter(1, 0) }
func always() float64 { return 0 }

func inScope(path string) context.Context {
	return scope.NewContext(context.Background(), scope.Info{Path: path})
}

// event is a telemetry record of the scope path.
func eventRecord(messageText, path string, attrs ...slog.Attr) slog.Record {
	r := slog.NewRecord(testkit.TypicalTiming().Time, slog.LevelInfo, messageText, 0)
	r.AddAttrs(slog.String("scope", path), slog.Int("depth", 0))
	r.AddAttrs(attrs...)
	return r
}

// sampled returns the line that a handler with these options writes of r, "" for none.
func sampled(t *testing.T, o Options, ctx context.Context, r slog.Record, derive ...func(slog.Handler) slog.Handler) string {
	t.Helper()
	var out bytes.Buffer
	h := New(&o).Middleware(slogjson.New(&out, noTime))
	for _, d := range derive {
		h = d(h)
	}
	require.NoError(t, h.Handle(ctx, r))
	return strings.TrimSuffix(out.String(), "\n")
}

func TestWhatIsDropped(t *testing.T) {
	half := []Rule{{"*", 0.5}}
	log := testkit.Message("m")
	withError := func(v any) slog.Record {
		r := testkit.Message("m")
		r.AddAttrs(slog.Any("error", v))
		return r
	}
	warn := testkit.Message("m")
	warn.Level = slog.LevelWarn
	debug := testkit.Message("m")
	debug.Level = slog.LevelDebug
	for name, tc := range map[string]struct {
		o    Options
		ctx  context.Context
		r    slog.Record
		kept bool
	}{
		"timing":                  {Options{Rules: half}, ctx, eventRecord(event.MessageTiming, "a"), false},
		"log":                     {Options{Rules: half}, inScope("a"), log, false},
		"debug log":               {Options{Rules: half}, inScope("a"), debug, false},
		"log outside":             {Options{Rules: half}, ctx, log, true},
		"nil context":             {Options{Rules: half}, nil, log, true},
		"log with a scope":        {Options{Rules: half}, ctx, eventRecord("m", "a"), false},
		"metric":                  {Options{Rules: half}, inScope("a"), eventRecord(event.MessageMetric, "a.n"), true},
		"metric, asked for":       {Options{Rules: half, Metrics: true}, ctx, eventRecord(event.MessageMetric, "a.n"), false},
		"summary":                 {Options{Rules: half, Metrics: true}, ctx, eventRecord(event.MessageSummary, "a"), true},
		"warning":                 {Options{Rules: half}, inScope("a"), warn, true},
		"warning, not kept":       {Options{Rules: half, KeepLevel: slog.LevelError}, inScope("a"), warn, false},
		"info, kept":              {Options{Rules: half, KeepLevel: slog.LevelInfo}, inScope("a"), log, true},
		"failed timing":           {Options{Rules: half}, ctx, eventRecord(event.MessageTiming, "a", slog.String("error", "e")), true},
		"error":                   {Options{Rules: half}, inScope("a"), withError(errSink), true},
		"error, of no kind":       {Options{Rules: half}, inScope("a"), withError(7), true},
		"nil error":               {Options{Rules: half}, inScope("a"), withError(nil), false},
		"empty error":             {Options{Rules: half}, inScope("a"), withError(""), false},
		"Keep":                    {Options{Rules: half, Keep: func(_ context.Context, r slog.Record) bool { return r.Message == "m" }}, inScope("a"), log, true},
		"Keep, another":           {Options{Rules: half, Keep: func(_ context.Context, r slog.Record) bool { return r.Message == "n" }}, inScope("a"), log, false},
		"no rule":                 {Options{Rules: []Rule{{"b", 0.5}}}, inScope("a"), log, true},
		"no rule, Rate":           {Options{Rules: []Rule{{"b", 1}}, Rate: 0.5}, inScope("a"), log, false},
		"first rule":              {Options{Rules: []Rule{{"a", 1}, {"a", 0}}}, inScope("a"), log, true},
		"rate 0 of a rule":        {Options{Rules: []Rule{{"a", 0}}, Random: always}, inScope("a"), log, true},
		"rate 0":                  {Options{Random: always}, inScope("a"), log, true},
		"rate below, rule":        {Options{Rules: []Rule{{"a", -1}}, Random: always}, inScope("a"), log, false},
		"rate below 0":            {Options{Rate: -1, Random: always}, inScope("a"), log, false},
		"rate NaN":                {Options{Rate: math.NaN()}, inScope("a"), log, true},
		"rate above 1":            {Options{Rate: 7}, inScope("a"), log, true},
		"rate least":              {Options{Rate: math.SmallestNonzeroFloat64}, inScope("a"), log, false},
		"scope of no string":      {Options{Rules: half}, ctx, eventRecord("m", "", slog.Int("scope", 1)), true},
		"event in groups":         {Options{Rules: half}, ctx, grouped(testkit.Timing("a", "", 0, 1, ""), "f", "g"), false},
		"failed event in a group": {Options{Rules: half}, ctx, grouped(testkit.Timing("a", "", 0, 1, "e"), "g"), true},
		"log with scopes in a group": {Options{Rules: half}, ctx, func() slog.Record {
			r := testkit.Message("m")
			r.AddAttrs(slog.Group("g", slog.String("scope", "a")))
			return r
		}(), true},
	} {
		if tc.o.Random == nil {
			tc.o.Random = never
		}
		got := sampled(t, tc.o, tc.ctx, tc.r)
		if tc.kept {
			assert.NotEmpty(t, got, name)
			assert.NotContains(t, got, KeySampleRate, name)
		} else if tc.r.Level >= slog.LevelInfo {
			assert.Empty(t, got, name)
		}
	}
	assert.NotEmpty(t, sampled(t, Options{Rate: 0.5, Random: never}, inScope("a"), log, withAttr("error", "e")))
	assert.NotEmpty(t, sampled(t, Options{Rate: 0.5, Random: never}, inScope("a"), log, withGroup("g"), withAttr("error", "e")))
	assert.Empty(t, sampled(t, Options{Rate: 0.5, Random: never}, ctx, log, withAttr("scope", "a")))
	assert.NotEmpty(t, sampled(t, Options{Rate: 0.5, Random: never}, ctx, log, withGroup("g"), withAttr("scope", "a")))
}

func withAttr(key string, v any) func(slog.Handler) slog.Handler {
	return func(h slog.Handler) slog.Handler { return h.WithAttrs([]slog.Attr{slog.Any(key, v)}) }
}

func withGroup(name string) func(slog.Handler) slog.Handler {
	return func(h slog.Handler) slog.Handler { return h.WithGroup(name) }
}

func TestWritesTheRate(t *testing.T) {
	o := Options{Rate: 0.25, Random: always}
	r := testkit.Message("m")
	r.AddAttrs(slog.Int("k", 1))
	rated := testkit.Message("m")
	rated.AddAttrs(slog.Int("k", 1), slog.Float64(KeySampleRate, 0.5), slog.Int("l", 2))
	odd := testkit.Message("m")
	odd.AddAttrs(slog.String(KeySampleRate, "often"))
	failed := testkit.Message("m")
	failed.AddAttrs(slog.Float64(KeySampleRate, 0.5), slog.String("error", "e"))
	for _, tc := range []struct {
		name   string
		r      slog.Record
		derive []func(slog.Handler) slog.Handler
		want   string
	}{
		{"plain", r, nil, `{"level":"INFO","msg":"m","k":1,"sample_rate":0.25}`},
		{"groups", r, []func(slog.Handler) slog.Handler{withAttr("a", 0), withGroup("g"), withAttr("b", 1), withGroup("h")},
			`{"level":"INFO","msg":"m","a":0,"g":{"b":1,"h":{"k":1}},"sample_rate":0.25}`},
		{"empty groups", testkit.Message("m"), []func(slog.Handler) slog.Handler{withGroup("g"), withGroup("h")},
			`{"level":"INFO","msg":"m","sample_rate":0.25}`},
		{"another rate", rated, nil, `{"level":"INFO","msg":"m","k":1,"l":2,"sample_rate":0.125}`},
		{"an app's own in a group", rated, []func(slog.Handler) slog.Handler{withGroup("g")},
			`{"level":"INFO","msg":"m","g":{"k":1,"sample_rate":0.5,"l":2},"sample_rate":0.25}`},
		{"another rate of With", r, []func(slog.Handler) slog.Handler{withAttr("a", 0), withAttr(KeySampleRate, 0.5), withAttr("b", 0), withGroup("g")},
			`{"level":"INFO","msg":"m","a":0,"b":0,"g":{"k":1},"sample_rate":0.125}`},
		{"another rate, kept", failed, []func(slog.Handler) slog.Handler{withAttr("a", 0)},
			`{"level":"INFO","msg":"m","a":0,"sample_rate":0.5,"error":"e"}`},
		{"no rate", odd, nil, `{"level":"INFO","msg":"m","sample_rate":"often","sample_rate":0.25}`},
	} {
		assert.Equal(t, tc.want, sampled(t, o, inScope("a"), tc.r, tc.derive...), tc.name)
	}
	var out bytes.Buffer
	h := New(&o).Middleware(handlers.Scope()(New(&o).Middleware(slogjson.New(&out, noTime))))
	require.NoError(t, h.WithGroup("g").Handle(inScope("a"), r))
	assert.Equal(t, `{"level":"INFO","msg":"m","g":{"k":1},"scope":"a","sample_rate":0.0625}`+"\n", out.String())
}

func TestForks(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(New(&Options{Rate: 0.5, Random: always}).Middleware(slogjson.New(&out, noTime))).WithGroup("g").With("n", 0).With("m", 0)
	one, two := log.With("n1", 1), log.WithGroup("h").With("n2", 2)
	one.InfoContext(inScope("a"), "m")
	two.InfoContext(inScope("a"), "m")
	assert.Equal(t, `{"level":"INFO","msg":"m","g":{"n":0,"m":0,"n1":1},"sample_rate":0.5}
{"level":"INFO","msg":"m","g":{"n":0,"m":0,"h":{"n2":2}},"sample_rate":0.5}
`, out.String())
}

// traceOf is a random W3C trace id.
func traceOf(r *rand.Rand) string { return fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64()) }

// A trace is kept or dropped whole, wherever its id stands, and what a rate keeps a
// higher one keeps.
func TestTraces(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	rates := []float64{0.001, 0.01, 0.1, 0.25, 0.5, 0.9, 0.999}
	var handlers []slog.Handler
	var counts [7]int
	var stats []*Sampler
	for _, rate := range rates {
		s := New(&Options{Rate: rate, Random: func() float64 { panic("not by chance") }})
		stats = append(stats, s)
		handlers = append(handlers, s.Middleware(slog.DiscardHandler))
	}
	const traces = 4000
	for range traces {
		id := traceOf(random)
		in := scope.NewContext(ctx, scope.Info{Path: "other", TraceID: id})
		before := false
		for i, h := range handlers {
			kept := stats[i].Stats().Kept
			require.NoError(t, h.Handle(ctx, eventRecord(event.MessageTiming, "a", slog.String("trace_id", id))))
			is := stats[i].Stats().Kept > kept
			require.NoError(t, h.Handle(in, testkit.Message("log")))
			require.NoError(t, h.WithAttrs([]slog.Attr{slog.String("trace_id", strings.ToUpper(id))}).Handle(inScope("b"), testkit.Message("log")))
			switch n := stats[i].Stats().Kept - kept; n {
			case 0:
				require.False(t, before, "kept at a lower rate")
			case 3:
				counts[i]++
			default:
				t.Fatalf("%d of 3 records of a trace were kept", n)
			}
			before = is
		}
	}
	for i, rate := range rates {
		want := rate * traces
		assert.InDelta(t, want, counts[i], 5*math.Sqrt(want*(1-rate))+1, "rate %v", rate)
		assert.Equal(t, Stats{Kept: int64(3 * counts[i]), Dropped: int64(3 * (traces - counts[i]))}, stats[i].Stats())
	}
}

// Scaled back, the kept records count what there was: in two stages, with failures and
// successes, with and without traces.
func TestIsUnbiased(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var total, failed, weight, failedWeight float64
	end := testkit.HandleFunc(func(_ context.Context, r slog.Record) error {
		w, bad := 1.0, false
		r.Attrs(func(a slog.Attr) bool {
			if rate, ok := rateOf(a); ok {
				w = 1 / rate
			}
			bad = bad || isErrorAttr(a)
			return true
		})
		weight += w
		if bad {
			failedWeight += w
		}
		return nil
	})
	h := New(&Options{Rules: []Rule{{"a", 0.5}}, Rate: 0.2, Random: random.Float64}).Middleware(
		New(&Options{Rate: 0.3, Random: random.Float64}).Middleware(end))
	for i := range 30000 {
		r := eventRecord(event.MessageTiming, []string{"a", "b"}[i%2])
		if i%3 == 0 {
			r.AddAttrs(slog.String("trace_id", traceOf(random)))
		}
		total++
		if i%10 == 0 {
			failed++
			r.AddAttrs(slog.String("error", "e"))
		}
		require.NoError(t, h.Handle(ctx, r))
	}
	assert.InDelta(t, total, weight, 0.05*total)
	assert.Equal(t, failed, failedWeight)
}

func TestConcurrently(t *testing.T) {
	s := New(&Options{Rate: 0.5})
	h := s.Middleware(slog.DiscardHandler)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				_ = h.WithGroup("g").Handle(inScope("a"), testkit.Message("m"))
			}
		})
	}
	wg.Wait()
	st := s.Stats()
	assert.Equal(t, int64(8000), st.Kept+st.Dropped)
	assert.InDelta(t, 4000, st.Kept, 400)
}

func TestAllocates(t *testing.T) {
	testkit.NeedsAllocs(t)
	in := inScope("a.b")
	r := eventRecord(event.MessageTiming, "a.b", slog.String("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736"), slog.Int("a", 1), slog.Int("b", 1), slog.Int("c", 1))
	log := testkit.Message("m")
	allocs := func(o Options, r slog.Record, next slog.Handler) float64 {
		h := New(&o).Middleware(next)
		return testing.AllocsPerRun(100, func() { _ = h.Handle(in, r) })
	}
	for _, rec := range []slog.Record{r, log} {
		assert.Zero(t, allocs(Options{}, rec, slog.DiscardHandler), "rate 1")
		assert.Zero(t, allocs(Options{Rules: []Rule{{"b.*", 1}, {"*.c", 1}, {"a.*", -1}}}, rec, slog.DiscardHandler), "dropped")
	}
	assert.Zero(t, allocs(Options{Rate: 0.5, Random: always}, log, slog.DiscardHandler), "the rate has room")
	retains := &lifecycle{Handler: slog.DiscardHandler}
	assert.Equal(t, 1.0, allocs(Options{Rate: 0.99}, r, retains), "it has not, and the next handler may retain the record")
	assert.Zero(t, allocs(Options{Rate: 0.99}, r, slog.DiscardHandler), "the next handler retains no records")
}

func TestLifecycle(t *testing.T) {
	next := &lifecycle{Handler: slogjson.New(nil, nil)}
	h := New(nil).Middleware(next)
	require.NoError(t, forward.Flush(t.Context(), h))
	require.NoError(t, forward.Shutdown(t.Context(), h))
	assert.Equal(t, [2]int{1, 1}, [2]int{next.flushes, next.shutdowns})
	assert.False(t, h.Enabled(ctx, slog.LevelDebug))
	assert.Same(t, h, h.WithAttrs(nil))
	assert.Same(t, h, h.WithGroup(""))
}

// The rate is a number for whoever reads the line.
func TestRateIsJSON(t *testing.T) {
	line := sampled(t, Options{Rate: 1e-6, Random: always}, inScope("a"), testkit.Message("m"))
	var m struct {
		SampleRate float64 `json:"sample_rate"`
	}
	require.NoError(t, json.Unmarshal([]byte(line), &m))
	assert.Equal(t, 1e-6, m.SampleRate)
}

// No record stands for more than a million: readers would not believe it. Those that are
// kept say with which probability they were.
func TestLeastRate(t *testing.T) {
	const least = 1e-6
	for name, c := range map[string]struct {
		rate, before, random float64 // random: the greatest that is kept is just below
		want                 float64
	}{
		"a rate below":     {rate: 1e-12, random: least, want: least},
		"a product below":  {rate: 1e-4, before: 1e-4, random: 1e-2, want: least},
		"below it already": {rate: 0.5, before: 1e-8, random: 1, want: 1e-8},
	} {
		t.Run(name, func(t *testing.T) {
			random := c.random * (1 - 1e-9)
			sampler := New(&Options{Rate: c.rate, Random: func() float64 { return random }})
			var out bytes.Buffer
			log := slog.New(sampler.Middleware(slog.NewJSONHandler(&out, nil)))
			ctx := scope.NewContext(t.Context(), scope.Info{Path: "a"})
			var attrs []any
			if c.before != 0 {
				attrs = append(attrs, slog.Float64(KeySampleRate, c.before))
			}
			log.InfoContext(ctx, "kept", attrs...)
			var line map[string]any
			require.NoError(t, json.Unmarshal(out.Bytes(), &line))
			assert.InEpsilon(t, c.want, line[KeySampleRate], 1e-9)
			random = c.random * (1 + 1e-9)
			log.InfoContext(ctx, "dropped", attrs...)
			assert.Equal(t, Stats{Kept: 1, Dropped: 1}, sampler.Stats())
		})
	}
}

// grouped returns r with its attributes in groups, the innermost of which is the last one.
func grouped(r slog.Record, groups ...string) slog.Record {
	var attrs []slog.Attr
	r.Attrs(func(a slog.Attr) bool { attrs = append(attrs, a); return true })
	for _, name := range slices.Backward(groups) {
		attrs = []slog.Attr{slog.Int("x", 1), {Key: name, Value: slog.GroupValue(attrs...)}}
	}
	in := slog.NewRecord(r.Time, slog.LevelInfo, r.Message, 0)
	in.AddAttrs(attrs...)
	return in
}
