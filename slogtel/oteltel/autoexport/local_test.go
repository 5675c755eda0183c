package autoexport

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLocalURL(t *testing.T) {
	assert.Equal(t, "http://localhost:4318/v1/traces", localURL("TRACES", "4318", "/v1/traces"))
	t.Setenv("OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", "ca.pem")
	assert.Equal(t, "http://localhost:4317", localURL("TRACES", "4317", ""))
	assert.Equal(t, "https://localhost:4317", localURL("METRICS", "4317", ""))
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector:4318")
	assert.Empty(t, localURL("TRACES", "4318", "/v1/traces"))
	assert.NotEmpty(t, localURL("METRICS", "4318", "/v1/metrics"))
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318")
	assert.Empty(t, localURL("METRICS", "4318", "/v1/metrics"))
}
