package otel

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	metricsservice "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	traceservice "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	_ "google.golang.org/grpc/encoding/gzip" // registers it
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

// A receiver takes OTLP as a Collector does, and keeps what came.
type receiver struct {
	traceservice.UnimplementedTraceServiceServer
	url, certificate string // of the server; the file is empty without TLS

	mu      sync.Mutex
	traces  []*traceservice.ExportTraceServiceRequest
	metrics []*metricsservice.ExportMetricsServiceRequest
	gzipped bool // all of them
	team    string
}

// metricsReceiver is the receiver as the other of the two services.
type metricsReceiver struct {
	metricsservice.UnimplementedMetricsServiceServer
	*receiver
}

func (r *receiver) Export(ctx context.Context, m *traceservice.ExportTraceServiceRequest) (*traceservice.ExportTraceServiceResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.traces = append(r.traces, m)
	if md, ok := metadata.FromIncomingContext(ctx); ok && len(md.Get("x-team")) > 0 {
		r.team = md.Get("x-team")[0]
	}
	return &traceservice.ExportTraceServiceResponse{}, nil
}

func (r metricsReceiver) Export(_ context.Context, m *metricsservice.ExportMetricsServiceRequest) (*metricsservice.ExportMetricsServiceResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.metrics = append(r.metrics, m)
	return &metricsservice.ExportMetricsServiceResponse{}, nil
}

// ServeHTTP is OTLP/HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp).
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err == nil && req.Header.Get("Content-Encoding") == "gzip" {
		var z *gzip.Reader
		if z, err = gzip.NewReader(bytes.NewReader(body)); err == nil {
			body, err = io.ReadAll(z)
		}
		r.mu.Lock()
		r.gzipped = true
		r.mu.Unlock()
	}
	var answer proto.Message
	switch {
	case err != nil:
	case req.URL.Path == "/v1/traces":
		var m traceservice.ExportTraceServiceRequest
		if err = proto.Unmarshal(body, &m); err == nil {
			ctx := metadata.NewIncomingContext(req.Context(), metadata.Pairs("x-team", req.Header.Get("X-Team")))
			answer, err = r.Export(ctx, &m)
		}
	case req.URL.Path == "/v1/metrics":
		var m metricsservice.ExportMetricsServiceRequest
		if err = proto.Unmarshal(body, &m); err == nil {
			answer, err = metricsReceiver{receiver: r}.Export(req.Context(), &m)
		}
	default:
		http.NotFound(w, req)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	out, _ := proto.Marshal(answer)
	w.Header().Set("Content-Type", "application/x-protobuf")
	_, _ = w.Write(out)
}

// receive starts a receiver of a protocol.
func receive(t *testing.T, protocol string, secure bool) *receiver {
	t.Helper()
	r := &receiver{}
	web := httptest.NewUnstartedServer(r)
	if secure {
		web.StartTLS() // also for its certificate
		r.certificate = filepath.Join(t.TempDir(), "ca.pem")
		block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})
		require.NoError(t, os.WriteFile(r.certificate, block, 0o600))
		require.True(t, x509.NewCertPool().AppendCertsFromPEM(block))
	} else {
		web.Start()
	}
	t.Cleanup(web.Close)
	if r.url = web.URL; protocol != "grpc" {
		return r
	}
	var options []grpc.ServerOption
	scheme := "http://"
	if secure {
		scheme = "https://"
		options = append(options, grpc.Creds(credentials.NewTLS(&tls.Config{Certificates: web.TLS.Certificates})))
	}
	server := grpc.NewServer(options...)
	traceservice.RegisterTraceServiceServer(server, r)
	metricsservice.RegisterMetricsServiceServer(server, metricsReceiver{receiver: r})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	r.url = scheme + listener.Addr().String()
	return r
}
