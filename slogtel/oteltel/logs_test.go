package oteltel_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/oteltel"
	"github.com/slogtel/telemetry/slogtel/slogteltest"
)

// exported keeps the log records that the SDK exports.
type exported struct {
	mu      sync.Mutex
	records []sdklog.Record
	err     error
}

func (e *exported) Export(_ context.Context, records []sdklog.Record) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range records {
		e.records = append(e.records, r.Clone())
	}
	return e.err
}

func (e *exported) Shutdown(context.Context) error   { return nil }
func (e *exported) ForceFlush(context.Context) error { return e.err }

func (e *exported) all() []sdklog.Record {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]sdklog.Record(nil), e.records...)
}

func attrsOf(r sdklog.Record) map[string]attribute.Value {
	m := map[string]attribute.Value{}
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		m[string(kv.Key)] = kv.Value
		return true
	})
	return m
}

// pipeline is an SDK that exports on Flush, as in a service.
func pipeline(t *testing.T) (*exported, *sdklog.LoggerProvider) {
	e := new(exported)
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(e)))
	t.Cleanup(func() { _ = provider.Shutdown(context.Background()) })
	return e, provider
}

func TestEvents(t *testing.T) {
	e, provider := pipeline(t)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, oteltel.NewLogs(provider))
	ctx, span := tel.Start(t.Context(), "job", slog.Int("size", 3), slog.Group("user", slog.String("name", "ann")))
	tel.Count(ctx, "rows", 7)
	tel.Gauge(ctx, "load", 0.5)
	tel.NewCounter("cost", &slogtel.InstrumentOptions{Unit: "USD"}).AddFloat(ctx, 0.1)
	span.Fail(errors.New("boom"))
	span.End()
	require.NoError(t, tel.Flush(t.Context()))

	records := e.all()
	require.Len(t, records, 4, "Flush reaches the SDK's batch")
	rows, load, cost, job := attrsOf(records[0]), attrsOf(records[1]), attrsOf(records[2]), attrsOf(records[3])
	assert.Equal(t, slogtel.MessageMetric, records[0].Body().AsString())
	assert.Equal(t, slogtel.MessageTiming, records[3].Body().AsString())
	assert.Equal(t, log.SeverityInfo, records[0].Severity())
	assert.Equal(t, log.SeverityError, records[3].Severity(), "it failed")
	assert.Equal(t, "github.com/slogtel/telemetry", records[3].InstrumentationScope().Name)

	assert.Equal(t, "job.rows", rows["scope"].AsString())
	assert.Equal(t, "counter", rows["metric_type"].AsString())
	assert.Equal(t, int64(7), rows["value"].AsInt64())
	assert.InDelta(t, 0.5, load["value"].AsFloat64(), 0)
	assert.InDelta(t, 0.1, cost["value"].AsFloat64(), 0)
	assert.Equal(t, "USD", cost["unit"].AsString())
	assert.Equal(t, "job", job["scope"].AsString())
	assert.Equal(t, "boom", job["error"].AsString())
	assert.Equal(t, attribute.FLOAT64, job["duration_s"].Type())
	assert.Equal(t, attribute.INT64, job["call_count"].Type())
	assert.Equal(t, int64(3), job["size"].AsInt64())
	assert.Equal(t, attribute.MAP, job["user"].Type())

	for _, r := range records {
		a := attrsOf(r)
		assert.Equal(t, a["trace_id"].AsString(), r.TraceID().String(), "the log record is in the trace of its scope")
		assert.Equal(t, a["span_id"].AsString(), r.SpanID().String())
		assert.NotContains(t, a, "!BADKEY")
	}
}

func TestAppLogsInAScope(t *testing.T) {
	e, provider := pipeline(t)
	h := oteltel.NewLogs(provider)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true}, h)
	ctx, span := tel.Start(t.Context(), "job")
	slog.New(h).InfoContext(ctx, "hello")
	slog.New(h).Info("outside")
	other, request := sdktrace.NewTracerProvider().Tracer("test").Start(ctx, "request")
	slog.New(h).InfoContext(other, "in a span")
	span.End()
	require.NoError(t, tel.Shutdown(t.Context()))
	records := e.all()
	require.Len(t, records, 4)
	assert.Equal(t, records[3].TraceID(), records[0].TraceID())
	assert.Equal(t, request.SpanContext().SpanID(), records[2].SpanID(), "an active span of OpenTelemetry wins")
	assert.True(t, records[0].TraceID().IsValid())
	assert.False(t, records[1].TraceID().IsValid())
}

