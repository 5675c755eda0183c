package httptel

import (
	"crypto/tls"
	"log/slog"
	"net/http/httptrace"
	"sync"
	"time"
)

// Keys of the attributes that [ClientOptions].Timings adds: seconds, as floats. The
// first three are absent where the connection was there already, and any of them where
// net/http did not tell before the call was over.
const (
	KeyDNS          = "dns_s"           // looking the host up
	KeyConnect      = "connect_s"       // making the connection, of the one that was made first
	KeyTLS          = "tls_s"           // the TLS handshake
	KeyWroteRequest = "wrote_request_s" // from the start of the call until the request was sent
	KeyFirstByte    = "first_byte_s"    // from the start of the call to the first byte of the response
	KeyConnReused   = "conn_reused"     // bool: the connection had served other requests
)

// connTrace notes what httptrace tells of a call. Its hooks run on other goroutines,
// and some after the call is over: a dial that nobody waits for any more.
type connTrace struct {
	start time.Time

	mu                sync.Mutex // guards what follows
	dns, connect, tls interval
	wrote, firstByte  time.Duration // since start; 0: has not been
	connections       int
	reused            bool
}

// interval is something that begins and ends, both since the start of the call.
type interval struct{ from, to time.Duration }

func (t *connTrace) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart:             func(httptrace.DNSStartInfo) { t.note(&t.dns.from, nil, false) },
		DNSDone:              func(i httptrace.DNSDoneInfo) { t.note(&t.dns.to, i.Err, false) },
		ConnectStart:         func(string, string) { t.note(&t.connect.from, nil, false) },
		ConnectDone:          func(_, _ string, err error) { t.note(&t.connect.to, err, false) },
		TLSHandshakeStart:    func() { t.note(&t.tls.from, nil, false) },
		TLSHandshakeDone:     func(_ tls.ConnectionState, err error) { t.note(&t.tls.to, err, false) },
		GotConn:              t.gotConn,
		WroteRequest:         func(httptrace.WroteRequestInfo) { t.note(&t.wrote, nil, true) },
		GotFirstResponseByte: func() { t.note(&t.firstByte, nil, true) },
	}
}

// note notes the first time that something begins, or ends as a success: addresses are tried side
// by side. Of what is done again the last time counts.
func (t *connTrace) note(at *time.Duration, err error, again bool) {
	now := max(1, time.Since(t.start)) // 0: has not been
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil && (again || *at == 0) {
		*at = now
	}
}

func (t *connTrace) gotConn(info httptrace.GotConnInfo) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.connections++
	t.reused = info.Reused
}

// retries returns how often net/http sent the request again by itself, as it does when
// a connection that was idle turns out to be dead.
func (t *connTrace) retries() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(0, t.connections-1)
}

func (t *connTrace) append(dst []slog.Attr) []slog.Attr {
	t.mu.Lock()
	defer t.mu.Unlock()
	seconds := func(key string, d time.Duration) {
		if d > 0 {
			dst = append(dst, slog.Float64(key, d.Seconds()))
		}
	}
	if !t.reused { // else they are of a dial for some other request
		for _, i := range []struct {
			key string
			interval
		}{{KeyDNS, t.dns}, {KeyConnect, t.connect}, {KeyTLS, t.tls}} {
			if i.from > 0 && i.to > 0 {
				seconds(i.key, max(1, i.to-i.from))
			}
		}
	}
	seconds(KeyWroteRequest, t.wrote)
	seconds(KeyFirstByte, t.firstByte)
	if t.connections > 0 {
		dst = append(dst, slog.Bool(KeyConnReused, t.reused))
	}
	return dst
}
