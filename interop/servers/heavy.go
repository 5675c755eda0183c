package servers

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// Collector is the OpenTelemetry Collector.
var Collector = &Program{Name: "otelcol", Version: "v0.160.0-metrics", Build: buildCollector}

// Jaeger is the all-in-one program, with its storage in memory. It takes about ten minutes to build.
var Jaeger = &Program{Name: "jaeger", Version: "v1.76.0", Build: func(ctx context.Context, work, bin string) error {
	return goCommands(ctx, work,
		[]string{"mod", "init", "jaegerbuild"},
		[]string{"mod", "edit", "-go=1.26.0"},
		[]string{"get", "-tool", "github.com/jaegertracing/jaeger/cmd/jaeger@v1.76.0"},
		[]string{"build", "-p=1", "-o", bin, "github.com/jaegertracing/jaeger/cmd/jaeger"})
}}

func goCommands(ctx context.Context, dir string, all ...[]string) error {
	for _, args := range all {
		if _, err := Command(ctx, dir, GoEnv, "go", args...); err != nil {
			return err
		}
	}
	return nil
}

// collectorParts are those that examples/shipping/otelcol.yaml names, and those that take OTLP and
// write it to a file or show metrics to a Prometheus. Later versions have some that cannot be downloaded.
var collectorParts = map[string][]string{
	"receivers": {
		"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/filelogreceiver v0.160.0",
		"go.opentelemetry.io/collector/receiver/otlpreceiver v0.160.0",
	},
	"exporters": {
		"go.opentelemetry.io/collector/exporter/otlphttpexporter v0.160.0",
		"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/fileexporter v0.160.0",
		"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/prometheusexporter v0.159.0", // v0.160.0 cannot be downloaded
	},
	"extensions": {"github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage v0.160.0"},
	"providers": {
		"go.opentelemetry.io/collector/confmap/provider/envprovider v1.66.0",
		"go.opentelemetry.io/collector/confmap/provider/fileprovider v1.66.0",
	},
}

// buildCollector has the Collector's builder write the program. Its modules are required
// here, as the builder would take the newest ones of what it does not name.
func buildCollector(ctx context.Context, work, bin string) error {
	src := filepath.Join(work, "src")
	manifest := "dist:\n  name: otelcol\n  output_path: " + src + "\n"
	require := []string{"mod", "edit", "-require=go.opentelemetry.io/collector/otelcol@v0.160.0"}
	for kind, modules := range collectorParts {
		manifest += kind + ":\n"
		for _, m := range modules {
			manifest += "  - gomod: " + m + "\n"
			require = append(require, "-require="+strings.Replace(m, " ", "@", 1))
		}
	}
	config := filepath.Join(work, "builder.yaml")
	if err := os.WriteFile(config, []byte(manifest), 0o644); err != nil {
		return err
	}
	if _, err := Command(ctx, work, GoEnv, "go", "run", "go.opentelemetry.io/collector/cmd/builder@v0.160.0",
		"--config", config, "--skip-compilation", "--skip-get-modules"); err != nil {
		return err
	}
	return goCommands(ctx, src, []string{"mod", "init", "otelcol"}, require, []string{"mod", "tidy", "-e"}, []string{"build", "-mod=mod", "-o", bin, "."})
}
