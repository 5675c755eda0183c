package oteltel_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/oteltel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// traced are the options with which scopes and spans are in one trace.
func traced() *slogtel.Options {
	return &slogtel.Options{Mode: slogtel.On, TraceIDs: true, TraceParent: oteltel.TraceParent, WithContext: oteltel.WithContext}
}

// A collected keeps the spans that come to a processor, and what the recorder says of the same
// scopes.
type collected struct {
	*tracetest.InMemoryExporter
	processor sdktrace.SpanProcessor
}

func collect() collected {
	e := tracetest.NewInMemoryExporter()
	return collected{e, sdktrace.NewSimpleSpanProcessor(e)}
}

func (c collected) named(t *testing.T, name string) tracetest.SpanStub {
	t.Helper()
	for _, s := range c.GetSpans() {
		if s.Name == name {
			return s
		}
	}
	require.Fail(t, "no such span", name)
	return tracetest.SpanStub{}
}

func attrsOfSpan(s tracetest.SpanStub) map[string]attribute.Value {
	m := map[string]attribute.Value{}
	for _, a := range s.Attributes {
		m[string(a.Key)] = a.Value
	}
	return m
}

func TestScopesAreSpans(t *testing.T) {
	for name, o := range map[string]*slogtel.Options{
		"with the context":    traced(),
		"without the context": {Mode: slogtel.On, TraceIDs: true},
	} {
		t.Run(name, func(t *testing.T) {
			c, rec := collect(), slogteltest.NewRecorder(t)
			from := resource.NewSchemaless(attribute.String("service.name", "shop"))
			tel := slogtel.New(o, oteltel.NewSpans(c.processor, &oteltel.SpanOptions{Resource: from}), rec)
			ctx, job := tel.Start(t.Context(), "job", slog.Int("size", 3), slog.Group("user", slog.String("name", "ann"), slog.Any("ids", []string{"a", "b"})))
			_ = tel.Time(ctx, "load", func(ctx context.Context) error {
				tel.Count(ctx, "rows", 1)
				return errors.New("boom")
			})
			_ = tel.Time(ctx, "wait", func(context.Context) error { return context.Canceled })
			tel.Timing(ctx, "measured", time.Second)
			job.End()
			_, other := tel.Start(t.Context(), "other")
			other.End()
			require.NoError(t, tel.Shutdown(t.Context()))

			require.Len(t, c.GetSpans(), 5)
			for _, e := range rec.Timings("") {
				s := c.named(t, e.Scope)
				assert.Equal(t, e.TraceID, s.SpanContext.TraceID().String())
				assert.Equal(t, e.SpanID, s.SpanContext.SpanID().String())
				assert.True(t, s.SpanContext.IsSampled())
				parent := ""
				if s.Parent.IsValid() {
					parent = s.Parent.SpanID().String()
					assert.Equal(t, s.SpanContext.TraceID(), s.Parent.TraceID())
				}
				assert.Equal(t, e.ParentSpanID, parent, e.Scope)
				assert.True(t, e.Start.Equal(s.StartTime) && e.End.Equal(s.EndTime), "to the nanosecond")
				assert.Equal(t, trace.SpanKindInternal, s.SpanKind)
				assert.Equal(t, from, s.Resource)
				assert.Equal(t, "github.com/slogtel/telemetry", s.InstrumentationScope.Name)
			}
			load, wait, whole := c.named(t, "job.load"), c.named(t, "job.wait"), c.named(t, "job")
			assert.Equal(t, sdktrace.Status{Code: codes.Error, Description: "boom"}, load.Status)
			assert.Equal(t, sdktrace.Status{}, wait.Status)
			assert.True(t, attrsOfSpan(wait)["canceled"].AsBool())
			assert.Equal(t, sdktrace.Status{}, whole.Status)
			assert.Equal(t, []attribute.KeyValue{attribute.Int("size", 3), attribute.String("user.name", "ann"),
				attribute.StringSlice("user.ids", []string{"a", "b"})}, whole.Attributes)
		})
	}
}

