package statsd

import (
	"context"
	"net"
	"sync"
	"time"
)

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
