// Package contract holds the names and signatures that code outside of this repository is
// compiled against. A name that is dropped or changed does not compile here.
package contract

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	slogmulti "github.com/samber/slog-multi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/handlers"
	"github.com/slogtel/telemetry/handlers/async"
	"github.com/slogtel/telemetry/handlers/logfile"
	"github.com/slogtel/telemetry/handlers/redact"
	"github.com/slogtel/telemetry/handlers/sample"
	"github.com/slogtel/telemetry/handlers/slogjson"
	"github.com/slogtel/telemetry/reporters/aggregate"
	"github.com/slogtel/telemetry/reporters/console"
	"github.com/slogtel/telemetry/reporters/fromenv"
	"github.com/slogtel/telemetry/reporters/jsonlines"
	"github.com/slogtel/telemetry/reporters/live"
	"github.com/slogtel/telemetry/reporters/memory"
	"github.com/slogtel/telemetry/reporters/statsd"
	"github.com/slogtel/telemetry/reporters/tailsample"
	"github.com/slogtel/telemetry/reporters/wide"
	"github.com/slogtel/telemetry/scope"
	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/preview"
)

type (
	ctx       = context.Context
	telemetry = *slogtel.Telemetry
	span      = *slogtel.Span
	attr      = slog.Attr
)

// Package slogtel.
var (
	_ func(*slogtel.Options, ...slog.Handler) *slogtel.Telemetry                                        = slogtel.New
	_ func() *slogtel.Telemetry                                                                         = slogtel.Disabled
	_ func(ctx) *slogtel.Span                                                                           = slogtel.Root
	_ func(ctx) *slogtel.Span                                                                           = slogtel.Current
	_ func(ctx) *slogtel.Telemetry                                                                      = slogtel.FromContext
	_ func(ctx, telemetry, string, func(ctx) (string, error), ...attr) (string, error)                  = slogtel.Do[string]
	_ func(ctx, *slogtel.Telemetry, string, func(ctx) (*time.Time, error), ...attr) (*time.Time, error) = slogtel.Do[*time.Time]

	_ func(telemetry) bool                                                   = telemetry.Enabled
	_ func(telemetry, ctx, string, ...attr) (ctx, *slogtel.Span)             = telemetry.Start
	_ func(telemetry, ctx, string, func(ctx) error, ...attr) error           = telemetry.Time
	_ func(telemetry, ctx, string, time.Duration, ...attr)                   = telemetry.Timing
	_ func(telemetry, ctx, string, int64, ...attr)                           = telemetry.Count
	_ func(telemetry, ctx, string, float64, ...attr)                         = telemetry.CountFloat
	_ func(telemetry, ctx, string, float64, ...attr)                         = telemetry.Gauge
	_ func(telemetry, ctx, string, float64, ...attr)                         = telemetry.Histogram
	_ func(telemetry, ctx, string, any, ...attr)                             = telemetry.Metric
	_ func(telemetry, ctx) error                                             = telemetry.Flush
	_ func(telemetry, ctx) error                                             = telemetry.Shutdown
	_ func(telemetry, string, *slogtel.InstrumentOptions) *slogtel.Counter   = telemetry.NewCounter
	_ func(telemetry, string, *slogtel.InstrumentOptions) *slogtel.Gauge     = telemetry.NewGauge
	_ func(telemetry, string, *slogtel.InstrumentOptions) *slogtel.Histogram = telemetry.NewHistogram

	_ func(*slogtel.Counter, ctx, int64, ...attr)     = (*slogtel.Counter).Add
	_ func(*slogtel.Gauge, ctx, float64, ...attr)     = (*slogtel.Gauge).Set
	_ func(*slogtel.Histogram, ctx, float64, ...attr) = (*slogtel.Histogram).Record

	_ func(span, ...attr) = span.End
	_ func(span, ...attr) = span.SetAttrs
	_ func(span, error)   = span.Fail

	_ func(ctx, func(key, value string))     = slogtel.Inject
	_ func(ctx, func(key string) string) ctx = slogtel.Extract
	_ func(...ctx) attr                      = slogtel.Links

	_       func(slogtel.Reporter) slog.Handler       = slogtel.NewHandler
	_       func(slog.Record) (slogtel.Timing, bool)  = slogtel.DecodeTiming
	_       func(slog.Record) (slogtel.Metric, bool)  = slogtel.DecodeMetric
	_       func(slog.Record) (slogtel.Summary, bool) = slogtel.DecodeSummary
	_       slogtel.Reporter                          = reporter{}
	_       slogtel.MetricType                        = slogtel.TypeTiming
	_                                                 = slogtel.TypePlain
	_, _, _ slogtel.MetricType                        = slogtel.TypeCounter, slogtel.TypeGauge, slogtel.TypeHistogram
	_                                                 = [3]slogtel.Mode{slogtel.FromEnv: 0, slogtel.On: 1, slogtel.Off: 2}
	_                                                 = slogtel.InstrumentOptions{Unit: "By", Help: "", Attrs: []slog.Attr(nil)}
	_                                                 = slogtel.Options{
		Mode: slogtel.FromEnv, Level: slog.LevelInfo, FailLevel: new(slog.LevelVar), StrictScopes: slogtel.On, TraceIDs: true,
		TraceParent:  func(context.Context) (traceID, spanID string) { return "", "" },
		WithContext:  func(ctx context.Context, _ scope.Info) context.Context { return ctx },
		Profile:      true,
		ContextAttrs: func(context.Context) []slog.Attr { return nil },
		OnError:      func(context.Context, error) {},
	}
)

