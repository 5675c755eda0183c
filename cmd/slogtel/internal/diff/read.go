package diff

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/urfave/cli/v3"

	"github.com/slogtel/telemetry/cmd/slogtel/internal/events"
	"github.com/slogtel/telemetry/cmd/slogtel/internal/input"
)

// Read reads the runs of one side, several at once, each in its order. If also is not nil it gets the same
// events, and there is one run at a time. OnBad and Progress may be called at once. Unlike a report, a comparison of half of the lines is of no use.
func Read(ctx context.Context, opts events.Options, inputs []string, also events.Sink) (*Side, error) {
	names, err := events.Expand(inputs)
	if err != nil {
		return nil, input.Usage(err)
	}
	opts.Once = true
	all := newSide()
	at := min(runtime.GOMAXPROCS(0), len(names))
	if also != nil {
		at = 1
	}
	for len(names) > 0 {
		now := names[:min(at, len(names))]
		names = names[len(now):]
		runs, errs := make([]*run, len(now)), make([]error, len(now))
		var wg sync.WaitGroup
		for i, name := range now {
			wg.Go(func() {
				o, r := opts, newRun(maxSeries)
				o.Inputs = []string{name}
				r.counts, errs[i] = events.ReadInOrder(ctx, o, both{r, also})
				runs[i] = r
			})
		}
		wg.Wait()
		switch err := errors.Join(errs...); {
		case errors.Is(err, context.Canceled):
			return nil, cli.Exit("interrupted: nothing was compared", input.ExitInterrupted)
		case err != nil:
			return nil, cli.Exit(err, input.ExitUsage)
		}
		for i, r := range runs {
			all.add(r)
			if err := input.Nothing(r.counts); err != nil && all.Nothing == nil {
				all.Nothing = cli.Exit(fmt.Errorf("%s: %w", now[i], err), input.ExitUsage)
			}
		}
	}
	return all, nil
}

// both hands on events to two sinks, of which the second may be nil.
type both struct {
	run  *run
	also events.Sink
}

func (b both) Event(e *events.Event) {
	b.run.Event(e)
	if b.also != nil {
		b.also.Event(e)
	}
}

// EndChunk implements [events.ChunkSink]. Chunks are numbered by the run: for a sink of several runs, which
// come one after the other, they have no number.
func (b both) EndChunk(int) {
	if s, ok := b.also.(events.ChunkSink); ok {
		s.EndChunk(-1)
	}
}
