package shipping

import (
	"context"
	"path/filepath"

	"github.com/slogtel/telemetry/interop/servers"
)

var victoriaLogs = &servers.Program{
	Name: "victoria-logs", Version: "v1.52.1",
	Build: func(ctx context.Context, work, bin string) error {
		env := append([]string{"GOBIN=" + filepath.Dir(bin)}, servers.GoEnv...)
		_, err := servers.Command(ctx, work, env, "go", "install", "github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs@v1.52.1")
		return err
	},
}

// telegraf has only the plug-ins that examples/shipping/telegraf.conf names.
var telegraf = &servers.Program{
	Name: "telegraf", Version: "v1.37.2-shipping",
	Build: func(ctx context.Context, work, bin string) error {
		env := append([]string{"GOBIN=" + filepath.Dir(bin)}, servers.GoEnv...)
		_, err := servers.Command(ctx, work, env, "go", "install",
			"-tags", "custom,inputs.tail,outputs.loki,parsers.json,processors.converter,processors.strings",
			"github.com/influxdata/telegraf/cmd/telegraf@v1.37.2")
		return err
	},
}
