package statsd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Packet limits where Options.MaxPacketSize is not set.
const (
	defaultUDPPacket    = 1432 // an Ethernet frame less the headers of IPv6 and UDP, and room for a tunnel's
	defaultStreamPacket = 8192 // for Unix sockets too: what DataDog's agent reads at once
	minPacket           = 128
	maxUDPPacket        = 65507 // what IPv4 can carry
)

// maxLine is the length of a line that has a common number in it. Even the longest
// number leaves it under 4096: statsd_exporter closes a connection
// over which a longer line comes.
const maxLine = 3500

const (
	defaultPort  = "8125"
	maxHost      = 255 // bytes of a name in the DNS
	maxAddresses = 256 // of one host that are used
)

// An endpoint is where the daemon listens.
type endpoint struct {
	network string // udp, tcp, unixgram, unixstream; unix is one of the last two, to be found out
	host    string // "" for a socket file; not yet resolved
	port    string
	path    string // of a socket file
}

// parseAddress understands host, host:port, udp://host:port, tcp://host:port,
// unixgram:///path, unixstream:///path and unix:///path. Of the empty address the
// environment tells.
func parseAddress(address string) (endpoint, error) {
	if address != "" {
		return parseURL(address)
	}
	address, variable := addressFromEnv()
	e, err := parseURL(address)
	if err != nil {
		return e, fmt.Errorf("%w (from %s)", err, variable)
	}
	return e, nil
}

func parseURL(address string) (endpoint, error) {
	network, rest, ok := strings.Cut(address, "://")
	if !ok {
		network, rest = "udp", address
	}
	switch network {
	case "unixgram", "unixstream", "unix":
		if rest == "" || strings.ContainsRune(rest, 0) {
			return endpoint{}, addressError(address, "want the path of a socket after "+network+"://")
		}
		return endpoint{network: network, path: rest}, nil
	case "udp", "tcp":
	default:
		return endpoint{}, addressError(address, "want udp, tcp, unixgram, unixstream or unix before ://")
	}
	host, port, err := splitHostPort(rest)
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
	if len(host) > maxHost || strings.ContainsAny(host, "/\\[] \t\r\n\x00") {
		return endpoint{}, addressError(address, "the host's name is too long, or has a character that no name has")
	}
	return endpoint{network: network, host: host, port: port}, nil
}

// splitHostPort is net.SplitHostPort with a default for the port.
func splitHostPort(text string) (host, port string, err error) {
	if text == "" {
		return "", "", errors.New("want a host")
	}
	bare := text
	if n := len(text); text[0] == '[' && text[n-1] == ']' {
		bare = text[1 : n-1]
	}
	if _, err := netip.ParseAddr(bare); err == nil || !strings.Contains(text, ":") {
		return bare, defaultPort, nil
	}
	return net.SplitHostPort(text)
}

// addressFromEnv returns the address that the environment holds, and the variable it
// stands in. The variables are those of DataDog's clients,
// https://docs.datadoghq.com/developers/dogstatsd/, and after them the ones that most
// others read. Without any it is the port of StatsD on this host.
func addressFromEnv() (address, variable string) {
	const url = "DD_DOGSTATSD_URL"
	if address = os.Getenv(url); address != "" {
		return address, url
	}
	for _, names := range [][2]string{{"DD_AGENT_HOST", "DD_DOGSTATSD_PORT"}, {"STATSD_HOST", "STATSD_PORT"}} {
		host, port := os.Getenv(names[0]), os.Getenv(names[1])
		_, err := netip.ParseAddr(host)
		switch {
		case port == "" && host == "":
		case port == "":
			return host, names[0]
		case host == "":
			return ":" + port, names[1]
		case err == nil || !strings.Contains(host, ":"):
			return net.JoinHostPort(host, port), names[0] + " and " + names[1]
		default: // it is a URL, or has a port of its own
			return host, names[0]
		}
	}
	return ":" + defaultPort, ""
}

func addressError(address, why string) error {
	return fmt.Errorf("statsd: malformed address %.100q: %s", address, why)
}

// packets reports whether each write is a packet, whose last newline is not sent.
func (e *endpoint) packets() bool { return e.network == "udp" || e.network == "unixgram" }

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
	switch {
	case size == 0 && e.network == "udp":
		return defaultUDPPacket, nil
	case size == 0:
		return defaultStreamPacket, nil
	case size < minPacket || size > maxUDPPacket:
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

// A LookupFunc returns the IP addresses of a host, as [net.Resolver.LookupHost] does.
type LookupFunc func(ctx context.Context, host string) ([]string, error)

type lookupResult struct {
	ips []string // at least one, unless err says why not
	err error
}

// start looks host up and sends the result to the channel, which must have room.
// The function may be a user's own: one that ignores its context, panics, or returns
// what is no address, harms nothing.
func (f LookupFunc) start(ctx context.Context, host string, to chan<- lookupResult) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	go func() {
		defer cancel()
		var res lookupResult
		defer func() {
			if v := recover(); v != nil {
				res = lookupResult{err: fmt.Errorf("panic: %v", v)}
			}
			if res.err != nil {
				res.err = fmt.Errorf("statsd: look up %.100q: %w", host, res.err)
			}
			to <- res
		}()
		if res.ips, res.err = f(ctx, host); res.err == nil {
			res.ips, res.err = usable(res.ips)
		}
	}()
}

// usable returns those of ips to which a packet can go, each once. An unspecified
// address, which some resolvers return for a name that they block, is this host to
// the kernel, and not the one that was asked for.
func usable(ips []string) (good []string, err error) {
	bad := ""
	for _, text := range ips {
		ip, err := netip.ParseAddr(text)
		if err != nil || ip.IsUnspecified() {
			bad = fmt.Sprintf(": %.50q is none", text)
			continue
		}
		if !slices.Contains(good, text) && len(good) < maxAddresses {
			good = append(good, text)
		}
	}
	if len(good) == 0 {
		return nil, errors.New("no address" + bad)
	}
	return good, nil
}
