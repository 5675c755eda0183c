package statsd

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// dialTimeout limits one look-up, and one attempt to connect to one address.
const dialTimeout = 5 * time.Second

// A LookupFunc returns the IP addresses of a host, as [net.Resolver.LookupHost] does.
type LookupFunc func(ctx context.Context, host string) ([]string, error)

type lookupResult struct {
	ips []string
	err error
}

var errNoAddress = errors.New("no address")

// start looks host up and sends the result to the channel, which must have room.
// The function may be a user's own: one that ignores its context, or panics, harms
// nothing.
func (f LookupFunc) start(ctx context.Context, host string, to chan<- lookupResult) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	go func() {
		defer cancel()
		res := lookupResult{err: errNoAddress}
		defer func() {
			if v := recover(); v != nil {
				res.err = fmt.Errorf("panic: %v", v)
			}
			if res.err != nil {
				res.err = fmt.Errorf("statsd: look up %.100q: %w", host, res.err)
			}
			to <- res
		}()
		ips, err := f(ctx, host)
		switch {
		case err != nil:
			res.err = err
		case len(ips) > 0:
			res = lookupResult{ips: ips}
		}
	}()
}

// wait looks host up and waits for the result, but no longer than for ctx.
func (f LookupFunc) wait(ctx context.Context, host string) ([]string, error) {
	to := make(chan lookupResult, 1)
	f.start(ctx, host, to)
	timeout := time.NewTimer(dialTimeout)
	defer timeout.Stop()
	select {
	case res := <-to:
		return res.ips, res.err
	case <-timeout.C:
		return nil, fmt.Errorf("statsd: look up %.100q: no answer in %v", host, dialTimeout)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
