package statsd

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	minBackoff  = 100 * time.Millisecond
	maxBackoff  = 5 * time.Second
	resolveSoon = 5 * time.Second // between look-ups while packets are refused

	lookupTimeout  = 5 * time.Second
	minDialTimeout = time.Second // of one address; twice as long in each round that fails
	maxDialTimeout = 5 * time.Second
	probeTime      = 20 * time.Millisecond // for a near host to refuse a packet
)

// A dialer is what a client needs to connect. It is immutable but for its counts.
type dialer struct {
	endpoint
	framed       bool            // a Unix stream has the length before each packet
	ctx          context.Context // done: stop at once
	dial         dialFunc
	lookup       LookupFunc
	resolveEvery time.Duration
	connects     atomic.Int64
	problems     problems
}

type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// A connector keeps a link to the daemon. It belongs to the sender.
type connector struct {
	d *dialer

	link     *link // nil: none
	watchers sync.WaitGroup

	ips       []string          // of the host
	failures  map[string]uint64 // of addresses, when they failed last, in failures of any
	failed    uint64            // failures of any
	round     int               // failures since roundAt
	roundAt   time.Time
	rounds    int  // in which no address could be dialed
	stale     bool // look the host up before connecting
	looking   bool // a look-up is under way, one at a time
	began     time.Time
	lookups   chan lookupResult // has room for one
	lookedAt  time.Time
	resolveAt time.Time // of the next look-up in the background

	backoff time.Duration
	retryAt time.Time
	failure error // why there is no link
}

// connect opens a socket at the first address that takes it, or sets the time of the
// next attempt. Addresses that failed come last, the one that failed first before the
// others: so each has its turn, however often the host is looked up meanwhile.
func (c *connector) connect() {
	if !c.d.named() {
		c.ips = []string{c.d.host}
	} else if c.stale || len(c.ips) == 0 {
		if err := c.lookUpNow(); err != nil {
			c.fail(err)
			if len(c.ips) == 0 { // else what is known serves while the resolver is down
				c.wait()
				return
			}
		}
	}
	order := slices.Clone(c.ips)
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(c.failures[a], c.failures[b]) })
	timeout := min(minDialTimeout<<min(c.rounds, 8), maxDialTimeout)
	for _, ip := range order {
		conn, network, err := c.dialOne(ip, timeout)
		if err == nil {
			c.link = newLink(c.d, conn, network, ip, &c.watchers)
			c.link.unproven = network == "udp" && len(order) > 1 && !c.roundDone()
			c.d.connects.Add(1)
			c.rounds = 0
			return
		}
		c.avoid(ip)
		c.fail(err)
		if c.d.ctx.Err() != nil {
			break
		}
	}
	c.rounds++
	c.wait()
}

// dialOne opens a socket at one address. Of a unix:// address nobody has said which
// kind it is: packets are tried first, as DataDog's clients do.
func (c *connector) dialOne(ip string, timeout time.Duration) (conn net.Conn, network string, err error) {
	ctx, cancel := context.WithTimeout(c.d.ctx, timeout)
	defer cancel()
	network = c.d.network
	switch network {
	case "unixstream":
		network = "unix"
	case "unix":
		if conn, err = c.d.dial(ctx, "unixgram", c.d.path); err == nil {
			return conn, "unixgram", nil
		}
	}
	packets := err
	if conn, err = c.d.dial(ctx, network, c.d.endpoint.at(ip)); err == nil {
		return conn, network, nil
	}
	if errors.Is(err, syscall.EPROTOTYPE) && packets != nil {
		err = packets // it is a socket for packets after all
	}
	return nil, "", fmt.Errorf("statsd: %w", err)
}

// avoid makes the other addresses come before this one.
func (c *connector) avoid(ip string) {
	if c.failures == nil || len(c.failures) > 4*maxAddresses { // a host with ever new ones
		c.failures = make(map[string]uint64)
	}
	c.failed++
	c.failures[ip] = c.failed
	if time.Since(c.roundAt) > resolveSoon {
		c.round, c.roundAt = 0, time.Now()
	}
	c.round++
}

// roundDone reports whether as many addresses as there are have failed within a short
// time: no other one is tried at once then.
func (c *connector) roundDone() bool {
	return c.round >= len(c.ips) && time.Since(c.roundAt) <= resolveSoon
}