func TestTraceParent(t *testing.T) {
	e, provider := pipeline(t)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true, TraceParent: oteltel.TraceParent}, oteltel.NewLogs(provider))
	tracer := sdktrace.NewTracerProvider().Tracer("test")

	ctx, outer := tracer.Start(t.Context(), "request")
	ctx, span := tel.Start(ctx, "job")
	ctx, inner := tracer.Start(ctx, "query")
	tel.Count(ctx, "rows", 1)
	_, deep := tel.Start(ctx, "scan")
	deep.End()
	inner.End()
	span.End()
	outer.End()
	require.NoError(t, tel.Shutdown(t.Context()))

	records := e.all()
	require.Len(t, records, 3)
	rows, scan, job := attrsOf(records[0]), attrsOf(records[1]), attrsOf(records[2])
	for _, a := range []map[string]attribute.Value{rows, scan, job} {
		assert.Equal(t, outer.SpanContext().TraceID().String(), a["trace_id"].AsString())
	}
	assert.Equal(t, outer.SpanContext().SpanID().String(), job["parent_span_id"].AsString())
	assert.Equal(t, inner.SpanContext().SpanID().String(), scan["parent_span_id"].AsString())
	assert.Equal(t, inner.SpanContext().SpanID().String(), rows["span_id"].AsString())
	for i, a := range []map[string]attribute.Value{rows, scan, job} {
		assert.Equal(t, a["trace_id"].AsString(), records[i].TraceID().String(), "the log record and its attributes agree")
		assert.Equal(t, a["span_id"].AsString(), records[i].SpanID().String())
	}
}

// Spans that are started in a scope are its children, and scopes in a span are its.
func TestWithContext(t *testing.T) {
	for _, sampler := range []sdktrace.Sampler{sdktrace.AlwaysSample(), sdktrace.NeverSample()} {
		e, provider := pipeline(t)
		tel := slogtel.New(&slogtel.Options{
			Mode: slogtel.On, TraceIDs: true, TraceParent: oteltel.TraceParent, WithContext: oteltel.WithContext,
		}, oteltel.NewLogs(provider))
		tracer := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.ParentBased(sampler))).Tracer("test")

		ctx, request := tracer.Start(t.Context(), "request")
		ctx, job := tel.Start(ctx, "job")
		active := trace.SpanContextFromContext(ctx)
		ctx, query := tracer.Start(ctx, "query")
		_, scan := tel.Start(ctx, "scan")
		scan.End()
		query.End()
		job.End()
		request.End()
		require.NoError(t, tel.Flush(t.Context()))

		records := e.all()
		require.Len(t, records, 2)
		inner, outer := attrsOf(records[0]), attrsOf(records[1])
		assert.Equal(t, outer["span_id"].AsString(), active.SpanID().String(), "the scope is the active span")
		assert.Equal(t, request.SpanContext().SpanID().String(), outer["parent_span_id"].AsString())
		assert.Equal(t, request.SpanContext().IsSampled(), active.IsSampled())
		assert.Equal(t, active.TraceID(), query.SpanContext().TraceID(), "one trace")
		assert.Equal(t, request.SpanContext().IsSampled(), query.SpanContext().IsSampled())
		if q, ok := query.(sdktrace.ReadOnlySpan); ok {
			assert.Equal(t, active.SpanID(), q.Parent().SpanID())
		}
		assert.Equal(t, query.SpanContext().SpanID().String(), inner["parent_span_id"].AsString())
	}
}

func TestWithContextWithoutIDs(t *testing.T) {
	for _, in := range []scope.Info{
		{}, {Path: "job"}, {TraceID: "x", SpanID: "y"}, {TraceID: "0123456789abcdef0123456789abcdef"},
		{TraceID: "00000000000000000000000000000000", SpanID: "0123456789abcdef"},
	} {
		assert.Equal(t, t.Context(), oteltel.WithContext(t.Context(), in))
		var none context.Context
		assert.NotNil(t, oteltel.WithContext(none, in))
	}
	ctx := oteltel.WithContext(t.Context(), scope.Info{TraceID: "0123456789abcdef0123456789abcdef", SpanID: "0123456789abcdef"})
	assert.True(t, trace.SpanContextFromContext(ctx).IsSampled(), "a trace of ours is sampled")
	assert.False(t, trace.SpanContextFromContext(ctx).IsRemote())
}

