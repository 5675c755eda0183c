package runtimetel

import (
	"cmp"
	"context"
	"time"

	"github.com/slogtel/telemetry/slogtel"
)

// DefaultInterval is the time between two reports where [Options] give none.
const DefaultInterval = 10 * time.Second

// Options configure [Run]. The zero value is the default.
type Options struct {
	Interval time.Duration // between two reports; 0 or less: DefaultInterval
}

// Run reports to tel until ctx is done, the first time at once. It starts no goroutine of its
// own: most programs call it as go runtimetel.Run(ctx, tel, nil). It returns at once when tel
// is nil or off, and at the next report after tel was shut down. A nil ctx counts as
// context.Background(), and nil opts are the defaults. Each of several calls that run at the
// same time reports for itself.
func Run(ctx context.Context, tel *slogtel.Telemetry, opts *Options) {
	ctx = cmp.Or(ctx, context.Background())
	if !tel.Enabled() || ctx.Err() != nil {
		return
	}
	interval := DefaultInterval
	if opts != nil && opts.Interval > 0 {
		interval = opts.Interval
	}
	r := newReader()
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for tel.Enabled() {
		r.report(ctx, tel)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
