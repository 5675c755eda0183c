package shipping

import "github.com/slogtel/telemetry/interop/servers"

var victoriaLogs = &servers.Program{
	Name: "victoria-logs", Version: "v1.52.1", Build: servers.GoInstall("github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs@v1.52.1"),
}

// telegraf has only the plug-ins that examples/shipping/telegraf.conf names.
var telegraf = &servers.Program{
	Name: "telegraf", Version: "v1.37.2-shipping", Build: servers.GoInstall("github.com/influxdata/telegraf/cmd/telegraf@v1.37.2",
		"-tags", "custom,inputs.tail,outputs.loki,parsers.json,processors.converter,processors.strings"),
}
