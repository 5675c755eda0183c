package otel

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/XSAM/otelsql"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	oteltrace "go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	_ "modernc.org/sqlite"

	"github.com/slogtel/telemetry/slogtel"
	"github.com/slogtel/telemetry/slogtel/grpctel"
	"github.com/slogtel/telemetry/slogtel/httptel"
	"github.com/slogtel/telemetry/slogtel/oteltel"
)

// An app that has OpenTelemetry and slogtel, with one pipeline.
type app struct {
	*tracetest.InMemoryExporter
	provider *sdktrace.TracerProvider
	tel      *slogtel.Telemetry
}

func newApp(t *testing.T) app {
	e := tracetest.NewInMemoryExporter()
	processor := sdktrace.NewSimpleSpanProcessor(e)
	a := app{InMemoryExporter: e, provider: sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(processor))}
	a.tel = slogtel.New(&slogtel.Options{Mode: slogtel.On, TraceIDs: true, TraceParent: oteltel.TraceParent, WithContext: oteltel.WithContext},
		oteltel.NewSpans(processor, nil))
	t.Cleanup(func() { _ = a.provider.Shutdown(context.Background()) })
	return a
}

// tree returns the name of each span's parent, "" for a root, after checking that all spans
// are in one trace and that none is there twice.
func (a app) tree(t *testing.T) map[string]string {
	t.Helper()
	spans := a.GetSpans()
	names := map[oteltrace.SpanID]string{}
	for _, s := range spans {
		require.NotContains(t, names, s.SpanContext.SpanID(), s.Name)
		names[s.SpanContext.SpanID()] = s.Name
		assert.Equal(t, spans[0].SpanContext.TraceID(), s.SpanContext.TraceID(), s.Name)
	}
	tree := map[string]string{}
	for _, s := range spans {
		require.NotContains(t, tree, s.Name)
		tree[s.Name] = ""
		if s.Parent.IsValid() {
			require.Contains(t, names, s.Parent.SpanID(), "the parent of %s", s.Name)
			tree[s.Name] = names[s.Parent.SpanID()]
		}
	}
	return tree
}

// A scope, otelhttp's client in it, otelhttp's server on the other side, a scope in that.
func TestOtelHTTP(t *testing.T) {
	for name, set := range map[string]func(*testing.T, app) (transport, server []otelhttp.Option){
		"given the provider": func(_ *testing.T, a app) (c, s []otelhttp.Option) {
			o := []otelhttp.Option{otelhttp.WithTracerProvider(a.provider), otelhttp.WithPropagators(propagation.TraceContext{})}
			return o, o
		},
		// As most apps have it: the transport asks the active span, or else the global provider.
		"asking the context": func(t *testing.T, a app) (c, s []otelhttp.Option) {
			before, propagator := otel.GetTracerProvider(), otel.GetTextMapPropagator()
			otel.SetTracerProvider(a.provider)
			otel.SetTextMapPropagator(propagation.TraceContext{})
			t.Cleanup(func() { otel.SetTracerProvider(before); otel.SetTextMapPropagator(propagator) })
			return nil, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t)
			client, server := set(t, a)
			handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_ = a.tel.Time(r.Context(), "handle", func(context.Context) error { return nil })
			})
			srv := httptest.NewServer(otelhttp.NewHandler(handler, "serve", server...))
			defer srv.Close()
			_ = a.tel.Time(t.Context(), "job", func(ctx context.Context) error {
				return get(ctx, &http.Client{Transport: otelhttp.NewTransport(nil, client...)}, srv.URL)
			})
			srv.Close() // the server's span has ended
			assert.Equal(t, map[string]string{"job": "", "HTTP GET": "job", "GET": "HTTP GET", "handle": "GET"}, a.tree(t))
		})
	}
}

// Our middleware and transport beside theirs: httptel's client calls otelhttp's server, whose
// handler calls httptel's server through otelhttp's client.
func TestOtelHTTPBesideHTTPTel(t *testing.T) {
	a := newApp(t)
	o := []otelhttp.Option{otelhttp.WithTracerProvider(a.provider), otelhttp.WithPropagators(propagation.TraceContext{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /deep", func(http.ResponseWriter, *http.Request) {})
	deep := httptest.NewServer(httptel.NewMiddleware(a.tel, nil)(mux))
	defer deep.Close()
	front := httptest.NewServer(otelhttp.NewHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_ = a.tel.Time(r.Context(), "handle", func(ctx context.Context) error {
			return get(ctx, &http.Client{Transport: otelhttp.NewTransport(nil, o...)}, deep.URL+"/deep")
		})
	}), "serve", o...))
	defer front.Close()
	_ = a.tel.Time(t.Context(), "job", func(ctx context.Context) error {
		return get(ctx, &http.Client{Transport: httptel.NewTransport(nil, a.tel, nil)}, front.URL)
	})
	front.Close()
	deep.Close()
	assert.Equal(t, map[string]string{
		"job": "", "job.http.client.get": "job", "GET": "job.http.client.get", "handle": "GET",
		"HTTP GET": "handle", "http.server.get_deep": "HTTP GET",
	}, a.tree(t))
}

