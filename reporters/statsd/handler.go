package statsd

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A Handler sends telemetry records to a StatsD daemon. It ignores ordinary log
// records. It is safe for concurrent use; those derived from it share all but the
// tags that WithAttrs has added.
type Handler struct {
	client *client
	base   boundTags
	open   []byte // names of the open groups, each with a dot after it
}

var _ slog.Handler = (*Handler)(nil)

// Enabled returns true: the level of telemetry is chosen where it is made.
func (h *Handler) Enabled(context.Context, slog.Level) bool { return true }

// Handle takes one record. It never waits for the daemon, and returns no error:
// see [Handler.Stats] for what became of it.
func (h *Handler) Handle(_ context.Context, r slog.Record) error {
	if !h.client.addAgain(&r, &h.base) {
		h.client.handle(&r, &h.base)
	}
	return nil
}

// handle takes a record of any form.
func (c *client) handle(r *slog.Record, base *boundTags) {
	var s sample
	switch c.tags.read(r, &s) {
	case notOurs:
		return
	case noForm:
		c.skipped.Add(1)
		return
	}
	rate := c.rates[s.kind]
	if c.timestamps {
		s.at = r.Time.Unix()
	}
	if s.SampleRate != 0 && s.SampleRate*rate < minRate {
		c.skipped.Add(1)
		return
	}
	if rate < 1 && rand.Float64() >= rate {
		c.sampledOut.Add(1)
		return
	}
	alike := rate == 1 && !c.timestamps // the next event with these attributes is like this one
	if (s.kind == timing || s.kind == histogram) && (rate < 1 || s.SampleRate != 0) {
		before := s.SampleRate
		s.SampleRate = wholeWeight(rate, before, rand.Float64())
		alike = alike && s.SampleRate == before
	}
	c.add(r, &s, base, alike)
}

// RetainsRecords returns false, see slogtel.RetainsRecords.
func (*Handler) RetainsRecords() bool { return false }

// WithAttrs returns a handler that adds those of attrs that [Options.TagKeys] lists
// to each event as tags. Their values are taken now.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	var f foundTags
	h.client.tags.takeAll(&f, h.open, attrs)
	d := *h
	d.base = h.base.with(&f, h.client.values, h.client.seed)
	return &d
}

// WithGroup returns a handler for which the attributes of later calls of WithAttrs
// are in the group name. A record's own attributes are not: they belong to the
// event, wherever it is handled.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	d := *h
	d.open = slices.Clip(slices.Concat(h.open, []byte(name), []byte(".")))
	return &d
}

// Flush sends what was handed over before, without waiting for the end of the
// interval, and returns when the kernel has taken it. It returns an error when the
// daemon cannot be reached, and when ctx is done first; what was not sent stays
// queued. After Shutdown there is nothing to flush.
func (h *Handler) Flush(ctx context.Context) error { return h.client.flush(ctx) }

// Shutdown sends what was handed over before, closes the socket and ends the
// handler's goroutines. Later events are counted as dropped. It returns when all
// is done, or ctx is; where ctx has no deadline, after five seconds at the latest.
// The error says how many events were lost. Only the first call does anything;
// later ones wait for it.
func (h *Handler) Shutdown(ctx context.Context) error { return h.client.shutdown(ctx) }

// Stats returns the counts so far, of h and all handlers derived from the same New.
func (h *Handler) Stats() Stats { return h.client.stats() }

// A client is what all handlers of one New share.
type client struct {
	store
	dialer
	flushEvery   time.Duration
	writeTimeout time.Duration
	skipped      atomic.Int64
	sampledOut   atomic.Int64

	flushes chan flushRequest
	cancel  context.CancelCauseFunc // of dialer.ctx
	closing chan struct{}           // closed: finish
	close1  sync.Once
	closeBy time.Time     // the sender must have ended; valid when closing is closed
	done    chan struct{} // closed: the sender has ended
	unsent  int64         // events lost at the end; valid when done is closed
}

// New returns a handler that sends to the daemon at address:
//
//	host:port, udp://host:port   packets; without a port it is 8125
//	tcp://host:port              lines
//	unixgram:///path             packets through a socket file
//	unixstream:///path           the same through a stream, as DataDog's agent has it: with the length before each
//	unix:///path                 whichever of the two there is; for dialects but DogStatsD a stream is of lines
//
// The empty address is taken from the environment: DD_DOGSTATSD_URL, which is an address
// of these forms, else DD_AGENT_HOST and DD_DOGSTATSD_PORT, else STATSD_HOST and
// STATSD_PORT, else it is localhost:8125.
//
// It does not wait for the daemon, which may come later, go and come back, and have
// its name point elsewhere: it is only an error when the address or an option is
// malformed. Nil opts are the defaults; they are copied. The handler has a
// goroutine and a socket until [Handler.Shutdown].
func New(address string, opts *Options) (*Handler, error) {
	return start(address, opts, new(net.Dialer).DialContext, shardCount)
}

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
		flushes:      make(chan flushRequest),
		closing:      make(chan struct{}),
		done:         make(chan struct{}),
	}
	c.endpoint, c.dial, c.lookup, c.resolveEvery = end, dial, o.Lookup, o.ResolveInterval
	if c.lookup == nil {
		c.lookup = net.DefaultResolver.LookupHost
	}
	c.problems.call = o.OnError
	h := &Handler{client: c}
	also, err := c.layout.init(&o, size, end.packets())
	if err != nil {
		return nil, err
	}
	c.framed = end.network == "unixstream" || o.Dialect == DogStatsD
	c.names.derived, c.names.keep, c.names.of = derivedNames, 2*o.MaxSeries, make(map[string]*claim)
	if o.Dialect == DogStatsD {
		c.names.derived = dogDerivedNames
	}
	c.report = c.problems.report
	c.seed = maphash.MakeSeed()
	h.base = h.base.with(&also, c.values, c.seed)
	c.maxSeries = int64(o.MaxSeries)
	c.remember()
	c.queue.limit, c.queue.wake = o.QueueSize, make(chan struct{}, 1)
	c.shards = make([]shard, shards)
	for i := range c.shards {
		c.shards[i].table = make(map[string]*series)
	}
	c.ctx, c.cancel = context.WithCancelCause(context.Background())
	s := &sender{client: c, pack: o.PackValues}
	s.d = &c.dialer
	s.self.init(c, &o)
	s.lookups = make(chan lookupResult, 1)
	go s.run()
	return h, nil
}

// shardCount is a power of two, and enough for most goroutines that meet to have shards of their own.
const shardCount = 32

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
	by, _ := ctx.Deadline()
	requests := c.flushes
	for {
		select {
		case requests <- flushRequest{answer, by}:
			requests = nil
		case err := <-answer:
			return err
		case <-c.done:
			return c.lost(nil)
		case <-ctx.Done():
			return fmt.Errorf("statsd: flush: %w", context.Cause(ctx))
		}
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
	c.closeBy, _ = ctx.Deadline()
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
