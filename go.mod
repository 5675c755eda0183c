module github.com/slogtel/telemetry

go 1.26.0

require (
	charm.land/bubbletea/v2 v2.1.1 // only cmd/slogtel
	github.com/charmbracelet/x/ansi v0.11.9 // only cmd/slogtel
	github.com/google/pprof v0.0.0-20261016150608-1facf8f91b50 // only cmd/slogtel
	github.com/klauspost/compress v1.20.3 // only cmd/slogtel
	github.com/lmittmann/tint v1.2.1
	github.com/mattn/go-colorable v0.1.16
	github.com/mattn/go-isatty v0.0.24
	github.com/rivo/uniseg v0.4.7
	github.com/samber/slog-multi v1.7.1
	github.com/schollz/progressbar/v3 v3.19.1 // only examples and cmd/slogtel
	github.com/stretchr/testify v1.12.1
	github.com/ulikunitz/xz v0.5.17 // only cmd/slogtel
	github.com/urfave/cli/v3 v3.14.0 // only cmd/slogtel
	golang.org/x/term v0.44.0 // only cmd/slogtel
)

require (
	github.com/charmbracelet/colorprofile v0.4.3 // indirect
	github.com/charmbracelet/ultraviolet v0.0.0-20261008173134-6b8d4baf91b4 // indirect
	github.com/charmbracelet/x/term v0.2.2 // indirect
	github.com/charmbracelet/x/termios v0.1.1 // indirect
	github.com/charmbracelet/x/windows v0.2.2 // indirect
	github.com/clipperhouse/displaywidth v0.11.0 // indirect
	github.com/clipperhouse/uax29/v2 v2.7.0 // indirect
	github.com/lucasb-eyer/go-colorful v1.4.1 // indirect
	github.com/mattn/go-runewidth v0.0.30 // indirect
	github.com/mitchellh/colorstring v0.0.0-20190213212951-d06e56a500db // indirect
	github.com/muesli/cancelreader v0.2.2 // indirect
	github.com/samber/lo v1.52.0 // indirect
	github.com/samber/slog-common v0.20.0 // indirect
	github.com/xo/terminfo v1.0.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sync v0.22.0 // indirect
	golang.org/x/sys v0.47.0
	golang.org/x/text v0.22.0 // only cmd/slogtel
)
