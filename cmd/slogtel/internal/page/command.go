package page

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/diff"
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

With -- between them, the inputs before it are compared with those after it, as slogtel diff does with its
defaults: each file is a run. The page begins with what differs, and shows either side.

What one looks at, such as a span, a search or how a table is sorted, is in the page's address: the back
button undoes it, and a copied address shows it again.

The page has at most 4.5 MB, whatever the size of the input. What it leaves out, such as
spans of the timeline beyond some thousands, it says.

Examples:

   slogtel html telemetry.jsonl                       writes slogtel.html
   slogtel html telemetry.jsonl -o report.html
   slogtel html --title 'Nightly run' --since 24h -o nightly.html 'log/*.jsonl.gz'
   slogtel html --scope 'pipeline.*' - <telemetry.jsonl
   slogtel html before.jsonl -- after.jsonl           both, and what differs
   slogtel html 'main/*.jsonl' -- 'branch/*.jsonl' -o compared.html`
)

// Command is "slogtel html".
func Command() *cli.Command {
	c := input.Command("html", "write one self-contained page with a flame graph, a timeline, charts and tables", description, run,
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: defaultFile, Usage: "`FILE` to write, - for standard output"},
		&cli.StringFlag{Name: "title", Usage: "`TITLE` of the page"},
	)
	c.ArgsUsage += " [-- B...]"
	return c
}

func run(ctx context.Context, cmd *cli.Command) error {
	inputs, others, sidesErr := diff.Sides(cmd.Args().Slice())
	opts, err := input.OptionsOf(cmd, inputs)
	if err := cmp.Or(sidesErr, err); err != nil {
		return input.Usage(err)
	}
	if err := output.RefuseInput(cmd.String("output"), slices.Concat(opts.Inputs, others)); err != nil {
		return input.Usage(err)
	}
	opts.Attrs, opts.Once = true, true
	p := Page{Title: cmd.String("title"), Generated: time.Now()}
	if others != nil {
		return both(ctx, cmd, opts, p, inputs, others)
	}
	m := NewModel(DefaultLimits)
	var readErr error
	p.Counts, readErr = events.ReadInOrder(ctx, opts, m)
	if readErr != nil && p.Counts.Used == 0 {
		return input.Done(readErr)
	}
	p.Interrupted = readErr != nil
	if err := save(cmd, nil, side{m, p}); err != nil {
		return err
	}
	return input.Reading{Counts: p.Counts, Err: readErr}.Finish(nil)
}

// both writes the page of two sides.
func both(ctx context.Context, cmd *cli.Command, opts events.Options, p Page, inputs ...[]string) error {
	var sides [2]side
	var read [2]*diff.Side
	for i := range sides {
		m := NewModel(DefaultLimits)
		s, err := diff.Read(ctx, opts, inputs[i], m)
		if err != nil {
			return err
		}
		read[i], sides[i] = s, side{m, p}
		sides[i].Counts = s.Counts
	}
	if err := save(cmd, diff.Compare(read[0], read[1]), sides[:]...); err != nil {
		return err
	}
	return cmp.Or(read[0].Nothing, read[1].Nothing)
}

// save writes the page to where the flags say, and says so.
func save(cmd *cli.Command, c *diff.Comparison, sides ...side) error {
	file, stdout, stderr := cmd.String("output"), cmd.Root().Writer, cmd.Root().ErrWriter
	var written int
	err := output.Write(file, stdout, func(w io.Writer) (err error) {
		written, err = write(w, c, sides...)
		return err
	})
	if err != nil {
		return cli.Exit(err, input.ExitUsage)
	}
	if file != output.Stdout {
		fmt.Fprintf(stderr, "wrote %s, %.2f MB: open it in a browser\n", text.Clean(file), float64(written)/1e6)
	}
	for _, s := range sides {
		input.Footer(stderr, s.Counts)
	}
	return nil
}