var (
	_ func(span, ctx, string) ctx = span.Rename
	_ func(telemetry, error)      = telemetry.ReportSetup
)

// Package httptel.
var (
	_ func(telemetry, *httptel.ServerOptions) func(http.Handler) http.Handler                                                        = httptel.NewMiddleware
	_ func(http.RoundTripper, telemetry, *httptel.ClientOptions) http.RoundTripper                                                   = httptel.NewTransport
	_ func(*http.ServeMux) http.Handler                                                                                              = httptel.Mux
	_ func(ctx, string) ctx                                                                                                          = httptel.SetRoute
	_ func(...string) func(*http.Request) string                                                                                     = httptel.Procedures
	_ func(int) func(*http.Request) string                                                                                           = httptel.ForwardedFor
	_ func(*http.Request) string                                                                                                     = httptel.RemoteAddress
	_ func(telemetry, *httptel.ServerOptions) *httptel.Adapter                                                                       = httptel.NewAdapter
	_ func(*httptel.Adapter, http.ResponseWriter, *http.Request, string, func(http.ResponseWriter, *http.Request, httptel.Exchange)) = (*httptel.Adapter).Serve
	_                                                                                                                                = httptel.ServerOptions{RequestIDHeader: "X-Request-Id", ClientAddress: httptel.RemoteAddress, UserAgent: true, Name: httptel.Procedures()}
	_ error                                                                                                                          = httptel.ErrNoRoute
)

// reporter is a user's own.
type reporter struct{}

func (reporter) RecordTiming(context.Context, slogtel.Timing) error { return nil }
func (reporter) RecordMetric(context.Context, slogtel.Metric) error { return nil }

// Package preview.
var (
	_ func(*preview.Options) *preview.Previewer     = preview.New
	_ func(*preview.Previewer) bool                 = (*preview.Previewer).Enabled
	_ func(*preview.Previewer, any) preview.Preview = (*preview.Previewer).Of
	_ func(*preview.Previewer, ...any) slog.Attr    = (*preview.Previewer).Attr
	_                                               = preview.Options{Mode: slogtel.FromEnv, Limit: 512}
)

// Package scope.
const _ string = scope.Pattern

var (
	_ func(string) error                       = scope.Validate
	_ func(string) string                      = scope.Sanitize
	_ func(parent, name string) string         = scope.Join
	_ func(context.Context) (scope.Info, bool) = scope.FromContext
	_                                          = scope.Info{Path: "a.b", Parent: "a", Depth: 1, TraceID: "", SpanID: ""}
	_ error                                    = scope.ErrInvalid
)

