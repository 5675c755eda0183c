package live

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A server is that of Listen.
type server struct {
	http *http.Server
	url  string
	done chan struct{} // closed when it serves no more
}

// Listen returns a Handler that serves its page at an address, until Shutdown: "6060", ":6060" and
// "localhost:6060" are of this machine only, and port 0 is a free one, see [Handler.URL]. Whatever the
// address, Options.Clients says who may ask. The error is one of the address.
func Listen(address string, opts *Options) (*Handler, error) {
	where, err := localAddress(address)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", where)
	if err != nil {
		return nil, fmt.Errorf("live: cannot listen on %s: %w", where, err)
	}
	h := New(opts)
	s := &server{
		http: &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, WriteTimeout: 2 * patience, IdleTimeout: time.Minute, MaxHeaderBytes: 64 << 10},
		url:  "http://" + l.Addr().String() + "/",
		done: make(chan struct{}),
	}
	h.core.server = s
	go func() {
		defer close(s.done)
		_ = s.http.Serve(l) // always http.ErrServerClosed, or the listener is broken
	}()
	return h, nil
}

// localAddress is an address with a port, and with 127.0.0.1 where it has no host.
func localAddress(address string) (string, error) {
	address = strings.TrimSpace(address)
	if _, err := strconv.ParseUint(address, 10, 16); err == nil {
		address = ":" + address
	}
	host, port, err := net.SplitHostPort(address)
	if err == nil {
		if _, err = strconv.ParseUint(port, 10, 16); err != nil {
			err = errors.New("the port is no number from 0 to 65535")
		}
	}
	if err != nil {
		return "", fmt.Errorf("live: address %.128q: want a port, as 6060, or a host and a port: %w", address, err)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}

// URL returns where the page is, for a Handler that [Listen] returned, and "" for others.
func (h *Handler) URL() string {
	if h.core.server == nil {
		return ""
	}
	return h.core.server.url
}

// end closes the listener and waits for requests until ctx is done, when it closes their connections.
func (s *server) end(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		_ = s.http.Close()
	}
	<-s.done
	return err
}