func TestTraceParentWithoutSpan(t *testing.T) {
	for _, ctx := range []context.Context{t.Context(), nil} {
		traceID, spanID := oteltel.TraceParent(ctx)
		assert.Empty(t, traceID)
		assert.Empty(t, spanID)
	}
}

func TestFlushReportsTheExportersError(t *testing.T) {
	e, provider := pipeline(t)
	e.err = errors.New("collector is down")
	h := oteltel.NewLogs(provider)
	require.NoError(t, h.Handle(t.Context(), slog.Record{Message: "hello"}))
	assert.ErrorContains(t, h.Flush(t.Context()), "collector is down")
	assert.ErrorContains(t, h.WithGroup("g").WithAttrs([]slog.Attr{slog.Int("n", 1)}).(*oteltel.Logs).Shutdown(t.Context()), "collector is down")
}

// globalIsSet: what was made before the global provider was set learns of it once in a process.
var globalIsSet bool

func TestGlobalProvider(t *testing.T) {
	if globalIsSet {
		t.Skip("the global provider was set by an earlier run of this test")
	}
	globalIsSet = true
	h := oteltel.NewLogs(nil)
	assert.NoError(t, h.Handle(t.Context(), slog.Record{Message: "nobody listens"}))
	assert.NoError(t, h.Flush(t.Context()))

	e, provider := pipeline(t)
	before := otel.GetLoggerProvider()
	otel.SetLoggerProvider(provider)
	t.Cleanup(func() { otel.SetLoggerProvider(before) })
	require.NoError(t, h.Handle(t.Context(), slog.Record{Message: "set later"}))
	require.NoError(t, h.Flush(t.Context()))
	require.Len(t, e.all(), 1)
	assert.Equal(t, "set later", e.all()[0].Body().AsString())
}

func TestProviderThatWasShutDown(t *testing.T) {
	e, provider := pipeline(t)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, oteltel.NewLogs(provider))
	require.NoError(t, provider.Shutdown(t.Context()))
	tel.Count(t.Context(), "late", 1)
	assert.NoError(t, tel.Flush(t.Context()))
	assert.NoError(t, tel.Shutdown(t.Context()))
	assert.Empty(t, e.all())
}

// The log records of a trace that OpenTelemetry does not sample do not say that it does.
func TestSampledFlag(t *testing.T) {
	for _, sampler := range []sdktrace.Sampler{sdktrace.AlwaysSample(), sdktrace.NeverSample()} {
		e, provider := pipeline(t)
		tel := slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true, TraceParent: oteltel.TraceParent}, oteltel.NewLogs(provider))
		tel.Count(t.Context(), "outside", 1)
		ctx, request := sdktrace.NewTracerProvider(sdktrace.WithSampler(sampler)).Tracer("test").Start(t.Context(), "request")
		_, span := tel.Start(ctx, "job")
		span.End()
		_, own := tel.Start(t.Context(), "own")
		own.End()
		require.NoError(t, tel.Flush(t.Context()))
		records := e.all()
		require.Len(t, records, 3)
		assert.Equal(t, request.SpanContext().TraceID(), records[1].TraceID())
		assert.Equal(t, request.SpanContext().IsSampled(), records[1].TraceFlags().IsSampled())
		assert.True(t, records[2].TraceFlags().IsSampled())
	}
}

func TestContract(t *testing.T) {
	slogteltest.TestHandler(t, func(t *testing.T) slog.Handler {
		_, provider := pipeline(t)
		return oteltel.NewLogs(provider)
	}, nil)
}

type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

// The bridge lets the panic of a value through.
func TestValuesThatPanic(t *testing.T) {
	e, provider := pipeline(t)
	var none *nilError
	h := oteltel.NewLogs(provider).WithAttrs([]slog.Attr{slog.Any("bad", none), slog.Int("with", 1)})
	r := slog.Record{Message: "hello"}
	r.AddAttrs(slog.Any("err", none), slog.String("good", "yes"), slog.Group("g", slog.Any("err", none), slog.Any("fine", errors.New("text"))))
	require.NoError(t, h.Handle(t.Context(), r))
	require.NoError(t, provider.ForceFlush(t.Context()))
	require.Len(t, e.all(), 1)
	a := attrsOf(e.all()[0])
	assert.Equal(t, "!PANIC: *oteltel_test.nilError", a["err"].AsString())
	assert.Equal(t, "!PANIC: *oteltel_test.nilError", a["bad"].AsString())
	assert.Equal(t, "yes", a["good"].AsString())
	assert.Equal(t, int64(1), a["with"].AsInt64())
	assert.Contains(t, a["g"].String(), "text")
}
