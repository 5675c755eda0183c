package statsd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Packet limits where Options.MaxPacketSize is not set.
const (
	defaultUDPPacket  = 1432 // an Ethernet frame less the headers of IPv6 and UDP, and room for a tunnel's
	defaultUnixPacket = 8192
	defaultTCPPacket  = 8192
	minPacket         = 128
	maxUDPPacket      = 65507 // what IPv4 can carry
)

// maxLine is the length of a line that has a common number in it. Even the longest
// number leaves it under 4096: statsd_exporter closes a connection
// over which a longer line comes.
const maxLine = 3500

// An endpoint is where the daemon listens.
type endpoint struct {
	network string // udp, tcp, unixgram, unix
	host    string // "" for a socket file; not yet resolved
	port    string
	path    string // of a socket file
}

// parseAddress understands host:port, udp://host:port, tcp://host:port,
// unixgram:///path and unix:///path.
func parseAddress(address string) (endpoint, error) {
	network, rest, ok := strings.Cut(address, "://")
	if !ok {
		network, rest = "udp", address
	}
	switch network {
	case "unixgram", "unix":
		if rest == "" || strings.ContainsRune(rest, 0) {
			return endpoint{}, addressError(address, "want the path of a socket after "+network+"://")
		}
		return endpoint{network: network, path: rest}, nil
	case "udp", "tcp":
	default:
		return endpoint{}, addressError(address, "want udp, tcp, unixgram or unix before ://")
	}
	host, port, err := net.SplitHostPort(rest)
	if err != nil {
		why := err.Error()
		if e := new(net.AddrError); errors.As(err, &e) {
			why = e.Err // without the address, which may be long
		}
		return endpoint{}, addressError(address, why)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return endpoint{}, addressError(address, "want a port from 1 to 65535")
	}
	if host == "" {
		host = "localhost"
	}
	if strings.ContainsAny(host, "/ \t\r\n\x00") {
		return endpoint{}, addressError(address, "the host's name has a character that no name has")
	}
	return endpoint{network: network, host: host, port: port}, nil
}

func addressError(address, why string) error {
	return fmt.Errorf("statsd: malformed address %.100q: %s", address, why)
}

// stream reports whether the daemon reads a stream of lines rather than packets.
func (e *endpoint) stream() bool { return e.network == "tcp" || e.network == "unix" }

// named reports whether the host has to be resolved.
func (e *endpoint) named() bool {
	if e.host == "" {
		return false
	}
	_, err := netip.ParseAddr(e.host)
	return err != nil
}

// packet returns the packet size for an Options.MaxPacketSize.
func (e *endpoint) packet(size int) (int, error) {
	if size == 0 {
		switch e.network {
		case "udp":
			return defaultUDPPacket, nil
		case "tcp":
			return defaultTCPPacket, nil
		}
		return defaultUnixPacket, nil
	}
	if size < minPacket || size > maxUDPPacket {
		return 0, fmt.Errorf("statsd: MaxPacketSize is %d, want %d to %d", size, minPacket, maxUDPPacket)
	}
	return size, nil
}

// at returns the address to dial, with the host resolved to ip.
func (e *endpoint) at(ip string) string {
	if e.path != "" {
		return e.path
	}
	return net.JoinHostPort(ip, e.port)
}

// String returns the address in the form that New takes.
func (e *endpoint) String() string { return e.network + "://" + e.at(e.host) }

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
