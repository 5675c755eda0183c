module example.com/app

go 1.26.0

require github.com/slogtel/telemetry v0.1.0
