package statsd

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/slogtel/telemetry/slogtel"
)

// A network stands in for the network, inside or outside of a synctest bubble.
type network struct {
	mu      sync.Mutex
	dials   []string // addresses
	refuse  error    // of dials
	packets [][]byte
	conns   []*conn
	write   func(c *conn, b []byte) (int, error) // nil: take it
	refusal func(address string) error           // what a read meets; nil: nothing
	only    string                               // the kind of socket that there is; "": any
}

type conn struct {
	net.Conn
	net     *network
	address string
	once    sync.Once
	closed  chan struct{}
	timeout time.Time
	readBy  time.Time
}

func (n *network) dial(ctx context.Context, kind, address string) (net.Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.only != "" && kind != n.only {
		return nil, syscall.EPROTOTYPE
	}
	n.dials = append(n.dials, address)
	if n.refuse != nil {
		return nil, n.refuse
	}
	c := &conn{net: n, address: address, closed: make(chan struct{})}
	n.conns = append(n.conns, c)
	return c, ctx.Err()
}

func (c *conn) Write(b []byte) (int, error) {
	c.net.mu.Lock()
	write := c.net.write
	c.net.mu.Unlock()
	if write != nil {
		if n, err := write(c, b); n < len(b) || err != nil {
			return n, err
		}
	}
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	c.net.packets = append(c.net.packets, bytes.Clone(b))
	return len(b), nil
}

// block waits until the connection is closed or its deadline is over.
func (c *conn) block() (int, error) {
	c.net.mu.Lock()
	d := time.Until(c.timeout)
	c.net.mu.Unlock()
	select {
	case <-c.closed:
		return 0, net.ErrClosed
	case <-time.After(d):
		return 0, os.ErrDeadlineExceeded
	}
}

func (c *conn) Read([]byte) (int, error) {
	c.net.mu.Lock()
	until, refusal := c.readBy, c.net.refusal
	c.net.mu.Unlock()
	if refusal != nil {
		if err := refusal(c.address); err != nil {
			return 0, err
		}
	}
	var timeout <-chan time.Time
	if !until.IsZero() {
		timeout = time.After(time.Until(until))
	}
	select {
	case <-timeout:
		return 0, os.ErrDeadlineExceeded
	case <-c.closed:
		return 0, errors.New("closed by the daemon")
	}
}

func (c *conn) SetReadDeadline(t time.Time) error {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	c.readBy = t
	return nil
}

func (c *conn) SetWriteDeadline(t time.Time) error {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	c.timeout = t
	return nil
}

func (c *conn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

func (n *network) set(f func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f()
}

// take returns the packets that have come since the last call.
func (n *network) take() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var all []string
	for _, p := range n.packets {
		all = append(all, string(p))
	}
	n.packets = nil
	return all
}

func (n *network) dialed() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string(nil), n.dials...)
}

// open returns a handler that sends to n. It has one shard, so that lines come in
// the order of events. It is shut down at the end of the test.
func open(t testing.TB, n *network, address string, opts *Options) *Handler {
	t.Helper()
	return openShards(t, n, address, opts, 1)
}

func openShards(t testing.TB, n *network, address string, opts *Options, shards int) *Handler {
	t.Helper()
	var o Options
	if opts != nil {
		o = *opts
	}
	// Without a bubble of synctest, where it is the year 2000, a second may pass between any two events
	// of a test on a slow machine.
	if o.FlushInterval == 0 && time.Now().Year() > 2000 {
		o.FlushInterval = time.Hour
	}
	if o.OnError == nil {
		o.OnError = func(error) {}
	}
	h, err := start(address, &o, n.dial, shards)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = h.Shutdown(ctx)
	})
	return h
}

// sent returns the packets after a flush, of a handler for UDP.
func sent(t testing.TB, h *Handler, n *network) []string {
	t.Helper()
	require.NoError(t, h.Flush(context.Background()))
	return n.take()
}

func telemetry(h slog.Handler) *slogtel.Telemetry {
	return slogtel.New(&slogtel.Options{Mode: slogtel.On}, h)
}

// capture keeps the last record.
type capture struct{ last *slog.Record }

func (capture) Enabled(context.Context, slog.Level) bool { return true }
func (c capture) Handle(_ context.Context, r slog.Record) error {
	*c.last = r.Clone()
	return nil
}
func (c capture) WithAttrs([]slog.Attr) slog.Handler { return c }
func (c capture) WithGroup(string) slog.Handler      { return c }

// record returns the record of what f does with a Telemetry.
func record(f func(ctx context.Context, t *slogtel.Telemetry)) slog.Record {
	var r slog.Record
	f(context.Background(), telemetry(capture{&r}))
	return r
}

func timingRecord(name string, d time.Duration, attrs ...slog.Attr) slog.Record {
	return record(func(ctx context.Context, t *slogtel.Telemetry) { t.Timing(ctx, name, d, attrs...) })
}

func countRecord(name string, n int64, attrs ...slog.Attr) slog.Record {
	return record(func(ctx context.Context, t *slogtel.Telemetry) { t.Count(ctx, name, n, attrs...) })
}

func gaugeRecord(name string, v float64, attrs ...slog.Attr) slog.Record {
	return record(func(ctx context.Context, t *slogtel.Telemetry) { t.Gauge(ctx, name, v, attrs...) })
}

func handle(t testing.TB, h slog.Handler, records ...slog.Record) {
	t.Helper()
	for _, r := range records {
		assert.NoError(t, h.Handle(context.Background(), r))
	}
}

// sink takes all and keeps nothing.
type sink struct{ net.Conn }

func (s sink) dial(context.Context, string, string) (net.Conn, error) { return s, nil }
func (sink) Write(b []byte) (int, error)                              { return len(b), nil }
func (sink) Close() error                                             { return nil }
func (sink) SetWriteDeadline(time.Time) error                         { return nil }
