package httptel

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync/atomic"
)

// A writer is the ResponseWriter that a handler gets, and with it all that is kept
// of one request. It is never used again for another one: a handler may, against the
// rules, go on writing after it has returned. The counters are atomic for that
// reason, and because bodies are read on other goroutines.
type writer struct {
	http.ResponseWriter
	status   atomic.Int32 // 0: none was sent
	written  atomic.Int64
	hijacked atomic.Bool
	body     requestBody
	read     atomic.Int64 // of body
	exchange exchange
}

// ours lets another middleware of this package know the writer, under whichever type wrap gave it.
func (w *writer) ours() *writer { return w }

// Unwrap is for http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *writer) WriteHeader(code int) {
	w.ResponseWriter.WriteHeader(code)
	if w.hijacked.Load() {
		return // net/http sends it no more
	}
	if code >= 200 || code == http.StatusSwitchingProtocols { // others are informational: a status is still to come
		w.sent(code)
	}
}

// sent keeps the first status.
func (w *writer) sent(code int) {
	if w.status.Load() == 0 {
		w.status.CompareAndSwap(0, int32(code))
	}
}

func (w *writer) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.wrote(int64(n), err)
	return n, err
}

// WriteString spares the conversion where the underlying writer does.
func (w *writer) WriteString(s string) (int, error) {
	n, err := io.WriteString(w.ResponseWriter, s)
	w.wrote(int64(n), err)
	return n, err
}

func (w *writer) wrote(n int64, err error) {
	if n > 0 {
		w.written.Add(n)
	}
	if err != http.ErrHijacked && err != http.ErrHandlerTimeout { // after these net/http sends nothing more
		w.sent(http.StatusOK)
	}
}

// What follows is called only where the underlying writer has it, see wrap.

func (w *writer) flush() error {
	var err error
	switch f := w.ResponseWriter.(type) {
	case interface{ FlushError() error }:
		err = f.FlushError()
	case http.Flusher:
		f.Flush()
	}
	if err == nil {
		w.sent(http.StatusOK)
	}
	return err
}

func (w *writer) hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := w.ResponseWriter.(http.Hijacker).Hijack()
	if err == nil {
		w.hijacked.Store(true)
	}
	return conn, rw, err
}

// readFrom hands r on as it is, so that a file is still sent by the kernel. Where r is
// empty, or fails at once, no status has been sent: the handler may still choose one.
func (w *writer) readFrom(r io.Reader) (int64, error) {
	n, err := w.ResponseWriter.(io.ReaderFrom).ReadFrom(r)
	if n > 0 {
		w.wrote(n, err)
	}
	return n, err
}

func (w *writer) push(target string, opts *http.PushOptions) error {
	return w.ResponseWriter.(http.Pusher).Push(target, opts)
}

// A requestBody counts what is read of a request's body.
type requestBody struct {
	io.ReadCloser
	n *atomic.Int64
}

func (b *requestBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.n.Add(int64(n))
	}
	return n, err
}
