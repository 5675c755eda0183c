package statsd

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	minBackoff  = 100 * time.Millisecond
	maxBackoff  = 5 * time.Second
	resolveSoon = 5 * time.Second // between look-ups while packets are refused
)

// A dialer is what a client needs to connect. It is immutable but for its counts.
type dialer struct {
	endpoint
	ctx          context.Context // done: stop at once
	dial         func(ctx context.Context, network, address string) (net.Conn, error)
	lookup       LookupFunc
	resolveEvery time.Duration
	connects     atomic.Int64
	problems     problems
}

// connect opens a socket, or sets the time of the next attempt.
func (c *connector) connect() {
	if !c.d.named() {
		c.ips = []string{c.d.host}
	} else if c.stale || len(c.ips) == 0 {
		ips, err := c.d.lookup.wait(c.d.ctx, c.d.host)
		if err != nil {
			c.unreachable(err)
			return
		}
		c.setAddresses(ips)
	}
	var failure error
	for range c.ips {
		ip := c.ips[c.at%len(c.ips)]
		conn, err := c.dialOne(ip)
		if err == nil {
			c.link = newLink(c.d.ctx, conn, ip, c.d.stream(), &c.watchers)
			c.d.connects.Add(1)
			return
		}
		c.at++
		failure = err
	}
	c.unreachable(failure)
}

func (c *connector) dialOne(ip string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(c.d.ctx, dialTimeout)
	defer cancel()
	conn, err := c.d.dial(ctx, c.d.network, c.d.endpoint.at(ip))
	if err != nil {
		return nil, fmt.Errorf("statsd: %w", err)
	}
	return conn, nil
}

// unreachable notes that an attempt to connect has failed.
func (c *connector) unreachable(err error) {
	c.fail(err)
	c.wait()
}

// lose closes the link because of err. One that lasted is opened again at once.
func (c *connector) lose(err error) {
	if time.Since(c.link.since) > maxBackoff {
		c.backoff = 0
	}
	c.fail(fmt.Errorf("statsd: connection to %s: %w", &c.d.endpoint, err))
	c.drop()
	c.wait()
}

func (c *connector) fail(err error) {
	c.failure, c.stale = err, true
	if c.d.ctx.Err() == nil { // else it is our own doing
		c.d.problems.report(err)
	}
}

// drop closes the link, to be opened again at once.
func (c *connector) drop() {
	c.link.close()
	c.link = nil
	c.retryAt = time.Time{}
}

// wait sets the time of the next attempt: after twice as long each time, with some
// jitter so that the clients of one daemon do not all return together.
func (c *connector) wait() {
	c.retryAt = time.Now().Add(c.backoff)
	c.backoff = min(max(2*c.backoff, minBackoff), maxBackoff)
	c.backoff -= rand.N(c.backoff / 8)
}

// broken returns what tells that the daemon has closed the connection.
func (c *connector) broken() <-chan error {
	if c.link == nil {
		return nil
	}
	return c.link.broken
}

// sleep returns the time until there is something to do that nobody asks for.
func (c *connector) sleep() time.Duration {
	switch {
	case c.link == nil:
		return time.Until(c.retryAt)
	case c.d.named() && !c.looking:
		return time.Until(c.resolveAt)
	}
	return time.Hour
}

// lookUpIfDue looks the host up in the background when it is time.
func (c *connector) lookUpIfDue() {
	if c.link != nil && c.d.named() && !c.looking && !time.Now().Before(c.resolveAt) {
		c.looking = true
		c.d.lookup.start(c.d.ctx, c.d.host, c.lookups)
	}
}

// resolved takes the result of a look-up in the background. A link to an address
// that the host no longer has is closed, between two packets. Where the look-up
// failed all stays as it is.
func (c *connector) resolved(res lookupResult) {
	c.looking = false
	if res.err != nil {
		c.d.problems.report(res.err)
		c.resolveAt = time.Now().Add(c.d.resolveEvery)
		return
	}
	c.setAddresses(res.ips)
	if c.link != nil && !slices.Contains(res.ips, c.link.ip) {
		c.drop()
	}
}

func (c *connector) setAddresses(ips []string) {
	c.ips, c.at, c.stale = ips, 0, false
	c.lookedAt = time.Now()
	c.resolveAt = c.lookedAt.Add(c.d.resolveEvery)
}

// refused is called when the daemon's host says that nobody listens there, though
// the socket is good: another of its addresses may do better, and it may have new
// ones. It reports whether the link was closed for that.
func (c *connector) refused() bool {
	if !c.d.named() {
		return false
	}
	if soon := c.lookedAt.Add(resolveSoon); soon.Before(c.resolveAt) {
		c.resolveAt = soon
	}
	if len(c.ips) < 2 {
		return false
	}
	c.at++
	c.drop()
	return true
}

// A link is one open socket.
type link struct {
	conn   net.Conn
	ip     string // where the host was resolved
	since  time.Time
	broken chan error // has an error when the daemon has closed a stream; nil for packets

	unwatch func() bool
}

// newLink takes over conn. It is closed when ctx is done, so that no write outlasts
// that. A daemon never answers, but by reading one learns that it has gone: before
// a write, whose packet would be lost.
func newLink(ctx context.Context, conn net.Conn, ip string, stream bool, watchers *sync.WaitGroup) *link {
	l := &link{conn: conn, ip: ip, since: time.Now()}
	l.unwatch = context.AfterFunc(ctx, func() { _ = conn.Close() })
	if stream {
		l.broken = make(chan error, 1)
		watchers.Go(func() {
			var scrap [256]byte
			for {
				if _, err := conn.Read(scrap[:]); err != nil {
					l.broken <- err
					return
				}
			}
		})
	}
	return l
}

func (l *link) close() {
	l.unwatch()
	_ = l.conn.Close()
}