func TestOtelGRPC(t *testing.T) {
	a := newApp(t)
	o := []otelgrpc.Option{otelgrpc.WithTracerProvider(a.provider), otelgrpc.WithPropagators(propagation.TraceContext{})}
	server := grpc.NewServer(grpc.StatsHandler(otelgrpc.NewServerHandler(o...)),
		grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, h grpc.UnaryHandler) (any, error) {
			return slogtel.Do(ctx, a.tel, "handle", func(ctx context.Context) (any, error) { return h(ctx, req) })
		}))
	healthpb.RegisterHealthServer(server, health.NewServer())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	conn, err := grpc.NewClient("passthrough:///"+listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithStatsHandler(otelgrpc.NewClientHandler(o...)))
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, a.tel.Time(t.Context(), "job", func(ctx context.Context) error {
		_, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{})
		return err
	}))
	server.GracefulStop()
	spans := a.GetSpans()
	require.Len(t, spans, 4)
	byKind := map[oteltrace.SpanKind]tracetest.SpanStub{}
	byName := map[string]tracetest.SpanStub{}
	for _, s := range spans {
		byKind[s.SpanKind], byName[s.Name] = s, s
		assert.Equal(t, spans[0].SpanContext.TraceID(), s.SpanContext.TraceID())
	}
	client, srv := byKind[oteltrace.SpanKindClient], byKind[oteltrace.SpanKindServer]
	assert.Equal(t, byName["job"].SpanContext.SpanID(), client.Parent.SpanID())
	assert.Equal(t, client.SpanContext.SpanID(), srv.Parent.SpanID())
	assert.Equal(t, srv.SpanContext.SpanID(), byName["handle"].Parent.SpanID())
}

func TestOtelSQL(t *testing.T) {
	a := newApp(t)
	db, err := otelsql.Open("sqlite", "file::memory:", otelsql.WithTracerProvider(a.provider),
		otelsql.WithSpanOptions(otelsql.SpanOptions{OmitConnResetSession: true, OmitConnectorConnect: true, OmitRows: true, OmitConnPrepare: true}))
	require.NoError(t, err)
	defer db.Close()
	err = a.tel.Time(t.Context(), "job", func(ctx context.Context) error {
		_, err := db.ExecContext(ctx, "SELECT 1")
		return err
	})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"job": "", "sql.conn.exec": "job"}, a.tree(t))
}

// A trace that the caller does not sample is sampled by nobody.
func TestUnsampledByTheCaller(t *testing.T) {
	a := newApp(t)
	provider := sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.NeverSample())), sdktrace.WithSyncer(a.InMemoryExporter))
	srv := httptest.NewServer(otelhttp.NewHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, s := a.tel.Start(r.Context(), "handle")
		_, inner := provider.Tracer("app").Start(ctx, "inner")
		slog.DebugContext(ctx, "nothing")
		inner.End()
		s.Fail(errors.New("even so"))
		s.End()
		_, _ = io.WriteString(w, "ok")
	}), "serve", otelhttp.WithTracerProvider(provider), otelhttp.WithPropagators(propagation.TraceContext{})))
	defer srv.Close()
	require.NoError(t, get(t.Context(), http.DefaultClient, srv.URL))
	srv.Close()
	assert.Empty(t, a.GetSpans())
}

// The scopes of grpctel on both sides are the spans of a client and a server.
func TestGRPCTelIsASpan(t *testing.T) {
	a := newApp(t)
	server := grpc.NewServer(grpc.StatsHandler(grpctel.NewServerHandler(a.tel, nil)))
	healthpb.RegisterHealthServer(server, health.NewServer())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	conn, err := grpc.NewClient("passthrough:///"+listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithStatsHandler(grpctel.NewClientHandler(a.tel, nil)))
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, a.tel.Time(t.Context(), "job", func(ctx context.Context) error {
		_, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{})
		return err
	}))
	server.GracefulStop()
	kinds := map[oteltrace.SpanKind]tracetest.SpanStub{}
	for _, s := range a.GetSpans() {
		kinds[s.SpanKind] = s
	}
	require.Len(t, kinds, 3)
	client, srv := kinds[oteltrace.SpanKindClient], kinds[oteltrace.SpanKindServer]
	assert.Equal(t, kinds[oteltrace.SpanKindInternal].SpanContext.SpanID(), client.Parent.SpanID())
	assert.Equal(t, client.SpanContext.SpanID(), srv.Parent.SpanID())
	assert.True(t, srv.Parent.IsRemote())
}