func TestSpanKinds(t *testing.T) {
	c := collect()
	tel := slogtel.New(traced(), oteltel.NewSpans(c.processor, nil))
	ctx, job := tel.Start(t.Context(), "job")
	for name, tc := range map[string]struct {
		want  trace.SpanKind
		attrs []slog.Attr
	}{
		"http.server.get_users":  {trace.SpanKindServer, nil},
		"http.client.get":        {trace.SpanKindClient, nil},
		"rpc.server.shop.list":   {trace.SpanKindServer, nil},
		"rpc.client.shop.list":   {trace.SpanKindClient, nil},
		"sql.select.users":       {trace.SpanKindClient, nil},
		"find_user":              {trace.SpanKindClient, []slog.Attr{slog.String("db.system.name", "sqlite")}},
		"answer":                 {trace.SpanKindClient, []slog.Attr{slog.String("gen_ai.operation.name", "chat")}},
		"ask":                    {trace.SpanKindClient, []slog.Attr{slog.String("http.request.method", "GET"), slog.String("server.address", "x")}},
		"serve":                  {trace.SpanKindServer, []slog.Attr{slog.String("http.request.method", "GET"), slog.String("http.route", "/x")}},
		"plain":                  {trace.SpanKindInternal, []slog.Attr{slog.String("server.address", "x")}},
		"httpserver":             {trace.SpanKindInternal, nil},
		"consume":                {trace.SpanKindConsumer, []slog.Attr{slog.String(oteltel.KeyKind, "consumer")}},
		"http.client.really_not": {trace.SpanKindInternal, []slog.Attr{slog.String(oteltel.KeyKind, "internal")}},
	} {
		_, s := tel.Start(ctx, name, tc.attrs...)
		s.End()
		got := c.named(t, "job."+name)
		assert.Equal(t, tc.want, got.SpanKind, name)
		assert.NotContains(t, attrsOfSpan(got), oteltel.KeyKind)
	}
	_, s := tel.Start(ctx, "odd", slog.String(oteltel.KeyKind, "round"))
	s.End()
	assert.Equal(t, "round", attrsOfSpan(c.named(t, "job.odd"))[oteltel.KeyKind].AsString(), "what is no kind is an attribute")
	job.End()
}

// A span of OpenTelemetry in a scope in a span of OpenTelemetry.
func TestOneTraceBothWays(t *testing.T) {
	c := collect()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(c.processor))
	tracer := provider.Tracer("test")
	tel := slogtel.New(traced(), oteltel.NewSpans(c.processor, nil))

	ctx, request := tracer.Start(t.Context(), "request")
	ctx, job := tel.Start(ctx, "job")
	active := trace.SpanFromContext(ctx)
	assert.Same(t, provider, active.TracerProvider(), "instrumentations ask the active span")
	assert.True(t, active.IsRecording())
	active.SetAttributes(attribute.String("set", "yes"), attribute.Int("size", 9))
	active.AddEvent("seen")
	active.RecordError(errors.New("minor"))
	inner, query := tracer.Start(ctx, "query")
	_, scan := tel.Start(inner, "scan")
	scan.End()
	query.End()
	active.End() // it is not theirs to end
	job.End(slog.Int("size", 3))
	active.SetAttributes(attribute.String("late", "yes"))
	assert.False(t, active.IsRecording())
	request.End()

	require.Len(t, c.GetSpans(), 4, "each once")
	parents := map[string]string{"request": "", "job": "request", "query": "job", "job.scan": "query"}
	for name, parent := range parents {
		s := c.named(t, name)
		assert.Equal(t, request.SpanContext().TraceID(), s.SpanContext.TraceID())
		if parent == "" {
			assert.False(t, s.Parent.IsValid())
		} else {
			assert.Equal(t, c.named(t, parent).SpanContext.SpanID(), s.Parent.SpanID(), name)
		}
	}
	got := c.named(t, "job")
	assert.Equal(t, []attribute.KeyValue{attribute.Int("size", 3), attribute.String("set", "yes")}, got.Attributes, "the scope's own wins")
	require.Len(t, got.Events, 2)
	assert.Equal(t, "seen", got.Events[0].Name)
	assert.Equal(t, "exception", got.Events[1].Name)
}

// Two processors, as two reporters: each gets a span of its own.
func TestTwoProcessors(t *testing.T) {
	a, b := collect(), collect()
	tel := slogtel.New(traced(), oteltel.NewSpans(a.processor, nil), oteltel.NewSpans(b.processor, nil))
	linked, other := tel.Start(t.Context(), "other")
	other.End()
	a.Reset()
	b.Reset()
	ctx, s := tel.Start(t.Context(), "job", slog.Int("size", 1), slogtel.Links(linked))
	active := trace.SpanFromContext(ctx)
	active.SetAttributes(attribute.String("set", "yes"))
	active.AddLink(trace.LinkFromContext(linked))
	active.AddEvent("seen")
	for i := range 200 {
		s.SetAttrs(slog.Int(fmt.Sprint("n", i), i))
	}
	s.Fail(errors.New("boom"))
	s.End()
	require.Len(t, a.GetSpans(), 1)
	assert.Len(t, a.GetSpans()[0].Links, 2)
	assert.Equal(t, 202-128, a.GetSpans()[0].DroppedAttributes)
	require.Len(t, b.GetSpans(), 1)
	assert.Equal(t, a.GetSpans()[0], b.GetSpans()[0])
}

