package tail

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/text"
	"github.com/slogtel/telemetry/reporters/console"
)

// maxShown is the most bytes that are shown of a line that is no JSON.
const maxShown = 4 << 10

var _ events.LineSink = (*printer)(nil)

// A printer shows events and ordinary logs as the console reporter does.
type printer struct {
	w       io.Writer
	console slog.Handler
	quiet   bool  // no ordinary logs
	err     error // of the first write that failed
	shown   int   // events and lines
	last    string
	headers bool // say which file lines are from
}

func newPrinter(w io.Writer, quiet, headers bool) *printer {
	all := slog.Level(math.MinInt)
	return &printer{w: w, quiet: quiet, headers: headers, console: console.New(w, &console.Options{Level: all})}
}

// Event prints an event.
func (p *printer) Event(e *events.Event) {
	p.header(e.Source)
	p.record(eventRecord(e))
}

// Line implements [events.LineSink]: it prints what is no event.
func (p *printer) Line(at events.Position, line []byte, v events.Verdict, err error) {
	switch v {
	case events.IsBad:
		p.header(at)
		r := slog.Record{Level: slog.LevelWarn, Message: "slogtel: a line that cannot be read"}
		r.AddAttrs(slog.String("error", err.Error()), slog.String("line", shown(line)))
		p.record(r)
	case events.IsSkipped:
		if p.quiet {
			return
		}
		p.header(at)
		if r, ok := logRecord(line); ok {
			p.record(r)
		} else {
			p.print(text.Clean(shown(line)))
		}
	}
}

func shown(line []byte) string {
	if len(line) > maxShown {
		return string(line[:maxShown]) + "…"
	}
	return string(line)
}

// header is before each event and line that is shown.
func (p *printer) header(at events.Position) {
	p.shown++
	if p.headers && at.Input != p.last {
		p.last = at.Input
		p.print("==> " + text.Clean(at.Input) + " <==")
	}
}

func (p *printer) record(r slog.Record) {
	p.keep(p.console.Handle(context.Background(), r))
}

func (p *printer) print(line string) {
	_, err := fmt.Fprintln(p.w, line)
	p.keep(err)
}

func (p *printer) keep(err error) {
	if p.err == nil {
		p.err = err
	}
}
