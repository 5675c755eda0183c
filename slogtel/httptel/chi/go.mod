module github.com/slogtel/telemetry/slogtel/httptel/chi

go 1.26.0

require (
	github.com/go-chi/chi/v5 v5.5.0
	github.com/slogtel/telemetry v0.1.0
)

require (
	github.com/samber/lo v1.52.0 // indirect
	github.com/samber/slog-common v0.20.0 // indirect
	github.com/samber/slog-multi v1.7.1 // indirect
	github.com/stretchr/testify v1.12.1 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/text v0.22.0 // indirect
)
