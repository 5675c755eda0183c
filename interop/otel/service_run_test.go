package otel

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// runService has the two processes serve a few requests, and returns the scopes that their JSON
// lines tell of. They export to endpoint.
func runService(t *testing.T, endpoint string, env ...string) byID {
	t.Helper()
	dir := t.TempDir()
	stores, shops := filepath.Join(dir, "store.jsonl"), filepath.Join(dir, "shop.jsonl")
	env = append([]string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + endpoint, "OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=test"}, env...)
	target, stopStore := startService(t, "store", stores, env...)
	url, stopShop := startService(t, "shop", shops, append(env, targetVariable+"="+target)...)
	for range 3 {
		for _, id := range []string{"1", "2", "7"} {
			resp, err := http.Get(url + "/buy/" + id)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
		}
	}
	stopShop()
	stopStore()
	return linesOf(t, stores, shops)
}

// traceOf are the spans of each trace.
func (all byID) byTrace() map[string]byID {
	traces := map[string]byID{}
	for id, s := range all {
		if traces[s.Trace] == nil {
			traces[s.Trace] = byID{}
		}
		traces[s.Trace][id] = s
	}
	return traces
}

// checkService looks at what the two processes recorded: nine requests in one trace each, in
// both processes.
func checkService(t *testing.T, want byID) {
	t.Helper()
	requests := 0
	for _, spans := range want.byTrace() {
		roots := 0
		names := ""
		for _, s := range spans {
			if s.Parent == "" {
				roots++
			} else {
				assert.Contains(t, spans, s.Parent, "%s has its parent in the trace", s.Name)
			}
			names += s.Name + " "
		}
		assert.Equal(t, 1, roots)
		if strings.Contains(names, "http.server.get_buy_id") {
			requests++
			assert.Contains(t, names, "http.server.get_items_id")
			assert.Contains(t, names, "sql.select.items")
		}
	}
	assert.Equal(t, 9, requests)
}

// TestServiceOverOTLP compares, span by span, what two processes sent with what they wrote as JSON
// lines.
func TestServiceOverOTLP(t *testing.T) {
	for _, c := range []struct {
		protocol string
		secure   bool
	}{{"http/protobuf", true}, {"grpc", false}, {"grpc", true}} {
		t.Run(fmt.Sprintf("%.4s TLS %v", c.protocol, c.secure), func(t *testing.T) {
			r := receive(t, c.protocol, c.secure)
			want := runService(t, r.url, "OTEL_EXPORTER_OTLP_PROTOCOL="+c.protocol, "OTEL_EXPORTER_OTLP_COMPRESSION=gzip",
				"OTEL_EXPORTER_OTLP_CERTIFICATE="+r.certificate, "OTEL_EXPORTER_OTLP_HEADERS=x-team=a")
			checkService(t, want)
			assert.Equal(t, want, r.spans(t))
			assert.Equal(t, "a", r.team)
			assert.Equal(t, c.protocol != "grpc", r.gzipped)
			assert.Subset(t, r.resources(), []string{"service.name=shop", "service.name=store", "deployment.environment.name=test"})
			assert.InDelta(t, 9, r.sum(t, "http.server.get_buy_id.price.asked"), 0)
		})
	}
}