// lose closes the link because of err. One that lasted is opened again at once.
func (c *connector) lose(err error) {
	lasted := time.Since(c.link.since) > maxBackoff
	if lasted {
		c.backoff = 0
	}
	if !lasted || errors.Is(err, os.ErrDeadlineExceeded) {
		c.avoid(c.link.ip)
	}
	c.fail(fmt.Errorf("statsd: connection to %s: %w", c.d.endpoint.at(c.link.ip), err))
	c.drop()
	if lasted || len(c.ips) < 2 || c.roundDone() {
		c.wait()
	}
}

func (c *connector) fail(err error) {
	c.failure = err
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

// wait sets the time of the next attempt, before which the host is looked up: after
// twice as long each time, with some jitter so that the clients of one daemon do not
// all return together.
func (c *connector) wait() {
	c.stale = true
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

// lookUp begins to look the host up, unless that is under way: a function that
// ignores its context costs one goroutine, not one a try.
func (c *connector) lookUp() {
	if !c.looking {
		c.looking, c.began = true, time.Now()
		c.d.lookup.start(c.d.ctx, c.d.host, c.lookups)
	}
}

// lookUpNow looks the host up and waits for the answer, for a short time where
// addresses are known already.
func (c *connector) lookUpNow() error {
	c.lookUp()
	patience := lookupTimeout
	if len(c.ips) > 0 {
		patience = minDialTimeout
	}
	timeout := time.NewTimer(time.Until(c.began.Add(patience)))
	defer timeout.Stop()
	select {
	case res := <-c.lookups:
		c.looking = false
		if res.err == nil {
			c.setAddresses(res.ips)
		}
		return res.err
	case <-timeout.C:
		return fmt.Errorf("statsd: look up %.100q: no answer in %v", c.d.host, time.Since(c.began).Round(time.Second))
	case <-c.d.ctx.Done():
		return context.Cause(c.d.ctx)
	}
}

// lookUpIfDue looks the host up in the background when it is time.
func (c *connector) lookUpIfDue() {
	if c.link != nil && c.d.named() && !time.Now().Before(c.resolveAt) {
		c.lookUp()
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
	c.ips, c.stale = ips, false
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
	c.avoid(c.link.ip)
	c.drop()
	return true
}

// A link is one open socket.
type link struct {
	conn     net.Conn
	ip       string // where the host was resolved
	since    time.Time
	packets  bool       // each write is a packet
	udp      bool       // which never waits for its reader
	framed   bool       // the length stands before each packet
	unproven bool       // no packet was sent yet, and there are other addresses
	frame    []byte     // of the packet being written
	broken   chan error // has an error when the daemon has closed a stream; nil for packets

	unwatch func() bool
}

// newLink takes over conn. It is closed when the dialer's context is done, so that no
// write outlasts that. A daemon never answers, but by reading one learns that it has
// gone: before a write, whose packet would be lost.
func newLink(d *dialer, conn net.Conn, network, ip string, watchers *sync.WaitGroup) *link {
	l := &link{conn: conn, ip: ip, since: time.Now(), udp: network == "udp", framed: d.framed && network == "unix"}
	l.packets = l.udp || network == "unixgram"
	l.unwatch = context.AfterFunc(d.ctx, func() { _ = conn.Close() })
	if !l.packets {
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

// lines reports whether the daemon reads lines, and sees no packets.
func (l *link) lines() bool { return !l.packets && !l.framed }

// write writes lines, each with its newline. The length before a packet on a stream is
// a little-endian number of four bytes, as DataDog's agent has it:
// https://docs.datadoghq.com/developers/dogstatsd/unix_socket/.
func (l *link) write(b []byte, timeout time.Duration) (int, error) {
	if !l.udp {
		if err := l.conn.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
			return 0, err
		}
	}
	if l.lines() {
		return l.conn.Write(b)
	}
	b = b[:len(b)-1]
	if !l.framed {
		return l.conn.Write(b)
	}
	l.frame = append(binary.LittleEndian.AppendUint32(l.frame[:0], uint32(len(b))), b...)
	return l.conn.Write(l.frame)
}

// prove waits a moment for the host to refuse the packet just sent, so that the next
// one of its addresses is tried with the same packet.
func (l *link) prove() error {
	l.unproven = false
	if l.conn.SetReadDeadline(time.Now().Add(probeTime)) != nil {
		return nil
	}
	var scrap [1]byte
	if _, err := l.conn.Read(scrap[:]); errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return nil
}

func (l *link) close() {
	l.unwatch()
	_ = l.conn.Close()
}
