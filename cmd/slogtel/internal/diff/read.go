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

// read reads the runs of one side, several at once, each in its order. Unlike a report, a comparison of half
// of the lines is of no use.
func read(ctx context.Context, opts events.Options, inputs []string) (*side, error) {
	names, err := events.Expand(inputs)
	if err != nil {
		return nil, input.Usage(err)
	}
	opts.Once = true
	all := newSide()
	at := min(runtime.GOMAXPROCS(0), len(names))
	opts = serial(opts)
	for len(names) > 0 {
		now := names[:min(at, len(names))]
		names = names[len(now):]
		runs, errs := make([]*run, len(now)), make([]error, len(now))
		var wg sync.WaitGroup
		for i, name := range now {
			wg.Go(func() {
				o, r := opts, newRun(maxSeries)
				o.Inputs = []string{name}
				r.counts, errs[i] = events.ReadInOrder(ctx, o, r)
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
			if err := input.Nothing(r.counts); err != nil && all.nothing == nil {
				all.nothing = cli.Exit(fmt.Errorf("%s: %w", now[i], err), input.ExitUsage)
			}
		}
	}
	return all, nil
}

// serial lets several readers tell of bad lines and of their progress, one at a time. The progress is
// that of whoever tells.
func serial(o events.Options) events.Options {
	var mu sync.Mutex
	if bad := o.OnBad; bad != nil {
		o.OnBad = func(p events.Position, err error) {
			mu.Lock()
			defer mu.Unlock()
			bad(p, err)
		}
	}
	if progress := o.Progress; progress != nil {
		o.Progress = func(p events.Progress) {
			mu.Lock()
			defer mu.Unlock()
			progress(p)
		}
	}
	return o
}
