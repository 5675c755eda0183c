package tailsampling

import (
	"context"
	"encoding/hex"
	"sync"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/tailsamplingprocessor"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

type processorConfig = tailsamplingprocessor.Config

// policy returns a policy of the processor, set up by set.
func policy(kind tailsamplingprocessor.PolicyType, set func(*tailsamplingprocessor.PolicyCfg)) tailsamplingprocessor.PolicyCfg {
	var p tailsamplingprocessor.PolicyCfg
	p.Name, p.Type = string(kind), kind
	set(&p)
	return p
}

// policies are those that tailsample has: failed, slow, asked for, and a share of the rest.
func policies() []tailsamplingprocessor.PolicyCfg {
	return []tailsamplingprocessor.PolicyCfg{
		policy(tailsamplingprocessor.StatusCode, func(p *tailsamplingprocessor.PolicyCfg) { p.StatusCodeCfg.StatusCodes = []string{"ERROR"} }),
		policy(tailsamplingprocessor.Latency, func(p *tailsamplingprocessor.PolicyCfg) { p.LatencyCfg.ThresholdMs = slowerThan.Milliseconds() }),
		policy(tailsamplingprocessor.StringAttribute, func(p *tailsamplingprocessor.PolicyCfg) {
			p.StringAttributeCfg.Key, p.StringAttributeCfg.Values = keyAsked, []string{"yes"}
		}),
		policy(tailsamplingprocessor.Probabilistic, func(p *tailsamplingprocessor.PolicyCfg) { p.ProbabilisticCfg.SamplingPercentage = 100 * rate }),
	}
}

// A collector is a tail sampling processor that runs, between an SDK's processor of spans and a
// place where what it keeps is noted.
type collector struct {
	processor.Traces
	metrics *metric.ManualReader
	logs    *observer.ObservedLogs
	state   string // the tracestate of spans
	refuse  error  // what the consumer behind it returns
	forget  bool   // nothing is noted

	mu     sync.Mutex // guards what follows
	batch  ptrace.Traces
	spans  int // in batch
	traces map[string][]ptrace.Span
}

// startCollector starts a processor with its default configuration, changed by set.
func startCollector(t testing.TB, set func(*processorConfig)) *collector {
	t.Helper()
	c := &collector{metrics: metric.NewManualReader(), batch: ptrace.NewTraces(), traces: map[string][]ptrace.Span{}}
	core, logs := observer.New(zapcore.WarnLevel)
	c.logs = logs
	factory := tailsamplingprocessor.NewFactory()
	cfg := factory.CreateDefaultConfig().(*processorConfig)
	cfg.PolicyCfgs = policies()
	if set != nil {
		set(cfg)
	}
	next, err := consumer.NewTraces(c.keep)
	require.NoError(t, err)
	c.Traces, err = factory.CreateTraces(t.Context(), processor.Settings{
		ID: component.NewID(factory.Type()),
		TelemetrySettings: component.TelemetrySettings{
			Logger:         zap.New(core),
			TracerProvider: tracenoop.NewTracerProvider(),
			MeterProvider:  metric.NewMeterProvider(metric.WithReader(c.metrics)),
		},
	}, cfg, next)
	require.NoError(t, err)
	require.NoError(t, c.Start(t.Context(), host{}))
	return c
}

type host struct{}

func (host) GetExtensions() map[component.ID]component.Component { return nil }

// keep is the consumer behind the processor.
func (c *collector) keep(_ context.Context, td ptrace.Traces) error {
	if c.refuse != nil || c.forget {
		return c.refuse
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range td.ResourceSpans().All() {
		for _, scope := range resource.ScopeSpans().All() {
			for _, span := range scope.Spans().All() {
				id := span.TraceID().String()
				c.traces[id] = append(c.traces[id], span)
			}
		}
	}
	return nil
}

// count returns a counter of the processor's own telemetry.
func (c *collector) count(t *testing.T, name string) (n int64) {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, c.metrics.Collect(t.Context(), &all))
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			if sum, ok := m.Data.(metricdata.Sum[int64]); ok && m.Name == "otelcol_processor_tail_sampling_"+name {
				for _, p := range sum.DataPoints {
					n += p.Value
				}
			}
		}
	}
	return n
}

// wait lets time pass until the processor has decided on what it was given.
func (c *collector) wait(t testing.TB) {
	t.Helper()
	require.NoError(t, c.ForceFlush(t.Context()))
	time.Sleep(40 * time.Second) // decision_wait is 30 s, and the processor looks at it every second
}

// perBatch is how many spans an SDK hands to its exporter at once.
const perBatch = 512

// OnEnd takes a span, as the batch processor of an SDK and its exporter do. A *collector is an
// sdktrace.SpanProcessor.
func (c *collector) OnEnd(s sdktrace.ReadOnlySpan) {
	c.mu.Lock()
	if c.spans == 0 {
		c.batch.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty()
	}
	appendSpan(c.batch.ResourceSpans().At(0).ScopeSpans().At(0).Spans(), s, c.state)
	c.spans++
	var full ptrace.Traces
	isFull := c.spans == perBatch
	if isFull {
		full = c.take()
	}
	c.mu.Unlock()
	if isFull {
		_ = c.ConsumeTraces(context.Background(), full)
	}
}

func (c *collector) take() ptrace.Traces {
	full := c.batch
	c.batch, c.spans = ptrace.NewTraces(), 0
	return full
}

func (*collector) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

func (c *collector) ForceFlush(ctx context.Context) error {
	c.mu.Lock()
	rest := c.take()
	c.mu.Unlock()
	return c.ConsumeTraces(ctx, rest)
}

// appendSpan adds a span of an SDK in the form that the Collector has for it.
func appendSpan(to ptrace.SpanSlice, s sdktrace.ReadOnlySpan, state string) {
	span := to.AppendEmpty()
	span.SetTraceID(pcommon.TraceID(s.SpanContext().TraceID()))
	span.SetSpanID(pcommon.SpanID(s.SpanContext().SpanID()))
	span.SetParentSpanID(pcommon.SpanID(s.Parent().SpanID()))
	span.TraceState().FromRaw(state)
	span.SetName(s.Name())
	span.SetKind(ptrace.SpanKind(s.SpanKind()))
	span.SetStartTimestamp(pcommon.NewTimestampFromTime(s.StartTime()))
	span.SetEndTimestamp(pcommon.NewTimestampFromTime(s.EndTime()))
	if s.Status().Code == codes.Error {
		span.Status().SetCode(ptrace.StatusCodeError)
		span.Status().SetMessage(s.Status().Description)
	}
	for _, a := range s.Attributes() {
		switch a.Value.Type() {
		case attribute.BOOL:
			span.Attributes().PutBool(string(a.Key), a.Value.AsBool())
		case attribute.INT64:
			span.Attributes().PutInt(string(a.Key), a.Value.AsInt64())
		case attribute.FLOAT64:
			span.Attributes().PutDouble(string(a.Key), a.Value.AsFloat64())
		default:
			span.Attributes().PutStr(string(a.Key), a.Value.String())
		}
	}
}

// idOf returns the id of a span as slogtel writes it.
func idOf(s ptrace.Span) string {
	id := s.SpanID()
	return hex.EncodeToString(id[:])
}
