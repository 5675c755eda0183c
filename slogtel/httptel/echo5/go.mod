module github.com/slogtel/telemetry/slogtel/httptel/echo5

go 1.26.0

require (
	github.com/labstack/echo/v5 v5.4.5
	github.com/slogtel/telemetry v0.1.0
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/samber/lo v1.52.0 // indirect
	github.com/samber/slog-common v0.20.0 // indirect
	github.com/samber/slog-multi v1.7.1 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/text v0.40.0 // indirect
	golang.org/x/time v0.15.0 // indirect
)
