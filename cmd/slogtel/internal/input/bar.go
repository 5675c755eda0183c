package input

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
)

// appears is how long a reader runs before it gets a bar: most are done sooner.
const appears = 300 * time.Millisecond

// A bar shows the progress of readers, one after the other, on a terminal, and nothing
// elsewhere. It counts from their beginning, so that its speed is right when it appears.
type bar struct {
	w io.Writer // nil: none

	mu    sync.Mutex // guards what follows
	since time.Time
	shown *progressbar.ProgressBar
}

func newBar(w io.Writer) *bar {
	if f, ok := w.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		return &bar{w: w}
	}
	return new(bar)
}

func (b *bar) progress(p events.Progress) {
	if b.w == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case p.End:
		if b.shown != nil {
			b.shown.Clear()
		}
		b.shown = nil
		return
	case b.shown == nil:
		b.since = time.Now()
		b.shown = progressbar.NewOptions64(p.Total,
			progressbar.OptionSetWriter(late{b}),
			progressbar.OptionSetDescription("reading"),
			progressbar.OptionShowBytes(true),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
			progressbar.OptionFullWidth())
	}
	b.shown.Set64(p.Done)
}

// late writes what a bar draws once it is time for it to appear. The bar is locked.
type late struct{ *bar }

func (l late) Write(p []byte) (int, error) {
	if time.Since(l.since) < appears {
		return len(p), nil
	}
	return l.w.Write(p)
}

// around takes the bar away while f writes.
func (b *bar) around(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.shown != nil {
		b.shown.Clear()
	}
	f()
}