// The destinations. A constructor returns a concrete type.
var (
	_    func(io.Writer, *console.Options) *console.Handler            = console.New
	_    func(io.Writer, *jsonlines.Options) *jsonlines.Handler        = jsonlines.New
	_    func(string, *jsonlines.FileOptions) (*jsonlines.File, error) = jsonlines.Open
	_    func(*memory.Options) *memory.Handler                         = memory.New
	_    func(slog.Handler, *aggregate.Options) *aggregate.Handler     = aggregate.New
	_    func(a, b slogtel.Summary) (slogtel.Summary, error)           = aggregate.Merge
	_    func(*live.Options) *live.Handler                             = live.New
	_    http.Handler                                                  = (*live.Handler)(nil)
	_    func(*live.Handler) live.Stats                                = (*live.Handler).Stats
	_    func(*live.Handler) *live.Page                                = (*live.Handler).Page
	_    func(*live.Handler, context.Context) error                    = (*live.Handler).Shutdown
	_    func(string, *live.Options) (*live.Handler, error)            = live.Listen
	_    func(slog.Handler, *wide.Options) *wide.Handler               = wide.New
	_    func(slog.Handler, *tailsample.Options) *tailsample.Handler   = tailsample.New
	_    func(string, *statsd.Options) (*statsd.Handler, error)        = statsd.New
	_                                                                  = [2]any{jsonlines.Flat: 0, jsonlines.ECS: 1}
	_                                                                  = jsonlines.Options{Schema: jsonlines.ECS, Service: "", Environment: "", Version: ""}
	_    func(*memory.Handler) string                                  = (*memory.Handler).Report
	_    func(slog.Handler, *fromenv.Options) (*fromenv.Setup, error)  = fromenv.New
	_                                                                  = func(s *fromenv.Setup) (slog.Handler, *slogtel.Telemetry) { return s.Handler, s.Telemetry }
	_    func(*fromenv.Setup, context.Context) error                   = (*fromenv.Setup).Shutdown
	_                                                                  = (*memory.Handler).Snapshot
	_    func(*memory.Handler)                                         = (*memory.Handler).Reset
	_    func(*statsd.Handler) statsd.Stats                            = (*statsd.Handler).Stats
	_, _ flusher                                                       = (*statsd.Handler)(nil), (*aggregate.Handler)(nil)
)

// Plumbing for any slog record.
var (
	_    func(io.Writer, *slog.HandlerOptions) *slogjson.Handler           = slogjson.New
	_    handlers.Middleware                                               = slogmulti.Middleware(nil)
	_    func() handlers.Middleware                                        = handlers.Scope
	_    func(func(context.Context, slog.Record) bool) handlers.Middleware = handlers.Filter
	_    func(*redact.Options) handlers.Middleware                         = redact.New
	_    func(*sample.Options) *sample.Sampler                             = sample.New
	_    handlers.Middleware                                               = (*sample.Sampler)(nil).Middleware
	_    func(*sample.Sampler) sample.Stats                                = (*sample.Sampler).Stats
	_    func(slog.Handler, *async.Options) *async.Handler                 = async.New
	_    func(*async.Handler) async.Stats                                  = (*async.Handler).Stats
	_    flusher                                                           = (*async.Handler)(nil)
	_    func(string, *logfile.Options) (*logfile.File, error)             = logfile.Open
	_    io.Writer                                                         = (*logfile.File)(nil)
	_, _ func(*logfile.File) error                                         = (*logfile.File).Reopen, (*logfile.File).Rotate
	_    func(*logfile.File) logfile.Stats                                 = (*logfile.File).Stats
)

// A flusher can be flushed and shut down.
type flusher interface {
	slog.Handler
	Flush(context.Context) error
	Shutdown(context.Context) error
}

// TestDesign uses the names as an app does, without a constant that is declared for them.
func TestDesign(t *testing.T) {
	rec := memory.New(nil)
	tel := slogtel.New(&slogtel.Options{Mode: slogtel.On}, rec, slogtel.NewHandler(reporter{}))
	c, span := tel.Start(t.Context(), "a", slog.Int("n", 1))
	require.Same(t, tel, slogtel.FromContext(c))
	n, err := slogtel.Do(c, slogtel.FromContext(c), "b", func(context.Context) (int, error) { return 1, nil })
	require.NoError(t, err)
	assert.Equal(t, 1, n)
	tel.CountFloat(c, "cost", 0.25)
	tel.NewCounter("requests", &slogtel.InstrumentOptions{Unit: "{request}"}).Add(c, 1)
	p := preview.New(&preview.Options{Mode: slogtel.On})
	span.SetAttrs(p.Attr(`{"model":"m"}`))
	span.End()
	require.NoError(t, tel.Shutdown(t.Context()))
	assert.Contains(t, rec.Report(), "requests")

	var none *slogtel.Telemetry
	var noSpan *slogtel.Span
	none.NewCounter("n", nil).Add(t.Context(), 1)
	none.NewGauge("n", nil).Set(t.Context(), 1)
	none.NewHistogram("n", nil).Record(t.Context(), 1)
	noSpan.End()
	assert.False(t, none.Enabled())
	assert.Same(t, slogtel.Disabled(), slogtel.New(&slogtel.Options{Mode: slogtel.Off}, rec))
	assert.Nil(t, slogtel.FromContext(t.Context()))
}