func TestUnsampledTracesAreLeftOut(t *testing.T) {
	c := collect()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample()))
	for name, o := range map[string]*slogtel.Options{"with": traced(), "without": {Mode: slogtel.On, TraceIDs: true, TraceParent: oteltel.TraceParent}} {
		h := oteltel.NewSpans(c.processor, nil)
		tel := slogtel.New(o, h)

		ctx, request := provider.Tracer("test").Start(t.Context(), "request")
		ctx, job := tel.Start(ctx, "job")
		_, deep := tel.Start(ctx, "deep")
		deep.End()
		job.End()
		request.End()

		header := http.Header{"Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"}}
		ctx, remote := tel.Start(httptel.Extract(t.Context(), header), "http.server.get")
		_, deep = tel.Start(ctx, "deep")
		deep.End()
		remote.End()
		assert.Empty(t, c.GetSpans(), name)
		assert.Equal(t, oteltel.SpanStats{Unsampled: 4}, h.Stats(), name)
	}
}

func TestCallersInOtherProcesses(t *testing.T) {
	c := collect()
	tel := slogtel.New(traced(), oteltel.NewSpans(c.processor, nil))
	header := http.Header{"Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}, "Tracestate": {"vendor=1"}}
	ctx, s := tel.Start(httptel.Extract(t.Context(), header), "http.server.get")
	_, inner := tel.Start(ctx, "inner")
	inner.End()
	s.End()
	got, deep := c.named(t, "http.server.get"), c.named(t, "http.server.get.inner")
	assert.Equal(t, "b7ad6b7169203331", got.Parent.SpanID().String())
	assert.True(t, got.Parent.IsRemote())
	assert.False(t, deep.Parent.IsRemote())
	for _, s := range []tracetest.SpanStub{got, deep} {
		assert.Equal(t, "0af7651916cd43dd8448eb211c80319c", s.SpanContext.TraceID().String())
		assert.Equal(t, "vendor=1", s.SpanContext.TraceState().String())
	}
}

func TestLinks(t *testing.T) {
	c := collect()
	tel := slogtel.New(traced(), oteltel.NewSpans(c.processor, nil))
	first, a := tel.Start(t.Context(), "first")
	header := http.Header{"Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"}}
	message := httptel.Extract(t.Context(), header)
	_, job := tel.Start(t.Context(), "job", slogtel.Links(first, message, t.Context()))
	job.End()
	a.End()
	got := c.named(t, "job")
	require.Len(t, got.Links, 2)
	assert.Equal(t, c.named(t, "first").SpanContext.SpanID(), got.Links[0].SpanContext.SpanID())
	assert.Equal(t, "b7ad6b7169203331", got.Links[1].SpanContext.SpanID().String())
	assert.Empty(t, got.Attributes)

	_, s := tel.Start(t.Context(), "others", slog.String("links", "https://example.com"))
	s.End()
	assert.Equal(t, "https://example.com", attrsOfSpan(c.named(t, "others"))["links"].AsString())
}

func TestLogsAreEvents(t *testing.T) {
	c := collect()
	h := oteltel.NewSpans(c.processor, &oteltel.SpanOptions{Logs: slog.LevelInfo})
	tel := slogtel.New(traced(), h)
	log := slog.New(h).With("app", "shop").WithGroup("g")
	ctx, s := tel.Start(t.Context(), "job")
	log.InfoContext(ctx, "hello", "n", 1)
	log.DebugContext(ctx, "too low")
	log.InfoContext(t.Context(), "in no scope")
	for i := range 200 {
		_, span := tel.Start(ctx, "inner")
		span.End()
		log.WarnContext(ctx, "again", "i", i)
	}
	s.End()
	log.InfoContext(ctx, "after the end")
	got := c.named(t, "job")
	require.Len(t, got.Events, 128, "the last ones")
	assert.Equal(t, 73, got.DroppedEvents)
	last := got.Events[127]
	assert.Equal(t, "again", last.Name)
	assert.False(t, last.Time.IsZero())
	assert.Equal(t, []attribute.KeyValue{attribute.String("level", "WARN"), attribute.String("app", "shop"), attribute.Int("g.i", 199)}, last.Attributes)
	assert.Zero(t, h.Stats().LostLogs)

	without := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, h)
	ctx, s = without.Start(t.Context(), "lost")
	log.InfoContext(ctx, "hello")
	s.End()
	assert.EqualValues(t, 1, h.Stats().LostLogs)
	assert.Empty(t, c.named(t, "lost").Events)
}

