package top

import (
	"context"
	"errors"

	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
)

// Command says that there is no terminal, which bubbletea needs.
func Command() *cli.Command {
	return input.Command("top", "not available here", "There is no terminal on this system.", func(context.Context, *cli.Command) error {
		return errors.New("top: there is no terminal on this system")
	})
}
