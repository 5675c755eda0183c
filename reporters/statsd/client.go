package statsd

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"math/bits"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A client is what all handlers of one New share.
type client struct {
	store
	dialer
	flushEvery   time.Duration
	writeTimeout time.Duration
	skipped      atomic.Int64
	sampledOut   atomic.Int64

	flushes chan chan<- error
	cancel  context.CancelCauseFunc // of dialer.ctx
	closing chan struct{}           // closed: finish
	close1  sync.Once
	done    chan struct{} // closed: the sender has ended
	unsent  int64         // events lost at the end; valid when done is closed
}

// New returns a handler that sends to the daemon at address: host:port or
// udp://host:port, tcp://host:port, unixgram:///path, unix:///path.
//
// It does not wait for the daemon, which may come later, go and come back, and have
// its name point elsewhere: it is only an error when the address or an option is
// malformed. Nil opts are the defaults; they are copied. The handler has a
// goroutine and a socket until [Handler.Shutdown].
func New(address string, opts *Options) (*Handler, error) {
	return start(address, opts, new(net.Dialer).DialContext, shardCount())
}

type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// start is New, with what tests choose themselves.
func start(address string, opts *Options, dial dialFunc, shards int) (*Handler, error) {
	end, err := parseAddress(address)
	if err != nil {
		return nil, err
	}
	o, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	size, err := end.packet(o.MaxPacketSize)
	if err != nil {
		return nil, err
	}
	c := &client{
		flushEvery:   o.FlushInterval,
		writeTimeout: o.WriteTimeout,
		flushes:      make(chan chan<- error),
		closing:      make(chan struct{}),
		done:         make(chan struct{}),
	}
	c.endpoint, c.dial, c.lookup, c.resolveEvery = end, dial, o.Lookup, o.ResolveInterval
	if c.lookup == nil {
		c.lookup = net.DefaultResolver.LookupHost
	}
	c.problems.call = o.OnError
	h := &Handler{client: c}
	also, err := c.layout.init(&o, size, end.stream())
	if err != nil {
		return nil, err
	}
	c.seed = maphash.MakeSeed()
	c.memo.init(o.MaxSeries)
	h.base = h.base.with(&also, c.values, c.seed)
	c.maxSeries = int64(o.MaxSeries)
	c.queue.init(o.QueueSize)
	c.shards = make([]shard, shards)
	for i := range c.shards {
		c.shards[i].table = make(map[uint64]*series)
	}
	c.ctx, c.cancel = context.WithCancelCause(context.Background())
	s := &sender{client: c, pack: o.PackValues}
	s.d = &c.dialer
	s.lookups = make(chan lookupResult, 1)
	go s.run()
	return h, nil
}

// shardCount is a power of two: about twice GOMAXPROCS, at most 32.
func shardCount() int {
	return 2 << (bits.Len(uint(min(runtime.GOMAXPROCS(0), 16))) - 1)
}

func (c *client) flush(ctx context.Context) error {
	if ctx == nil {
		ctx = context.Background()
	}
	select {
	case <-c.done:
		return nil
	default:
	}
	answer := make(chan error, 1)
	select {
	case c.flushes <- answer:
	case <-c.done:
		return c.lost(nil)
	case <-ctx.Done():
		return fmt.Errorf("statsd: flush: %w", context.Cause(ctx))
	}
	select {
	case err := <-answer:
		return err
	case <-c.done:
		return c.lost(nil)
	case <-ctx.Done():
		return fmt.Errorf("statsd: flush: %w", context.Cause(ctx))
	}
}

// closeTimeout limits a Shutdown whose context has no deadline.
const closeTimeout = 5 * time.Second

var errShutdown = errors.New("shut down")

func (c *client) shutdown(ctx context.Context) error {
	if ctx == nil {
		ctx = context.Background()
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, closeTimeout)
		defer cancel()
	}
	first := false
	c.close1.Do(func() { first = true })
	if !first {
		select {
		case <-c.done:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("statsd: shutdown: %w", context.Cause(ctx))
		}
	}
	c.store.close()
	close(c.closing)
	cause := error(nil)
	select {
	case <-c.done:
	case <-ctx.Done():
		cause = context.Cause(ctx)
		c.cancel(cause) // ends whatever the sender waits for
		<-c.done
	}
	c.cancel(errShutdown)
	return c.lost(cause)
}

// lost returns an error if events were lost at the end. The sender must have ended.
func (c *client) lost(cause error) error {
	if c.unsent == 0 {
		return nil
	}
	if cause == nil {
		cause = c.stats().LastError
	}
	if cause == nil {
		cause = errShutdown
	}
	return fmt.Errorf("statsd: %d events lost at shutdown: %w", c.unsent, cause)
}