func TestScopesWithoutIDsAreCounted(t *testing.T) {
	c := collect()
	var errs []error
	h := oteltel.NewSpans(c.processor, &oteltel.SpanOptions{OnError: func(err error) { errs = append(errs, err) }})
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)
	for range 2 {
		_, s := tel.Start(t.Context(), "job")
		s.End()
	}
	assert.Empty(t, c.GetSpans())
	assert.Equal(t, oteltel.SpanStats{NoIDs: 2}, h.Stats())
	require.Len(t, errs, 1)
	assert.ErrorIs(t, errs[0], oteltel.ErrNoIDs)
}

func TestHostileAttributes(t *testing.T) {
	t.Setenv("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "") // read once, by whichever test is first
	c := collect()
	tel := slogtel.New(traced(), oteltel.NewSpans(c.processor, nil))
	var none *nilError
	_, s := tel.Start(t.Context(), "job", slog.Any("nil", none), slog.String("bad\xff", "\xffx"), slog.Uint64("large", 1<<63),
		slog.Any("bytes", []byte("\xff")), slog.String("g.a", "first"), slog.Group("g", slog.String("a", "last")),
		slog.Duration("took", time.Second), slog.Time("at", time.Unix(0, 0).UTC()), slog.Any("struct", struct{ A int }{1}))
	for i := range 200 {
		s.SetAttrs(slog.Int("n"+strings.Repeat("x", i), i))
	}
	s.Fail(errors.New("\xff"))
	s.End()
	got := c.named(t, "job")
	a := attrsOfSpan(got)
	assert.Len(t, got.Attributes, 128)
	assert.Len(t, a, 128, "no key twice")
	assert.Equal(t, 200+8-128, got.DroppedAttributes)
	assert.Equal(t, "\uFFFD", got.Status.Description)
	assert.Equal(t, "\uFFFDx", a["bad\uFFFD"].AsString())
	assert.Equal(t, "9223372036854775808", a["large"].AsString())
	assert.Equal(t, attribute.BYTESLICE, a["bytes"].Type())
	assert.Equal(t, "last", a["g.a"].AsString())
	assert.EqualValues(t, time.Second, a["took"].AsInt64())
	assert.Equal(t, "1970-01-01T00:00:00Z", a["at"].AsString())
	assert.Equal(t, "{A:1}", a["struct"].AsString())
	assert.NotEmpty(t, a["nil"].AsString())
}

func TestSpansBoundAttributes(t *testing.T) {
	c := collect()
	h := oteltel.NewSpans(c.processor, nil).WithAttrs([]slog.Attr{slog.String("app", "shop"), slog.Int("n", 1)}).WithGroup("g").WithAttrs([]slog.Attr{slog.Int("x", 1)})
	tel := slogtel.New(traced(), h)
	_, s := tel.Start(t.Context(), "job", slog.Int("n", 2))
	s.End()
	a := attrsOfSpan(c.named(t, "job"))
	assert.Equal(t, "shop", a["app"].AsString())
	assert.EqualValues(t, 2, a["n"].AsInt64())
	assert.EqualValues(t, 1, a["g.x"].AsInt64())
}

func TestSpansAreSafeForConcurrentUse(t *testing.T) {
	c := collect()
	h := oteltel.NewSpans(c.processor, &oteltel.SpanOptions{Logs: slog.LevelInfo})
	tel := slogtel.New(traced(), h)
	ctx, job := tel.Start(t.Context(), "job")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 100 {
				_, s := tel.Start(ctx, "part")
				trace.SpanFromContext(ctx).SetAttributes(attribute.Int("i", i))
				slog.New(h).InfoContext(ctx, "hello")
				if i == 50 {
					job.End()
				}
				s.End()
			}
		})
	}
	wg.Wait()
	assert.Len(t, c.GetSpans(), 401)
}

func TestSpansContract(t *testing.T) {
	slogteltest.TestHandler(t, func(*testing.T) slog.Handler {
		return oteltel.NewSpans(collect().processor, &oteltel.SpanOptions{Logs: slog.LevelInfo, OnError: func(error) {}})
	}, nil)
	none := oteltel.NewSpans(nil, nil)
	assert.False(t, none.Enabled(t.Context(), slog.LevelError))
	assert.NoError(t, none.Handle(t.Context(), slog.Record{}))
	assert.NoError(t, none.Shutdown(t.Context()))
}
