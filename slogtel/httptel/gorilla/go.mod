module github.com/slogtel/telemetry/slogtel/httptel/gorilla

go 1.26.0

require (
	github.com/gorilla/mux v1.8.1
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
