package page

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/output"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
)

const (
	defaultFile = "slogtel.html"
	description = `Writes one self-contained page: the flame graph, the timeline, latency over time, all
scopes, metrics and errors, to sort, search and zoom. It opens from the disk, fetches
nothing, and can be sent to somebody as it is.

The page has at most 4.5 MB, whatever the size of the input. What it leaves out, such as
spans of the timeline beyond some thousands, it says.

Examples:

   slogtel html telemetry.jsonl                       writes slogtel.html
   slogtel html telemetry.jsonl -o report.html
   slogtel html --title 'Nightly run' --since 24h -o nightly.html 'log/*.jsonl.gz'
   slogtel html --scope 'pipeline.*' - <telemetry.jsonl`
)

// Command is "slogtel html".
func Command() *cli.Command {
	return input.Command("html", "write one self-contained page with a flame graph, a timeline, charts and tables", description, run,
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: defaultFile, Usage: "`FILE` to write, - for standard output"},
		&cli.StringFlag{Name: "title", Usage: "`TITLE` of the page"},
	)
}

func run(ctx context.Context, cmd *cli.Command) error {
	file, stdout, stderr := cmd.String("output"), cmd.Root().Writer, cmd.Root().ErrWriter
	opts, err := input.Options(cmd)
	if err != nil {
		return err
	}
	if err := output.RefuseInput(file, opts.Inputs); err != nil {
		return input.Usage(err)
	}
	opts.Attrs, opts.Once = true, true
	m := NewModel(DefaultLimits)
	counts, readErr := events.ReadInOrder(ctx, opts, m)
	if readErr != nil && counts.Used == 0 {
		return input.Done(readErr)
	}
	p := Page{Title: cmd.String("title"), Counts: counts, Generated: time.Now(), Interrupted: readErr != nil}
	var written int64
	err = output.Write(file, stdout, func(w io.Writer) error {
		c := counter{w: w}
		err := m.Write(&c, p)
		written = c.n
		return err
	})
	if err != nil {
		return cli.Exit(err, input.ExitUsage)
	}
	if file != output.Stdout {
		fmt.Fprintf(stderr, "wrote %s, %.2f MB: open it in a browser\n", text.Clean(file), float64(written)/1e6)
	}
	input.Footer(stderr, counts)
	return input.Finish(counts, readErr)
}

// A counter counts what is written to w.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
